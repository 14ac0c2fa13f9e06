"""The encoder-decoder: shapes, masks, cached steps, each path of the source to the target, and that it learns."""

from __future__ import annotations

import functools
import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lmcourse import training
from lmcourse.batching import Pairs
from lmcourse.beam import beam_search
from lmcourse.errors import LmcourseError
from lmcourse.nn import Seq2Seq, Seq2SeqConfig

SMALL = {"vocab_size": 17, "embedding_size": 8, "encoder_size": 12, "decoder_size": 10}
SHAPES = [
    {},
    {"context": "summary", "layers": 3, "bidirectional": False, "decoder_size": 8},
    {"context": "feeding", "layers": 2},
    {"attention": False, "residual": False, "outputs": 9},
    {"attention": False, "context": "summary", "layers": 2},
]


def built(seed: int = 0, **sizes: object) -> Seq2Seq:
    torch.manual_seed(seed)
    return Seq2Seq(Seq2SeqConfig(**{**SMALL, **sizes})).eval()


@pytest.mark.parametrize("sizes", SHAPES)
def test_a_target_read_in_parts_is_the_same(sizes):
    """What decoding rests on: states carried along give what the whole target at once gives, in every variant."""
    model = built(**sizes)
    source, target = torch.randint(17, (3, 5)), torch.randint(9, (3, 7))
    whole = model(source, target)
    assert whole.shape == (3, 7, sizes.get("outputs", 17))
    memory, state = model.encode(source)
    parts = []
    for part in target.split([1, 2, 1, 3], dim=1):
        features, state = model.decode(part, memory, state)
        parts.append(model.logits(features))
    assert torch.allclose(torch.cat(parts, dim=1), whole, atol=1e-6)


@pytest.mark.parametrize("sizes", SHAPES)
def test_padding_changes_nothing(sizes):
    """Guards against attention that looks at padding, and a backward direction that begins in it."""
    model = built(**sizes)
    short, long, target = torch.randint(17, (1, 3)), torch.randint(17, (1, 6)), torch.randint(9, (2, 4))
    padded = torch.cat([nn.functional.pad(short, (0, 3), value=16), long])
    together = model(padded, target, torch.tensor([3, 6]))
    assert torch.allclose(together[0], model(short, target[:1])[0], atol=1e-6)
    assert torch.allclose(together[1], model(long, target[1:])[0], atol=1e-6)
    assert not torch.allclose(model(padded, target)[0], together[0], atol=1e-3), "without lengths the padding is read"


@pytest.mark.parametrize("sizes", SHAPES)
def test_no_place_sees_what_comes_after_it_and_all_see_the_source(sizes):
    """A decoder that sees its answer learns to copy it; one that does not see the source cannot translate."""
    model = built(**sizes)
    source, target = torch.randint(1, 17, (1, 5)), torch.randint(9, (1, 6))
    before, changed = model(source, target), target.clone()
    changed[0, 3] = (changed[0, 3] + 1) % 9
    after = model(source, changed)
    assert torch.equal(before[:, :3], after[:, :3]) and not torch.equal(before[:, 3], after[:, 3])
    other = source.clone()
    other[0, 0] = 0
    assert ((model(other, target) - before).abs().amax(-1) > 1e-7).all()


def test_rows_of_a_batch_do_not_mix():
    """The fault of the listing: (batch, time) read as (time, batch)."""
    model = built()
    source, target = torch.randint(17, (4, 5)), torch.randint(17, (4, 6))
    assert torch.allclose(model(source, target)[2:3], model(source[2:3], target[2:3]), atol=1e-6)


