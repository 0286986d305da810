# SPDX-License-Identifier: Apache-2.0
"""What is known of a trained network: a record in JSON for programs, and the model card made of it."""

from __future__ import annotations

import json
from pathlib import Path

DATA_SETS = {
    "mnist": "MNIST, 60,000 training and 10,000 test images (LeCun, Cortes, Burges)",
    "cifar10": "CIFAR-10, 50,000 training and 10,000 test images (Krizhevsky, 2009)",
    "svhn": "SVHN, cropped digits, 73,257 training and 26,032 test images (Netzer et al., 2011)",
}
INPUTS = {
    1: "one bit a pixel, 1 for a byte of at least 128",
    8: "Q1.7: min(floor((512 p - 65025) / 510), 127)",
}


def write(folder: Path, name: str, record: dict) -> None:
    """Write <name>.json and the card <name>.md to folder."""
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
    (folder / f"{name}.md").write_text(card(record))


def card(record: dict) -> str:
    """The model card of a record, in Markdown."""
    test, data = record["test"], record["data"]
    layers = ", ".join(_layer(layer) for layer in record["network"]["layers"])
    lines = [
        f"# {record['name']}",
        "",
        f"{record['network']['name'].upper()}, weights and activations of one bit, trained by this project.",
        "",
        "| | |",
        "|---|---|",
        f"| Layers | {layers} |",
        f"| Input | {INPUTS[record['network']['input_bits']]} |",
        f"| Output | {len(record['classes'])} popcounts; the first largest is the class |",
        f"| Classes | {', '.join(record['classes'])} |",
        f"| Data | {DATA_SETS.get(data, data)} |",
        f"| **Accuracy** | **{100 * test['right'] / test['images']:.2f} %**: {test['right']:,} of "
        f"{test['images']:,} test images, by the integer reference (`finn_verif.ref`) |",
        *_asked(record),
        *_samples(record["samples"]),
        f"| First 1,000 test images | {test['right_of_first_1000']} right |",
        f"| Parameters | `{record['file']}`, SHA-256 `{record['sha256']}` |",
        f"| Training | {record['seconds'] / 3600:.1f} h on {record['machine']}, {record['software']} |",
        f"| Seed | {record['seed']} |",
        f"| Licence | {record['licence']} |",
        "",
        f"`{record['command']}` repeats the recipe; threads and library versions may change single bits.",
        "The network in training, its batch norm in float64, and the integer reference gave the same popcounts for",
        "every test image. The last epoch is what is published: no epoch was chosen by its test accuracy.",
        "",
        "## Recipe",
        "",
        "| stage | epochs | Adam's step | weights | activations | latent deviation | soft labels | warm-up | decay |"
        " augmentation |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_stage(stage) for stage in record["recipe"]["stages"]),
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


def _layer(layer: dict) -> str:
    kind = f"conv {layer['kernel']}x{layer['kernel']}" if layer["kernel"] else "dense"
    pool = ", 2x2 max-pool" if layer["pool"] else ""
    return f"{kind} {layer['inputs']}-{layer['outputs']}{pool}"


def _stage(stage: dict) -> str:
    weights = "binary" if stage["binary_weights"] else "real"
    activations = "binary" if stage["binary_activations"] else "clipped"
    deviation = stage["latent_deviation"] or "kept"
    soft = f"{stage['distil']}, temperature {stage['temperature']}" if stage["distil"] else "none"
    return (
        f"| {stage['name']} | {stage['epochs']} | {stage['rate']} | {weights} | {activations} | {deviation} | {soft} | "
        f"{stage['warmup']} | {stage['decay']} | {stage['strength']} |"
    )


def _asked(record: dict) -> list[str]:
    if record["asked"] is None:
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


def _soft_labels(recipe: dict) -> list[str]:
    views = recipe["soft_label_views"]
    return [f"Soft labels are the logits of the first stage, averaged over {views} augmented views."] * bool(views)


def _notes(record: dict) -> list[str]:
    return ["", *record["notes"]] if record.get("notes") else []
