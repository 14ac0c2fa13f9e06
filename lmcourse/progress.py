"""A long computation with a person watching: how far it is, Ctrl-C that loses nothing, and a pace that does not break."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets, so that work can end between two steps; the second one ends it at once.

    An exception in the middle of a step could leave half of the weights changed. In threads other than the main one
    Python receives no signals, and the event is never set.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.getsignal(signal.SIGINT)

    def handle(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    signal.signal(signal.SIGINT, handle)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)


@contextmanager
def bar(done: int, total: int, show: bool = True) -> Iterator[Callable[[int, float], None]]:
    """Yield a function to call after each step with the tokens of that step and its loss.

    The bar shows the mean loss of about the last fifty steps, tokens per second, and the time left.
    """
    from tqdm.auto import tqdm

    with tqdm(
        total=total, initial=done, disable=not show, dynamic_ncols=True, mininterval=0.2,
        bar_format="{percentage:3.0f}% |{bar}| step {n_fmt} of {total_fmt}, {remaining} left{postfix}",
    ) as line:  # fmt: skip
        start, tokens, mean, weight = time.perf_counter(), 0, 0.0, 0.0

        def update(more: int, loss: float) -> None:
            nonlocal tokens, mean, weight
            tokens += more
            # An average that forgets; divided by the sum of its weights, it is right from the first step on.
            mean, weight = 0.98 * mean + 0.02 * loss, 0.98 * weight + 0.02
            if show:
                rate = tokens / (time.perf_counter() - start)
                line.set_postfix_str(f"loss {mean / weight:.3f}, {rate:,.0f} tokens/s", refresh=False)
                line.update()

        yield update


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, unless OMP_NUM_THREADS says otherwise; also a decorator: ``@one_thread()``.

    The steps of a small recurrent model are so short that threads spend much of their time waiting for each other: on two
    free cores two of them bring 1.5 times the speed, but as soon as another program wants one of the cores, they bring
    a fiftieth of it (``bench/LOG.md``). One thread also gives the same bits whatever the number of cores.
    """
    import torch

    if "OMP_NUM_THREADS" in os.environ:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
