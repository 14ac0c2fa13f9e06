"""Functions on text: what they change, what they must leave alone, and that doing it twice changes nothing more."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lmcourse import cleaning
from lmcourse.cleaning import (
    c4_fault,
    fold_to_ascii,
    html_to_text,
    language_fault,
    language_of,
    length_fault,
    looks_like_html,
    luhn,
    mask_numbers_naively,
    mask_personal,
    normalise,
    quality,
    quality_fault,
    repair,
    settle,
    strip_tags_naively,
    strip_wikitext,
    unescape,
    word_count,
)

# Pieces that the functions are about; text of random characters alone would hardly ever meet a rule.
PIECES = st.sampled_from(
    [
        "â€™",
        "Ã©",
        "Â ",
        "‚Äô",
        "\x9d",
        "\x85",
        "\u200b",
        "\u200d",
        "\u00ad",
        "\u00a0",
        "\u3000",
        "\ufeff",
        "\r\n",
        "\n\n\n",
        " ",
        "  ",
        "\t",
        "&amp;",
        "&amp;lt;",
        "&lt;",
        "&#8217;",
        "<",
        ">",
        "<EMAIL>",
        "e\u0301",
        "é",
        "👍",
        "中文",
        "（",
        "word",
        "a@b.example.org",
        "192.0.2.7",
        "555-0143",
        "call ",
        "(212) 555-0143",
        "4242 4242 4242 4242",
        "2001:db8::1:2",
        ":",
        "-",
        "[[",
        "]]",
        "{{",
        "}}",
        "|",
        "==",
        "''",
        "*",
        "#",
        "<ref>",
        "</ref>",
        "{|",
        "|}",
        "<!--",
        "-->",
        "<nowiki>",
        "\ud800",
    ]
)
MESS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=25).map("".join)


@pytest.mark.parametrize(
    "name", ["normalise", "tidy", "repair", "unescape", "settle", "mask", "wikitext", "fold", "html"]
)
@given(MESS)
@example("â\u200b€™")
@example("&am\u200bp;lt;")
def test_twice_is_once(name, text):
    """Cleaning what is clean must change nothing, or no two runs of a pipeline agree."""
    functions = {
        "mask": lambda text: mask_personal(text)[0],
        "wikitext": strip_wikitext,
        "fold": fold_to_ascii,
        "html": html_to_text,
    }
    function = functions.get(name) or getattr(cleaning, name)
    once = function(text)
    assert function(once) == once


# -- characters -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("zero\u200bwidth, soft\u00adhyphen, \ufeffmark", "zerowidth, softhyphen, mark"),
        ("no\u00a0break thin\u2009space ideo\u3000graphic", "no break thin space ideo graphic"),
        ("bell\x07 and escape\x1b[0m and delete\x7f", "bell and escape[0m and delete"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("cafe\u0301", "café"),
        ("trailing   \n\n\n\n\nblank \t\n lines\n", "trailing\n\nblank\n lines"),
        ("    indented = 1    # kept", "    indented = 1    # kept"),
        ("half a pair \ud83d", "half a pair "[:-1]),
    ],
)
def test_normalise_by_hand(raw, clean):
    """Each sort of invisible dirt goes; indentation and inner runs of spaces, which mean something in code, stay."""
    assert normalise(raw) == clean


@pytest.mark.parametrize(
    "text", ["“curly” — it’s fine…", "中文，全角（标点）", "👩‍👩‍👧 family", "می‌خواهم", "क्‍ष", "Ångström, naïve", "²½ﬁ"]
)
def test_normalise_leaves_meaning_alone(text):
    """Quotes, full-width punctuation, joined emoji, Persian and Hindi joiners, accents: not dirt."""
    assert normalise(text) == text == settle(text)


@given(st.text(max_size=200))
def test_normalise_never_makes_text_longer_than_nfc_does(text):
    """Nothing is ever added: a text in NFC comes out no longer."""
    assert len(normalise(text)) <= max(len(text), len(unicodedata.normalize("NFC", text)))
    assert "\u200b" not in normalise(text) and "\r" not in normalise(text) and "\n\n\n" not in normalise(text)


def test_long_runs_of_blanks_are_no_trap():
    """A pattern that backtracks needs hours for a megabyte of spaces; this must take a moment."""
    assert normalise(" " * 300_000 + "x\u00a0" * 3) == " " * 300_000 + "x x x"


@given(st.text("abc éüñ‘’“”–…中文", min_size=1, max_size=60))
def test_repair_leaves_good_text_alone(text):
    """Repair that touches healthy text does more harm than mojibake."""
    assert repair(text) == text


@pytest.mark.parametrize(
    "text", ["don’t", "“quoted”", "déjà vu at the café", "5 – 6 §", "naïve coöperation", "中文也会坏"]
)
def test_repair_mends_a_wrong_decoding(text):
    """UTF-8 read as Latin-1, once and twice, comes back."""
    once = text.encode().decode("latin-1")
    assert repair(once) == text
    assert repair(once.encode().decode("latin-1")) == text
    assert repair("a “line” before\n" + once) == "a “line” before\n" + text


def test_repair_changes_nothing_but_the_encoding():
    """ftfy's other services would straighten quotes and turn full-width punctuation into half-width."""
    text = "（全角）ＡＢＣ “curly” ﬁne \x1b[31m &amp;"
    assert repair(text) == text


