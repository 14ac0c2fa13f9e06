"""Batches hold every token once and in order; padding and masks agree; buckets lose nothing."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lmcourse.batching import Streams, buckets, mask_of, pad, windows
from lmcourse.errors import LmcourseError

sizes = st.tuples(st.integers(2, 120), st.integers(1, 8), st.integers(1, 20)).filter(lambda s: s[0] > s[1])


def test_windows_by_hand():
    """The example of the docstring, worked out with a pencil: a transposed view would mix the streams."""
    batches = list(windows(torch.arange(7), batch_size=2, window=2))
    assert [batch.inputs.tolist() for batch in batches] == [[[0, 1], [3, 4]], [[2], [5]]]
    assert [batch.targets.tolist() for batch in batches] == [[[1, 2], [4, 5]], [[3], [6]]]
    assert [batch.first for batch in batches] == [True, False]


@given(sizes)
def test_every_token_is_a_target_once(size):
    """Guards against windows that overlap, skip their edges or drop the narrow last one."""
    n, batch_size, window = size
    targets = [id for batch in windows(torch.arange(n), batch_size, window) for id in batch.targets.flatten().tolist()]
    left_over = (n - 1) % batch_size
    assert sorted(targets) == list(range(1, n - left_over))


@given(sizes)
def test_rows_continue_from_window_to_window(size):
    """A carried state belongs to a row: the first input of the next window is the last target of this one, row by row."""
    n, batch_size, window = size
    for before, after in itertools.pairwise(windows(torch.arange(n), batch_size, window)):
        assert torch.equal(before.targets[:, -1], after.inputs[:, 0])
    for batch in windows(torch.arange(n), batch_size, window):
        assert torch.equal(batch.inputs + 1, batch.targets)


@given(sizes, st.integers(0, 3), st.integers(0, 5))
def test_streams_are_a_function_of_seed_and_step(size, seed, epoch):
    """What makes resuming exact: a batch does not depend on which batches were asked for before it."""
    n, batch_size, window = size
    ids = torch.arange(n, dtype=torch.int32)
    walked, asked = Streams(ids, batch_size, window, seed), Streams(ids, batch_size, window, seed)
    step = epoch * len(walked) + len(walked) // 2
    for earlier in range(step):
        walked(earlier)
    a, b = walked(step), asked(step)
    assert torch.equal(a.inputs, b.inputs) and torch.equal(a.targets, b.targets) and a.first == b.first
    assert a.inputs.dtype == torch.int64


@given(sizes, st.integers(0, 3))
def test_each_epoch_holds_every_token_once(size, seed):
    """A rotated epoch is still the whole text, but for the id that begins it and the remainder."""
    n, batch_size, window = size
    streams = Streams(torch.arange(n), batch_size, window, seed)
    for epoch in range(3):
        batches = [streams(epoch * len(streams) + i) for i in range(len(streams))]
        targets = torch.cat([batch.targets.flatten() for batch in batches]).tolist()
        assert len(targets) == len(set(targets)) == n - 1 - (n - 1) % batch_size
        assert [batch.first for batch in batches] == [True] + [False] * (len(streams) - 1)


def test_epochs_and_seeds_differ():
    """If the rotation were forgotten, every epoch would cut the text at the same places."""
    streams = [Streams(torch.arange(1000), 4, 10, seed) for seed in (0, 1)]
    first = [s(e * len(s)).inputs[0, 0].item() for s in streams for e in range(4)]
    assert first[0] == first[4] == 0 and len(set(first)) == 7
    assert Streams(torch.arange(1000), 4, 10)(25 * 7).inputs[0, 0] == 0  # without a seed, always from the beginning


@pytest.mark.parametrize("n, batch_size, window", [(1, 1, 1), (4, 4, 2), (0, 1, 1), (10, 0, 3), (10, 2, 0)])
def test_too_little_text_is_refused(n, batch_size, window):
    with pytest.raises(LmcourseError):
        Streams(torch.arange(n), batch_size, window)


@given(st.lists(st.lists(st.integers(1, 99), max_size=9), max_size=6), st.sampled_from(["left", "right"]))
def test_pad_and_mask(sequences, side):
    """Taking out what the mask calls real gives the sequences back; everything else is the filling."""
    batch = pad(sequences, value=0, side=side)
    mask = mask_of([len(sequence) for sequence in sequences], batch.shape[1])
    mask = mask.flip(1) if side == "left" else mask
    assert [row[real].tolist() for row, real in zip(batch, mask, strict=True)] == sequences
    assert (batch[~mask] == 0).all()


def test_mask_width():
    assert mask_of([1, 3]).tolist() == [[True, False, False], [True, True, True]]
    assert mask_of(torch.tensor([2]), time=4).tolist() == [[True, True, False, False]]
    assert mask_of([]).shape == (0, 0)
    with pytest.raises(LmcourseError):
        pad([[1]], side="middle")


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 7), st.none() | st.integers(0, 9), st.integers(1, 4))
def test_buckets_hold_every_index_once(lengths, batch_size, seed, pool):
    """Guards against a dropped last batch, and against batches larger than asked for."""
    batches = buckets(lengths, batch_size, seed, pool)
    assert sorted(itertools.chain.from_iterable(batches)) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= batch_size for batch in batches)


def test_buckets_pad_little_and_shuffle():
    """Shuffled buckets: other company each epoch, yet far less padding than random batches would have."""
    lengths = [(7 * i) % 40 + 1 for i in range(400)]

    def padding(batches):
        return sum(max(lengths[i] for i in batch) * len(batch) - sum(lengths[i] for i in batch) for batch in batches)

    in_order = [list(range(i, i + 10)) for i in range(0, 400, 10)]
    assert padding(buckets(lengths, 10)) <= padding(buckets(lengths, 10, seed=1, pool=10)) < padding(in_order) / 3
    assert buckets(lengths, 10, seed=1) != buckets(lengths, 10, seed=2)
    longest = [max(lengths[i] for i in batch) for batch in buckets(lengths, 10, seed=1)]
    assert sum(a > b for a, b in itertools.pairwise(longest)) > 10  # the batches do not come by length
    assert buckets(lengths, 10, seed=1) == buckets(lengths, 10, seed=1)
    with pytest.raises(LmcourseError):
        buckets(lengths, 0)
