# SPDX-License-Identifier: Apache-2.0
"""A teacher: a convolutional network of real numbers, whose answers to fixed views of the pictures are soft labels.

It sees what the student sees: the encoded input, so thresholded pictures where the network takes bits. Its logits are
kept for every view of every picture, and the student learns a view from the logits of that very view (Beyer et al.,
"Knowledge distillation: A good teacher is patient and consistent", 2022).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from finn_gen.base.errors import InputError
from finn_gen.network.model import Network
from finn_train import checkpoint, precision
from finn_train.augment import Augment, encode, generator

CHUNK = 500
"""Pictures that are augmented and answered at once; a view is drawn chunk by chunk."""
ORDER, BATCH, VIEW, SETTLE = range(4)
"""What random numbers are drawn for."""
STREAM = 1 << 20
"""Sets the teacher's random numbers apart from those of the stages, which are counted from 0."""
SETTLING = 10_000
"""Pictures whose averages are the statistics of batch norm."""
CELLS = 3
"""Rows and columns that the last maps are averaged to."""


@dataclass(frozen=True)
class Teacher:
    """How the teacher is trained, and which views it answers.

    View 0 is the pictures as they are; each other one is drawn once, with the strengths in turn. While the teacher is
    trained, its batches have the strengths in turn as well. The rate rises over a tenth of the steps and falls linearly
    to zero over the rest.
    """

    epochs: int = 4
    rate: float = 3e-3
    batch: int = 256
    channels: tuple[int, int, int, int] = (16, 32, 64, 64)
    views: int = 12
    strengths: tuple[float, ...] = (0.5, 0.8)

    def strength(self, view: int) -> float:
        """Of the augmentation of a view."""
        return self.strengths[(view - 1) % len(self.strengths)] if view else 0.0


class TeacherNet(nn.Module):
    """Four convolutions with batch norm; x [N,C,H,W] of `augment.encode` to logits float32 [N,classes]."""

    def __init__(self, channels: tuple[int, int, int, int], source: int, classes: int) -> None:
        super().__init__()
        a, b, c, d = channels
        self.body = nn.Sequential(
            *_convolution(source, a, kernel=5, stride=2),
            *_convolution(a, b),
            nn.MaxPool2d(2, ceil_mode=True),
            *_convolution(b, c),
            *_convolution(c, d),
            nn.AdaptiveAvgPool2d(CELLS),
            nn.Flatten(),
        )
        self.scores = nn.Linear(d * CELLS * CELLS, classes)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.dtype == torch.bfloat16):
            x = self.body(x.contiguous(memory_format=torch.channels_last))
        return self.scores(x.float())