def test_entities_are_read_but_not_in_lines_about_mark_up():
    """A page escaped twice is mended; a manual that explains "&lt;" next to a tag is not spoilt."""
    assert unescape("Tom &amp;amp; Jerry &#8220;said&#8221; &eacute;") == "Tom & Jerry “said” é"
    assert unescape("write &lt; for < in HTML") == "write &lt; for < in HTML"
    assert unescape("AT&T and R&D; x&y") == "AT&T and R&D; x&y"


def test_settle_mends_what_comes_to_light():
    """Mojibake broken up by a zero-width space can be read only when that is gone."""
    assert settle("don\u00e2\u200b\u20ac\u2122t") == "don’t" != normalise(repair("don\u00e2\u200b\u20ac\u2122t"))


# -- HTML -----------------------------------------------------------------------------------------------------------
PAGE = """<!DOCTYPE html><html><head><title>Of Ferries | The Pier</title><script>if (a < b) {{ run("<p>no</p>") }}</script>
<style>p > a {{ color: red }}</style></head><body><nav><ul><li><a href="/">Home</a></li><li><a href="/x">Archive</a></li>
</ul></nav><div class="cookie-banner">We use cookies. <button>Accept</button></div><article><h1>Of Ferries</h1>{}</article>
<footer>© The Pier. All rights reserved.</footer></body></html>"""
PROSE = [
    "The ferry leaves at nine &amp; returns at noon, if the <b>fog</b> lifts before a &lt; b is settled by the captain.",
    "Nobody on the quay had seen such weather since the bridge was built, and the old men said so every morning.",
    "By the third day the shops had run out of bread, of candles and of patience, in that order, and of small talk.",
]


def test_main_text_without_the_rest():
    """Menu, notice, script, style, footer go; paragraphs, a list and code stay, entities are read, the title is not doubled."""
    body = "".join(f"<p>{p}</p>" for p in PROSE) + "<ul><li>one</li><li>two</li></ul><pre>if a:\n    b &lt; c</pre>"
    text = html_to_text(PAGE.format(body))
    assert text.split("\n\n") == [
        PROSE[0].replace("<b>", "").replace("</b>", "").replace("&amp;", "&").replace("&lt;", "<"),
        *PROSE[1:],
        "- one\n- two",
        "if a:\n    b < c",
    ]


