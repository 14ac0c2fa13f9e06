"""From ids to tensors: the shapes in which a model eats text.

A **batch** 批 is several sequences worked on at once. Three questions decide its shape. How is a long text cut?
Language models read it as parallel streams, window after window, so that a recurrent model can carry its state from
one window to the next (truncated backpropagation through time; Williams & Peng 1990). How do sequences of different
lengths share a rectangle? They are padded, and a mask says what is real. How little padding is possible? Sequences of
like length are put together in buckets.

Everything here is a function of its arguments and of a seed. The batch of step 700 can be made without the 699 before
it, and that is what lets a training run stop and go on as if nothing had happened.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from lmcourse.errors import LmcourseError


class Batch(NamedTuple):
    """One window of parallel streams. ``targets`` are the ``inputs`` one place further on in the text.

    ``first`` is True where the streams begin: a state carried so far belongs to another place in the text.
    """

    inputs: Int[Tensor, "batch time"]
    targets: Int[Tensor, "batch time"]
    first: bool


def windows(ids: Int[Tensor, " n"], batch_size: int, window: int) -> Iterator[Batch]:
    """Cut ``ids`` into ``batch_size`` parallel streams and yield them window by window.

    ``windows(0 1 2 3 4 5 6, batch_size=2, window=2)`` has the streams ``0 1 2`` and ``3 4 5``; the first batch is
    ``[[0, 1], [3, 4]] → [[1, 2], [4, 5]]``, the second ``[[2], [5]] → [[3], [6]]``.

    Every id but the first is a target exactly once, except the last ``(n - 1) % batch_size``, which fill no row.
    """
    streams = Streams(ids, batch_size, window)
    for step in range(len(streams)):
        yield streams.window(step)


class Streams:
    """The batches of a language model by their number: ``streams(step)``, epoch after epoch, without end.

    An **epoch** 轮 is one pass through the text, ``len(streams)`` batches. With a ``seed``, each epoch begins at
    another place (the text is taken as a ring), so that the cuts between streams and windows never fall the same.
    A text too short for ``batch_size`` streams of one id and its target is refused.
    """

    def __init__(self, ids: Int[Tensor, " n"], batch_size: int, window: int, seed: int | None = None) -> None:
        if batch_size < 1 or window < 1:
            raise LmcourseError(f"A batch needs at least one row and one column, not {batch_size} × {window}.")
        if len(ids) <= batch_size:
            raise LmcourseError(
                f"A text of {len(ids)} tokens is too short for {batch_size} streams; use more text or a smaller batch."
            )
        self.ids, self.batch_size, self.window_size, self.seed = ids, batch_size, window, seed
        self.length = (len(ids) - 1) // batch_size  # of one stream, in targets
        self._epoch, self._rotated = -1, ids

    def __len__(self) -> int:
        return math.ceil(self.length / self.window_size)

    def __call__(self, step: int) -> Batch:
        epoch, number = divmod(step, len(self))
        return self.window(number, epoch)

    def window(self, number: int, epoch: int = 0) -> Batch:
        """The ``number``-th window of an epoch; the last one may be narrower."""
        ids = self._of(epoch)
        rows = self.batch_size * self.length
        start, end = number * self.window_size, (number + 1) * self.window_size  # beyond a row's end a slice stops
        # int64 only here: a large text is better kept in the smallest integers that hold its ids.
        inputs = ids[:rows].view(self.batch_size, self.length)[:, start:end].long()
        targets = ids[1 : rows + 1].view(self.batch_size, self.length)[:, start:end].long()
        return Batch(inputs, targets, first=number == 0)

    def _of(self, epoch: int) -> Int[Tensor, " n"]:
        if self.seed is None or epoch == 0:
            return self.ids
        if epoch != self._epoch:
            # A string, because Python hashes it in the same way in every process and on every machine.
            offset = random.Random(f"{self.seed} {epoch}").randrange(len(self.ids))
            self._epoch, self._rotated = epoch, self.ids.roll(-offset)
        return self._rotated


class PairBatch(NamedTuple):
    """Sentences of equal length and their translations. ``inputs`` are the targets one place later, after ``<bos>``.

    ``real`` is False where a target is filled up: only real places count in the loss.
    """

    source: Int[Tensor, "batch source"]
    inputs: Int[Tensor, "batch time"]
    targets: Int[Tensor, "batch time"]
    real: Bool[Tensor, "batch time"]


class Pairs:
    """The batches of a translator by their number: ``pairs(step)``, epoch after epoch, without end.

    A batch holds sources of one length, about ``tokens`` of them, so that no source is padded; among those its targets
    are of like length, so that they are padded little. Company and order are drawn anew for each epoch, from ``seed``
    and the epoch's number alone. Sequences are lists of ids: a source, and a target from ``<bos>`` to ``<eos>``.
    """

    def __init__(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]], tokens: int = 500, seed: int = 0) -> None:
        if tokens < 1 or not pairs:
            raise LmcourseError(f"Batches need at least one pair and one token, not {len(pairs)} and {tokens}.")
        if any(not source or len(target) < 2 for source, target in pairs):
            raise LmcourseError("A pair has a source of at least one token and a target that begins and ends; leave others out.")
        self.pairs, self.tokens, self.seed = pairs, tokens, seed
        self.alike: dict[int, list[int]] = {}  # length of the source → the numbers of such pairs
        for number, (source, _) in enumerate(pairs):
            self.alike.setdefault(len(source), []).append(number)
        self._epoch, self._order = -1, []

    def __len__(self) -> int:
        return sum(-(-len(numbers) // self._rows(length)) for length, numbers in self.alike.items())

    def __call__(self, step: int) -> PairBatch:
        epoch, number = divmod(step, len(self))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self._drawn(epoch)
        return pair_batch([self.pairs[index] for index in self._order[number]])

    def _rows(self, length: int) -> int:
        return max(1, self.tokens // length)

    def _drawn(self, epoch: int, noise: float = 2.0) -> list[list[int]]:
        """The numbers of the pairs in each batch of an epoch."""
        generator = random.Random(f"{self.seed} {epoch}")  # a string: hashed alike in every process
        batches = []
        for length, numbers in self.alike.items():
            rows = self._rows(length)
            # Sorted by length and a little luck, or the same targets would meet in every epoch.
            order = sorted(numbers, key=lambda number: len(self.pairs[number][1]) + generator.gauss(0, noise))
            batches += [order[i : i + rows] for i in range(0, len(order), rows)]
        generator.shuffle(batches)
        return batches


def pair_batch(pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> PairBatch:
    """Pairs whose sources have one length, as tensors."""
    targets = pad([target[1:] for _, target in pairs])
    real = mask_of([len(target) - 1 for _, target in pairs])
    return PairBatch(torch.tensor([source for source, _ in pairs]), pad([target[:-1] for _, target in pairs]), targets, real)


def pad(sequences: Sequence[Sequence[int]], value: int = 0, side: str = "right") -> Int[Tensor, "batch time"]:
    """Sequences of different lengths as one rectangle, filled up with ``value``: ``pad([[5], [6, 7]])`` is
    ``[[5, 0], [6, 7]]``. ``side`` says where the filling goes: "right", or "left" for prompts that all end together.
    """
    if side not in ("left", "right"):
        raise LmcourseError(f"Padding goes to the left or to the right, not to {side!r}.")
    batch = torch.full((len(sequences), max(map(len, sequences), default=0)), value, dtype=torch.long)
    for row, sequence in zip(batch, sequences, strict=True):
        place = slice(0, len(sequence)) if side == "right" else slice(len(row) - len(sequence), None)
        row[place] = torch.as_tensor(sequence, dtype=torch.long)
    return batch


def mask_of(lengths: Sequence[int] | Int[Tensor, " batch"], time: int | None = None) -> Bool[Tensor, "batch time"]:
    """Which places of right-padded sequences are real: ``mask_of([1, 2])`` is ``[[True, False], [True, True]]``.

    ``time`` is the width of the mask; without it, the longest length.
    """
    lengths = torch.as_tensor(lengths, dtype=torch.long)
    width = time if time is not None else int(lengths.max()) if len(lengths) else 0
    return torch.arange(width, device=lengths.device) < lengths[:, None]


def buckets(lengths: Sequence[int], batch_size: int, seed: int | None = None, pool: int = 50) -> list[list[int]]:
    """Group the indices ``0 … len(lengths) - 1`` into batches of like length, each index exactly once.

    Without a seed: sorted by length, so the least padding there can be, but always the same company, the short ones
    first. With a seed: shuffled, then sorted only within pools of ``pool`` batches, and the batches shuffled: little
    padding, and each seed (one per epoch) another company and order. The last batch may be smaller.
    """
    if batch_size < 1 or pool < 1:
        raise LmcourseError(f"Buckets need batch_size and pool of at least 1, not {batch_size} and {pool}.")
    order = list(range(len(lengths)))
    generator = random.Random(seed)
    if seed is not None:
        generator.shuffle(order)
    share = len(order) if seed is None else batch_size * pool
    batches = []
    for start in range(0, len(order), share or 1):
        alike = sorted(order[start : start + share], key=lengths.__getitem__)
        batches += [alike[i : i + batch_size] for i in range(0, len(alike), batch_size)]
    if seed is not None:
        generator.shuffle(batches)
    return batches
