"""Wikipedia's mark-up to plain text: the running text as a reader sees it, and nothing else.

The mark-up nests (templates in tables in templates), so no regular expression can read it; mwparserfromhell (Kurtović
2012) parses it into a tree. Of the tree we keep paragraphs, headings, list items and the labels of links; we leave out
references, tables, pictures, categories, formulas, comments and templates, but for those that only format a value or
a phrase in the running text ("{{convert|10|km}}"). Sections that are nothing but lists of sources go too.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Any

from lmcourse.cleaning.text import tidy

_MARKUP = re.compile(
    r"\[\[|\{\{|\{\||''|</?[a-zA-Z!]|__[A-Z]+__|&#?\w+;|\[(?:https?|ftp):|^(?:=.*=\s*$|[*#:;|])", re.MULTILINE
)
_TABLE = re.compile(r"^[ :]*\{\|(?:(?!^[ :]*\{\||^\s*\|\}).)*^\s*\|\}", re.MULTILINE | re.DOTALL)
# fmt: off
_NOT_TEXT = {"ref", "references", "gallery", "math", "table", "timeline", "imagemap", "score", "chem", "ce", "hiero",
             "graph", "mapframe", "templatestyles", "syntaxhighlight", "source", "inputbox", "poem"}
_NOT_LINKS = re.compile(
    r"\s*(?:file|image|category|media|template|wikipedia|portal|simple|[a-z]{2,3}(?:-[a-z]+)*)\s*:", re.IGNORECASE)
# Templates that stand for a phrase in the text, and which argument holds it (−1: the last).
_PHRASES = {
    "lang": 2, "transl": -1, "nowrap": 1, "nobr": 1, "small": 1, "smallcaps": 1, "abbr": 1, "tooltip": 1,
    "quote": 1, "cquote": 1, "quotation": 1, "blockquote": 1, "bquote": 1, "unicode": 1, "big": 1, "sc": 1,
    "script": -1, "circa": 1, "c.": 1, "mvar": 1, "sup": 1, "sub": 1, "formatnum": 1, "as of": 1, "val": 1,
    "nihongo": 1, "em": 1, "polytonic": 1, "iw": 1, "linktext": 1, "visible anchor": 1, "dfn": 1, "usd": 1,
    "gbp": 1, "date": 1, "old style date": 1, "ship": 2,
    "uss": 1, "hms": 1, "verse translation": 1, "no wrap": 1, "wikt-lang": 2, "native phrase": 2, "math": 1, "nts": 1,
}
_SIGNS = {"ndash": "–", "spaced ndash": " – ", "snd": " – ", "mdash": "—", "spaced mdash": " — ", "'": "'", "nbsp": " ",
          "·": " · ", "pi": "π", "okina": "ʻ", "'s": "'s", "ae": "æ", "sharp": "♯", "flat": "♭", "--": "—", "dash": "–"}
_BEFORE = {"circa": "c. ", "c.": "c. ", "as of": "As of ", "uss": "USS ", "hms": "HMS ", "usd": "$", "gbp": "£"}
_SOURCES = {"references", "external links", "external link", "see also", "notes", "further reading", "bibliography",
            "sources", "footnotes", "citations", "works cited", "notes and references", "references and notes"}
# fmt: on


def strip_wikitext(raw: str, drop_sections: bool = True) -> str:
    """The running text of an article. ``drop_sections`` leaves out See also, References and the like.

    Headings stand alone between blank lines, list items begin with "- ". Text without mark-up comes back as it is; a
    redirect to another article has no text of its own and becomes empty.

    >>> strip_wikitext("'''Tea''' is a [[drink|hot drink]] made from leaves.<ref>A book.</ref>")
    'Tea is a hot drink made from leaves.'
    """
    if raw.lstrip()[:9].lower() == "#redirect":
        return ""
    # Once is enough but for mark-up shown as an example (<nowiki>): it comes out as mark-up, and goes next time.
    for _ in range(10):
        before = raw
        if _MARKUP.search(raw):
            raw = _once(raw, drop_sections)
        if raw == before:
            break
    return raw


def _once(raw: str, drop_sections: bool) -> str:
    import mwparserfromhell

    # Tables are costly to parse and hold no running text: those without another inside go first.
    raw = _TABLE.sub("", raw.replace("\x00", "").replace("\x01", ""))
    text = _text(mwparserfromhell.parse(raw, skip_style_tags=True))
    text = re.sub(r"'{2,5}|__[A-Z]+__", "", text)  # bold, italics, switches
    # \x00 marks where something was left out; tidy the brackets and blanks that stood around it: "(\x00; 1815)".
    text = re.sub(r"[ \t]*[(\[][\s,;:]*(?:\x00[\s,;:]*)+[)\]]", "", text)
    text = re.sub(r"(?<=[(\[])[\s,;:]*(?:\x00[\s,;:]*)+|(?:[\s,;:]*\x00)+[\s,;:]*(?=[)\]])", "", text)
    text = re.sub(r"[ \t]+\x00+(?=[,.;:\s])|\x00", "", text)
    sections = re.split(r"^(\x01\d.*)$", text, flags=re.MULTILINE)
    return tidy("\n\n".join(_with_text(sections, drop_sections)))


def _text(code: Any) -> str:
    """The text of a parsed piece of wikitext; headings become lines that begin with \\x01 and their level."""
    out = []
    for node in code.nodes:
        kind = type(node).__name__
        if kind == "Text":
            out.append(str(node.value))
        elif kind == "Wikilink":
            out.append(_link(node))
        elif kind == "Template":
            out.append(_template(node))
        elif kind == "ExternalLink":
            out.append(_text(node.title) if node.title else "\x00" if node.brackets else str(node.url))
        elif kind == "Heading":
            out.append(f"\n\x01{node.level}{_text(node.title).strip()}\n")
        elif kind == "HTMLEntity":
            out.append(node.normalize() or "")
        elif kind == "Tag":
            out.append(_tag(node))
    return "".join(out)


def _link(node: Any) -> str:
    title = str(node.title)
    if _NOT_LINKS.match(title):
        return ""
    return _text(node.text) if node.text is not None else title.lstrip(":").split("#")[0] or title.lstrip("#")


def _tag(node: Any) -> str:
    name = str(node.tag).strip().lower()
    if name in ("li", "dt", "dd", "hr") and node.wiki_markup is not None:
        return str(node.wiki_markup)
    if name == "br":
        return " "
    if name in _NOT_TEXT or node.contents is None:
        return "\x00" if name in ("ref", "math") else ""
    return _text(node.contents)


def _template(node: Any) -> str:
    name = " ".join(str(node.name).lower().replace("_", " ").split())
    values = [_text(p.value).strip() for p in node.params if not p.showkey or str(p.name).strip() in ("1", "2", "text")]
    if name in _SIGNS:
        return _SIGNS[name]
    if name in ("convert", "cvt") and len(values) >= 2:
        return " ".join(values[:4] if values[1] in ("to", "and", "–", "-", "x", "by") else values[:2])
    if name in ("frac", "fraction", "sfrac") and values:
        return "/".join(values) if len(values) < 3 else f"{values[0]} {values[1]}/{values[2]}"
    if name.startswith("lang-") and values:
        return values[0]
    place = _PHRASES.get(name, 0)
    if place and values:
        return _BEFORE.get(name, "") + values[place - 1 if 0 < place <= len(values) else -1]
    return "\x00"


def _with_text(sections: list[str], drop: bool) -> list[str]:
    """Of text, heading, text, heading, text …: the text as clean lines, and the headings that have some below them."""
    kept: list[tuple[int, str, str]] = [(0, "", _lines(sections[0]))]  # level, heading, text
    dropped = 9  # level of the section that is being left out
    for heading, text in zip(sections[1::2], sections[2::2], strict=True):
        level, title = int(heading[1]), heading[2:].strip()
        if level > dropped:
            continue
        dropped = level if drop and title.lower() in _SOURCES else 9
        if dropped == 9:
            kept.append((level, title, _lines(text)))
    out = []
    for i, (level, title, text) in enumerate(kept):
        inside = takewhile(lambda other, level=level: other[0] > level, kept[i + 1 :])
        if text or any(other[2] for other in inside):
            out += [title, text]
    return list(filter(None, out))


def _lines(text: str) -> str:
    lines = (re.sub(r"^[*#][*#:;]*\s*", "- ", line.strip()).lstrip(":; \t") for line in text.split("\n"))
    return "\n".join(re.sub(r"[ \t]{2,}", " ", line) for line in lines if line.strip(" -|*") or not line).strip("\n")
