"""How long a shipped model takes to be there: loading it, then its first answer, in CPU-seconds on one thread.

    OMP_NUM_THREADS=1 python bench/models.py

The first answer is 50 tokens of text, or the translation of one sentence. Beyond the first, everything is warm.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from lmcourse import models
from lmcourse.tasks import generate, translate

SENTENCES = {"en": "The ferry is late again this morning.", "zh": "今天早上渡船又晚点了。"}


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU-seconds of a piece of work, and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def answer(model: Any, card: models.ModelCard) -> str:
    """The model's first answer."""
    if card.task == "translate":
        return translate(model, SENTENCES[card.name.split("-")[1]], beam=5)
    return generate(model, "The harbour ", tokens=50, seed=0, temperature=0.7)


def main() -> None:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    torch.set_num_threads(1)
    print("| model | MB | load | first answer | second | |\n|---|---|---|---|---|---|")
    for card in models.list():
        load, model = seconds(lambda card=card: models.load(card.name))
        first, text = seconds(lambda model=model, card=card: answer(model, card))
        second, _ = seconds(lambda model=model, card=card: answer(model, card))
        shown = " ".join(text.split())[:60]
        print(f"| {card.name} | {card.file['bytes'] / 1e6:.1f} | {load:.2f} | {first:.2f} | {second:.2f} | {shown} |")


if __name__ == "__main__":
    main()