def test_tables_of_data_and_tables_of_layout():
    """Cells of data stand side by side; of a page built with tables the cell with the article is taken."""
    data = (
        "".join(f"<p>{p}</p>" for p in PROSE)
        + "<table><tr><th>year</th><td>1907</td></tr><tr><th>cost</th><td>3</td></tr></table>"
    )
    assert "year | 1907\ncost | 3" in html_to_text(PAGE.format(data))
    old = f"<HTML><BODY><TABLE><TR><TD>Home<BR>Contact</TD><TD>{'<br><br>'.join(PROSE)}</TD></TR></TABLE></BODY></HTML>"
    assert html_to_text(old).startswith("The ferry leaves")
    assert [paragraph[:9] for paragraph in html_to_text(old).split("\n\n")] == ["The ferry", "Nobody on", "By the th"]


@pytest.mark.parametrize(
    "text", ["", "plain text", "a <b>bold</b> claim", "In HTML, <html> comes first.", "if a < b > c", "<3 you"]
)
def test_text_about_html_is_not_html(text):
    """A sentence with a tag in it must not be sent through an extractor that drops half of it."""
    assert not looks_like_html(text)
    assert html_to_text(text) == text


@pytest.mark.parametrize(
    "start", ["<html>", "\ufeff<!DOCTYPE html>", "  <!-- x -->\n<HTML lang=en>", "<?xml version='1.0'?><html>"]
)
def test_pages_are_known_by_their_beginning(start):
    """Byte-order marks, comments and declarations stand before many real pages."""
    assert looks_like_html(start + "<body></body>")


@given(MESS)
def test_no_page_is_too_broken(text):
    """An extractor that raises would end a run over a million pages at the first odd one."""
    assert isinstance(html_to_text("<html>" + text), str)


def test_naive_stripping_does_harm():
    """The lesson's bad example must be bad in the way it says: scripts stay, entities stay."""
    text = strip_tags_naively(PAGE.format(f"<p>{PROSE[0]}</p>"))
    assert "&amp;" in text and "color: red" in text and "Archive" in text


# -- wikitext -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            "'''Tea''' is a [[drink|hot drink]] from [[China]].<ref name=a>Book {{p.|3}}</ref>",
            "Tea is a hot drink from China.",
        ),
        ("{{Infobox|a={{b|c}}}}\nText.\n[[Category:Tea]]\n[[fr:Thé]]", "Text."),
        ("[[File:tea.jpg|thumb|A [[cup]] of tea]]Text.", "Text."),
        ("{| class=x\n|-\n| a || {{b}}\n|}\nText.", "Text."),
        ("It is {{convert|10|km|mi}} long, {{lang|fr|très}} long{{citation needed}}.", "It is 10 km long, très long."),
        ("Ada ({{IPA|x}}; born 1815) wrote ({{cite}}) it.", "Ada (born 1815) wrote it."),
        ("* one\n* two\n** three", "- one\n- two\n- three"),
        ("<table><tr><td>1907</td></tr></table>Text<br/>here.", "Text here."),
        ("See [http://x.example the page] &mdash; or not&nbsp;here.", "See the page — or not\u00a0here."),
        ("Text.<!-- hidden -->\n__NOTOC__", "Text."),
        (
            "Text.\n== Part ==\nMore.\n=== Empty ===\n== See also ==\n* [[x]]\n=== Sub ===\ny\n== Last ==\nEnd.",
            "Text.\n\nPart\n\nMore.\n\nLast\n\nEnd.",
        ),
        ("#REDIRECT [[Tea]]", ""),
        ("Plain (text), with 3 < 4.", "Plain (text), with 3 < 4."),
    ],
)
def test_wikitext_by_hand(raw, text):
    """One case for each sort of mark-up, with what a reader of the article would see."""
    assert strip_wikitext(raw) == text


def test_sections_of_sources_can_be_kept():
    """Some want the further reading."""
    raw = "Text.\n== See also ==\n* [[x]]"
    assert strip_wikitext(raw, drop_sections=False) == "Text.\n\nSee also\n\n- x"


