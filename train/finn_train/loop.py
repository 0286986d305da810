# SPDX-License-Identifier: Apache-2.0
"""The training loop: stages of a recipe, checkpoints, an exact resume, a clean stop."""

from __future__ import annotations

import json
import math
import shutil
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from finn_gen.base.errors import InputError
from finn_gen.formats import description
from finn_gen.network.model import Network
from finn_train import checkpoint, precision
from finn_train.augment import Augment, encode, generator
from finn_train.data import DataSet
from finn_train.quantized import QuantizedNet
from finn_train.record import duration
from finn_train.teacher import Lessons, School, Teacher

CHECKPOINT_SECONDS = 120
FIRST_STEPS, FIRST_SECONDS = 10, 2
"""Steps and time from which on a run says how long it will take."""
GLANCE, GLANCE_BATCH = 2_000, 250


@dataclass(frozen=True)
class Stage:
    """Some epochs with one setting.

    rate is Adam's step size: it rises over the first `warmup` of the stage's steps and falls linearly to zero
    over the last `decay` of them. Without quantized_weights the latent weights are used as they are, without
    quantized_activations the activations are clipped in place of being rounded. A stage that teaches gives
    the soft labels of those after it: distil is their share (softened by temperature), the rest is the true
    label. latent_deviation, if given, is what every layer's latent weights are scaled to at the start. strength is that
    of the augmentation. In a recipe with a teacher the soft labels are the teacher's, the pictures its views, and
    strength means nothing.
    """

    name: str
    epochs: int
    rate: float
    quantized_weights: bool = True
    quantized_activations: bool = True
    teaches: bool = False
    latent_deviation: float | None = None
    distil: float = 0.0
    temperature: float = 2.0
    warmup: float = 0.02
    decay: float = 0.5
    strength: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run besides the data and the seed.

    A batch is computed as `shards` equal parts, each with a batch norm and a thread of its own. The result does not
    depend on how the threads are scheduled, and on a busy machine none waits for another inside an operation.
    """

    stages: tuple[Stage, ...]
    batch: int = 128
    shards: int = 1
    soft_label_views: int = 0
    teacher: Teacher | None = None

    def of_epochs(self, epochs: int) -> Recipe:
        """The recipe with another length of its last stage."""
        return replace(self, stages=(*self.stages[:-1], replace(self.stages[-1], epochs=epochs)))


@dataclass
class State:
    """Where a run is: stage, step within it, seconds spent, one record an epoch, and sums over this epoch."""

    stage: int = 0
    step: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    right: float = 0.0
    log: list[dict] = field(default_factory=list)


class StoppedError(Exception):
    """The run was asked to stop; its checkpoint is written."""


class Run:
    """One training run in a folder of its own, continued from its checkpoint where there is one."""

    def __init__(
        self,
        *,
        network: Network,
        data: DataSet,
        recipe: Recipe,
        augment: Augment,
        folder: Path,
        seed: int,
        device: str = "cpu",
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.network, self.recipe, self.augment = network, recipe, augment
        self.folder, self.seed, self.device, self.tell = folder, seed, torch.device(device), tell
        self.train_x, self.test_x = (torch.tensor(x, device=device) for x in (data.train_x, data.test_x))
        self.train_y, self.test_y = (torch.tensor(y, device=device).long() for y in (data.train_y, data.test_y))
        self.data_name = data.name
        self.net = QuantizedNet(network, seed).to(device)
        self.totals = torch.zeros(2, dtype=torch.float64, device=device)
        self.state = State()
        self.soft_labels: Tensor | None = None
        self.lessons: Lessons | None = None
        self.stop = self.announced = False
        self.pool = ThreadPoolExecutor(recipe.shards)
        if recipe.shards > 1:
            torch.set_num_threads(1)
        self.dtype = precision.fast(self.device)
        torch.backends.cudnn.deterministic = True
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint = folder / "checkpoint.pt"
        if self.checkpoint.exists():
            self._load()
        else:
            self._start_stage()

    # --- steps --------------------------------------------------------------------------------------------

    @property
    def stage(self) -> Stage:
        return self.recipe.stages[self.state.stage]

    @property
    def steps_an_epoch(self) -> int:
        return len(self.train_x) // self.recipe.batch

    def train(self) -> None:
        """Run to the end of the last stage. Raises StoppedError after a signal, with the checkpoint written."""
        handlers = {s: signal.signal(s, self._ask_to_stop) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            while self.state.stage < len(self.recipe.stages):
                if self.recipe.teacher and not self.lessons:
                    self.lessons = self._learn_first(self.recipe.teacher)
                while self.state.step < self.stage.epochs * self.steps_an_epoch:
                    self._epoch()
                self._end_stage()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _learn_first(self, teacher: Teacher) -> Lessons:
        """The lessons of the teacher, who is trained if its file is not there."""
        started = time.monotonic()

        def pause() -> None:
            if self.stop:
                raise StoppedError(f"stopped while the teacher learns; {school.file} continues it")

        data = (self.data_name, self.train_x, self.train_y)
        school = School(
            teacher,
            network=self.network,
            data=data,
            augment=self.augment,
            folder=self.folder,
            seed=self.seed,
            tell=self.tell,
            pause=pause,
        )
        try:
            return school.lessons()
        finally:
            self.state.seconds += time.monotonic() - started
            self._save()

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self.stop = True

    def _generator(self, *what: int) -> torch.Generator:
        """A generator that depends on the seed, the stage and `what` alone."""
        return generator(self.seed, self.state.stage, *what)

    def _epoch(self) -> None:
        epoch, first = divmod(self.state.step, self.steps_an_epoch)
        order = torch.randperm(len(self.train_x), generator=self._generator(0, epoch)).to(self.device)
        label = f"{self.network.name}: {self.stage.name} {epoch + 1}/{self.stage.epochs}"
        bar = tqdm(total=self.steps_an_epoch, initial=first, desc=label, disable=not sys.stderr.isatty(), leave=False)
        started = saved = time.monotonic()
        with bar:
            for k in range(first, self.steps_an_epoch):
                self._step(order[k * self.recipe.batch : (k + 1) * self.recipe.batch])
                bar.update()
                now = time.monotonic()
                self._announce(k - first + 1, now - started)
                stop = self.stop and k + 1 < self.steps_an_epoch
                if stop or now - saved > CHECKPOINT_SECONDS:
                    self.state.seconds += now - started
                    self._save()
                    started = saved = now
                if stop:
                    raise StoppedError(f"stopped in {label}; {self.checkpoint} continues it")
        accuracy = self.evaluate()
        spent = time.monotonic() - started
        self.state.seconds += spent
        self._log(epoch + 1, accuracy)
        self._save()
        self._report(spent / (self.steps_an_epoch - first))
        if self._decay_begins(epoch + 1):
            shutil.copy(self.checkpoint, self.folder / "before_decay.pt")
        if self.stop:
            raise StoppedError(f"stopped after {label}; {self.checkpoint} continues it")

    def _steps_left(self) -> int:
        stages = self.recipe.stages[self.state.stage :]
        return sum(stage.epochs for stage in stages) * self.steps_an_epoch - self.state.step

    def _announce(self, steps: int, seconds: float) -> None:
        """Say once how long the run will take, as soon as some steps are done."""
        if self.announced or steps < FIRST_STEPS or seconds < FIRST_SECONDS:
            return
        self.announced = True
        self.tell(
            f"about {duration(self._steps_left() * seconds / steps)} to go; Ctrl-C stops, the same command goes on"
        )

    def _report(self, seconds_a_step: float) -> None:
        """Say how the epoch went."""
        now = self.state.log[-1]
        left = self._steps_left()
        end = f", about {duration(left * seconds_a_step)} left" if left else ""
        self.tell(
            f"{now['stage']} {now['epoch']}/{self.stage.epochs}: loss {now['loss']:.3f}, training "
            f"{now['train_accuracy']:.1f} %, test {now['test_accuracy']:.1f} %{end}"
        )

    def _log(self, epoch: int, accuracy: float) -> None:
        self._collect()
        record = {
            "stage": self.stage.name,
            "epoch": epoch,
            "loss": round(self.state.loss / self.steps_an_epoch, 4),
            "train_accuracy": round(100 * self.state.right / (self.steps_an_epoch * self.recipe.batch), 2),
            "test_accuracy": round(100 * accuracy, 2),
            "rate": f"{self._rate():.2e}",
            "seconds": round(self.state.seconds),
        }
        self.state.log.append(record)
        self.totals.zero_()
        self._collect()
        with (self.folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(record) + "\n")

    def _decay_begins(self, epochs: int) -> bool:
        """True after the last whole epoch of the last stage before its rate falls: a longer run starts here."""
        last = self.state.stage == len(self.recipe.stages) - 1
        start = (1 - self.stage.decay) * self.stage.epochs
        return last and epochs <= start < epochs + 1

    def _step(self, index: Tensor) -> None:
        self.net.train()
        parts = list(self.pool.map(self._gradient, index.chunk(self.recipe.shards), range(self.recipe.shards)))
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        for parameter, *gradients in zip(self.net.parameters(), *(part[0] for part in parts), strict=True):
            parameter.grad = sum(gradients[1:], gradients[0]).div_(len(parts))
        self.optimizer.step()
        if self.stage.quantized_weights:
            with torch.no_grad():
                for weight in self.net.latents():
                    weight.clamp_(-1, 1)
        self.state.step += 1
        # They are read once an epoch: a device is not waited for at every step.
        self.totals[0] += sum(part[1] for part in parts) / len(parts)
        self.totals[1] += sum(part[2] for part in parts)

    def _collect(self) -> None:
        """Read the sums. Raises InputError before a run that has gone astray is written over its checkpoint."""
        self.state.loss, self.state.right = self.totals.tolist()
        if not math.isfinite(self.state.loss) or not all(p.isfinite().all() for p in self.net.parameters()):
            raise InputError(
                f"{self.network.name}: {self.stage.name}: the numbers grew beyond all bounds; the checkpoint before is "
                "kept, another --seed may do better"
            )

    def _gradient(self, index: Tensor, shard: int) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        """Gradients, loss and number of right answers of a part of a batch; runs in a thread of its own."""
        pictures, taught = self._lesson(index, shard)
        labels = self.train_y[index]
        logits = self.net(encode(pictures, self.network, self.dtype))
        target: Tensor = labels
        if self.stage.distil and taught is not None:
            target = functional.one_hot(labels, logits.shape[1]) * (1 - self.stage.distil)
            soft = (taught.float() / self.stage.temperature).softmax(1)
            target = target + soft * self.stage.distil
        loss = functional.cross_entropy(logits, target)
        right = (logits.detach().argmax(1) == labels).sum()
        return torch.autograd.grad(loss, list(self.net.parameters())), loss.detach().double(), right

    def _lesson(self, index: Tensor, shard: int) -> tuple[Tensor, Tensor | None]:
        """The pictures of a part of a batch in some variant, and the logits that they are to be given."""
        if self.lessons:
            return self.lessons.of(index, self.state.step // self.steps_an_epoch)
        drawn = self._generator(1, self.state.step, shard)
        pictures = self.augment(self.train_x[index], drawn, self.stage.strength)
        return pictures, None if self.soft_labels is None else self.soft_labels[index]

    def _rate(self) -> float:
        done = self.state.step / (self.stage.epochs * self.steps_an_epoch)
        rise = done / self.stage.warmup if self.stage.warmup else 1.0
        fall = (1 - done) / self.stage.decay if self.stage.decay else 1.0
        return self.stage.rate * min(1.0, max(rise, 0.01), max(fall, 0.0))

    # --- stages -------------------------------------------------------------------------------------------

    def _start_stage(self) -> None:
        if self.state.stage == len(self.recipe.stages):
            return
        self.net.quantized_weights = self.stage.quantized_weights
        self.net.quantized_activations = self.stage.quantized_activations
        if self.stage.latent_deviation:
            self.net.rescale_latents(self.stage.latent_deviation)
        self.optimizer = torch.optim.Adam(self.net.parameters(), self.stage.rate, fused=True)

    def _end_stage(self) -> None:
        started = time.monotonic()
        if self.stage.teaches:
            self.soft_labels = self._teach()
        self.state.seconds += time.monotonic() - started
        self.state.stage += 1
        self.state.step = 0
        self._start_stage()
        self._save()

    @torch.no_grad()
    def _teach(self) -> Tensor:
        """Logits float16 [N,classes] of the training pictures by the present network, averaged over augmented views."""
        self.net.eval()
        total = torch.zeros(len(self.train_x), len(self.network.classes), device=self.device)
        for view in range(self.recipe.soft_label_views):
            for k, index in enumerate(torch.arange(len(self.train_x)).split(500)):
                pictures = self.augment(self.train_x[index], self._generator(2, view, k), self.stage.strength)
                total[index] += self.net(encode(pictures, self.network, self.dtype))
        return (total / self.recipe.soft_label_views).half()

    # --- evaluation ---------------------------------------------------------------------------------------

    @torch.no_grad()
    def calibrate(self, pictures: int, dtype: torch.dtype) -> None:
        """Replace the running statistics of batch norm by averages over the first training pictures as they are."""
        self.net.train()
        first = self.train_x[:pictures]
        for k, x in enumerate(first.tensor_split(-(-len(first) // 500))):  # equal parts: batch norm needs two pictures
            self.net.momentum = 1 / (k + 1)
            self.net(encode(x, self.network, dtype))
        self.net.momentum = None

    def evaluate(self) -> float:
        """Share of the first test pictures that the network in training gets right.

        A quick look for the log, with statistics of few pictures; the integer reference gives the claims.
        """
        self.calibrate(GLANCE, self.dtype)
        self.net.eval()
        parts = zip(self.test_x[:GLANCE].split(GLANCE_BATCH), self.test_y[:GLANCE].split(GLANCE_BATCH), strict=True)
        return sum(self.pool.map(self._right, parts)) / len(self.test_x[:GLANCE])

    @torch.no_grad()
    def _right(self, part: tuple[Tensor, Tensor]) -> int:
        return int((self.net(encode(part[0], self.network, self.dtype)).argmax(1) == part[1]).sum())

    # --- checkpoints --------------------------------------------------------------------------------------

    def _description(self) -> dict:
        return {
            "network": description.described(self.network),
            "data": self.data_name,
            "images": len(self.train_x),
            "recipe": asdict(self.recipe),
            "seed": self.seed,
        }

    def _save(self) -> None:
        self._collect()
        content = {
            "format": 1,
            "description": json.dumps(self._description()),
            "state": json.dumps(asdict(self.state)),
            "net": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "soft_labels": self.soft_labels,
        }
        checkpoint.save(self.checkpoint, content)

    def _load(self) -> None:
        content = checkpoint.load(self.checkpoint, ("net", "optimizer", "soft_labels"))
        try:
            kept, mine = json.loads(content["description"]), json.loads(json.dumps(self._description()))
            self.state = State(**json.loads(content["state"]))
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(f"{self.checkpoint}: not a whole checkpoint ({error})") from error
        kept["recipe"].setdefault("teacher", None)  # of a checkpoint from before there were teachers
        for one in (kept, mine):  # the length of the last stage may change between two sessions
            one["recipe"]["stages"][-1]["epochs"] = None
        if kept != mine:
            raise InputError(
                f"{self.checkpoint}: belongs to another network, data set, recipe or seed; "
                "choose another folder, or delete it"
            )
        self._start_stage()
        self.net.load_state_dict(content["net"])
        if self.state.stage < len(self.recipe.stages):
            self.optimizer.load_state_dict(content["optimizer"])
        soft = content["soft_labels"]
        self.soft_labels = None if soft is None else soft.to(self.device)
        self.totals[0], self.totals[1] = self.state.loss, self.state.right
