"""What works on this machine, and how fast: the answers that a question to the teacher would need first."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NEEDED_GIB = 1.5  # what a lesson may take at most (CONTRIBUTING.md)


@dataclass(frozen=True)
class Check:
    """One line of the report: ``ok`` is False when something must be done, and ``text`` says what."""

    name: str
    text: str
    ok: bool = True


def checkup() -> Iterator[Check]:
    """Yield the checks one by one, so that a slow one does not hold up the others."""
    yield _python()
    yield _packages()
    yield _memory()
    yield _disk()
    yield _threads()
    yield _jupyter()
    yield _corpora()
    yield _models()
    yield _speed()


def _python() -> Check:
    where = "virtual environment" if sys.prefix != sys.base_prefix else "no virtual environment"
    return Check("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}, {where}")


def _packages() -> Check:
    versions, missing = [], []
    for name in ("lmcourse", "torch", "numpy", "matplotlib", "jupyterlab", "nbval", "pytest"):
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", f"missing: {', '.join(missing)}; run: python -m lmcourse setup", ok=False)
    return Check("packages", ", ".join(versions))


def _memory() -> Check:
    import psutil

    memory = psutil.virtual_memory()
    free, total = memory.available / 2**30, memory.total / 2**30
    enough = free >= NEEDED_GIB
    remedy = "" if enough else f"; a lesson may need {NEEDED_GIB} GiB, so close other programs"
    return Check("memory", f"{free:.1f} of {total:.1f} GiB free{remedy}", ok=enough)


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    return Check("disk", f"{free:.1f} GiB free here" + ("" if free > 1 else "; make room before training"), ok=free > 1)


def _threads() -> Check:
    import torch

    device = f"GPU {torch.cuda.get_device_name(0)}" if torch.cuda.is_available() else "no GPU, and none is needed"
    return Check("threads", f"{torch.get_num_threads()} of {os.cpu_count()} cores used by PyTorch; {device}")


def _jupyter() -> Check:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Check("Jupyter", "no python3 kernel; run: python -m lmcourse setup", ok=False)
    return Check("Jupyter", "the python3 kernel is there")


def _corpora() -> Check:
    from lmcourse import corpus

    cards = list(corpus.list())
    here = [card.name for card in cards if card.available]
    away = [card.name for card in cards if not card.available]
    return Check("corpora", f"here: {', '.join(here) or 'none'}" + (f"; to be had: {', '.join(away)}" if away else ""), ok=bool(here))


def _models() -> Check:
    from lmcourse import models
    from lmcourse.errors import LmcourseError

    try:
        names = [card.checked().parent.name for card in models.list()]
    except LmcourseError as error:
        return Check("models", str(error), ok=False)
    return Check("models", f"shipped: {', '.join(names) or 'none'}")


def _speed() -> Check:
    """Time a few training steps of the default language model: what a million characters will take."""
    import torch

    from lmcourse.nn import LSTMConfig, LSTMLanguageModel

    batch, window, fastest = 16, 32, float("inf")  # as train lm takes them
    with torch.random.fork_rng():
        model = LSTMLanguageModel(LSTMConfig(vocab_size=96))
        ids = torch.randint(96, (batch, window))
        for _trial in range(8):  # the first step allocates, and others may be held up by other programs
            start = time.perf_counter()
            logits, _ = model(ids)
            torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids.flatten()).backward()
            fastest = min(fastest, time.perf_counter() - start)
    rate = batch * window / fastest
    return Check("speed", f"about {rate:,.0f} tokens/s in training: one pass over a million characters in {1e6 / rate:.0f} s")
