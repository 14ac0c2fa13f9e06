"""What every stored lesson keeps to, each rule a function: a notebook in, sentences about what breaks the rule out.

`RULES` holds them by name. They judge the file as it is stored, without running it; that it still prints the same is
nbval's matter. The rules are themselves tested, in test_notebook_contract.py, on small notebooks that break one each.
"""

from __future__ import annotations

import ast
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import code_copies
import prose_numbers

ROOT = Path(__file__).resolve().parent.parent
IGNORED = "nbval-ignore-output"

MOST_CODE_LINES = 15
MOST_WORDS = 120
FEWEST_CLAIMS = 12

OPENING = ("title", "outcomes", "needs", "time", "pipeline")  # ids of cells among the first eight, in any order
CLOSING = ("what-we-know", "exercises", "further-reading", "next")  # ids of the last sections, in this order
SLIDES = {"slide", "subslide", "fragment", "notes", "skip", "-"}
TAGS = {
    IGNORED: "the output cannot be the same on another machine; it is not compared",
    "raises-exception": "the cell raises on purpose",
    "shows-path": "the output shows an absolute path on purpose",
    "shows-warning": "the output shows a warning, or text on stderr, on purpose",
    "shows-traceback": "the printed text holds a traceback on purpose",
    "shows-digits": "the output shows unrounded numbers on purpose",
    "optional": "beyond the core path; can be skipped",
}

Rule = Callable[[Any], list[str]]
RULES: dict[str, Rule] = {}


def rule(check: Callable[[Any], Iterator[str]]) -> Rule:
    """Enter a rule, under its name, into `RULES`."""

    def judged(notebook: Any) -> list[str]:
        return list(check(notebook))

    judged.__doc__, judged.__name__ = check.__doc__, check.__name__
    RULES[check.__name__] = judged
    return judged


# What a notebook is made of -----------------------------------------------------------------------------------------


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def name(cell: Any) -> str:
    return f"cell “{cell.get('id', '?')}”"


