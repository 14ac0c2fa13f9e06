"""Asking for corpora by name: the listing, names and paths, and the course's own corpora in data/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lmcourse as lm
from lmcourse.corpus import Corpus, Document, Pair, Question, split_of
from lmcourse.errors import LmcourseError

CARD = {
    "what": "a harbour town", "language": "en", "licence": "CC0-1.0", "source": "made for a test",
    "default": ["stories", "news"],
    "parts": {
        "stories": {"file": "stories.jsonl", "what": "short stories", "genre": "story"},
        "news": {"file": "news.jsonl"},
        "questions": {"file": "questions.jsonl", "kind": "questions"},
        "parallel": {"file": "parallel.en-zh.tsv", "kind": "pairs", "language": "en-zh"},
    },
}  # fmt: skip


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small corpus of the course's own, in the format that data/README.md describes."""
    folder = tmp_path / "willow_bay"
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps(CARD), encoding="utf-8")

    def lines(records: list[dict[str, object]]) -> str:
        return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

    stories = [{"id": f"story-{n}", "title": f"T{n}", "text": f"Story {n} 柳湾."} for n in range(40)]
    answers = {"text": ["Story"], "answer_start": [0]}
    questions = [
        {"id": f"q-{n}", "context_id": f"story-{n % 40}", "question": "Who?", "answers": answers} for n in range(80)
    ]
    (folder / "stories.jsonl").write_text(lines(stories), encoding="utf-8")
    (folder / "news.jsonl").write_text(lines([{"id": "news-1", "text": "News.", "date": "May 1"}]), encoding="utf-8")
    (folder / "questions.jsonl").write_text(lines(questions), encoding="utf-8")
    rows = 'en\tzh\nThe ferry is late.\t渡船晚点了。\n"No," she said.\t“不，”她说。\n'
    (folder / "parallel.en-zh.tsv").write_text(rows, encoding="utf-8")
    monkeypatch.setenv("LMCOURSE_DATA", str(tmp_path))
    return folder


def test_own_corpora_are_found_by_their_card(town):
    """Guards the format in which the course's corpora will come: parts, kinds, fields, defaults, meta."""
    stories = lm.corpus.load("willow_bay/stories")
    assert stories[3] == Document(
        "story-3", "Story 3 柳湾.", {"source": "willow_bay/stories", "title": "T3", "genre": "story"}
    )
    assert stories.card.licence == "CC0-1.0" and stories.card.what == "short stories" and stories.card.available
    pairs = lm.corpus.load("willow_bay/parallel")
    assert isinstance(pairs[0], Pair) and pairs.card.kind == "pairs" and pairs.card.language == "en-zh"
    assert pairs[1].en == '"No," she said.' and pairs[1].zh == "“不，”她说。"
    whole = lm.corpus.load("willow_bay")
    assert [d.id for d in whole] == [f"story-{n}" for n in range(40)] + ["news-1"]
    assert list(lm.corpus.stream("willow_bay")) == list(whole)
    assert whole.card.what == "a harbour town"
    names = [card.name for card in lm.corpus.list()]
    assert names[:5] == ["willow_bay", *(f"willow_bay/{part}" for part in CARD["parts"])]
    assert lm.corpus.load("willow_bay/stories", split="valid") == stories.split("valid")


def test_questions_follow_their_context(town):
    """Guards against a test question about a training text."""
    questions = lm.corpus.load("willow_bay/questions")
    assert questions[0] == Question(
        "q-0", "Who?", "story-0", {"text": ["Story"], "answer_start": [0]}, False,
        {"source": "willow_bay/questions", "split_id": "story-0"},
    )  # fmt: skip
    assert lm.corpus.show(questions[0]) == "Who?\nStory" and questions.card.kind == "questions"
    for split in ("train", "valid", "test"):
        assert {split_of(q.context_id) for q in questions.split(split)} == {split}
    with pytest.raises(LmcourseError, match="record.question for"):
        questions.text()


def test_a_part_may_be_split_by_a_field(town):
    """Guards what belongs together, such as a letter and its reply, against being torn apart."""
    part = {"file": "letters.jsonl", "split_by": "thread"}
    (town / "card.json").write_text(json.dumps({"parts": {"letters": part}}), encoding="utf-8")
    letters = ({"id": f"letter-{n}", "thread": n // 4, "text": "Dear all"} for n in range(80))
    (town / "letters.jsonl").write_text("".join(json.dumps(one) + "\n" for one in letters), encoding="utf-8")
    for split in ("train", "valid", "test"):
        for letter in lm.corpus.load("willow_bay/letters", split=split):
            assert split_of(str(letter.meta["thread"])) == split


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"answers": {"text": ["a"], "answer_start": []}}, "equal length"),
        ({"answers": ["a"]}, "equal length"),
        ({}, "equal length"),
        ({"answers": {"text": [], "answer_start": []}}, "exactly if its list of answers is empty"),
        ({"answers": {"text": ["a"], "answer_start": [0]}, "is_impossible": True}, "exactly if its list"),
    ],
)
def test_wrong_answers_are_refused(town, record, words):
    """Guards against questions whose answers and starts do not go together, found out in the middle of a lesson."""
    lines = json.dumps({"id": "q", "context_id": "story-0", "question": "Who?", **record})
    (town / "questions.jsonl").write_text(lines + "\n", encoding="utf-8")
    with pytest.raises(LmcourseError, match=words):
        lm.corpus.load("willow_bay/questions")