def test_the_listing_corrected():
    """The sizes of lesson 3: 128 numbers a word, 3 layers 128 → 256, bridge, 3 layers 256 → 128, tied to 10,000 rows."""
    model = Seq2Seq(Seq2SeqConfig(10_000, layers=3, bidirectional=False, decoder_size=128, context="summary"))
    assert (model.encoder.input_size, model.encoder.hidden_size, model.encoder.num_layers) == (128, 256, 3)
    assert (model.decoder.input_size, model.decoder.hidden_size, model.decoder.num_layers) == (256, 128, 3)
    assert model(torch.zeros(2, 4, dtype=torch.long), torch.zeros(2, 3, dtype=torch.long)).shape == (2, 3, 10_000)
    assert model.embedding.weight.shape == (10_000, 128) and isinstance(model.past_decoder, nn.Identity)


def test_alignment_adds_up():
    model = built(context="feeding")
    weights = model.alignment(torch.randint(17, (2, 5)), torch.randint(17, (2, 4)))
    assert weights.shape == (2, 4, 5) and torch.allclose(weights.sum(-1), torch.ones(2, 4))
    with pytest.raises(LmcourseError, match="attention"):
        built(attention=False).alignment(torch.zeros(1, 2, dtype=torch.long), torch.zeros(1, 2, dtype=torch.long))


def test_the_bias_starts_at_the_frequencies():
    """The first loss is the entropy of the tokens, not ln V."""
    model = built(outputs=4)
    model.expect(torch.tensor([0, 70, 20, 10]))
    assert torch.allclose(model.bias.exp(), torch.tensor([0.1, 70.1, 20.1, 10.1]) / 100.4)


@pytest.mark.parametrize(
    ("sizes", "word"),
    [({"layers": 0}, "layers"), ({"encoder_size": 11}, "even"), ({"context": "all"}, "context"), ({"dropout": 1.0}, "dropout"),
     ({"context": "feeding", "attention": False}, "attention"), ({"outputs": 18}, "17")],
)  # fmt: skip
def test_sizes_that_are_none(sizes, word):
    with pytest.raises(LmcourseError, match=word):
        Seq2SeqConfig(**{**SMALL, **sizes})


# --- batches --------------------------------------------------------------------------------------------------------

sequences = st.lists(
    st.tuples(st.lists(st.integers(2, 9), min_size=1, max_size=6), st.lists(st.integers(2, 9), min_size=2, max_size=8)),
    min_size=1, max_size=40,
)  # fmt: skip


@given(sequences, st.integers(1, 30), st.integers(0, 3), st.integers(0, 2))
def test_each_epoch_holds_every_pair_once(pairs, tokens, seed, epoch):
    """And no source is padded, no batch too large, no target lost to its padding."""
    batches = Pairs(pairs, tokens, seed)
    seen = []
    for step in range(epoch * len(batches), (epoch + 1) * len(batches)):
        batch = batches(step)
        assert batch.source.shape[0] == 1 or batch.source.numel() <= tokens
        assert batch.real.sum(1).max() == batch.real.shape[1] == batch.inputs.shape[1]
        for source, inputs, targets, real in zip(*batch, strict=True):
            n = int(real.sum())
            assert real[:n].all() and inputs[1:n].tolist() == targets[: n - 1].tolist()
            seen.append((source.tolist(), [int(inputs[0]), *targets[:n].tolist()]))
    assert sorted(seen) == sorted((list(source), list(target)) for source, target in pairs)


