"""From sentence pairs to a translator: reading, splitting, two languages in one table, training, resuming, translating."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lmcourse import training
from lmcourse.corpus import Corpus, Document, Pair, load
from lmcourse.corpus.lines import BadLines
from lmcourse.corpus.pairs import read_pairs
from lmcourse.errors import LmcourseError
from lmcourse.tasks import generate, train_lm, train_translate, translate
from lmcourse.tasks.pairs import FEWEST, read_pair_texts, unspaced
from lmcourse.tasks.translate import Translator, encoded, pair_loss
from lmcourse.tokenizers import PairTokenizer, from_dict

NUMBERS = "zero one two three four five six seven eight nine".split()
ZIFFERN = "null eins zwei drei vier fünf sechs sieben acht neun".split()
HANZI = "零一二三四五六七八九"
PAIRS = [
    (f"{NUMBERS[a]} {NUMBERS[b]} {NUMBERS[c]}", f"{ZIFFERN[a]} {ZIFFERN[b]} {ZIFFERN[c]}")
    for a in range(10) for b in range(10) for c in range(10) if (a + b + c) % 2
]  # fmt: skip
SMALL = {"embedding_size": 16, "encoder_size": 16, "decoder_size": 16, "vocab_size": 300, "progress": False}


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- files of pairs -------------------------------------------------------------------------------------------------


def test_columns(tmp_path):
    """With and without a header, by name and by place, tabs, commas and semicolons, quotation marks and all."""
    rows = ["a\tb\tc", 'Say "hi\t,\tSagen Sie "hi']
    file = written(tmp_path / "x.tsv", "en\tnote\tde", *rows)
    assert read_pairs(file, "en", "de").pairs == [("a", "c"), ('Say "hi', 'Sagen Sie "hi')]
    assert read_pairs(file, "de", "en").pairs[0] == ("c", "a")
    assert read_pairs(written(tmp_path / "y.tsv", "en\tde", "a\tb")).pairs == [("a", "b")]
    assert read_pairs(written(tmp_path / "y.tsv", "en\tde", "a\tb"), target="en").pairs == [("b", "a")]
    assert read_pairs(written(tmp_path / "z.tsv", "One two.\tEins zwei.", "", "a\tb")).pairs == [("One two.", "Eins zwei."), ("a", "b")]
    assert read_pairs(written(tmp_path / "z.tsv", "One.\tEins.", "a\tb"), "en", "de").pairs[0] == ("One.", "Eins.")
    assert read_pairs(written(tmp_path / "c.csv", "source,target", '"a, b","c"')).pairs == [("a, b", "c")]
    assert read_pairs(written(tmp_path / "d.csv", "en;de", "a;b")).pairs == [("a", "b")]


BAD = [
    ("only one side", "1 field"), ("a\tb\tc", "3 fields"), ("\tb", "empty source"), ("a\t ", "empty translation"),
    ("a\t" + "b" * 3000, "3,000 characters"),
]  # fmt: skip


def test_every_bad_line_is_named(tmp_path):
    """Its number in the file, headers and empty lines counted, and what is wrong; good lines are not lost."""
    file = written(tmp_path / "x.tsv", "en\tde", "", *(line for bad, _ in BAD for line in ("a\tb", bad)))
    with file.open("ab") as more:
        more.write(b"caf\xe9\tcaf\n" + b"a\tb\n" * 30)
    expected = [(number, word) for number, (_, word) in zip(range(4, 14, 2), BAD, strict=True)] + [(13, "no text")]
    with pytest.raises(BadLines, match="6 bad lines") as caught:
        read_pairs(file)
    assert len(caught.value.lines) == 6
    for line, (number, word) in zip(caught.value.lines, expected, strict=True):
        assert line.startswith(f"line {number} ") and word in line
    found = read_pairs(file, skip_bad=True)
    assert found.bad == caught.value.lines and found.pairs == [("a", "b")] * 35


@pytest.mark.parametrize(
    ("name", "text", "names", "word"),
    [("a.tsv", "en\tde\na\tb", ("en", "fr"), "'fr'"), ("a.tsv", "a line\nb", (), "one field"), ("a.tsv", "x y\ty z\tz w\n", (), "--from"),
     ("a.json", "{}", (), "no table"), ("a.tsv", " \n\n", (), "white space"), ("a.tsv", "", (), "empty"), ("a.tsv", "en\tde\na\tb", ("en", "en"), "both")],
)  # fmt: skip
def test_files_that_are_refused(tmp_path, name, text, names, word):
    (tmp_path / name).write_text(text)
    with pytest.raises(LmcourseError, match=word):
        read_pairs(tmp_path / name, *names)


def test_splitting(tmp_path):
    """A known corpus leaves its test split unread; in a list, a source with two translations is on one side only."""
    records = load("willow_bay/parallel")
    texts = read_pair_texts("willow_bay/parallel", "zh")
    assert len(texts.train) == len(records.split("train")) and len(texts.valid) == len(records.split("valid"))
    assert texts.train[0] == (records.split("train")[0].zh, records.split("train")[0].en)
    pairs = [*PAIRS, *((source, "anders") for source, _ in PAIRS)]
    texts = read_pair_texts(pairs)
    assert sorted(texts.train + texts.valid) == sorted(pairs)
    assert texts.valid and not {source for source, _ in texts.train} & {source for source, _ in texts.valid}
    for bad, word in [("willow_bay/news", "no pairs"), ("willow_bay/paralel", "willow_bay/parallel"), (PAIRS[:5], str(FEWEST)),
                      (Corpus([Document("a", "b")]), "no pairs"), (tmp_path / "no.tsv", "no.tsv")]:  # fmt: skip
        with pytest.raises(LmcourseError, match=word):
            read_pair_texts(bad)


def test_scripts_without_spaces():
    assert unspaced(["我们走吧。OK"]) and unspaced(["ありがとう"]) and unspaced(["ขอบคุณ"])
    assert not unspaced(["Los geht's!", "Поехали", "12:30"])


# --- two languages in one table -------------------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize("kinds", [("bpe", "bpe"), ("word", "char"), ("char", "bpe")])
def test_targets_come_back_and_sides_do_not_meet(kinds):
    """Ids of the target are the first rows, those of the source the rest; both can be read again."""
    tokenizer = PairTokenizer.train([*PAIRS, ("one two", HANZI)], 400, kinds=kinds)
    target = tokenizer.encode_target(HANZI)
    assert target[0] == tokenizer.bos and target[-1] == tokenizer.eos and tokenizer.decode(target[1:-1]) == HANZI
    source = tokenizer.encode_source("One two")
    assert source[-1] == tokenizer.eos and min(source[:-1]) >= tokenizer.targets > max(target)
    assert tokenizer.decode(source[:-1]).strip() == "one two"
    assert tokenizer.vocab_size > max(source) and all(id < tokenizer.targets for id in tokenizer.unwritable)
    again = from_dict(tokenizer.to_dict())
    assert again.fingerprint == tokenizer.fingerprint and again.encode_source("One two") == source
    assert all(isinstance(tokenizer.token(id), str) for id in range(tokenizer.vocab_size))


@given(text)
def test_bpe_loses_nothing_of_any_target(text):
    tokenizer = PairTokenizer.train(PAIRS[:50], 300, lower=False)
    assert tokenizer.decode(tokenizer.encode_target(text)[1:-1]) == text
    assert tokenizer.unknown(text) == []


def test_a_word_met_once_is_unknown():
    """So that the row of the unknown is trained; without that, it is noise when the first one comes."""
    tokenizer = PairTokenizer.train([("red boat", "a"), ("red house", "b")], kinds=("word", "char"))
    assert tokenizer.encode("red boat") == [tokenizer.encode("red")[0], tokenizer.unk_id]
    assert tokenizer.unknown("red boat") == ["boat"]


# --- training -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Translator:
    return train_translate(PAIRS, tmp_path_factory.mktemp("t") / "m", steps=260, seed=1, learning_rate=2e-2, dropout=0.0, **{**SMALL, "embedding_size": 32, "encoder_size": 32, "decoder_size": 32})  # fmt: skip


def test_it_translates_what_it_has_not_seen(trained):
    """Numbers word by word; the control: its untrained weights."""
    texts = read_pair_texts(PAIRS)
    sources, references = zip(*texts.valid, strict=True)

    def right(found: list[str]) -> float:
        return sum(one == other for one, other in zip(found, references, strict=True)) / len(references)

    untrained = trained.recipe.build(trained.tokenizer, 5)
    assert right(translate(trained, sources)) > 0.9 > 0.1 > right(translate((untrained, trained.tokenizer), sources))
    assert right(translate(trained.directory, sources, beam=3)) > 0.9
    assert trained.chrf > 90 and "BLEU" in str(trained)


def test_translate_keeps_order_and_blanks(trained):
    found = translate(trained, ["one two three", "", "  ", "nine", "One Two Three"])
    assert found[1:3] == ["", ""] and found[0] == found[4] == translate(trained, "one two three")
    assert translate(trained, []) == []
    with pytest.raises(LmcourseError, match="beam"):
        translate(trained, "one", beam=0)


def test_a_resumed_translator_has_the_same_bits(tmp_path, monkeypatch):
    """Killed between two checkpoints, and prolonged: as if nothing had happened."""
    whole = train_translate(PAIRS, tmp_path / "a", steps=30, seed=3, **SMALL)
    step, count = training._Run.step, [0]

    def killed(*arguments):
        count[0] += 1
        if count[0] == 18:
            raise RuntimeError("power cut")
        return step(*arguments)

    monkeypatch.setattr(training._Run, "step", killed)
    with pytest.raises(RuntimeError, match="power"):
        train_translate(PAIRS, tmp_path / "b", steps=30, seed=3, **SMALL)
    monkeypatch.undo()
    again = train_translate(PAIRS, tmp_path / "b", resume=True, progress=False)
    assert again.history.losses == whole.history.losses
    assert all(torch.equal(one, other) for one, other in zip(whole.model.state_dict().values(), again.model.state_dict().values(), strict=True))
    assert train_translate(PAIRS, tmp_path / "b", resume=True, steps=32, progress=False).history.step == 32


def test_what_a_resumed_run_may_not_change(tmp_path):
    train_translate(PAIRS, tmp_path / "a", steps=2, **SMALL)
    for change in ({"seed": 7}, {"dropout": 0.5}, {"source": "de"}, {"steps": 1}):
        with pytest.raises(LmcourseError):
            train_translate(PAIRS, tmp_path / "a", resume=True, progress=False, **change)
    with pytest.raises(LmcourseError, match="does not hold the pairs"):
        train_translate(PAIRS[1:], tmp_path / "a", resume=True, progress=False)
    with pytest.raises(LmcourseError, match="resume"):
        train_translate(PAIRS, tmp_path / "a", steps=2, **SMALL)
    with pytest.raises(LmcourseError, match="train lm"):
        train_lm(out=tmp_path / "a", resume=True)
    with pytest.raises(LmcourseError, match="translates"):
        generate(tmp_path / "a", "one")


def test_minutes_become_steps():
    result = train_translate(PAIRS, minutes=0.02, **SMALL)
    assert result.history.step >= 1 and result.history.stopped == "steps"


def test_settings_that_are_none():
    for wrong in ({"sise": 3}, {"learning_rate": 0.0}, {"source_tokens": "syllable"}, {"context": "all"}, {"steps": 0}):
        with pytest.raises(LmcourseError):
            train_translate(PAIRS, **({"steps": 1} | SMALL | wrong))
    with pytest.raises(LmcourseError, match="--pairs"):
        train_translate(steps=1)


def test_pair_loss_is_the_mean_over_tokens(trained):
    """However the pairs fall into batches."""
    ids = encoded(PAIRS[:40], trained.tokenizer)
    assert pair_loss(trained.model, ids, together=7) == pytest.approx(pair_loss(trained.model, ids, together=500), rel=1e-5)


def test_pairs_of_the_corpus_type():
    assert read_pair_texts([Pair(str(n), f"a{n}", f"b{n}") for n in range(30)]).train[0][0].startswith("a")
