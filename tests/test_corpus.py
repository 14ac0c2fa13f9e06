"""Documents, corpora, stable splits, cutting, describing, writing."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmcourse as lm
from lmcourse.corpus import Corpus, Document, Pair, split_of
from lmcourse.corpus.cutting import cut
from lmcourse.errors import LmcourseError


def documents(count: int, text: str = "Some text.") -> list[Document]:
    return [Document(f"doc-{number}", text) for number in range(count)]


# --- splits -----------------------------------------------------------------------------------------------------


def test_split_is_the_same_for_ever():
    """Guards against a change of hash, byte order or scale, which would move test records into training."""
    expected = {
        "story-1": "train", "story-4": "test", "story-7": "valid", "story-8": "test", "story-28": "valid",
        "story-36": "valid", "story-39": "train", "": "train", "柳湾": "train", "wikipedia-sample/12": "train",
    }  # fmt: skip
    assert {id: split_of(id) for id in expected} == expected


@given(st.lists(st.text(), unique=True, max_size=40), st.lists(st.text(), unique=True, max_size=10), st.randoms())
def test_split_depends_on_nothing_but_the_id(ids: list[str], more: list[str], rng: random.Random):
    """Guards against splitting by position or by a seeded shuffle: adding or reordering must move no record."""

    def where(ids: list[str]) -> dict[str, str]:
        corpus = Corpus(Document(id, "x") for id in ids)
        found = {}
        for split in ("train", "valid", "test"):
            try:
                part = corpus.split(split)
            except LmcourseError:
                continue
            for document in part:
                assert document.id not in found, "in two splits"
                found[document.id] = split
        return found

    before = where(ids)
    assert set(before) == set(ids), "the splits together must be the corpus"
    more = [id for id in more if id not in before]
    together = [*more, *ids]
    rng.shuffle(together)
    after = where(together)
    assert {id: after[id] for id in ids} == before


@pytest.mark.parametrize(("valid", "test"), [(0.1, 0.1), (0.05, 0.2), (0.0, 0.5), (0.3, 0.0)])
def test_split_has_the_shares_asked_for(valid: float, test: float):
    """Guards against a biased use of the hash. 5 standard deviations: a false alarm has odds below 1 in a million."""
    n = 20_000
    counts = {"train": 0, "valid": 0, "test": 0}
    for number in range(n):
        counts[split_of(f"item-{number}", valid, test)] += 1
    for split, share in (("valid", valid), ("test", test), ("train", 1 - valid - test)):
        assert abs(counts[split] - share * n) <= 5 * (n * share * (1 - share)) ** 0.5, split


def test_changing_valid_does_not_touch_the_test_set():
    """Guards against the order of the scale: a larger validation set must come out of the training set."""
    ids = [f"item-{number}" for number in range(500)]
    assert [split_of(id, 0.1) == "test" for id in ids] == [split_of(id, 0.4) == "test" for id in ids]


@pytest.mark.parametrize(("valid", "test"), [(-0.1, 0.1), (0.6, 0.5), (1.1, 0.0)])
def test_impossible_shares_are_refused(valid: float, test: float):
    """Guards against a silent empty training set."""
    with pytest.raises(LmcourseError, match="at most 1 together"):
        split_of("a", valid, test)


def test_split_id_keeps_records_together():
    """Guards against a question in test whose context is in train."""
    records = [Document(f"q{number}", "?", {"split_id": f"story-{number % 20}"}) for number in range(400)]
    corpus = Corpus(records)
    for split in ("train", "valid", "test"):
        for record in corpus.split(split):
            assert split_of(record.meta["split_id"]) == split


def test_one_long_document_must_be_cut_and_the_remedy_works():
    """Guards against an empty validation set, and against a remedy in the sentence that does not work either."""
    corpus = Corpus([Document("novel.txt", "It rained. " * 2000)], "novel.txt")
    with pytest.raises(LmcourseError, match=r"only 1 record; cut them into pieces.*corpus\.pieces\((\d*)\)") as caught:
        corpus.split("valid")
    inside = str(caught.value).partition("corpus.pieces(")[2].partition(")")[0]
    pieces = corpus.pieces(int(inside)) if inside else corpus.pieces()
    assert all(len(pieces.split(split)) > 0 for split in ("train", "valid", "test"))


def test_hopeless_splits_say_so():
    """Guards against a bare error or an endless search for a size of piece."""
    with pytest.raises(LmcourseError, match="add more text"):
        Corpus([Document("a", "x")]).split("test")
    with pytest.raises(LmcourseError, match="no records"):
        Corpus([]).split("train")
    with pytest.raises(LmcourseError, match="share is 0"):
        Corpus(documents(50)).split("valid", valid=0.0)
    with pytest.raises(LmcourseError, match="no split 'dev'"):
        Corpus(documents(50)).split("dev")


# --- corpora ----------------------------------------------------------------------------------------------------


def test_a_corpus_is_a_sequence():
    """Guards against slices that forget the name or the card, and against one-shot iteration."""
    corpus = Corpus(iter(documents(5)), "five")
    assert len(corpus) == 5 and corpus[0].id == "doc-0" and corpus[-1].id == "doc-4"
    assert [d.id for d in corpus] == [d.id for d in corpus]
    part = corpus[1:3]
    assert isinstance(part, Corpus) and part.name == "five" and part.card == corpus.card
    assert [d.id for d in part] == ["doc-1", "doc-2"]
    assert documents(5)[3] in corpus
    assert corpus == Corpus(documents(5)) and corpus != Corpus(documents(4))
    assert repr(corpus) == "<Corpus five: 5 documents>"


def test_equal_ids_are_refused():
    """Guards against two records of one id, which a split cannot tell apart and a label file cannot address."""
    with pytest.raises(LmcourseError, match="Two records of twins have the id 'a'"):
        Corpus([Document("a", "x"), Document("b", "x"), Document("a", "y")], "twins")


def test_text_joins_documents_and_nothing_else():
    """Guards against pairs silently rendered as Python objects."""
    assert Corpus([Document("a", "x"), Document("b", "y")]).text("|") == "x|y"
    pairs = Corpus([Pair("p", "Hello", "你好")], "pairs", lm.corpus.Card("pairs", kind="pairs"))
    with pytest.raises(LmcourseError, match="record.en"):
        pairs.text()
    with pytest.raises(LmcourseError, match="only documents are cut"):
        pairs.pieces()


def test_documents_do_not_share_meta():
    """Guards against a mutable default shared by all documents."""
    one, two = Document("a", "x"), Document("b", "y")
    one.meta["title"] = "A"
    assert two.meta == {}
    assert len({one, two}) == 2, "documents can be put into sets although meta is a dictionary"


# --- cutting ----------------------------------------------------------------------------------------------------

def prose(seed: int, length: int, rare: int) -> str:
    """Letters, and every ``rare``-th character or so something at which a text may be cut, or may not."""
    rng = random.Random(seed)
    places = "。. \n\r!?\u0301\u3000\"”"
    return "".join(rng.choice(places if rng.random() < 1 / rare else "ab柳") for _ in range(length))


texts = st.builds(prose, st.integers(0, 10**6), st.integers(0, 400), st.integers(1, 60)) | st.text(max_size=200)


@given(texts, st.integers(1, 60), st.lists(st.integers(0, 300), max_size=6))
def test_cutting_loses_nothing_and_keeps_to_the_size(text: str, characters: int, marks: list[int]):
    """Guards against lost or doubled characters, overlong or crumbling pieces, and cuts that depend on chunks."""
    pieces = list(cut([text], characters))
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= characters for piece in pieces)
    assert all(len(piece) >= characters // 4 for piece in pieces) or len(pieces) == 1
    bounds = [0, *sorted(mark for mark in marks if mark < len(text)), len(text)]
    chunks = [text[a:b] for a, b in pairwise(bounds)]
    assert list(cut(chunks, characters)) == pieces


def test_cuts_fall_where_a_reader_pauses():
    """Guards against cutting inside a paragraph, sentence or word while a better place is in reach."""
    paragraphs = "One two three.\n\nFour five six.\n\nSeven eight."
    assert list(cut([paragraphs], 20)) == ["One two three.\n\n", "Four five six.\n\n", "Seven eight."]
    assert next(cut(["He left. She stayed all day long."], 13)) == "He left. "
    assert next(cut(["他走了。她留下来了，等了一整天。"], 8)) == "他走了。"
    assert next(cut(["unbroken words here and there"], 12)) == "unbroken "
    assert list(cut(["a" * 25], 10)) == ["a" * 10, "a" * 10, "a" * 5]
    assert list(cut(["a" * 11], 10)) == ["a" * 9, "aa"], "a quarter is left for the last"
    assert list(cut(["a" * 11, "a" * 9], 10)) == ["a" * 10, "a" * 10], "the end of a chunk is not the end of the text"
    assert next(cut(["e\u0301" * 8], 5)) == "e\u0301" * 2, "an accent stays with its letter"


def test_pieces_know_where_they_come_from():
    """Guards against ids that sort or read wrongly, and meta that is lost or shared."""
    text = "".join(f"Sentence number {number}. " for number in range(50))
    corpus = Corpus([Document("a", text, {"title": "A"}), Document("empty", ""), Document("short", "Hi.")])
    pieces = corpus.pieces(100)
    own = [piece for piece in pieces if piece.meta["piece_of"] == "a"]
    assert [piece.id for piece in own] == [f"a#{number:04d}" for number in range(len(own))]
    assert all(text[piece.meta["start"] :].startswith(piece.text) and piece.meta["title"] == "A" for piece in own)
    assert "".join(piece.text for piece in own) == text
    assert [piece.id for piece in pieces][-1] == "short#0000"
    with pytest.raises(LmcourseError, match="at least one character"):
        corpus.pieces(0)


# --- describing and writing -------------------------------------------------------------------------------------


def test_description_counts():
    """Guards every figure against a count done by hand."""
    texts = {"a": "Don't stop.\nDon’t STOP, 2 times!\n", "b": "柳湾 ok", "c": ""}
    corpus = Corpus([Document(id, text) for id, text in texts.items()], "tiny")
    d = lm.corpus.describe(corpus)
    assert (d.documents, d.characters, d.bytes, d.lines) == (3, 38, 44, 3)
    assert (d.words, d.word_types) == (8, 7)  # don't, stop, don’t, 2, times, 柳湾, ok
    assert d.non_ascii == 3 / 38 and (d.longest, d.longest_id) == (33, "a")
    assert d.character_types == len(set(corpus.text("")))
    lines = str(d).splitlines()
    assert lines[0] == "tiny" and "documents" in lines[1] and lines[-1].endswith("33  (a)") and "7.89%" in lines[-2]
    assert lm.corpus.describe(corpus.records).characters == 38
    assert lm.corpus.describe([]).non_ascii == 0


def test_words_are_counted_once_across_blocks():
    """Guards the block-wise counting of long texts: no word may be cut or counted twice where two blocks meet."""
    text = "word another-one\n" * 150_000  # 2.5 MB, three blocks
    d = lm.corpus.describe([Document("long", text)])
    assert (d.words, d.word_types, d.lines) == (300_000, 2, 150_000)


def test_what_is_written_is_read_back(tmp_path):
    """Guards against lost fields, meta that overwrites the text, and sets that JSON does not know."""
    path = tmp_path / "out" / "documents.jsonl"
    first = Document("a", "Line\none \u2028 柳", {"title": "A", "kinds": {"y", "x"}})
    written = [first, Document("b", "", {"text": "no"})]
    assert lm.corpus.write_documents(path, iter(written)) == 2
    read = lm.corpus.load(path)
    assert [(d.id, d.text) for d in read] == [(d.id, d.text) for d in written]
    assert read[0].meta["kinds"] == ["x", "y"] and read[0].meta["title"] == "A"
    assert list(json.loads(path.read_text(encoding="utf-8").split("\n")[0]))[:2] == ["id", "text"]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    """Guards against half-written files when a document cannot be written."""
    path = tmp_path / "documents.jsonl"
    path.write_text("old")
    for bad in (Document("b", "\ud800"), Document("b", "x", {"n": object()})):
        with pytest.raises(LmcourseError, match="'b'"):
            lm.corpus.write_documents(path, [Document("a", "x"), bad])
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["documents.jsonl"]
