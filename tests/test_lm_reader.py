"""A reader on a language model: tokens meet words, states are used and remembered, frozen is frozen, and a run goes on to the bit."""

from __future__ import annotations

import sys
from dataclasses import asdict

import pytest
import torch
from test_answer import SMALL, made

import lmcourse as lm
from lmcourse import checkpoint
from lmcourse.corpus.squad import Answered
from lmcourse.errors import LmcourseError
from lmcourse.nn import LanguageModelReader, LMReaderConfig, LSTMConfig, LSTMLanguageModel, lm_reader
from lmcourse.nn.reading import Asked, Library, counted_rarity
from lmcourse.tasks.answer import METHODS, Validation, span_loss
from lmcourse.tokenizers import BPETokenizer, CharTokenizer, PiecedTokenizer, WordTokenizer, from_dict
from lmcourse.tokenizers.placed import placed_words

QUESTIONS = made(60)
PART = {**SMALL, "seed": 5, "cloze_share": 0.3, "clozes": 2, "state_size": 6}
TEXTS = ["Pettifer's boat—\"late\"!\n\nAt 7:15 it came.", "", "柳湾 naïve e\u0301", "It rained. " * 20]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A small language model in a folder, as train lm leaves one."""
    tokenizer = CharTokenizer.train([" ".join(text for one in QUESTIONS for text in one[:2])], 100)
    torch.manual_seed(0)
    model = LSTMLanguageModel(LSTMConfig(tokenizer.vocab_size, 12, 16, tied=True)).eval()
    torch.nn.init.normal_(model.embedding.weight)  # as after training: what was read makes a difference
    folder = tmp_path_factory.mktemp("base")
    checkpoint.save(folder, "best", model, tokenizer)
    return folder


def reader(inner, texts, **settings):
    """An untrained reader on an untrained language model, and texts that are ready for it."""
    plain = counted_rarity(texts, words := sorted({place.word.lower() for text in texts for place in placed_words(text)}))
    torch.manual_seed(0)
    sizes = {"embedding_size": 6, "projection_size": 8, "hidden_size": 8, "span_size": 8, "longest": 3, "state_size": 5, **settings}
    config = LMReaderConfig(len(words) + 1, **sizes, lm=asdict(LSTMConfig(inner.vocab_size, 6, 7)))
    return LanguageModelReader(config).eval(), Library(PiecedTokenizer(words, inner, 0), plain, texts)


# --- words in tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [CharTokenizer, BPETokenizer, WordTokenizer])
def test_each_word_ends_with_its_token(kind):
    """Would notice states that are taken one token too early or too late: up to its end a word's tokens spell the text."""
    inner = kind.train(TEXTS, 300)
    tokenizer = PiecedTokenizer(["boat"], inner, 0)
    for text in TEXTS:
        tokens, ends = tokenizer.pieces(text)
        words = placed_words(text)
        assert tokens[0] == 0 and len(ends) == len(words) and ends == sorted(ends) and not (ends and ends[-1] != len(tokens) - 1)
        if kind is not WordTokenizer:  # which keeps no spaces
            assert [inner.decode(tokens[1 : end + 1]) for end in ends] == [text[: word.end] for word in words]
    again = from_dict(tokenizer.to_dict())
    assert again.pieces(TEXTS[0]) == tokenizer.pieces(TEXTS[0]) and again.encode("a boat") == [0, 1] and again.start == 0


def test_a_start_that_is_no_token():
    with pytest.raises(LmcourseError, match="another start"):
        PiecedTokenizer(["a"], CharTokenizer.train(["ab"], 10), 99)
    with pytest.raises(LmcourseError, match="damaged"):
        from_dict({**PiecedTokenizer(["a"], CharTokenizer.train(["ab"], 10), 0).to_dict(), "inner": {"kind": "gone"}})


def test_the_shipped_model_reads_words_as_it_learnt_them():
    """Would notice tokens that the language model has hardly met: cut word by word they are nearly those of the whole text."""
    _, tokenizer = lm.models.load("lm-base")
    text = lm.corpus.load("willow_bay/base", split="valid").text()[:20_000]
    whole, pieces = tokenizer.encode(text), PiecedTokenizer([], tokenizer, 0).pieces(text)[0]
    assert len(whole) <= len(pieces) < 1.02 * len(whole)


# --- the network ----------------------------------------------------------------------------------------------------


