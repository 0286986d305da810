# SPDX-License-Identifier: Apache-2.0
"""What is known of a trained network: a record in JSON for programs, and the model card made of it."""

from __future__ import annotations

import json

from finn_gen.network.model import ENCODINGS

DATA_SETS = {
    "mnist": "MNIST, 60,000 training and 10,000 test images (LeCun, Cortes, Burges)",
    "cifar10": "CIFAR-10, 50,000 training and 10,000 test images (Krizhevsky, 2009)",
    "svhn": "SVHN, cropped digits, 73,257 training and 26,032 test images (Netzer et al., 2011)",
}
OPEN = "*to be filled in*"
"""Of what only the one who trained a network knows."""


def to_text(record: dict) -> str:
    """The record as a file."""
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 120:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def card(record: dict) -> str:
    """The model card of a record, in Markdown."""
    test, data, network = record["test"], record["data"], record["network"]
    weights, outputs = _bits(network["layers"])
    lines = [
        f"# {record['name']}",
        "",
        f"{network['name'].upper()}, weights of {weights}, activations of {outputs}.",
        "",
        "| | |",
        "|---|---|",
        f"| Layers | {', '.join(_layer(each) for each in network['layers'] if each['kind'] != 'label')} |",
        f"| Input | {_input(network['input'])} |",
        f"| Output | {len(record['classes'])} sums; the first largest is the class |",
        f"| Classes | {', '.join(record['classes'])} |",
        f"| Data | {DATA_SETS.get(data, data)} |",
        f"| **Accuracy** | **{100 * test['right'] / test['images']:.2f} %**: {test['right']:,} of "
        f"{test['images']:,} test images, by the integer reference (`finn_verif.ref`) |",
        *_asked(record),
        *_samples(record.get("samples", [])),
        *_first(test),
        f"| Parameters | `{record['file']}`, SHA-256 `{record['sha256']}` |",
        f"| Training | {duration(record['seconds'])} on {record['machine']}, {record['software']} |",
        f"| Seed | {record['seed']} |",
        f"| Author | {record['author'] or OPEN} |",
        f"| Licence | {record['licence'] or OPEN} |",
        *_pictures(record),
        "",
        f"`{record['command']}` repeats the recipe; threads and library versions may change single bits.",
        "The network in training, its batch norm in float64, and the integer reference gave the same sums for every",
        "test image. The last epoch is what is published: no epoch was chosen by its test accuracy.",
        "",
        "## Recipe",
        "",
        "| stage | epochs | Adam's step | weights | activations | latent deviation | soft labels | warm-up | decay |"
        " augmentation |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_stage(stage, record["recipe"].get("teacher")) for stage in record["recipe"]["stages"]),
        "",
        f"Batch {record['recipe']['batch']} in {record['recipe']['shards']} part(s). {record['augmentation']}",
        *_soft_labels(record["recipe"]),
        *_notes(record),
        "",
        "## Log",
        "",
        "Accuracies here are of the network in training (bfloat16), in per cent, those of the test column on the",
        f"first {record['log_test_images']:,} test images; seconds are wall-clock on a machine that had other work.",
        "",
        "| stage | epoch | loss | training | test | step | seconds |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {e['stage']} | {e['epoch']} | {e['loss']:.4f} | {e['train_accuracy']:.2f} | "
            f"{e['test_accuracy']:.2f} | {e['rate']} | {e['seconds']} |"
            for e in record["log"]
        ),
    ]
    return "\n".join(lines) + "\n"


def _bits(layers: list[dict]) -> tuple[str, str]:
    """Bits of the weights, and of the outputs that are no scores."""
    *hidden, last = [layer for layer in layers if layer["kind"] in ("conv", "dense")]
    weights = {layer.get("weight_bits", 1) for layer in (*hidden, last)}
    outputs = {layer.get("bits", 1) for layer in hidden}
    return _between(weights), _between(outputs) if outputs else "none"


def _between(bits: set[int]) -> str:
    low, high = min(bits), max(bits)
    if low < high:
        return f"{low} to {high} bits"
    return "one bit" if high == 1 else f"{high} bits"


def _layer(layer: dict) -> str:
    if layer["kind"] == "conv":
        moved = "".join(
            f", {name} {_pair(layer[name])}" for name in ("stride", "dilation") if layer.get(name, [1, 1]) != [1, 1]
        )
        return f"conv {_pair(layer['kernel'])} to {layer['channels']}{moved}"
    if layer["kind"] == "dense":
        return f"dense to {layer['units']}"
    return f"{_pair(layer['kernel'])} max-pool" if layer["kind"] == "pool" else layer["kind"]


def _pair(value: int | list[int]) -> str:
    y, x = value if isinstance(value, list) else (value, value)
    return f"{y}x{x}"


def _input(given: dict) -> str:
    size = f"{given['height']}x{given['width']}x{given['channels']}"
    return f"{size}, `{given['encoding']}`: {ENCODINGS[given['encoding']]}"


def _stage(stage: dict, teacher: dict | None) -> str:
    weights = "quantized" if stage["quantized_weights"] else "real"
    activations = "quantized" if stage["quantized_activations"] else "clipped"
    deviation = stage["latent_deviation"] or "kept"
    soft = f"{stage['distil']}, temperature {stage['temperature']}" if stage["distil"] else "none"
    return (
        f"| {stage['name']} | {stage['epochs']} | {stage['rate']} | {weights} | {activations} | {deviation} | {soft} | "
        f"{stage['warmup']} | {stage['decay']} | {'of the views' if teacher else stage['strength']} |"
    )


def _asked(record: dict) -> list[str]:
    if record.get("asked") is None:
        return []
    short = record["asked"] - 100 * record["test"]["right"] / record["test"]["images"]
    verdict = f"**missed by {short:.2f} points**" if short > 0 else "reached"
    return [f"| Asked for | {record['asked']} %: {verdict} |"]


def _samples(samples: list[dict]) -> list[str]:
    if not samples:
        return []
    right = sum(sample["label"] == sample["said"] for sample in samples)
    wrong = ", ".join(f"`{s['file']}` taken for {s['said']}" for s in samples if s["label"] != s["said"])
    return [f"| Sample pictures | {right} of {len(samples)} right{'; wrong: ' + wrong if wrong else ''} |"]


def _first(test: dict) -> list[str]:
    return [f"| First 1,000 test images | {test['right_of_first_1000']} right |"] * (test["images"] > 1000)


def _pictures(record: dict) -> list[str]:
    told = "of the test part, whose licence is that of the data"
    return [f"| `{record['pictures']}/` | some pictures {told} |"] if record.get("pictures") else []


def _soft_labels(recipe: dict) -> list[str]:
    if teacher := recipe.get("teacher"):
        *first, last = (str(count) for count in teacher["channels"])
        strengths = " and ".join(str(strength) for strength in teacher["strengths"])
        return [
            f"Soft labels are the logits of a teacher of real numbers, convolutions to {', '.join(first)} and {last} "
            f"channels, trained before for {teacher['epochs']} epochs (Adam's step {teacher['rate']}, batch "
            f"{teacher['batch']}).",
            f"All stages see {teacher['views']} fixed views of each picture, another one each epoch, with the logits to"
            f" that very view: the picture itself, and variants of strength {strengths} in turn.",
        ]
    views = recipe["soft_label_views"]
    return [f"Soft labels are the logits of the first stage, averaged over {views} augmented views."] * bool(views)


def _notes(record: dict) -> list[str]:
    return ["", *record["notes"]] if record.get("notes") else []