def _convolution(source: int, channels: int, kernel: int = 3, stride: int = 1) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(source, channels, kernel, stride, kernel // 2, bias=False)
    return conv, nn.BatchNorm2d(channels), nn.ReLU(inplace=True)


@dataclass
class Lessons:
    """All views of the training pictures uint8 [views,N,H,W,C] and the logits to them float16 [views,N,classes]."""

    pictures: Tensor
    logits: Tensor

    def of(self, index: Tensor, epoch: int) -> tuple[Tensor, Tensor]:
        """Pictures and logits of those asked for, in a view that changes with every epoch until all were seen."""
        view = (index + epoch) % len(self.pictures)
        return self.pictures[view, index], self.logits[view, index]


class School:
    """Trains the teacher in a folder, continued from its checkpoint there, and has it answer."""

    def __init__(
        self,
        teacher: Teacher,
        *,
        network: Network,
        data: tuple[str, Tensor, Tensor],
        augment: Augment,
        folder: Path,
        seed: int,
        tell: Callable[[str], None],
        pause: Callable[[], None],
    ) -> None:
        """data is name, pictures uint8 [N,H,W,C] and labels [N]; pause raises what ends the run if it is to stop."""
        self.teacher, self.network, self.augment, self.seed = teacher, network, augment, seed
        self.name, self.pictures, self.labels = data
        self.tell, self.pause = tell, pause
        self.file = folder / "teacher.pt"
        self.device = self.pictures.device

    def lessons(self) -> Lessons:
        """The views, and the teacher's logits to them. Raises InputError for the file of another teacher."""
        kept = self._load()
        net = None if "logits" in kept else self._trained(kept)
        views = torch.empty((self.teacher.views, *self.pictures.shape), dtype=torch.uint8, device=self.device)
        for v, view in enumerate(views):
            view.copy_(self._view(v))
        if net:
            kept = self._answer(net, views)
        return Lessons(views, kept["logits"].to(self.device))

    def _draw(self, *what: int) -> torch.Generator:
        return generator(self.seed, STREAM, *what)

    def _view(self, view: int) -> Tensor:
        """The training pictures in one view uint8 [N,H,W,C]."""
        if view == 0:
            return self.pictures
        chunks = [
            self.augment(x, self._draw(VIEW, view, k), self.teacher.strength(view))
            for k, x in enumerate(self.pictures.split(CHUNK))
        ]
        return torch.cat(chunks)

    def _input(self, pictures: Tensor) -> Tensor:
        return encode(pictures, self.network, precision.fast(self.device))

    def _trained(self, kept: dict) -> TeacherNet:
        """The teacher after its last epoch."""
        teacher, batch = self.teacher, min(self.teacher.batch, len(self.pictures))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            net = TeacherNet(teacher.channels, self.network.source.channels, len(self.network.classes))
        net = net.to(self.device, memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(net.parameters(), teacher.rate, fused=True)
        if "net" in kept:
            net.load_state_dict(kept["net"])
            optimizer.load_state_dict(kept["optimizer"])
        steps = len(self.pictures) // batch
        for epoch in range(kept.get("epoch", 0), teacher.epochs):
            net.train()
            order = torch.randperm(len(self.pictures), generator=self._draw(ORDER, epoch)).to(self.device)
            total = torch.zeros(2, dtype=torch.float64, device=self.device)
            for k in range(steps):
                step, index = epoch * steps + k, order[k * batch : (k + 1) * batch]
                done = step / (teacher.epochs * steps)
                for group in optimizer.param_groups:
                    group["lr"] = teacher.rate * min(10 * done + 0.01, (1 - done) / 0.9)
                strength = teacher.strengths[step % len(teacher.strengths)]
                logits = net(self._input(self.augment(self.pictures[index], self._draw(BATCH, step), strength)))
                loss = functional.cross_entropy(logits, self.labels[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total[0] += loss.detach()
                total[1] += (logits.detach().argmax(1) == self.labels[index]).sum()
                self.pause()
            self._save({"epoch": epoch + 1, "net": net.state_dict(), "optimizer": optimizer.state_dict()})
            loss, right = total.tolist()
            self.tell(
                f"teacher {epoch + 1}/{teacher.epochs}: loss {loss / steps:.3f}, training "
                f"{100 * right / (steps * batch):.1f} %"
            )
        return net

    @torch.no_grad()
    def _answer(self, net: TeacherNet, views: Tensor) -> dict:
        """The logits to all views, kept in the file."""
        self._settle(net)
        net.eval()
        logits = []
        for view in views:
            self.pause()
            logits.append(torch.cat([net(self._input(x)).half() for x in view.split(CHUNK)]))
        right = (logits[0].argmax(1) == self.labels).double().mean()
        self.tell(f"teacher: {self.teacher.views} views answered; {100 * right:.2f} % of the pictures themselves right")
        return self._save({"epoch": self.teacher.epochs, "net": net.state_dict(), "logits": torch.stack(logits)})

    @torch.no_grad()
    def _settle(self, net: TeacherNet) -> None:
        """Average the statistics of batch norm over views of the first pictures, as the last batches had them."""
        net.train()
        norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        first = self.pictures[:SETTLING]
        for k, x in enumerate(first.tensor_split(-(-len(first) // CHUNK))):
            net(self._input(self.augment(x, self._draw(SETTLE, k), self.teacher.strength(k + 1))))

    def _description(self) -> str:
        source = asdict(self.network.source) | {"encoding": self.network.encoding}
        what = {"teacher": asdict(self.teacher), "source": source, "classes": list(self.network.classes)}
        return json.dumps(what | {"data": self.name, "images": len(self.pictures), "seed": self.seed})

    def _save(self, content: dict) -> dict:
        checkpoint.save(self.file, content | {"description": self._description()})
        return content

    def _load(self) -> dict:
        """What the file holds, empty if there is none."""
        if not self.file.exists():
            return {}
        kept = checkpoint.load(self.file, ("description", "epoch", "net"))
        if kept["description"] != self._description():
            raise InputError(
                f"{self.file}: belongs to another teacher, data set, input or seed; choose another folder, or delete it"
            )
        return kept