# -- personal data --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "mara.keller@example.org"),
        ("email", "M_K+news@cs.example.com"),
        ("email", "mara (at) example (dot) org"),
        ("email", "mara[at]example.org"),
        ("phone", "(212) 555-0143"),
        ("phone", "212-555-0143"),
        ("phone", "212.555.0143"),
        ("phone", "+1 212 555 0143"),
        ("phone", "+44 20 7946 0018"),
        ("phone", "+44 (0)20 7946 0018"),
        ("phone", "020 7946 0018"),
        ("ip", "192.0.2.7"),
        ("ip", "2001:db8:85a3::8a2e:370:7334"),
        ("card", "4242 4242 4242 4242"),
        ("card", "4242-4242-4242-4242"),
        ("card", "378282246310005"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "Write to {}.", "({})", "x, {}, y", "a\n{}\nb", "<{}>", '"{}"', "{}; 7 more"])
def test_personal_data_is_masked(kind, value, around):
    """What a rule covers must be gone wherever it stands, punctuation around it kept."""
    text, found = mask_personal(around.format(value))
    assert text == around.format(f"<{kind.upper()}>")
    assert [(datum.kind, datum.value) for datum in found] == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "ISBN 978-0-306-40615-7",
        "ISBN 0-306-40615-2",
        "ISSN 0378-5955",
        "on 2021-03-15",
        "15.03.2021",
        "at 12:30:45",
        "version 4.18.2.1",
        "section 3.1.4.1 of",
        "git@code.example.org:tools/x.git",
        "root@build01 $",
        "react@18.2.0",
        "@example.com",
        "$1,234,567.50",
        "pages 310-1200",
        "doi:10.1000/182",
        "1914-1918",
        "127.0.0.1 and 255.255.255.0 and 10.0.0.1",
        "999.1.1.1",
        "4242 4242 4242 4241",
        "1411413950978720252",
        "order number 4111111111111111111111",
        "std::vector a::b ::1",
        "00:1B:44:11:3A:B7",
        "part 415-555-0199",
        "x = +000000120",
        "3.14159265358979",
        "lot 555-0143",
        "CAS 7732-18-5",
    ],
)
def test_look_alikes_stay(text):
    """A mask over ISBNs, dates and versions destroys what the text says."""
    assert mask_personal(text) == (text, ())


@pytest.mark.parametrize("cue", ["call 555-0143", "my number is 555-0143", "Tel.: 555-0143"])
def test_short_numbers_need_a_word_that_says_so(cue):
    """Seven digits alone may be anything; after "call" they are a telephone number."""
    assert mask_personal(cue)[0].endswith("<PHONE>")
    assert mask_personal("it weighs 555-0143 grams")[1] == ()


@given(st.from_regex(r"[0-9]{1,18}", fullmatch=True), st.integers(0, 9), st.integers(1, 9))
def test_luhn_finds_every_single_wrong_digit(digits, place, change):
    """That is what the check digit is for; the sum is also done here in another way."""
    total = sum(
        int(str(2 * int(d))[0]) + 2 * int(d) % 10 * (int(d) > 4) if i % 2 == 0 else int(d)
        for i, d in enumerate(reversed(digits))
    )
    number = digits + str(-total % 10)
    assert luhn(number)
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert not luhn(wrong)


def test_the_naive_number_mask_eats_dates_and_books():
    """The lesson's bad example must be bad."""
    text, found = mask_numbers_naively("ISBN 978-0-306-40615-7, 2021-03-15, mara@example.org")
    assert text == "ISBN <PHONE>, <PHONE>, mara@example.org" and len(found) == 2


