"""Repetition: exact texts, near copies, lines of a site."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lmcourse.cleaning import StepReport
from lmcourse.corpus import Document
from lmcourse.corpus.dirt import word_overlap
from lmcourse.dedup import (
    boilerplate_lines,
    drop_boilerplate,
    drop_exact,
    drop_near,
    exact_duplicates,
    jaccard,
    line_pattern,
    near_duplicates,
    shingles,
    text_key,
)
from lmcourse.errors import LmcourseError


def documents(*texts: str, site: str = "") -> list[Document]:
    meta = {"url": f"https://{site}/page"} if site else {}
    return [Document(f"d{i}", text, dict(meta)) for i, text in enumerate(texts)]


def prose(seed: int, words: int = 200) -> str:
    return " ".join(random.Random(seed).choices([f"word{i}" for i in range(500)], k=words))


# -- exact ----------------------------------------------------------------------------------------------------------
def test_exact_keeps_the_first_and_the_order():
    """Keeping the last, or sorting, would make two runs over a growing corpus disagree."""
    report = StepReport("exact")
    kept = list(drop_exact(iter(documents("a b", "c", "a  b\n", "c", "A b")), report))
    assert [document.id for document in kept] == ["d0", "d1", "d4"]
    assert report.reasons == {"exact duplicate": 2}
    assert exact_duplicates(documents("a b", "c", "a  b\n", "c", "A b")) == {"d2": "d0", "d3": "d1"}


@given(st.text(max_size=50), st.text(max_size=50))
def test_keys_agree_when_words_do(one, other):
    """Blanks do not count, everything else does."""
    assert (text_key(one) == text_key(other)) == (one.split() == other.split())


# -- near -----------------------------------------------------------------------------------------------------------
WORDS = st.lists(st.sampled_from("abcde"), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_hashed_shingles_agree_with_plain_ones(one, other):
    """The hashes must be those of word runs in their order: the plain set of tuples is the oracle."""
    assert jaccard(shingles(one), shingles(other)) == word_overlap(one, other)


def test_shingles_by_hand():
    """Order counts, case and punctuation do not; each Chinese character is a word; a short text is one run."""
    assert len(shingles("one two three four")) == 2
    assert jaccard(shingles("One, two THREE."), shingles("one two three")) == 1.0
    assert jaccard(shingles("one two three"), shingles("three two one")) == 0.0
    assert len(shingles("渡船九点钟")) == 3
    assert len(shingles("")) == len(shingles("one")) == 1
    assert shingles("a b c").dtype == np.uint64


def copies(share: float, seed: int = 0) -> tuple[str, str]:
    """A text, and a copy in which a block of words at the end is replaced."""
    text = prose(seed)
    words = text.split()
    changed = int(share * len(words))
    return text, " ".join(words[: len(words) - changed] + [f"new{i}" for i in range(changed)])


def test_near_duplicates_by_brute_force():
    """The index may miss what only chance decides near the threshold, but invents nothing and finds what is clear."""
    texts = [text for seed in range(40) for text in copies((seed % 10) / 12, seed)]
    made = documents(*texts)
    sets = [shingles(text) for text in texts]
    truth = {(f"d{i}", f"d{j}"): jaccard(sets[i], sets[j]) for j in range(len(texts)) for i in range(j)}
    found = near_duplicates(made, threshold=0.6)
    assert {(pair.first, pair.second): pair.similarity for pair in found.pairs} == {
        pair: truth[pair] for pair in ((p.first, p.second) for p in found.pairs)
    }
    assert all(pair.similarity >= 0.6 for pair in found.pairs)
    clear = {pair for pair, similarity in truth.items() if similarity >= 0.7}
    assert clear <= {(pair.first, pair.second) for pair in found.pairs} and len(clear) > 10


def test_clusters_are_chains_and_the_step_promises_more():
    """Three texts, each like the next: one cluster. The step keeps the third, which is like none that is kept."""
    words = prose(1, 300).split()
    texts = [" ".join(words[i : i + 150]) for i in (0, 40, 80)]
    sets = [shingles(text) for text in texts]
    assert jaccard(sets[0], sets[1]) > 0.5 > jaccard(sets[0], sets[2])
    made = documents(*texts, prose(2))
    assert near_duplicates(made, 0.5).clusters == [["d0", "d1", "d2"]]
    report = StepReport("near")
    assert [document.id for document in drop_near(made, report, 0.5)] == ["d0", "d2", "d3"]
    assert report.removed_examples[0][:2] == ("d1", "near duplicate of d0")


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 0.6)), max_size=10), st.sampled_from([0.4, 0.6, 0.9]))
def test_what_is_kept_is_kept_again(parts, threshold):
    """Deduplicating twice is deduplicating once, and every document dropped has a like one among the kept."""
    made = documents(*(copies(share, seed)[1] for seed, share in parts))
    kept = list(drop_near(made, StepReport("near"), threshold))
    assert list(drop_near(kept, StepReport("near"), threshold)) == kept
    sets = [shingles(document.text) for document in kept]
    for document in made:
        assert any(jaccard(shingles(document.text), other) >= threshold for other in sets)


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.5])
def test_thresholds_out_of_range_are_refused(threshold):
    """0 would call everything a duplicate."""
    with pytest.raises(LmcourseError, match="between 0 and 1"):
        near_duplicates([], threshold)


# -- lines ----------------------------------------------------------------------------------------------------------
LINE = "Read article number {} of 3 May in our app."


def site(pages: int, name: str = "news.example") -> list[Document]:
    return documents(*(f"{prose(i, 60)}\n\n{LINE.format(i)}\n\nThe end" for i in range(pages)), site=name)


def test_lines_of_a_site_go_and_the_text_stays():
    """The same line with other numbers is the same line; headings of two words, and other sites, are left alone."""
    pages = site(5) + [Document("other", f"{prose(9)}\n{LINE.format(1)}", {"url": "https://other.example/"})]
    report = StepReport("boilerplate")
    clean = list(drop_boilerplate(iter(pages), report))
    assert [document.text for document in clean] == [f"{prose(i, 60)}\n\nThe end" for i in range(5)] + [pages[5].text]
    assert boilerplate_lines(pages) == {"news.example": {line_pattern(LINE.format(7)): 5}}
    assert report.changed == 5


def test_few_pages_and_no_site_are_no_proof():
    """Three pages may share a line by chance; without an address nobody knows what belongs together."""
    for pages in (site(3), documents(*(document.text for document in site(9)))):
        assert list(drop_boilerplate(pages, StepReport("boilerplate"))) == pages
        assert boilerplate_lines(pages) == {}


def test_copies_of_one_page_are_not_boilerplate():
    """Ten copies of a page repeat all its lines: those must not be deleted from all ten."""
    same = documents(*["A first line of text.\nA second line of text."] * 10, site="a.example")
    near = documents(
        *(f"A first line of text.\nA second line of text.\nNumber {i}" for i in range(10)), site="a.example"
    )
    long = documents(*(f"{prose(1)}\nA first line of text.\nNumber {i}" for i in range(10)), site="a.example")
    for pages in (same, near, long):
        assert list(drop_boilerplate(pages, StepReport("boilerplate"))) == pages


PAGES = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.lists(
            st.sampled_from(["one two three", "four five six", "seven eight 9", "x y z " * 40, "short", ""]), max_size=5
        ),
    ),
    max_size=14,
)


@given(PAGES)
@example([("b", lines) for lines in (["one two three"], ["one two three"] * 3 + ["four five six"],
                                     ["one two three"] * 2 + ["four five six"], ["one two three", "four five six"],
                                     ["four five six", "seven eight 9"])])  # fmt: skip
def test_lines_twice_is_once(pages):
    """Once is enough. (The example: pages spared because all their lines repeat, until one of the lines no longer does.)"""
    made = [
        Document(str(i), "\n".join(lines).strip("\n"), {"url": f"http://{name}.example"})
        for i, (name, lines) in enumerate(pages)
    ]
    once = list(drop_boilerplate(made, StepReport("boilerplate")))
    assert list(drop_boilerplate(once, StepReport("boilerplate"))) == once
    assert [document.id for document in once] == [document.id for document in made]


def test_any_character_survives_the_spool():
    """Texts wait in a file: what was half a surrogate pair or a null byte must come back as it was."""
    odd = documents("a\x00b\ud800c", "中文\r\nx", "", site="a.example")
    assert list(drop_boilerplate(odd, StepReport("boilerplate"))) == odd


def test_a_full_temporary_disk_is_said_in_words(monkeypatch):
    """The spool is the one file that cleaning writes on its own account."""

    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("lmcourse.dedup.lines.tempfile.TemporaryFile", Full)
    with pytest.raises(LmcourseError, match="No space left on device.*TMPDIR"):
        list(drop_boilerplate(site(2), StepReport("boilerplate")))