def test_an_unanswerable_question_keeps_its_plausible_span(town):
    """Guards the tenth of the questions that have no answer."""
    record = {
        "id": "q", "context_id": "story-0", "question": "Who?", "answers": {"text": [], "answer_start": []},
        "is_impossible": True, "plausible_answers": {"text": ["Story"], "answer_start": [0]},
    }  # fmt: skip
    (town / "questions.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (question,) = lm.corpus.load("willow_bay/questions")
    assert question.is_impossible and question.answers["text"] == []
    assert question.meta["plausible_answers"]["text"] == ["Story"]


def test_ids_made_from_the_text_do_not_move(town):
    """Guards against numbering by line, where a pair added above would move all others to another split."""
    before = {pair.en: pair.id for pair in lm.corpus.load("willow_bay/parallel")}
    path = town / "parallel.en-zh.tsv"
    header, rows = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(f"{header}\nNew.\t新的。\n{rows}", encoding="utf-8")
    after = {pair.en: pair.id for pair in lm.corpus.load("willow_bay/parallel")}
    assert len(after) == 3 and before.items() <= after.items()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parts": {}}, "names no parts"),
        ({"parts": {"x": {}}}, "no file of its folder"),
        ({"parts": {"x": {"file": "../../etc/passwd"}}}, "no file of its folder"),
        ({"parts": {"x": {"file": "/etc/passwd"}}}, "no file of its folder"),
        ({"parts": {"x": {"file": "x.py"}}}, "jsonl, csv or tsv"),
        ({"parts": {"x": {"file": "x.jsonl", "kind": "songs"}}}, "'songs'; choose documents, pairs or questions"),
        ({"parts": {"x": {"file": "x.tsv", "kind": "questions"}}}, "need lists; save it as jsonl"),
        ({"default": ["poems"]}, "'poems' as default"),
    ],
)
def test_a_wrong_card_is_refused(town, change, words):
    """Guards against a card that reads outside its folder, and against mistakes noticed only by a learner."""
    (town / "card.json").write_text(json.dumps({**CARD, **change}), encoding="utf-8")
    with pytest.raises(LmcourseError, match=words):
        lm.corpus.list()
    (town / "card.json").write_text("{", encoding="utf-8")
    with pytest.raises(LmcourseError, match="JSON"):
        lm.corpus.list()


def test_a_missing_or_wrong_part_is_said(town):
    """Guards against a listing that promises a file which is not there, and records without text."""
    (town / "news.jsonl").write_text('{"id": "news-1", "txt": "x"}\n', encoding="utf-8")
    with pytest.raises(LmcourseError, match=r"Line 1 of .*news\.jsonl has no text in its field 'text'"):
        lm.corpus.load("willow_bay/news")
    (town / "news.jsonl").unlink()
    card = lm.corpus.list()["willow_bay/news"]
    assert not card.available and card.how_to_get
    with pytest.raises(LmcourseError, match="is missing; restore"):
        lm.corpus.load("willow_bay/news")


def test_the_listing_is_a_table(town):
    """Guards the columns, their alignment under wide characters, and asking for one card by name."""
    card = {**CARD, "what": "柳湾镇"}
    (town / "card.json").write_text(json.dumps(card), encoding="utf-8")
    listing = lm.corpus.list()
    lines = str(listing).splitlines()
    assert len(lines) == len(listing) + 2 and lines[0].split()[:2] == ["name", "what"]
    assert all(card.name in line and card.licence in line for card, line in zip(listing, lines[2:], strict=True))
    wide = next(line for line in lines if "柳湾镇" in line)
    assert wide.index("documents") + 3 == lines[0].index("kind"), "three characters of two columns each"
    assert repr(listing) == str(listing) and listing["python-docs"].name == "python-docs"
    assert [card.name for card in listing[:1]] == ["willow_bay"]
    with pytest.raises(LmcourseError, match="did you mean python-docs"):
        listing["python-doc"]


def test_unknown_names_are_refused_with_what_there_is(tmp_path, monkeypatch):
    """Guards against a KeyError, and against calling a mistyped name a missing file or the reverse."""
    monkeypatch.chdir(tmp_path)
    for call in (lm.corpus.load, lm.corpus.stream, lm.corpus.describe):
        with pytest.raises(LmcourseError, match="and no file 'wikipedia-sampel'; did you mean wikipedia-sample"):
            call("wikipedia-sampel")
        with pytest.raises(LmcourseError, match=r"no corpus and no file 'zzzz'; choose among .*cmudict.*or give"):
            call("zzzz")
        with pytest.raises(LmcourseError, match="There is no zzzz.txt in this folder"):
            call("zzzz.txt")
        with pytest.raises(LmcourseError, match="There is no python-docs in this folder"):
            call(Path("python-docs"))
    with pytest.raises(LmcourseError, match="python-docs has no option 'text'; it takes none"):
        lm.corpus.load("python-docs", text="x")


def test_a_name_comes_before_a_path(tmp_path, monkeypatch):
    """Guards the documented order: a folder that happens to have a corpus's name does not hide the corpus."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python-docs").mkdir()
    (tmp_path / "python-docs" / "a.txt").write_text("mine")
    assert lm.corpus.load("python-docs")[0].id.startswith("python-docs/")
    assert lm.corpus.load("./python-docs")[0].text == "mine"
    assert lm.corpus.load(Path("python-docs"))[0].text == "mine"
    assert lm.corpus.describe("./python-docs").characters == 4
    assert lm.corpus.load("./python-docs").name == "python-docs"


def test_the_public_names_are_there():
    """Guards the re-exports that notebooks use."""
    for name in lm.corpus.__all__:
        if name not in ("dirty", "Dirty", "PageTruth"):
            assert callable(getattr(lm.corpus, name)), name
    assert lm.Document is Document and lm.Corpus is Corpus
    with pytest.raises(AttributeError, match="no name 'nonsense'"):
        _ = lm.corpus.nonsense