# -- filters --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "The ferry leaves at nine and comes back at noon, if the weather allows it."),
        ("de", "Die Fähre fährt um neun ab und kommt mittags zurück, wenn das Wetter es erlaubt."),
        ("fr", "Le bac part à neuf heures et revient à midi, si le temps le permet."),
        ("es", "El barco sale a las nueve y vuelve a mediodía, si el tiempo lo permite."),
        ("zh", "渡船九点钟开出，如果天气好，中午就会回来。"),
    ],
)
def test_languages_are_told_apart(code, text):
    """And the filter keeps its own language, removes a sure stranger, spares what is too short to tell."""
    found, sure = language_of(text)
    assert found == code and 0.5 < sure <= 1
    assert language_fault(text, code) is None
    assert language_fault(text, "it") == f"language {code}"
    assert language_of("12 + 30 = 42!") == ("und", 0.0)
    assert language_fault("OK 12") is None


def test_length_counts_words_or_characters():
    """Chinese has no blanks between words: counting blanks would drop every Chinese page as too short."""
    assert word_count("It's a well-known fact.") == 4
    assert word_count("渡船九点钟开出。ok") == 8
    assert length_fault("one two three", 3) is None
    assert length_fault("one two", 3) == "fewer than 3 words"
    assert length_fault(" \n", 3) == "empty"


GOOD = (
    "The ferry leaves the island at nine in the morning, and it comes back at noon if the fog has lifted by then. "
    "Most of the people on board know each other, so there is a good deal of talk about the weather and the price of "
    "fish.\n\nOn Sundays there are two more crossings, but not in winter, when the captain says that one is enough."
)


@pytest.mark.parametrize(
    ("signal", "text"),
    [
        ("mean word length", "the of and to a in is it " * 8),
        ("symbols", GOOD + " #a" * 20),
        ("words with letters", GOOD + " 12" * 60),
        ("stop words", "cheap watches best price original quality offers " * 3 + "online"),
        ("bullet lines", "\n".join(f"- {word}" for word in GOOD.split())),
        ("ellipsis lines", GOOD.replace("fish.", "fish…").replace("enough.", "enough…")),
        ("repeated lines", GOOD + "\n" + GOOD),
        ("commonest 2-gram", GOOD + " the ferry" * 20),
        ("exclamations", GOOD + " Buy it now!" * 5),
        ("capitals", GOOD.upper()),
        ("links", GOOD + " see http://x.example" * 6),
    ],
)
def test_each_signal_refuses_its_fault(signal, text):
    """A signal that never fires filters nothing; one that fires on good prose does harm."""
    assert quality_fault(GOOD) is None
    limits = {signal: cleaning.LIMITS[signal]}
    assert quality_fault(text, limits) in (
        f"{signal} above {limits[signal][1]:g}",
        f"{signal} below {limits[signal][0]:g}",
    )
    assert quality_fault(GOOD, limits) is None


def test_signals_by_hand():
    """Six words, two of them stop words, one exclamation, one repeated line of three."""
    signals = quality("The cat sat!\nA dog ran\nA dog ran")
    assert signals["stop words"] == round(3 / 9, 3)
    assert signals["exclamations"] == round(1 / 9, 3)
    assert signals["repeated lines"] == round(1 / 3, 3)
    assert signals["commonest 3-gram"] == round(14 / 23, 3)  # "a dog ran" twice: 14 of 23 letters
    assert signals["mean word length"] == round(23 / 9, 3)
    assert set(signals) == set(cleaning.LIMITS)
    assert quality("")["mean word length"] == 0.0


def test_c4_drops_a_manual():
    """The published rule against curly brackets drops a page on dictionaries, however well written."""
    assert c4_fault(GOOD) is None
    assert c4_fault(GOOD + "\n\n    x = {}") == "curly bracket"


def test_names_are_exported():
    """lm.cleaning.X is how lessons call them."""
    assert all(hasattr(cleaning, name) for name in cleaning.__all__)
    assert not re.search("torch|sklearn", " ".join(vars(cleaning)))
