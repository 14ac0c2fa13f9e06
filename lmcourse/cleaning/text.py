"""Mending the characters of a text: mojibake, invisible characters, odd spaces, line ends.

Mojibake is what UTF-8 looks like when it is read as another encoding ("donâ€™t"); ftfy (Speer 2019) finds the chain of
wrong decodings and undoes it. Normalisation follows Unicode Standard Annex 15 (form NFC): one way to write "é", not
two, because to a model two ways are two different letters. Nothing is folded that carries meaning: curly quotes,
full-width punctuation, capitals and accents stay.
"""

from __future__ import annotations

import re
import unicodedata

# Never visible, never needed: zero-width space, word joiner, byte-order mark, soft hyphen, marks for the direction of
# writing, interlinear notes, tag characters; and halves of surrogate pairs, which no file can hold.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
# A joiner or non-joiner has work to do between letters of Arabic and Indic scripts and inside emoji, nowhere else.
_JOINS = "\u0600-\u08ff\u0900-\u0dff\u0e80-\u0fff\u1780-\u17ff\u1800-\u18af\ufe0f\u2600-\u27bf\U0001f300-\U0001faff"
_JOINER = re.compile(f"(?<![{_JOINS}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINS}])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_END = re.compile("\r\n|[\r\x0c\x85\u2028\u2029]")
_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_TRAILING = re.compile(r"(?<![ \t])[ \t]+(?=\n|\Z)")
_GAP = re.compile(r"\n{3,}")


def normalise(text: str) -> str:
    """One way to write what looks the same: NFC, ordinary spaces and line ends, nothing invisible.

    Indentation and runs of spaces inside a line stay, for they mean something in code and tables; blanks at line ends
    go, and of several blank lines one stays. Idempotent; never longer than NFC makes it.

    >>> normalise("zero\\u200bwidth and\\u00a0odd \\r\\n\\r\\n\\r\\n\\r\\nspaces")
    'zerowidth and odd\\n\\nspaces'
    """
    if not text.isascii():
        text = _UNSEEN.sub("", text)
        text = _ODD_SPACE.sub(" ", text)
    text = _LINE_END.sub("\n", text)
    text = _CONTROL.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _JOINER.sub("", text))
    return tidy(text)


def tidy(text: str) -> str:
    """No blanks at line ends, at most one blank line in a row, none at the beginning or the end."""
    return _GAP.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


def repair(text: str) -> str:
    """Undo mojibake, line by line: "donâ€™t" becomes "don’t".

    ftfy is asked for the encoding alone: its other services (straight quotes, half-width forms, ligatures) would
    change text that is not broken, and full-width punctuation is how Chinese is written.
    """
    if text.isascii():
        return text
    import ftfy

    return ftfy.fix_text(
        text,
        ftfy.TextFixerConfig(
            fix_encoding=True,
            restore_byte_a0=True,
            replace_lossy_sequences=True,
            decode_inconsistent_utf8=True,
            fix_c1_controls=True,
            fix_surrogates=True,
            unescape_html=False,
            remove_terminal_escapes=False,
            fix_latin_ligatures=False,
            fix_character_width=False,
            uncurl_quotes=False,
            fix_line_breaks=False,
            remove_control_chars=False,
            normalization=None,
            explain=False,
        ),
    )


def unescape(text: str) -> str:
    """Turn left-over HTML entities into characters, however often they were escaped: "&amp;quot;" becomes '"'.

    A line with a "<" in it is left alone: it is mark-up, or it talks about mark-up, and there "&lt;" is meant.
    """
    if "&" not in text:
        return text
    from ftfy.fixes import unescape_html

    lines = text.split("\n")
    for i, line in enumerate(lines):
        while "&" in line and "<" not in line and line != (plain := unescape_html(line)):
            line = plain
        lines[i] = line
    return "\n".join(lines)


def settle(text: str) -> str:
    """Repair, read left-over entities and normalise until nothing changes any more.

    Once is nearly always enough, but each may bring work for the other to light: mojibake with a zero-width space
    inside it can be read only when the space is gone.
    """
    for _ in range(20):
        before, text = text, normalise(unescape(repair(text)))
        if text == before:
            break
    return text
