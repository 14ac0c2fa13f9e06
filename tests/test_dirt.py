"""The dirt is labelled truthfully: what the labels say was spoilt is there, and what they say is clean is clean."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse.cleaning import luhn
from lmcourse.corpus import Document
from lmcourse.corpus.dirt import RATES, dirty, word_overlap
from lmcourse.corpus.dirt.sites import LAYOUTS
from lmcourse.errors import LmcourseError

WORDS = "river stone lamp harbour winter letter garden window paper clock morning bridge teacher song bread".split()


def documents(count: int = 40) -> list[Document]:
    """Texts of some paragraphs, all different, with quotes, code, a list and characters outside ASCII."""
    made = []
    for i in range(count):
        rows = [
            f'The {WORDS[(i + j) % 15]} of {WORDS[(i * j + 3) % 15]} number {i * 31 + j} wasn\'t "new" to us.'
            for j in range(12)
        ]
        blocks = [" ".join(rows[k : k + 3]) for k in range(0, 12, 3)]
        blocks[1:1] = [f"Part {i}", f"    if a{i} < b and c > {i}:\n        print('x')", f"- café {i}\n- naïve & co"]
        made.append(Document(f"doc-{i}", "\n\n".join(blocks), {"title": f"Story {i}"}))
    return made


CLEAN = documents()
DIRTY = dirty(CLEAN, seed=3)


def test_all_kinds_of_dirt_occur_and_the_counts_say_so():
    """A kind whose rate is lost on the way would silently have nothing to score."""
    assert set(DIRTY.counts()) == set(RATES)
    assert all(f"{kind} " in str(DIRTY) for kind in RATES)
    sites = {int(re.search(r"-(\d+)\.", truth.site)[1]) for truth in DIRTY.labels.values() if truth.language == "en"}
    assert len(sites) >= 3


def test_the_same_seed_gives_the_same_pages_in_another_process():
    """Nothing may hang on Python's hash(), which differs from process to process."""
    code = (
        "from tests.test_dirt import DIRTY\nimport hashlib\n"
        "print(hashlib.sha256(''.join(p.text + p.meta['url'] for p in DIRTY.pages).encode()).hexdigest())"
    )
    root = Path(__file__).resolve().parent.parent
    runs = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        run = subprocess.run([sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, check=True)
        runs.add(run.stdout)
    assert len(runs) == 1
    assert dirty(CLEAN, seed=3) == DIRTY
    assert dirty(CLEAN, seed=4).pages != DIRTY.pages


def test_pages_tell_no_more_than_a_crawl():
    """The truth must not leak into what the cleaner sees, or the scores mean nothing."""
    for page in DIRTY.pages:
        assert set(page.meta) == {"url", "title"}
        assert not any(kind in page.id or kind in page.meta["url"] for kind in ("spam", "near", "exact", "foreign"))
    assert [page.id for page in DIRTY.pages] == list(DIRTY.labels)


def test_every_clean_document_is_on_a_page_in_the_old_order():
    """A document that gets lost, or changes places, would be counted as a fault of the cleaner."""
    originals = [
        t.source_id for t in DIRTY.labels.values() if t.source_id and t.variant == 0 and "exact" not in t.kinds
    ]
    assert originals == [document.id for document in CLEAN]


def test_mends_undo_the_character_dirt_exactly():
    """The labels list every spoilt stretch: replacing each in turn must give the stage before, with nothing left over."""
    seen = Counter()
    for truth in DIRTY.labels.values():
        for spoilt, right, mends in (
            (truth.strewn, truth.plain, truth.invisible),
            (truth.body, truth.strewn, truth.mojibake),
        ):
            end, mended = 0, []
            for mend in mends:
                start = spoilt.index(mend.spoilt, end)
                mended += [spoilt[end:start], mend.right]
                end = start + len(mend.spoilt)
                assert mend.spoilt != mend.right
            assert "".join([*mended, spoilt[end:]]) == right
            seen[bool(mends)] += 1
    assert seen[True] > 10


def test_mojibake_is_a_real_wrong_decoding():
    """Mojibake must be what UTF-8 read in another encoding looks like, not made-up garbage that no tool can undo."""
    codecs = ("cp1252", "latin-1", "mac_roman")

    def readings(text: str) -> set[str]:
        out = set()
        for codec in codecs:
            table = {}
            for byte in range(256):
                try:
                    table[byte] = bytes([byte]).decode(codec)
                except UnicodeDecodeError:
                    table[byte] = chr(byte)
            out.add("".join(table[byte] for byte in text.encode()))
        return out

    mends = [mend for truth in DIRTY.labels.values() for mend in truth.mojibake]
    assert len(mends) > 20
    for mend in mends:
        once = readings(mend.right)
        assert mend.spoilt in once | {twice for one in once for twice in readings(one)}


def test_duplicates_are_what_they_are_called():
    """Exact copies have the very text, near copies another; the label names the first page and the true overlap."""
    kinds = Counter()
    for number, truth in enumerate(DIRTY.labels.values()):
        earlier = list(DIRTY.labels.values())[:number]
        family = [other for other in earlier if truth.source_id and other.source_id == truth.source_id]
        assert (truth.duplicate is not None) == bool(family)
        if truth.duplicate:
            first = DIRTY.labels[truth.duplicate_of]
            assert (truth.duplicate == "exact") == any(truth.variant == other.variant for other in family)
            assert truth.duplicate == "near" or truth.text == first.text
            assert truth.jaccard == word_overlap(truth.text, first.text)
        kinds[truth.duplicate] += 1
    assert kinds["exact"] >= 3 and kinds["near"] >= 3


def test_personal_data_is_in_the_text_and_in_reserved_ranges():
    """An invented address that could belong to somebody is a real leak in a course that teaches to avoid leaks."""
    kinds = Counter()
    for truth in DIRTY.labels.values():
        for datum in truth.personal:
            assert datum.value in truth.text
            kinds[datum.kind] += 1
            if datum.kind == "email":
                assert re.search(r"example(\.| \(dot\) | dot )(com|org|net)$", datum.value, re.IGNORECASE)
            elif datum.kind == "ip":
                assert datum.value.startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
            elif datum.kind == "phone":
                assert re.search(r"555[ .-]01\d\d$|7946 0\d{3}$|01632 960\d{3}$", datum.value)
            else:
                digits = re.sub(r"\D", "", datum.value)
                assert digits.startswith(("424242", "411111", "555555", "378282")) and luhn(digits)
        for string in truth.confusable:
            assert string in truth.text
        if truth.variant == 0 and truth.source_id:
            assert ("personal" in truth.kinds) == bool(truth.personal)
            assert truth.confusable or "confusable" not in truth.kinds
    assert set(kinds) == {"email", "phone", "ip", "card"}


def test_boilerplate_stands_between_text_and_plain():
    """The site's lines are the only difference between a page's clean text and its text with the site's lines in."""
    for truth in DIRTY.labels.values():
        if truth.source_id:
            blocks = truth.plain.split("\n\n")
            for line in truth.boilerplate:
                blocks.remove(line)
            assert "\n\n".join(blocks) == truth.text


def test_spam_and_thin_pages_have_no_clean_text():
    """A perfect cleaner keeps nothing of them."""
    for truth in DIRTY.labels.values():
        assert (truth.is_spam or truth.is_thin) == (truth.text == "")
        assert (truth.language != "en") == ("foreign" in truth.kinds)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_carry_every_word_and_escape_what_html_needs(layout):
    """A layout that drops a paragraph or writes "a < b" unescaped would blame the extractor for its own fault."""
    from lxml import html

    pages = [
        (page, truth)
        for page, truth in zip(DIRTY.pages, DIRTY.labels.values(), strict=True)
        if truth.source_id and list(LAYOUTS)[int(re.search(r"-(\d+)\.", truth.site)[1]) % len(LAYOUTS)] == layout
    ]
    if not pages:  # too few sites for this layout: make one
        crowd = dirty(documents(160), seed=1, kinds=["html"])
        pages = [
            (page, crowd.labels[page.id])
            for page in crowd.pages
            if list(LAYOUTS)[int(re.search(r"-(\d+)\.", crowd.labels[page.id].site)[1]) % 6] == layout
        ]
    page, truth = next((p, t) for p, t in pages if not t.kinds & {"escapes", "invisible", "mojibake"})
    tree = html.fromstring(page.text.encode(), parser=html.HTMLParser(encoding="utf-8"))

    def bare(text: str) -> str:
        return re.sub(r"[\s-]", "", text)  # list marks and blanks are for the layout to choose

    assert "&lt; b and c &gt;" in page.text
    shown = bare(" ".join(tree.itertext()))
    assert all(bare(block) in shown for block in truth.body.split("\n\n"))
    assert all(bare(piece) in shown for piece in truth.chrome)


def test_kinds_and_rates_choose():
    """Without HTML and other dirt the pages are the documents themselves; unknown kinds and silly rates are refused."""
    plain = dirty(CLEAN, kinds=[])
    assert [page.text for page in plain.pages] == [document.text for document in CLEAN]
    only = dirty(CLEAN, kinds=["exact"], rates={"exact": 0.5})
    assert only.counts() == {"exact": 20} and len(only.pages) == 60
    with pytest.raises(LmcourseError, match="Unknown kind of dirt: mud; choose from html"):
        dirty(CLEAN, kinds=["mud"])
    with pytest.raises(LmcourseError, match="between 0 and 1"):
        dirty(CLEAN, rates={"spam": 3})


def test_nothing_to_dirty_and_odd_documents():
    """No documents, an empty one, and one of braces: str.format must not choke on a text."""
    assert dirty([]).pages == []
    odd = [Document("empty", ""), Document("braces", "{0} {title} }{ {{}} %s " * 20)]
    rates = dict.fromkeys(RATES, 1.0)
    assert len(dirty(odd, rates=rates).pages) == 12


@settings(max_examples=20)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), max_size=4), st.integers(0, 5))
def test_any_text_can_be_dirtied(texts, seed):
    """Labels hold for any text: one truth for each page, and as many pages as documents at least."""
    made = dirty([Document(str(i), text) for i, text in enumerate(texts)], seed, rates=dict.fromkeys(RATES, 1.0))
    assert len(made.pages) == len(made.labels) >= len(texts)


def test_word_overlap_by_hand():
    """Runs of three words: abc, bcd against abc, bce share one of three."""
    assert word_overlap("a b c d", "A b c, e") == pytest.approx(1 / 3)
    assert word_overlap("same words here", "Same words here!") == 1.0
    assert word_overlap("", "a b c") == 0.0