@given(sequences, st.integers(1, 30), st.integers(0, 3), st.integers(0, 200))
def test_a_batch_of_pairs_follows_from_seed_and_step(pairs, tokens, seed, step):
    """What makes resuming exact: it does not matter which batches were asked for before."""
    walked, asked = Pairs(pairs, tokens, seed), Pairs(pairs, tokens, seed)
    for earlier in (0, step // 2, step + 1):
        walked(earlier)
    assert all(torch.equal(one, other) for one, other in zip(walked(step), asked(step), strict=True))


def test_epochs_differ_and_bad_pairs_are_refused():
    pairs = [([2] * 4, [1, number, 0]) for number in range(2, 60)]
    batches = Pairs(pairs, 20)
    orders = [[batches(step).targets[:, 0].tolist() for step in range(e * len(batches), (e + 1) * len(batches))] for e in (0, 1)]
    assert orders[0] != orders[1]
    for bad in ([], [([], [1, 2])], [([1], [1])]):
        with pytest.raises(LmcourseError):
            Pairs(bad)


# --- writing --------------------------------------------------------------------------------------------------------


def likeliest(model: Seq2Seq, source: torch.Tensor, longest: int, penalty: float, forbidden: set[int]) -> list[int]:
    """The best of all targets, by trying every one: bos 1, eos 2."""
    tokens = [token for token in range(len(model.bias)) if token != 2 and token not in forbidden]
    best = (-math.inf, [])
    for length in range(longest):
        for target in itertools.product(tokens, repeat=length):
            logits = model(source, torch.tensor([[1, *target]]))[0]
            logits[:, sorted(forbidden)] = -math.inf
            scores = logits.log_softmax(-1)
            score = sum(scores[place, token].item() for place, token in enumerate([*target, 2]))
            best = max(best, (score / ((5 + length + 1) / 6) ** penalty, list(target)))
    return best[1]


@settings(max_examples=8)
@given(st.integers(0, 1000), st.sampled_from([0.0, 1.0]))
def test_a_wide_beam_finds_the_best_of_all(seed, penalty):
    """By exhaustive search: wide enough, nothing is lost by the pruning, the penalty or the reordering of states."""
    model = built(seed, vocab_size=6, outputs=5)
    model.bias.data[2] = 0.5
    source = torch.randint(6, (2, 4))
    found = beam_search(model, source, 1, 2, width=300, longest=4, penalty=penalty, forbidden=[0, 1])
    assert found == [likeliest(model, row[None], 4, penalty, {0, 1}) for row in source]


@pytest.mark.parametrize("sizes", SHAPES)
def test_a_beam_of_one_is_greedy(sizes):
    model = built(3, **sizes)
    source = torch.randint(17, (6, 4))
    for row, found in zip(source, beam_search(model, source, 1, 2, longest=8), strict=True):
        target = [1]
        while len(target) < 9 and (token := int(model(row[None], torch.tensor([target]))[0, -1].argmax())) != 2:
            target.append(token)
        assert found == target[1:]


def test_sentences_of_a_beam_do_not_mix():
    model = built(1)
    source = torch.randint(17, (5, 4))
    together = beam_search(model, source, 1, 2, width=3, longest=6)
    assert together == [beam_search(model, row[None], 1, 2, width=3, longest=6)[0] for row in source]
    for wrong in ({"width": 0}, {"longest": 0}, {"penalty": -1.0}):
        with pytest.raises(LmcourseError):
            beam_search(model, source, 1, 2, **wrong)


# --- learning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("context", ["none", "summary", "feeding"])
def test_it_learns_to_turn_a_sequence_round(context):
    """The smallest translation: 3 4 5 → 5 4 3. The control: untrained, it is guesswork."""
    generator = torch.Generator().manual_seed(0)
    sources = [torch.randint(3, 12, (length,), generator=generator).tolist() for length in (2, 3, 4) for _ in range(150)]
    pairs = [(source, [1, *reversed(source), 2]) for source in sources]
    torch.manual_seed(0)
    model = Seq2Seq(Seq2SeqConfig(12, embedding_size=32, encoder_size=32, decoder_size=32, context=context))
    objective = functools.partial(training.next_target, smoothing=0.0)
    test = torch.randint(3, 12, (50, 4), generator=generator)

    def right() -> float:
        found = beam_search(model, test, 1, 2, longest=10, forbidden=[0, 1])
        return sum(target == row.flip(0).tolist() for target, row in zip(found, test, strict=True)) / 50

    assert right() < 0.1
    training.fit(model, Pairs(pairs, 100), objective, steps=400, learning_rate=1e-2, progress=False)
    assert right() > 0.8
