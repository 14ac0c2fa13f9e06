"""Which numbers a lesson's prose states, and whether something that is checked states them too.

A number counts as **backed** when it stands (1) in the text of a claim anywhere in the lesson, (2) in the compared
output of one of the three code cells before or after it, (3) as a literal in the code cell right before or right after
it, or (4) in its own cell's metadata with a reason: ``"lmcourse": {"numbers": {"90": "minutes to learn, by plan"}}``.
The prose may round: 0.42 is backed by 0.4183, 25 % by 0.253, "6.1 million" by 6,112,345; "about 6,000" by 5,987. Whole
numbers up to ten must be met exactly, for rounding would find them anywhere.

Not counted are names (UTF-8, GPT-2, U+00E9, Python 3.11), the numbers of headings and lists, references ("lesson 3",
"section 2.1"), years of citations, and the inside of formulas; but a number that is one side of an equation counts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "k": 1e3, "kb": 1e3, "mb": 1e6, "gb": 1e9}

_NUMBER = re.compile(
    r"(?<![\w.])(?P<number>\d{1,3}(?:[,\u202f\u2009\u00a0]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    r"(?:\s?(?P<percent>%|percent\b|per cent\b)|[\s\u202f\u00a0-]?(?P<scale>thousand|million|billion|k|kB|KB|MB|GB)\b)?"
)
_ABOUT = re.compile(r"(?:\b(?:about|around|roughly|nearly|almost|approximately|some|close to)|[≈~])\s*$", re.IGNORECASE)

_THING = r"(?:(?:lesson|lecture|section|exercise|chapter|figure|table|part|promise|question|equation)s?|appendix)"
_UNCOUNTED = [
    re.compile(pattern, flags)
    for pattern, flags in [
        (r"^\s*#{1,6}\s+\d+(?:\.\d+)*[.):·]?(?=\s)", re.MULTILINE),  # ## 3. A heading's number
        (r"^\s*(?:>\s*)?\d+[.)](?=\s)", re.MULTILINE),  # 1. a list's
        (rf"\b{_THING}\s+\d+(?:\.\d+)*(?:(?:\s*[,–-]\s*|\s+(?:and|or|to)\s+)\d+(?:\.\d+)*)*\b", re.IGNORECASE),
        (r"\b(?:U\+|0x)[0-9A-Fa-f]+\b", 0),
        (r"\b(?:Python|Unicode|ISO|RFC|PEP|CC BY(?:-SA)?|Latin|arXiv)[ :-]?\d[\d.–-]*\b", 0),
        (r"\b[A-Za-z]+-\d+(?:\.\d+)?\b", 0),  # UTF-8, GPT-2
        (r"\([^()\n]*\b(?:19|20)\d\d[a-z]?\)", 0),  # (Gage, 1994): a citation holds no other number
        (r"\b[A-Z][\w-]+(?: et al\.| and [A-Z][\w-]+)?,? (?:19|20)\d\d\b", 0),  # Sennrich et al. 2016
        (r"\b(?:in|since|until) (?:19|20)\d\d\b", re.IGNORECASE),
        (r"\b(?:between 0 and 1|from 0 to 1)\b", 0),
        (r"\b\d-[dD]\b", 0),  # 2-D
    ]
]
_RELATION = re.compile(
    r"(?:=|<|>|\\l?leq?|\\l?geq?|\\le|\\ge|\\lt|\\gt|\\approx|\\sim|\\neq?|\\equiv|≈|≤|≥|≠|\\to|→|←)+"
)


@dataclass(frozen=True)
class Number:
    """A number as it is written, its value, the size of its last shown digit, and how it may be meant."""

    text: str
    value: float
    step: float
    factors: tuple[float, ...]  # 1, and 0.01 for a percentage or 1e6 for a million

    def backed_by(self, evidence: Iterable[float]) -> bool:
        """Whether one of the values, rounded as this number is, gives this number."""
        for factor in self.factors:
            value, step = self.value * factor, self.step * factor
            exact = self.step == 1 and factor == 1 and self.value <= 10
            slack = 1e-9 * max(1.0, abs(value)) + (0.0 if exact else step / 2)
            if any(abs(abs(found) - value) <= slack for found in evidence):
                return True
        return False


def stated(prose: str, known_code: Iterable[str] = ()) -> list[Number]:
    """The numbers that a Markdown text states. ``known_code``: texts in which code quoted in the prose may stand."""
    known = [_squeezed(text) for text in known_code]

    def quoted(match: re.Match[str]) -> str:
        code = _squeezed(match[2])
        command = re.match(r"(?:lmcourse|make|python|pip|git)\s", match[2].strip())
        return " " if command or any(code in text for text in known if code and not _bare(code)) else f" {match[2]} "

    prose = re.sub(r"(`+)(.+?)\1", quoted, prose, flags=re.DOTALL)
    prose = re.sub(r"\$\$(.+?)\$\$|(?<![\\\w])\$(?![\s\d]+\s)([^$\n]+?)\$(?!\d)", _formula, prose, flags=re.DOTALL)
    for pattern in _UNCOUNTED:
        prose = pattern.sub(lambda match: " § ", prose)
    return list(_numbers(prose))


def values(text: str) -> set[float]:
    """Every value that a text of evidence holds, percentages and millions in both readings."""
    return {number.value * factor for number in _numbers(text.replace("−", "-")) for factor in number.factors}


def literals(code: str) -> set[float]:
    """The numbers that stand as literals in Python code; none when it cannot be parsed."""
    try:
        tree = ast.parse(re.sub(r"^(\s*)[%!?].*$", r"\1pass", code, flags=re.MULTILINE))
    except SyntaxError:
        return set()
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {float(value) for value in constants if isinstance(value, (int, float)) and not isinstance(value, bool)}


def _numbers(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        plain = re.sub(r"[,\u202f\u2009\u00a0]", "", match["number"])
        mantissa, _, exponent = plain.lower().partition("e")
        step = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        if _ABOUT.search(text[: match.start()]) and "." not in mantissa and not exponent:
            step *= 10 ** (len(mantissa) - len(mantissa.rstrip("0"))) if int(mantissa) else 1
        scale = SCALES.get((match["scale"] or "").lower())
        factors = (1.0, *([0.01] if match["percent"] else []), *([scale] if scale else []))
        yield Number(match[0].strip(), float(plain), step, factors)


def _formula(match: re.Match[str]) -> str:
    """What a formula states: a number alone on one side of a relation, or everything where there is no symbol."""
    inside = (
        re.sub(r"\\(?:,|;|!|quad|text\{[^}]*\})", " ", match[1] or match[2]).replace("\\%", "%").replace("{,}", ",")
    )
    if not re.search(r"[^\W\d_]", inside.replace("\\times", "").replace("\\cdot", "")):
        return f" {inside} "
    sides = [side.strip(" .,;") for side in _RELATION.split(inside)]
    alone = [side for side in sides if _NUMBER.fullmatch(side.lstrip("-−+")) and side not in ("0", "1")]
    return f" {' ; '.join(alone)} "


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _bare(code: str) -> bool:
    """Whether quoted code is nothing but a number, which is then a number like any other."""
    return re.fullmatch(r"[-+]?[\d.,_]+%?", code) is not None