def texts(cell: Any) -> Iterator[tuple[str, str]]:
    """Each text among a cell's outputs, with what it is: stdout, stderr, error or a MIME type."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.name, output.text
        elif output.output_type == "error":
            yield (
                "error",
                re.sub(r"\x1b\[[0-9;]*m", "", "\n".join([f"{output.ename}: {output.evalue}", *output.traceback])),
            )
        else:
            for kind, data in output.get("data", {}).items():
                if kind.startswith("text/") or kind in ("application/javascript", "image/svg+xml"):
                    yield kind, data


def claims(cell: Any) -> list[str]:
    """The sentences of the claims that held, as stored in the output."""
    return [
        line[2:]
        for kind, text in texts(cell)
        if kind == "stdout"
        for line in text.splitlines()
        if line.startswith("✓ ")
    ]


def has_figure(cell: Any) -> bool:
    return any(kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {}))


def tree(cell: Any) -> ast.Module:
    """The cell's code parsed, with magics and shell lines as comments; an empty one when it is no Python."""
    plain = re.sub(r"^(\s*)[%!?].*$", r"\1pass", cell.source, flags=re.MULTILINE)
    try:
        return ast.parse(plain)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def calls(cell: Any) -> Iterator[tuple[str, ast.Call]]:
    """The calls in a cell, each with its dotted name as written (``lm.claim``)."""
    for node in ast.walk(tree(cell)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def prose(source: str) -> str:
    """A Markdown cell's words: without link targets, images' addresses, HTML tags and comments."""
    source = re.sub(r"<!--.*?-->", " ", source, flags=re.DOTALL)
    source = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", source)
    source = re.sub(r"^\s*\[[^\]]+\]:\s*\S+.*$", " ", source, flags=re.MULTILINE)
    return re.sub(r"<https?:[^>]*>|https?://\S+|</?[a-zA-Z][^>\n]*>", " ", source)


def word_count(source: str) -> int:
    """Words of a Markdown cell: a displayed formula or a run of Chinese counts as one, marks and rules as none."""
    source = re.sub(r"\$\$.*?\$\$", " formula ", prose(source), flags=re.DOTALL)
    return sum(bool(re.search(r"\w", word)) for word in source.split())


def sentences(source: str) -> str:
    """The text of a Markdown cell without its headings."""
    return "\n".join(line for line in prose(source).splitlines() if not re.match(r"\s*#{1,6}\s", line))


# Stored as executed ---------------------------------------------------------------------------------------------------


@rule
def executed_in_order(notebook: Any) -> Iterator[str]:
    """Every code cell has been run, from top to bottom in one go: execution counts are 1, 2, 3 …"""
    for number, cell in enumerate(code_cells(notebook), 1):
        if not cell.source.strip():
            yield f"{name(cell)} is empty; delete it."
        if cell.execution_count != number:
            yield f"{name(cell)} has execution count {cell.execution_count}, not {number}; run `make execute`."


@rule
def no_execution_metadata(notebook: Any) -> Iterator[str]:
    """Nothing is stored of when, where and by which version it ran: such lines only make diffs long."""
    allowed = {"tags", "slideshow", "lmcourse", "nbgrader", "editable", "deletable"}
    for cell in notebook.cells:
        if extra := sorted(set(cell.metadata) - allowed):
            yield f"{name(cell)} carries the metadata {', '.join(extra)}; run `make execute`."
    extra = sorted(
        set(notebook.metadata) - {"kernelspec", "language_info", "title", "authors", "lmcourse", "celltoolbar"}
    )
    if extra:
        yield f"The notebook carries the metadata {', '.join(extra)}; run `make execute`."
    if "version" in notebook.metadata.get("language_info", {}):
        yield "The notebook names a version of Python; run `make execute`."
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "The notebook's kernel is not python3; run `make execute`."


@rule
def few_outputs_are_ignored(notebook: Any) -> Iterator[str]:
    """Of the code cells that have output, fewer than a third carry nbval-ignore-output."""
    with_output = [cell for cell in code_cells(notebook) if cell.outputs]
    ignored = [cell for cell in with_output if IGNORED in tags(cell)]
    if ignored and 3 * len(ignored) >= len(with_output):
        yield f"{len(ignored)} of {len(with_output)} code cells with output are tagged {IGNORED}; keep below a third."


@rule
def only_known_tags(notebook: Any) -> Iterator[str]:
    """Tags are those of the course, and nbval's comments in the code, which nobody counts, are not used."""
    for cell in notebook.cells:
        for tag in sorted(tags(cell) - set(TAGS)):
            yield f"{name(cell)} has the unknown tag {tag}; the tags are {', '.join(TAGS)}."
        if cell.cell_type == "code" and re.search(r"^\s*#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source, re.MULTILINE):
            yield f"{name(cell)} speaks to nbval in a comment; use a tag."


# Clean outputs --------------------------------------------------------------------------------------------------------

# Folders that exist on one machine only. They stand in no output, not even in one that shows paths on purpose.
_OWN = [str(ROOT), str(Path.home()), sys.prefix, sys.base_prefix]
_MACHINE = re.compile(
    r"(?:/(?:home|Users|root|tmp|private|mnt|media|content|workspace|builds)|/var/folders|/opt/(?:conda|homebrew|hostedtoolcache))/\w[\w./@+-]*"
    r"|site-packages|dist-packages|\.venv\b|file://|ipykernel_\d+|\b[A-Za-z]:[\\/]{1,2}(?:Users|Windows|Program|\w+[\\/])"
)
# A slash path of two parts or more that does not belong to a URL, a tag, a fraction or an attribute of HTML.
_PATH = re.compile(r"""(?<![\w:/.<~\-…*)\]])(?<!=["'])(?<!\\)/(?:[\w@+.-]+/)+[\w@+.-]*""")


@rule
def no_paths(notebook: Any) -> Iterator[str]:
    """No output holds an absolute path, which differs on the next machine (tag shows-path where it is the subject)."""
    for cell in code_cells(notebook):
        for kind, text in texts(cell):
            own = next(
                (place for place in [*_OWN, tempfile.gettempdir()] if len(place) > 4 and place + "/" in text), None
            )
            found = own or next(
                iter(m[0] for m in [_MACHINE.search(text)] if m and "shows-path" not in tags(cell)), None
            )
            if found is None and "shows-path" not in tags(cell):
                found = next((match[0] for match in _PATH.finditer(text)), None)
            if found:
                yield f"{name(cell)} stores the path “{found}” in its {kind}; print the name alone."
        if match := re.search(r"""["'](?:/(?:home|Users|root|tmp|mnt)/|[A-Za-z]:\\\\?\w)""", cell.source):
            yield f"{name(cell)} has the path “{match[0][1:]}…” in its code; it is not there on another machine."


@rule
def no_warnings(notebook: Any) -> Iterator[str]:
    """No output holds a warning or text on stderr that is not shown on purpose."""
    for cell in code_cells(notebook):
        if "shows-warning" in tags(cell):
            continue
        for kind, text in texts(cell):
            if match := re.search(r"\b\w*Warning: |\bwarnings\.warn\(", text):
                yield f"{name(cell)} stores a warning (“{match[0].strip()}”); mend its cause, or tag it shows-warning."
            elif kind == "stderr" and IGNORED not in tags(cell):
                yield f"{name(cell)} writes to stderr; a progress bar's cell is tagged {IGNORED}, or shows none."


@rule
def no_tracebacks(notebook: Any) -> Iterator[str]:
    """No output holds an error that is not shown on purpose."""
    for cell in code_cells(notebook):
        raised = any(output.output_type == "error" for output in cell.outputs)
        if raised and "raises-exception" not in tags(cell):
            yield f"{name(cell)} ends in an error; mend it, or tag it raises-exception."
        if "raises-exception" in tags(cell) and not raised:
            yield f"{name(cell)} is tagged raises-exception and raises none; drop the tag."
        for kind, text in texts(cell):
            if kind != "error" and "Traceback (most recent call last)" in text and "shows-traceback" not in tags(cell):
                yield f"{name(cell)} prints a traceback; tag it shows-traceback if that is the subject."


@rule
def no_noise(notebook: Any) -> Iterator[str]:
    """No memory addresses, no versions, and floats rounded: such text is different on the next machine."""
    for cell in code_cells(notebook):
        for kind, text in texts(cell):
            if match := re.search(r"\bat 0x[0-9a-fA-F]{6,}", text):
                yield f"{name(cell)} stores a memory address (“{match[0]}”) in its {kind}; print what says more."
            if not tags(cell) & {IGNORED, "shows-digits"} and (match := re.search(r"(?<![\w.])-?\d+\.\d{7,}", text)):
                yield f"{name(cell)} prints {match[0]}; round it, its last digits differ from machine to machine."
        if re.search(r"__version__|\bsys\.version|platform\.(?:python_)?version|show_versions", cell.source):
            yield f"{name(cell)} asks for a version; `lmcourse doctor` prints them."


# Shape ----------------------------------------------------------------------------------------------------------------


@rule
def small_cells(notebook: Any) -> Iterator[str]:
    """A code cell has at most 15 lines that are not blank, a Markdown cell at most 120 words."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            lines = sum(bool(line.strip()) for line in cell.source.splitlines())
            if lines > MOST_CODE_LINES:
                yield f"{name(cell)} has {lines} lines of code; at most {MOST_CODE_LINES} can be taken in at once."
            if (longest := max((len(line) for line in cell.source.splitlines()), default=0)) > 110:
                yield f"{name(cell)} has a line of {longest} characters; at most 110 fit a projected page."
        elif (words := word_count(cell.source)) > MOST_WORDS:
            yield f"{name(cell)} has {words} words; at most {MOST_WORDS}, then something to do."


@rule
def stable_ids(notebook: Any) -> Iterator[str]:
    """Every cell has an id of its own that a person chose: links, translations and tests refer to it."""
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        yield "The notebook is older than format 4.5, which brought cell ids; run `make execute`."
    seen: set[str] = set()
    for cell in notebook.cells:
        given = cell.get("id", "")
        if given in seen:
            yield f"{name(cell)} is there twice; an id is one cell's."
        seen.add(given)
        random = re.fullmatch(r"[0-9a-f]{8}|[0-9a-f]{8}-[0-9a-f-]{20,}", given)
        if random or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", given) or not re.search(r"[a-z]{3}", given):
            yield f"{name(cell)} needs an id that can be read, in small letters with hyphens, such as mojibake-repair."


@rule
def slides(notebook: Any) -> Iterator[str]:
    """Every cell says what it is when the lesson is shown as slides."""
    for number, cell in enumerate(notebook.cells):
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind not in SLIDES:
            yield f"{name(cell)} has the slide type {kind!r}; it is one of {', '.join(sorted(SLIDES))}."
        elif number == 0 and kind != "slide":
            yield f"{name(cell)} is the first and must begin a slide."


@rule
def words_before_code(notebook: Any) -> Iterator[str]:
    """A code cell follows a Markdown cell with at least one sentence: no code after code."""
    before = None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if before is None or before.cell_type != "markdown":
                yield f"{name(cell)} has no words before it; say what it is for, and ask for a prediction."
            elif word_count(sentences(before.source)) < 4:
                yield f"{name(cell)} has only a heading before it; say what it is for."
        before = cell


@rule
def figures_in_words(notebook: Any) -> Iterator[str]:
    """What a figure shows is said in the Markdown cell after it, and its output has a text form."""
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if cell.cell_type == "code" and has_figure(cell):
            if after is None or after.cell_type != "markdown" or word_count(sentences(after.source)) < 8:
                yield f"{name(cell)} shows a figure; the cell after it says in words what is to be seen."
            if any("image/svg+xml" in output.get("data", {}) for output in cell.outputs):
                yield f"{name(cell)} stores an SVG; figures are PNG."


@rule
def opening(notebook: Any) -> Iterator[str]:
    """A lesson opens with outcomes, what it needs, how long it takes, and the pipeline with its stage lit."""
    first = {cell.get("id"): cell for cell in notebook.cells[:8]}
    for missing in [wanted for wanted in OPENING if wanted not in first]:
        yield f"None of the first eight cells has the id {missing}; a lesson opens with {', '.join(OPENING)}."
    if not notebook.cells or not re.match(r"# \S", notebook.cells[0].source) or notebook.cells[0].get("id") != "title":
        yield "The first cell is the title: a heading of level 1, with the id title."
    if "outcomes" in first and not 3 <= _items(first["outcomes"].source) <= 5:
        yield f"{name(first['outcomes'])} lists {_items(first['outcomes'].source)} outcomes; 3 to 5 is right."
    if "time" in first and not re.search(r"\bminutes?\b|\bseconds?\b", first["time"].source):
        yield f"{name(first['time'])} says no time; give the seconds to run and the minutes to learn."
    if "pipeline" in first and not (
        first["pipeline"].cell_type == "code"
        and any(called.endswith("pipeline") for called, _ in calls(first["pipeline"]))
    ):
        yield f"{name(first['pipeline'])} draws no pipeline; call lm.plots.pipeline with this lesson's stage."


@rule
def closing(notebook: Any) -> Iterator[str]:
    """A lesson closes with what we now know, exercises, further reading and what comes next, in this order."""
    ids = [cell.get("id") for cell in notebook.cells]
    places = [ids.index(wanted) if wanted in ids else None for wanted in CLOSING]
    for wanted, place in zip(CLOSING, places, strict=True):
        if place is None:
            yield f"No cell has the id {wanted}; a lesson closes with {', '.join(CLOSING)}."
    there = [place for place in places if place is not None]
    if there != sorted(there):
        yield f"The closing cells stand in another order than {', '.join(CLOSING)}."
    if ids and places[-1] is not None and places[-1] != len(ids) - 1:
        yield "The last cell is not the one with the id next."
    if places[2] is not None and not re.search(r"\b(?:19|20)\d\d\b", notebook.cells[places[2]].source):
        yield "The further reading names no year; give author, title and year."


def _items(source: str) -> int:
    return len(re.findall(r"^\s{0,3}(?:[-*+]|\d+[.)])\s", source, re.MULTILINE))


# Claims ---------------------------------------------------------------------------------------------------------------


@rule
def enough_claims(notebook: Any) -> Iterator[str]:
    """A lesson holds at least twelve claims, no two the same."""
    held = [claim for cell in code_cells(notebook) for claim in claims(cell)]
    if len(set(held)) < FEWEST_CLAIMS:
        yield f"{len(set(held))} different claims held; a lesson has at least {FEWEST_CLAIMS}."
    for twice in sorted({claim for claim in held if held.count(claim) > 1}):
        yield f"The claim “{twice}” is there {held.count(twice)} times; say what is different."


@rule
def knowledge_is_claimed(notebook: Any) -> Iterator[str]:
    """Every item of "what we now know" names, in the cell's metadata, a cell above it whose claim backs it."""
    for place, cell in enumerate(notebook.cells):
        if not re.fullmatch(r"what-we-know(-.+)?", cell.get("id", "")):
            continue  # a long list goes on in a second cell, what-we-know-more
        backing = cell.metadata.get("lmcourse", {}).get("backed_by", [])
        above = {other.get("id"): other for other in notebook.cells[:place] if other.cell_type == "code"}
        if len(backing) != _items(cell.source) or not backing:
            yield (
                f"{name(cell)} has {_items(cell.source)} items and names {len(backing)} cells that back them; give one "
                "list item for each sentence and, in the metadata, lmcourse.backed_by with one cell id for each."
            )
        for given in backing:
            if given not in above or not claims(above[given]):
                yield f"{name(cell)} is backed by “{given}”, which is no cell above it with a claim that held."


@rule
def training_has_a_control(notebook: Any) -> Iterator[str]:
    """After a cell that trains a network, a claim names a control: what did not learn must not meet the condition."""
    cells = code_cells(notebook)
    for place, cell in enumerate(cells):
        if IGNORED not in tags(cell) or not any(_trains(called) for called, _ in calls(cell)):
            continue
        after = [cell]
        for other in cells[place + 1 : place + 5]:
            if IGNORED in tags(other) and any(_trains(called) for called, _ in calls(other)):
                break
            after.append(other)
        named = any(
            called.split(".")[-1] == "claim" and any(word.arg == "control" for word in call.keywords)
            for other in after
            for called, call in calls(other)
        )
        if not named:
            yield f"{name(cell)} trains, and no claim there or soon after has control=; name what must not meet it."


def _trains(called: str) -> bool:
    owner, _, method = called.rpartition(".")
    return method in ("fit", "train", "train_lm") and not owner.endswith(("Tokenizer", "tokenizer"))


@rule
def numbers_are_backed(notebook: Any) -> Iterator[str]:
    """Every number in the prose stands in a claim, a compared output nearby or the code beside it (prose_numbers)."""
    cells = notebook.cells
    everywhere = {
        value for cell in code_cells(notebook) for text in _claimed(cell) for value in prose_numbers.values(text)
    }
    for place, cell in enumerate(cells):
        if cell.cell_type != "markdown" or cell.get("id") == "further-reading":
            continue
        before = [other for other in cells[:place] if other.cell_type == "code"][-3:]
        after = [other for other in cells[place:] if other.cell_type == "code"][:3]
        compared = [text for other in before + after if IGNORED not in tags(other) for _, text in texts(other)]
        beside = [other.source for other in before[-1:] + after[:1]]
        evidence = everywhere.union(*map(prose_numbers.values, compared), *map(prose_numbers.literals, beside))
        granted = cell.metadata.get("lmcourse", {}).get("numbers", {})
        unused = dict(granted)
        for number in prose_numbers.stated(prose(cell.source), known_code=beside + compared):
            if number.backed_by(evidence):
                continue
            key = next((key for key in granted if number.value in prose_numbers.values(key)), None)
            unused.pop(key, None)
            if key is None:
                yield (
                    f"{name(cell)} states {number.text}, which no claim, no compared output nearby and no code beside "
                    "it contains; claim it, or give the reason in the metadata, lmcourse.numbers."
                )
            elif not str(granted[key]).strip():
                yield f"{name(cell)} grants {key} in its metadata without a reason; say why."
        for key in unused:
            yield f"{name(cell)} grants the number {key} in its metadata, and needs no such grant; drop it."


def _claimed(cell: Any) -> list[str]:
    """What a cell's claims say: as printed, or where the output is not compared, as written in the code."""
    if IGNORED not in tags(cell):
        return claims(cell)
    said = (call.args[0] for called, call in calls(cell) if called.split(".")[-1] == "claim" and call.args)
    return [
        part.value
        for text in said
        for part in ast.walk(text)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


# Code -----------------------------------------------------------------------------------------------------------------


@rule
def no_library_copies(notebook: Any) -> Iterator[str]:
    """No function or class of the library is written out again: it is imported, or shown with lm.show_source."""
    public, bodies = code_copies.library()
    for cell in code_cells(notebook):
        for node in tree(cell).body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                continue
            if node.name in public:
                yield f"{name(cell)} defines {node.name}, as lmcourse does; import it, or give this one another name."
            own = code_copies.shape(node)
            for known, shape in bodies.items() if len(own) >= 40 else ():
                if code_copies.alike(own, shape):
                    yield f"{name(cell)} defines {node.name}, nearly the same as the library's {known}; use that."


@rule
def stays_at_home(notebook: Any) -> Iterator[str]:
    """A lesson asks nothing of the network, installs nothing, and writes no file except in a folder of tempfile's."""
    safe = any("tempfile" in cell.source for cell in code_cells(notebook))
    for cell in code_cells(notebook):
        if match := re.search(r"^\s*(?:!|%%bash|%%sh\b|%%writefile|%pip|%conda|%cd)\S*", cell.source, re.MULTILINE):
            yield f"{name(cell)} has a shell line (“{match[0].strip()}”); it does not work on every system."
        for node in ast.walk(tree(cell)):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in imported:
                if module.split(".")[0] in {"requests", "urllib3", "httpx", "aiohttp", "socket", "ftplib", "wget"} or (
                    module.startswith(("urllib.request", "http.client"))
                ):
                    yield f"{name(cell)} imports {module}; a lesson works without a network."
        for called, call in calls(cell):
            method = called.split(".")[-1]
            if called.endswith("corpus.fetch") or method in ("urlopen", "urlretrieve"):
                yield f"{name(cell)} calls {called}; a lesson works without a network."
            mode = [
                arg.value
                for arg in [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            writes = method in {
                "write_text",
                "write_bytes",
                "mkdir",
                "makedirs",
                "savefig",
                "to_csv",
                "touch",
                "save",
            } or (method == "open" and any(set(text) & set("wax+") for text in mode))
            if writes and not safe:
                yield f"{name(cell)} writes a file with {called}; write into tempfile.TemporaryDirectory()."


def repeated_definitions(notebooks: dict[str, Any]) -> list[str]:
    """Functions and classes that stand, nearly the same, in more than one place of the lessons."""
    places = [
        (stem, cell, node, code_copies.shape(node))
        for stem, notebook in notebooks.items()
        for cell in code_cells(notebook)
        for node in tree(cell).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    ]
    found = []
    for number, (stem, cell, node, shape) in enumerate(places):
        for other, there, twin, its in places[number + 1 :]:
            if len(shape) >= 25 and code_copies.alike(shape, its):
                found.append(f"{twin.name} in {other} ({name(there)}) repeats {node.name} in {stem} ({name(cell)}).")
    return found
