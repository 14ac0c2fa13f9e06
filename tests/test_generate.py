"""From a text to a model that writes: splitting, training, resuming, prompts; and every kind of bad input on the way."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse import checkpoint, tasks, training
from lmcourse.batching import Streams
from lmcourse.corpus import Corpus, Document, Pair, split_of
from lmcourse.decoding import sample, start_id
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.metrics import token_losses
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.nn.continuer import Continuer
from lmcourse.tasks import generate, lm, recipe, train_lm
from lmcourse.tasks.lm import encoded
from lmcourse.tasks.recipe import PASSES, PLENTY, Recipe, every, planned, recipe_for, steps_in
from lmcourse.tasks.texts import read_texts, text_for
from lmcourse.tokenizers import BPETokenizer, CharTokenizer

PROSE = Path(__file__).parent / "prose.txt"
SMALL = {"hidden_size": 16, "embedding_size": 8, "progress": False}


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tasks.lm.Trained:
    return train_lm(text=PROSE, out=tmp_path_factory.mktemp("lm") / "m", steps=30, seed=1, **SMALL)


# --- a beam ------------------------------------------------------------------------------------------------------


def test_a_beam_finds_a_text_at_least_as_likely(trained):
    """A state that is handed over wrongly, or a token of the prompt read twice, makes its finds less likely than greedy ones."""
    model, tokenizer = trained.model, trained.tokenizer
    better = 0
    for prompt in ("The ", "a", "", "He said"):
        start = [start_id(tokenizer), *tokenizer.encode(prompt)]
        costs = []
        for settings_ in ({"temperature": 0.0}, {"beam": 4, "penalty": 0.0}):
            text = generate(trained, prompt, tokens=12, **settings_)
            ids = tokenizer.encode(text[len(prompt) :])
            costs.append(float(token_losses(model, [*start[1:], *ids], start[0])[len(start) - 1 :].sum()))
        assert costs[1] <= costs[0] + 1e-4
        better += costs[1] < costs[0] - 1e-4
    assert better  # it is not greedy under another name


def test_a_language_model_asked_as_an_encoder_decoder_says_the_same(trained):
    """Reading the prompt in two pieces, or beginning with none, must give the scores of reading it whole."""
    model, ids = trained.model.eval(), torch.tensor([[3, 1, 4, 1, 5]])
    for cut in (0, 2):
        memory, state = Continuer(model).encode(ids[:, :cut])
        scores, _ = Continuer(model).decode(ids[:, cut:], memory, state)
        assert torch.allclose(scores, model(ids)[0][:, cut:], atol=1e-5)


def test_a_beam_leaves_the_model_as_it_was(trained):
    """Would notice dropout switched on by writing, which spoils whatever is measured afterwards."""
    for mode in (False, True):
        trained.model.train(mode)
        generate((trained.model, trained.tokenizer), "The", tokens=2, beam=2)
        assert {part.training for part in trained.model.modules()} == {mode}
    trained.model.eval()


def test_a_beam_ends_where_the_text_does_and_streams():
    """The end token must stop it, be left out, and pieces joined must be the text."""
    whole = generate("lm-genres", "The boat is late", genre="post", tokens=40, beam=3)
    assert "<" not in whole and whole.startswith("The boat is late") and len(whole) > 20
    assert "The boat is late" + "".join(generate("lm-genres", "The boat is late", genre="post", tokens=40, beam=3, stream=True)) == whole
    with pytest.raises(LmcourseError, match="at least one beginning"):
        generate("lm-genres", beam=0)


# --- splitting ----------------------------------------------------------------------------------------------------


def numbered(sentences: int) -> str:
    return "".join(f"This is sentence number {number:06d}. " for number in range(sentences))


@settings(max_examples=20)
@given(st.integers(40, 900))
def test_no_sentence_is_lost_or_in_both(sentences):
    """A file is cut into pieces: together they are the file, and what validates was not trained on."""
    document = Document("f", numbered(sentences))
    texts = read_texts([document])
    train, valid = "".join(texts.train), texts.valid
    assert train.strip() and valid.strip()
    # Cuts fall at ends of sentences, so that every number is whole on one side.
    numbers = [[part for part in text.replace(".", " ").split() if part.isdigit()] for text in (train, valid)]
    assert sorted(numbers[0] + numbers[1]) == [f"{number:06d}" for number in range(sentences)]
    assert read_texts([document]) == texts


def test_documents_stay_whole():
    """With many documents, none is on both sides; a known corpus keeps its test split unread."""
    documents = [Document(f"id{number}", f"Document {number}. " + "Some words. " * 10) for number in range(300)]
    for known in (False, True):
        texts = read_texts(Corpus(documents), known)
        train = "".join(texts.train)
        for document in documents:
            split = split_of(document.id, 0.1, 0.1 if known else 0.0)
            found = {"train": document.text in train, "valid": document.text in texts.valid}
            assert found == {"train": split == "train", "valid": split == "valid"}
    assert "Document 1. " + "Some words. " * 9 + "Some words. \n\nDocument" in train


def test_a_large_text_is_read_up_to_a_limit():
    """Memory is bounded: what lies beyond the limit is not read, and that is said."""

    def endless():
        for number in range(10**9):
            assert number < 200, "read on behind the limit"
            yield Document(str(number), "Sentence. " * 100)

    texts = read_texts(endless(), longest=100_500)
    assert texts.cut_off and abs(sum(map(len, texts.train)) + len(texts.valid) - 100_500) < 300
    assert not read_texts([Document("a", "Sentence. " * 200)]).cut_off


def test_texts_that_cannot_be_learnt_from(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("Too little. " * 20)
    for source, word in [(path, "short"), (Corpus([Pair("1", "a", "b")]), "documents"), (tmp_path / "none.txt", "none.txt")]:
        with pytest.raises(LmcourseError, match=word):
            read_texts(source)


# --- choosing -----------------------------------------------------------------------------------------------------


def test_recipe():
    assert (recipe_for(400_000, {}).tokenizer, recipe_for(1_000_000, {}).tokenizer) == ("char", "bpe")
    assert not recipe_for(400_000, {}).tied and recipe_for(1_000_000, {}).tied
    assert recipe_for(1_000_000, {"hidden_size": 7}).hidden_size == 7
    sizes = [recipe_for(characters, {"tokenizer": "bpe"}).vocab_size for characters in (1000, 3 * 10**6, 10**8)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[1] < sizes[2]


@given(st.text(min_size=1, max_size=60), st.integers(1, 8))
def test_encoding_in_parts(text, cuts):
    """Joined before they are encoded, pieces give the ids of the whole text: a pair may lie across a cut."""
    tokenizer = BPETokenizer.train(["aaaa bbbb"], 258)
    pieces = [text[i * len(text) // cuts : (i + 1) * len(text) // cuts] for i in range(cuts)]
    assert encoded(pieces, tokenizer).tolist() == tokenizer.encode(text)
    assert encoded(pieces, tokenizer).dtype == torch.int32


def test_a_small_text_is_not_read_too_often():
    """With minutes to spare, no more passes than help, and dropout against learning the text by heart."""
    result = train_lm(text=PROSE, minutes=0.3, **{**SMALL, "batch_size": 16, "window": 256})
    assert result.history.step == PASSES and result.recipe.dropout == 0.3
    assert train_lm(text=PROSE, steps=2, **SMALL).recipe.dropout == 0.0
    assert train_lm(text=PROSE, steps=2, dropout=0.1, **SMALL).recipe.dropout == 0.1


def test_sizes_that_are_left_open():
    """Passes and dropout by hand: a step reads 16 × 32 = 512 tokens; what is given stays as it is."""
    for tokens, steps, dropout in [(51_200, 1200, 0.0), (51_200, 1300, 0.2), (51_200, 3100, 0.3), (512_000, 30_000, 0.0), (512_000, 31_000, 0.2)]:
        assert Recipe().sized(tokens, steps).dropout == dropout
    for steps, dropout in [(600, 0.1), (700, 0.2), (1200, 0.2), (1300, 0.3)]:
        assert Recipe("bpe").sized(51_200, steps).dropout == dropout
    small, large = Recipe().sized(1000, 1), Recipe().sized(1000, 1, room=True)
    assert (small.hidden_size, large.hidden_size) == (256, 512) and small.learning_rate > large.learning_rate
    given = Recipe(hidden_size=7, dropout=0.4, learning_rate=0.1)
    assert given.sized(1000, 10**6, room=True) == given


def test_a_fast_machine_gets_a_larger_model(monkeypatch):
    """Time for 8 million tokens, and text enough for them: the larger model is tried, and its own speed counts."""
    speed = {256: PLENTY // 512 + 1, 512: 5000}
    tried = []
    monkeypatch.setattr(recipe, "steps_in", lambda _, trial, *more: tried.append(trial) or speed[trial.config.hidden_size])
    tokenizer = CharTokenizer("ab")
    long, short = (Streams(torch.zeros(n, dtype=torch.int32), 16, 32) for n in (1_000_000, 10_000))

    def plan(streams, **settings):
        chosen, steps = planned(1.0, Recipe(**settings), tokenizer, streams, lambda _: 0.0)
        return chosen.hidden_size, steps

    assert plan(long) == (512, 5000)
    assert len(tried) == 2
    assert plan(long, hidden_size=256) == (256, speed[256])
    assert len(tried) == 3  # a size that was asked for is not tried against another
    assert plan(short) == (256, PASSES * len(short))
    speed[256] = 5000
    assert plan(long) == (256, 5000)


def test_every():
    assert [every(steps) for steps in (1, 250, 2500, 100_000)] == [10, 10, 100, 500]


def test_minutes_become_steps(tmp_path, monkeypatch):
    """By a trial on a copy: the run that follows has the weights that it would have had with --steps."""
    found = []

    def remembered(*arguments):
        found.append(steps_in(*arguments))
        return found[-1]

    monkeypatch.setattr(recipe, "steps_in", remembered)
    timed = train_lm(text=PROSE, out=tmp_path / "a", minutes=0.004, seed=1, **SMALL)
    assert found[0] >= 1 and timed.history.step == found[0]
    assert checkpoint.load(tmp_path / "a", "last").training["steps"] == found[0]
    counted = train_lm(text=PROSE, steps=found[0], seed=1, **SMALL)
    assert timed.history.losses == counted.history.losses  # the trial left no trace, in weights or in random numbers
    train_lm(text=PROSE, out=tmp_path / "a", resume=True, progress=False)
    assert len(found) == 1  # resumed: the stored number counts


def test_the_number_of_steps_follows_the_speed():
    """On a clock of our own: a step takes 10 ms and a pause 100 ms, so a minute has about 60 / (0.01 + 0.1 / every)."""
    now = [0.0]

    class Clock:
        perf_counter = staticmethod(lambda: now[0])

    def fit(*_, steps, **__):
        now[0] += 0.01 * steps
        return History()

    def validate(_):
        now[0] += 0.06
        return 0.0

    def save(*_):
        now[0] += 0.01

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "time", Clock)
        patch.setattr(recipe, "fit", fit)
        patch.setattr(recipe.checkpoint, "save", save)
        steps = steps_in(1.0, torch.nn.Linear(1, 1), Streams(torch.arange(99), 2, 3), validate, "float32")
    assert steps == pytest.approx(60 / (0.01 + 0.1 / every(steps)), rel=0.02)


# --- training -----------------------------------------------------------------------------------------------------


def test_train_and_write(trained):
    assert trained.history.step == 30 and not trained.interrupted
    assert trained.score.bits_per_byte < 6 and math.isfinite(trained.score.loss)
    told = json.loads((trained.directory / "config.json").read_text("utf-8"))
    assert told["steps"] == 30 and told["seed"] == 1 and told["recipe"]["hidden_size"] == 16
    assert "bits per byte" in str(trained) and "lmcourse generate" in str(trained)
    text = generate(trained.directory, "The ", tokens=40, seed=0)
    assert text.startswith("The ") and len(text) == 44
    assert text == generate((trained.model, trained.tokenizer), "The ", tokens=40, seed=0)


def test_the_seed_decides_the_first_weights(trained):
    """The first batch is the same for all seeds: so a first loss that differs comes from other weights."""
    first = [train_lm(text=PROSE, steps=1, seed=seed, **SMALL).history.losses[0] for seed in (1, 2)]
    assert first[0] == trained.history.losses[0] != first[1]


@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
def test_each_tokenizer_trains_and_writes(kind):
    result = train_lm(text=PROSE, steps=5, tokenizer=kind, **SMALL)
    assert result.tokenizer.kind == kind and len(generate(result, "The ", tokens=20)) > 20


def two_genres(count: int = 120) -> list[Document]:
    """Texts whose genre decides their letters: all of a, or all of b."""
    kinds = [("news", "aaa aa a"), ("post", "bbb bb b")]
    return [Document(f"d{n}", f"{kinds[n % 2][1]} " * (2 + n % 3), {"genre": kinds[n % 2][0]}) for n in range(count)]


def test_texts_are_marked_by_genre():
    """Guards the marks: one before each text, an end after it, none where a genre is missing or one is written out."""
    texts = read_texts(two_genres())
    assert texts.special == ("<eos>", "<news>", "<post>")
    assert all(piece.startswith(("<news>a", "<post>b")) and piece.endswith(("a<eos>", "b<eos>")) for piece in texts.train)
    assert texts.valid.count("<eos>") + len(texts.train) == 120
    assert read_texts([*two_genres(), Document("x", "No genre at all. " * 9)]).special == ()
    assert read_texts([Document(d.id, d.text, {"genre": d.id}) for d in two_genres()]).special == ()
    for token in ("<eos>", "<news>", "<post>"):
        with pytest.raises(LmcourseError, match="take it out"):
            read_texts([*two_genres(), Document("x", f"A {token} in the text. " * 9, {"genre": "news"})])


def test_a_model_writes_in_the_genre_asked_for(tmp_path):
    """Guards conditioning from the corpus to the text, and that marks are read but neither scored nor written."""
    result = train_lm(corpus=two_genres(400), out=tmp_path / "m", steps=300, tokenizer="char", **SMALL)
    assert set(result.tokenizer.special_tokens) == {"<eos>", "<news>", "<post>"}
    assert result.score.tokens == result.score.bytes  # one byte a letter; the marks are not among them
    for seed in range(5):
        news, post = (generate(tmp_path / "m", tokens=12, seed=seed, genre=genre) for genre in ("news", "post"))
        assert news.count("a") > 2 * news.count("b") and post.count("b") > 2 * post.count("a")
        drawn = generate(tmp_path / "m", tokens=12, seed=seed)
        assert drawn in (news, post)
    with pytest.raises(LmcourseError, match="choose one of: news, post"):
        generate(result, genre="poem")


def test_a_model_is_measured_on_texts_as_it_was_trained_on_them():
    """Guards eval: marks for a tokenizer that has them all, plain text for every other one, and for texts without genres."""
    texts = Corpus(two_genres(4))
    knows = CharTokenizer.train(["ab "], special_tokens=["<eos>", "<news>", "<post>"])
    marked, special = text_for(knows, texts)
    assert marked.startswith("<news>aaa") and marked.count("<eos>") == 4 and special == ("<eos>", "<news>", "<post>")
    for tokenizer in (CharTokenizer.train(["ab "]), CharTokenizer.train(["ab "], special_tokens=["<eos>", "<news>"])):
        assert text_for(tokenizer, texts) == (texts.text(), ())
    plain = Corpus([Document("x", "a b")])
    assert text_for(knows, plain) == (plain.text(), ())


def test_a_model_without_genres_is_asked_for_none(trained):
    """Guards the sentence for a genre that the model cannot know."""
    with pytest.raises(LmcourseError, match="without genres"):
        generate(trained, genre="news")


def test_a_stopped_run_goes_on_to_the_same_bits(trained, tmp_path, monkeypatch):
    """All the way through: text, tokenizer, batches, model and loop, each rebuilt from the checkpoint alone."""
    def dies(*arguments):
        if arguments[0].history.step == 17:
            raise RuntimeError
        return step(*arguments)

    step = training._Run.step
    monkeypatch.setattr(training._Run, "step", dies)
    with pytest.raises(RuntimeError):
        train_lm(text=PROSE, out=tmp_path / "m", steps=30, seed=1, **SMALL)
    monkeypatch.undo()
    resumed = train_lm(out=tmp_path / "m", resume=True, progress=False)
    assert resumed.history.losses == trained.history.losses
    for name, tensor in resumed.model.state_dict().items():
        assert torch.equal(tensor, trained.model.state_dict()[name])
    assert resumed.score == trained.score


@pytest.mark.parametrize("variable, threads", [(None, 1), ("2", 2)])
def test_training_uses_one_thread(monkeypatch, variable, threads):
    """Several threads on a busy machine wait for each other; whoever sets OMP_NUM_THREADS has decided otherwise."""
    seen = []
    score = lm.evaluate
    monkeypatch.setattr(lm, "evaluate", lambda *arguments: [seen.append(torch.get_num_threads()), score(*arguments)][1])
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        train_lm(text=PROSE, steps=1, **SMALL)
        assert torch.get_num_threads() == 2  # the caller has his threads back
    finally:
        torch.set_num_threads(before)
    assert seen == [threads]


def test_more_steps_prolong(trained, tmp_path):
    shutil.copytree(trained.directory, tmp_path / "m")
    assert train_lm(out=tmp_path / "m", steps=45, resume=True, progress=False).history.step == 45


def test_resuming_something_else_is_refused(trained, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(numbered(100))
    for options, word in [
        ({"text": other}, "not the text"),
        ({"tokenizer": "bpe"}, "tokenizer char, not bpe"),
        ({"seed": 2}, "seed 1, not 2"),
        ({"hidden_size": 32}, "hidden_size"),
        ({"out": tmp_path / "none"}, "no checkpoint"),
        ({"out": None}, "--out"),
    ]:
        with pytest.raises(LmcourseError, match=word):
            train_lm(**{"out": trained.directory, "resume": True, "progress": False, **options})
    checkpoint.save(tmp_path, "last", trained.model, trained.tokenizer, {"notes": {}, "steps": 1, "step": 1})
    with pytest.raises(LmcourseError, match="not written by train lm"):
        train_lm(out=tmp_path, resume=True)


@pytest.mark.parametrize(
    "options, word",
    [
        ({}, "--text FILE"),
        ({"text": PROSE, "corpus": "python-docs"}, "not both"),
        ({"text": PROSE, "steps": 5, "minutes": 1.0}, "not both"),
        ({"text": PROSE, "steps": 0}, "at least 1 step"),
        ({"text": PROSE, "minutes": math.nan}, "minutes"),
        ({"text": PROSE, "tokenizer": "syllable"}, "syllable"),
        ({"text": PROSE, "hidden": 5}, "hidden_size"),
        ({"corpus": "no-such-corpus"}, "no-such-corpus"),
    ],
)
def test_contradictions_are_refused(options, word, tmp_path):
    with pytest.raises(LmcourseError, match=word):
        train_lm(**options, out=tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_model_is_not_overwritten(trained):
    before = (trained.directory / "last.safetensors").read_bytes()
    with pytest.raises(LmcourseError, match="--resume"):
        train_lm(text=PROSE, out=trained.directory, steps=5)
    assert (trained.directory / "last.safetensors").read_bytes() == before


# --- writing ------------------------------------------------------------------------------------------------------


def test_streaming_is_the_same_text(trained):
    """The pieces behind the prompt, and not the prompt again."""
    pieces = generate(trained, "The ", tokens=30, seed=5, stream=True)
    assert iter(pieces) is pieces
    assert "The " + "".join(pieces) == generate(trained, "The ", tokens=30, seed=5)


def test_settings_of_sampling(trained):
    def written(**options):
        return generate(trained, "The ", tokens=60, **options)

    assert written(temperature=0.0) == written(top_k=1) == written(top_p=0.0, seed=3)
    assert written(seed=1) == written(seed=1) != written(seed=2)
    assert generate(trained, "The ", tokens=0) == "The "


def test_an_empty_prompt(trained):
    """It continues a line break, which is not printed."""
    text = generate(trained, tokens=20, temperature=0.0)
    model, tokenizer = trained.model, trained.tokenizer
    with torch.no_grad():
        best = model(torch.tensor([tokenizer.encode("\n")]))[0][0, -1].argmax().item()
    assert len(text) == 20 and text[0] == tokenizer.decode([best])


def test_a_prompt_is_read_as_the_beginning_of_a_line(trained):
    """As in measuring: the model is told the line break before the first character."""
    model, tokenizer = trained.model, trained.tokenizer
    for before, same in [("\n", True), ("", False)]:
        ids = sample(model, tokenizer.encode(before + "The "), 60, seed=2, forbidden=[0])
        assert (generate(trained, "The ", tokens=60, seed=2) == "The " + tokenizer.decode(ids)) is same


def test_unknown_characters_are_named(trained):
    with pytest.raises(LmcourseError, match="'柳', '湾'; leave that out"):
        generate(trained, "柳湾 is")


def test_unknown_and_special_tokens_are_never_written():
    """An untrained model would write each of its eight tokens about every eighth time; <eos> ends the text."""
    tokenizer = CharTokenizer("abc\n", ["<eos>", "<bos>"])
    torch.manual_seed(0)
    model = LSTMLanguageModel(LSTMConfig(tokenizer.vocab_size))
    texts = [generate((model, tokenizer), "", tokens=50, seed=seed) for seed in range(20)]
    assert set("".join(texts)) == set("abc\n")
    assert min(map(len, texts)) < 3 < max(map(len, texts)) < 50


@pytest.mark.parametrize("options", [{"temperature": -1.0}, {"top_k": 0}, {"top_p": 2.0}, {"tokens": -1}])
def test_impossible_settings(trained, options):
    with pytest.raises(LmcourseError):
        generate(trained, "The ", stream=True, **options)


def test_no_checkpoint(tmp_path):
    with pytest.raises(LmcourseError, match="lmcourse train lm"):
        generate(tmp_path)
