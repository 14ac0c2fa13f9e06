"""What lessons owe each other: promises that lesson 4 pays, and nothing that a learner could not know yet.

Training appears before lesson 4 explains it. So lessons 1 to 3 leave numbered promises, ``**Promise 2.1.** …``, each ended by
"Lesson 4 pays this."; lesson 4 opens with the same sentences as a list and marks each as paid, once. And since it needs lesson 1
alone until its last section, the lessons can also be learnt in the order 1-4-2-3-5.

Judged are the files as they are stored, like in `notebook_contract.py`; each function gives sentences about what is wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

PAYER = 4
LEFT = re.compile(r"\*\*Promise (\d+\.\d+)\.\*\*\s+(.+?)\s+Lesson 4 pays this[.,]", re.DOTALL)
MENTIONED = re.compile(r"\*\*Promise (\d+\.\d+)\.\*\*")
LISTED = re.compile(r"^- \*\*Promise (\d+\.\d+)\.\*\*\s+(.+)$", re.MULTILINE)
PAID = re.compile(r"\*\*Promise (\d+\.\d+) is paid\.\*\*")
TERM = re.compile(r"\*\*([^*\n]+)\*\* [\u3400-\u9fff]")  # introduced: in bold, with the Chinese term beside it
TOOLS = ("lm.plots.", "lm.interactive.", "lm.corpus.", "lm.claim", "lm.show_source", "lm.reproducible", "lm.study")
EVERYDAY = {"mean", "negative", "cell"}  # words that a lesson makes a term of, and everybody uses for other things, too


def promise_faults(lessons: Mapping[int, Any]) -> list[str]:
    """What is wrong with the promises of these lessons, by number; those of a lesson that is not there are not looked for."""
    return list(_promise_faults(lessons))


def _promise_faults(lessons: Mapping[int, Any]) -> Iterator[str]:
    left: dict[str, str] = {}
    for number in sorted(set(lessons) - {PAYER}):
        text = _prose(lessons[number].cells)
        own = {given: _plain(words) for given, words in LEFT.findall(text)}
        for given in sorted(set(MENTIONED.findall(text)) - set(own)):
            yield f"Promise {given} of lesson {number} does not end with “Lesson 4 pays this.”"
        if list(own) != [f"{number}.{count}" for count in range(1, len(own) + 1)]:
            yield f"The promises of lesson {number} are numbered {', '.join(own)}; count them {number}.1, {number}.2, …"
        left |= own
    if PAYER not in lessons:
        return
    cells = lessons[PAYER].cells
    opening = next((place for place, cell in enumerate(cells) if LISTED.search(_prose([cell]))), len(cells))
    listed = {given: _plain(words) for given, words in LISTED.findall(_prose(cells[opening : opening + 1]))}
    for given, words in left.items():
        if given not in listed:
            yield f"Lesson {PAYER} does not open with promise {given}: {words}"
        elif listed[given] != words:
            yield f"Promise {given} reads “{words}” where it is left and “{listed[given]}” in lesson {PAYER}."
    for given in listed:
        if given not in left and int(given.partition(".")[0]) in lessons:
            yield f"Lesson {PAYER} lists promise {given}, which nobody has left."
    before, after = (PAID.findall(_prose(part)) for part in (cells[: opening + 1], cells[opening + 1 :]))
    for given in sorted({*listed, *before, *after}):
        if given in before or after.count(given) != (given in listed):
            yield f"Promise {given} is marked as paid {(before + after).count(given)} times; once, after the list, is right."


def unknown_in(lesson: Any, known: Iterable[Any], later: Iterable[Any]) -> list[str]:
    """Names of the library and terms that all but the last section of ``lesson`` use, and only lessons ``later`` introduce."""
    cells = lesson.cells
    sections = [place for place, cell in enumerate(cells) if re.match(r"## \d+\.\d+ ", _prose([cell]))]
    early = cells[: sections[-1]] if sections else cells
    known, later = list(known), list(later)
    names = set().union(*(_names(other.cells) for other in later)) - set().union(*(_names(other.cells) for other in known))
    found = [f"uses {name}, of which only a later lesson tells" for name in sorted(names & _names(early))]
    terms = set().union(*(_terms(other.cells) for other in later)) - _terms(cells) - EVERYDAY
    said, before = _prose(early).lower(), "\n".join(_prose(other.cells) for other in known).lower()
    new = [term for term in sorted(terms) if _says(said, term) and not _says(before, term)]
    return found + [f"says “{term}”, a term of a later lesson" for term in new]


def _prose(cells: Iterable[Any]) -> str:
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def _says(text: str, term: str) -> bool:
    return re.search(rf"\b{re.escape(term)}\b", text) is not None


def _plain(words: str) -> str:
    return " ".join(words.split())


def _terms(cells: Iterable[Any]) -> set[str]:
    return {term.lower() for term in TERM.findall(_prose(cells))}


def _names(cells: Iterable[Any]) -> set[str]:
    """The library's names in the code, as they are written there: ``lm.nn.one_hot``; its tools left out."""
    found = set()
    for cell in cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(re.sub(r"^(\s*)[%!?].*$", r"\1pass", cell.source, flags=re.MULTILINE))):
                if isinstance(node, ast.Attribute) and re.fullmatch(r"lm(\.\w+)+", written := ast.unparse(node)):
                    found.add(written)
    return {name for name in found if not name.startswith(TOOLS) and not any(other.startswith(f"{name}.") for other in found)}