def test_states_are_those_of_the_language_model():
    """Of each word what the LSTM holds at its last token; the same alone, beside longer texts, and remembered."""
    model, library = reader(CharTokenizer.train([*TEXTS, "late?"], 100), [*TEXTS, "late?"])
    asked = Asked(library, [(text, "late?") for text in TEXTS])
    together = asked.of(range(4))
    states = model.states(together.tokens, together.ends)
    for number, text in enumerate(TEXTS):
        tokens, ends = library.tokenizer.pieces(text)
        hidden = model.lm.lstm(model.lm.embedding(torch.tensor([tokens])))[0][0]
        torch.testing.assert_close(states[number, : len(ends)], hidden[ends])
    (scores, none), kept = model(together), lm_reader.ROOM
    try:
        lm_reader.ROOM = 10
        model.remember(library, TEXTS)
        assert library[TEXTS[0]].states is None  # more than there is room for
    finally:
        lm_reader.ROOM = kept
    model.remember(library, TEXTS)
    for numbers in (range(4), [0, 2, 3]):  # the empty text has no words to remember
        again = asked.of(numbers)
        assert (again.states is None) == (1 in numbers)
        found, without = model(again)
        time = found.shape[1]
        torch.testing.assert_close(found, scores[list(numbers), :time], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(without, none[list(numbers)], atol=1e-5, rtol=1e-5)


def test_sizes_that_are_none():
    with pytest.raises(LmcourseError, match="state_size"):
        LMReaderConfig(5, state_size=0)


# --- training -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_each_method_moves_what_it_should(base, tmp_path, method):
    """Frozen moves nothing of the language model, full and scratch move it; the folder answers without its base."""
    pretrained, inner = checkpoint.load_model(base)
    before = {name: value.clone() for name, value in pretrained.state_dict().items()}
    result = lm.train_answer(QUESTIONS, tmp_path / "m", steps=12, base=(pretrained, inner), method=method, **PART)
    assert all(torch.equal(value, before[name]) for name, value in pretrained.state_dict().items())
    moved = {name for name, value in result.model.lm.state_dict().items() if not torch.equal(value, before[name])}
    assert ("lstm.weight_hh_l0" in moved) == ("embedding.weight" in moved) == (method != "frozen")
    if method == "frozen":
        assert not moved
    if method == "full":  # moved, and not drawn anew
        assert (result.model.lm.embedding.weight - before["embedding.weight"]).abs().max() < 0.2
    assert result.recipe.method == method and all(part.requires_grad for part in result.model.lm.parameters())
    asked = [one.passage for one in QUESTIONS[:9]], [one.question for one in QUESTIONS[:9]]
    assert lm.answer(tmp_path / "m", *asked) == lm.answer(result, *asked)


def test_a_reader_uses_what_the_language_model_holds(base):
    """Would notice states that never arrive: with those of another language model a trained reader is worse off."""
    result = lm.train_answer(made(300), steps=60, base=str(base), dropout=0.1, learning_rate=0.01, **{**PART, "cloze_share": 0.0})
    new, model = made(100, seed=1), result.model
    library = Library(result.tokenizer, model.rarity, dict.fromkeys(text for one in new for text in one[:2]))
    validate = Validation(library, new, model.config.longest)
    right = validate(model.eval())
    model.lm.initialise()
    assert validate(model) > right + 0.02


def test_a_language_model_beneath_has_a_rate_of_its_own(base):
    """Frozen it has none; full and scratch have the reader's times a factor, and every parameter stands in one group."""
    from lmcourse.tasks.answer import AnswerRecipe

    pretrained, inner = checkpoint.load_model(base)
    tokenizer = PiecedTokenizer(["a"], inner, 0)
    for method, rates in {"frozen": [1.0], "full": [1.0, 0.25], "scratch": [1.0, 0.25]}.items():
        recipe = AnswerRecipe(method=method, learning_rate=1.0, lm_rate=0.25, longest=3)
        model = recipe.build(tokenizer, torch.ones(2), 0, pretrained)
        groups = recipe.optimizer(model).param_groups
        assert [group["lr"] for group in groups] == rates
        assert model.lm.config.dropout == (0.0 if method == "frozen" else recipe.lm_dropout)  # what does not learn is not disturbed
        learning = [part for group in groups for part in group["params"]]
        assert len(learning) == len(set(learning)) == sum(part.requires_grad for part in model.parameters())


@pytest.mark.parametrize("method", ["frozen", "full"])
def test_stopped_and_resumed(base, tmp_path, monkeypatch, method):
    """A run that was stopped ends with the same bits as one in one go, and goes on with its base, from its folder, and no other."""
    lm.train_answer(QUESTIONS, tmp_path / "a", steps=24, base=str(base), method=method, **PART)
    calls = [0]

    def stopping(*given):
        calls[0] += 1
        if calls[0] == 16:
            raise RuntimeError("killed")
        return span_loss(*given)

    monkeypatch.setattr(sys.modules["lmcourse.tasks.answer"], "span_loss", stopping)
    with pytest.raises(RuntimeError, match="killed"):
        lm.train_answer(QUESTIONS, tmp_path / "b", steps=24, base=str(base), method=method, **PART)
    monkeypatch.undo()
    assert checkpoint.load(tmp_path / "b", "last").training["step"] < 24
    lm.train_answer(QUESTIONS, tmp_path / "b", resume=True, progress=False)
    one, other = (checkpoint.load(tmp_path / name, "last") for name in "ab")
    assert one.training["step"] == other.training["step"] == 24
    assert all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)
    model, inner = checkpoint.load_model(base)
    model.initialise()
    for more, word in (({"base": (model, inner)}, "not the language model"), ({"method": "scratch"}, "method")):
        with pytest.raises(LmcourseError, match=word):
            lm.train_answer(QUESTIONS, tmp_path / "b", resume=True, steps=30, progress=False, **more)


def test_what_cannot_be_tuned_is_refused(base, tmp_path):
    lm.train_answer(QUESTIONS, tmp_path / "plain", steps=2, **SMALL)
    for given, word in (
        ({"base": str(base), "method": "lora"}, "frozen"), ({"method": "full"}, "finetune"), ({"base": "translate-en-zh"}, "language model"),
        ({"base": str(base), "out": tmp_path / "plain", "resume": True}, "without a language model"),
    ):  # fmt: skip
        with pytest.raises(LmcourseError, match=word):
            lm.train_answer(**{"data": QUESTIONS, "progress": False, **given})


def test_questions_are_answered_by_the_one_without_words(base):
    """An empty passage, and one of which the language model knows no character, are read like any other."""
    result = lm.train_answer(QUESTIONS, steps=2, base=str(base), **PART)
    assert lm.answer(result, "", "Who?").text == ""
    assert isinstance(lm.answer(result, "柳湾 ☃", "Who?").text, str)
    assert isinstance(QUESTIONS[0], Answered) and result.tokenizer.inner.vocab_size == result.model.lm.config.vocab_size
