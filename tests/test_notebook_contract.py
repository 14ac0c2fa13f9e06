"""The lesson rules are tested on one small sound lesson, and on the same lesson with one thing broken at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lesson_order
import notebook_contract as contract
import prose_numbers
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

FIGURE = {"image/png": "iVBORw0KGgo=", "text/plain": "Figure. bars: clean, dirty"}


def words(given: str, text: str, **metadata: Any) -> Any:
    return new_markdown_cell(text, id=given, metadata={"slideshow": {"slide_type": "fragment"}, **metadata})


def code(given: str, source: str, *outputs: Any, tags: tuple[str, ...] = ()) -> Any:
    stored = [new_output("stream", name="stdout", text=out) if isinstance(out, str) else out for out in outputs]
    metadata = {"slideshow": {"slide_type": "fragment"}, **({"tags": list(tags)} if tags else {})}
    return new_code_cell(source, id=given, outputs=stored, metadata=metadata)


def sound_lesson() -> Any:
    """The smallest notebook that keeps every rule."""
    claims = [f"fact {letter} holds" for letter in "abcdefghijk"]
    cells = [
        words("title", "# 1 · Preprocessing"),
        words("outcomes", "You will be able to\n- clean text,\n- cut it into tokens,\n- say what was lost."),
        words("needs", "You need nothing but this notebook."),
        words("time", "It runs in about 20 seconds.", lmcourse={"numbers": {"20": "measured by `lmcourse run`"}}),
        words("before-pipeline", "This is where we are on the way."),
        code("pipeline", "import lmcourse as lm\nlm.plots.pipeline('data')", new_output("display_data", data=FIGURE)),
        words("map", "The first of seven boxes is lit: we begin with the data itself."),
        code(
            "many-claims", "for text in facts:\n    lm.claim(text, True)", "".join(f"✓ {claim}\n" for claim in claims)
        ),
        words("train-a-model", "Now a small model is trained for 300 steps, on 1,200 pages."),
        code(
            "training",
            "model, loss = lm.fit(steps=300)\nprint('loss', loss)",
            "loss 1.93\n",
            tags=("nbval-ignore-output",),
        ),
        words("after-training", "How low is the loss? Below 2.5, and the untrained model's is not."),
        code(
            "trained-claim",
            "lm.claim('the loss is below 2.5 nats', loss < 2.5, control={'untrained': loss0 < 2.5})",
            "✓ the loss is below 2.5 nats (and not for: untrained)\n",
        ),
        words("counting", "We count the pages once more."),
        code("count", "print(len(pages))", "1,200\n"),
        words(
            "what-we-know",
            "## What we now know\n- Fact a holds.\n- Training works.",
            lmcourse={"backed_by": ["many-claims", "trained-claim"]},
        ),
        words("exercises", "The exercises ask for a variant."),
        words("further-reading", "Gage, *A New Algorithm for Data Compression*, 1994."),
        words("next", "Next come vectors."),
    ]
    notebook = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        },
    )
    cells[0].metadata["slideshow"]["slide_type"] = "slide"
    number(notebook)
    return notebook


def number(notebook: Any) -> None:
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = count


def cell(notebook: Any, given: str) -> Any:
    return next(cell for cell in notebook.cells if cell.id == given)


def put(notebook: Any, after: str, *new: Any) -> None:
    place = 1 + [cell.id for cell in notebook.cells].index(after)
    notebook.cells[place:place] = new
    number(notebook)


def printing(text: Any, source: str = "print(text)", tags: tuple[str, ...] = ()) -> Callable[[Any], None]:
    """Break a lesson by a cell with this code and output; nothing else about it is wrong."""

    def change(notebook: Any) -> None:
        put(
            notebook,
            "count",
            words("one-more", "And one more cell to look at."),
            code("added", source, text, tags=tags),
        )

    return change


def saying(text: str, given: str = "added", **metadata: Any) -> Callable[[Any], None]:
    return lambda notebook: put(notebook, "map", words(given, text, **metadata))


def setting(given: str, field: str, value: Any) -> Callable[[Any], None]:
    return lambda notebook: cell(notebook, given).__setitem__(field, value)


def tagging(*given: str, tag: str = "nbval-ignore-output") -> Callable[[Any], None]:
    def change(notebook: Any) -> None:
        for one in given:
            cell(notebook, one).metadata["tags"] = [tag]

    return change


def dropping(given: str) -> Callable[[Any], None]:
    def change(notebook: Any) -> None:
        notebook.cells = [one for one in notebook.cells if one.id != given]
        number(notebook)

    return change


def swapping(one: str, other: str) -> Callable[[Any], None]:
    def change(notebook: Any) -> None:
        ids = [cell.id for cell in notebook.cells]
        a, b = ids.index(one), ids.index(other)
        notebook.cells[a], notebook.cells[b] = notebook.cells[b], notebook.cells[a]

    return change


def error(*, ename: str = "ValueError") -> Any:
    return new_output("error", ename=ename, evalue="no", traceback=["Traceback"])


def stderr(text: str) -> Any:
    return new_output("stream", name="stderr", text=text)


HOME = str(Path.home())
BROKEN: list[tuple[str, str, Callable[[Any], None]]] = [
    # rule, words of the complaint, what is broken
    ("executed_in_order", "execution count None, not 2", setting("many-claims", "execution_count", None)),
    ("executed_in_order", "execution count 7, not 5", setting("count", "execution_count", 7)),
    ("executed_in_order", "is empty", printing("", source=" \n")),
    (
        "no_execution_metadata",
        "metadata execution",
        lambda nb: cell(nb, "count").metadata.update(execution={"iopub": "2026"}),
    ),
    ("no_execution_metadata", "metadata ExecuteTime", lambda nb: cell(nb, "count").metadata.update(ExecuteTime={})),
    ("no_execution_metadata", "metadata widgets", lambda nb: nb.metadata.update(widgets={})),
    ("no_execution_metadata", "version of Python", lambda nb: nb.metadata.language_info.update(version="3.11.7")),
    ("no_execution_metadata", "not python3", lambda nb: nb.metadata.kernelspec.update(name="my-env")),
    ("few_outputs_are_ignored", "2 of 5", tagging("training", "count")),
    ("few_outputs_are_ignored", "3 of 5", tagging("training", "count", "many-claims")),
    ("only_known_tags", "unknown tag nbval-skip", tagging("count", tag="nbval-skip")),
    ("only_known_tags", "unknown tag slow", tagging("needs", tag="slow")),
    ("only_known_tags", "in a comment", printing("1\n", source="# NBVAL_IGNORE_OUTPUT\nprint(1)")),
    ("no_paths", "/home/ann/x", printing("saved in /home/ann/x\n")),
    ("no_paths", "the path “/Users/", printing("/Users/ann/course/data.txt\n")),
    ("no_paths", "C:\\", printing("C:\\Users\\ann\\data.txt\n")),
    ("no_paths", "D:/", printing("in D:/course/data\n")),
    ("no_paths", "/tmp/t", printing("/tmp/tmpabc/model\n")),
    ("no_paths", "/srv/data/x.txt", printing("'/srv/data/x.txt'\n")),
    ("no_paths", "site-packages", printing("lib/site-packages/torch\n")),
    ("no_paths", "file://", printing("see file:///x\n")),
    ("no_paths", HOME, printing(f"{HOME}/course/x\n", tags=("shows-path",))),
    ("no_paths", "in its code", printing("1\n", source="open('/home/ann/data.txt')")),
    (
        "no_paths",
        "in its error",
        printing(new_output("error", ename="E", evalue="no /srv/data/x.txt", traceback=[]), tags=("raises-exception",)),
    ),
    ("no_warnings", "FutureWarning", printing("FutureWarning: this will change\n")),
    ("no_warnings", "UserWarning", printing(stderr("x.py:3: UserWarning: no\n"), tags=("nbval-ignore-output",))),
    ("no_warnings", "writes to stderr", printing(stderr("100%|███|\n"))),
    ("no_tracebacks", "ends in an error", printing(error())),
    ("no_tracebacks", "raises none", printing("1\n", tags=("raises-exception",))),
    ("no_tracebacks", "prints a traceback", printing("Traceback (most recent call last):\n")),
    ("no_noise", "at 0x7f", printing("<object at 0x7f3a2b1c4d50>\n")),
    ("no_noise", "0.12345678", printing("loss 0.12345678\n")),
    ("no_noise", "asks for a version", printing("1\n", source="print(torch.__version__)")),
    ("small_cells", "16 lines", printing("1\n", source="x = 1\n" * 16)),
    ("small_cells", "line of 121", printing("1\n", source="x" * 121)),
    ("small_cells", "121 words", saying("word " * 121)),
    ("stable_ids", "there twice", saying("Once more.", given="needs")),
    ("stable_ids", "“1a2b3c4d” needs", saying("Once more.", given="1a2b3c4d")),
    ("stable_ids", "“Cell_1” needs", saying("Once more.", given="Cell_1")),
    ("stable_ids", "“a1” needs", saying("Once more.", given="a1")),
    ("stable_ids", "4.5", lambda nb: nb.update(nbformat_minor=4)),
    ("slides", "slide type None", lambda nb: cell(nb, "count").metadata.pop("slideshow")),
    ("slides", "'big'", lambda nb: cell(nb, "count").metadata.slideshow.update(slide_type="big")),
    ("slides", "first", lambda nb: cell(nb, "title").metadata.slideshow.update(slide_type="fragment")),
    ("words_before_code", "no words before", dropping("counting")),
    ("words_before_code", "only a heading", setting("counting", "source", "## We count the pages once more")),
    ("figures_in_words", "“pipeline” shows a figure", setting("map", "source", "Seven boxes.")),
    ("figures_in_words", "“pipeline” shows a figure", dropping("map")),
    ("figures_in_words", "SVG", printing(new_output("display_data", data={"image/svg+xml": "<svg/>"}))),
    *[("opening", f"id {given}", dropping(given)) for given in ("outcomes", "needs", "time", "pipeline")],
    ("opening", "first cell is the title", swapping("title", "needs")),
    ("opening", "2 outcomes", setting("outcomes", "source", "You will\n- clean,\n- cut.")),
    ("opening", "6 outcomes", setting("outcomes", "source", "- a\n" * 6)),
    ("opening", "says no time", setting("time", "source", "Not long.")),
    ("opening", "draws no pipeline", setting("pipeline", "source", "print(1)")),
    *[("closing", f"id {given}", dropping(given)) for given in contract.CLOSING],
    ("closing", "another order", swapping("exercises", "further-reading")),
    ("closing", "last cell", lambda nb: nb.cells.append(words("epilogue", "And one more."))),
    ("closing", "no year", setting("further-reading", "source", "Gage, *A New Algorithm*.")),
    ("enough_claims", "1 different claims", setting("many-claims", "outputs", [])),
    (
        "enough_claims",
        "11 different claims",
        setting("trained-claim", "outputs", [new_output("stream", text="✓ fact a holds\n")]),
    ),
    ("enough_claims", "there 2 times", printing("✓ fact a holds\n")),
    (
        "knowledge_is_claimed",
        "2 items and names 1",
        lambda nb: cell(nb, "what-we-know").metadata.lmcourse.backed_by.pop(),
    ),
    ("knowledge_is_claimed", "2 items and names 0", lambda nb: cell(nb, "what-we-know").metadata.pop("lmcourse")),
    ("knowledge_is_claimed", "0 items", setting("what-we-know", "source", "All is known.")),
    (
        "knowledge_is_claimed",
        "“count”",
        lambda nb: cell(nb, "what-we-know").metadata.lmcourse.update(backed_by=["count"] * 2),
    ),
    (
        "knowledge_is_claimed",
        "“nowhere”",
        lambda nb: cell(nb, "what-we-know").metadata.lmcourse.update(backed_by=["nowhere"] * 2),
    ),
    (
        "training_has_a_control",
        "“training” trains",
        setting("trained-claim", "source", "lm.claim('the loss is low', loss < 2)"),
    ),
    (
        "training_has_a_control",
        "“training” trains",
        setting("trained-claim", "source", "claim('low', ok)  # control=…"),
    ),
    ("no_library_copies", "defines claim, as lmcourse does", printing("1\n", source="def claim(x):\n    return x")),
    (
        "no_library_copies",
        "nearly the same as the library's look.luminance",
        printing(
            "1\n",
            source=(
                "def brightness(hue):\n    parts = [int(hue[i : i + 2], 16) / 255 for i in (1, 3, 5)]\n"
                "    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)\n"
                "    return 0.2126 * r + 0.7152 * g + 0.0722 * b"
            ),
        ),
    ),
    ("stays_at_home", "shell line", printing("1\n", source="!ls")),
    ("stays_at_home", "shell line", printing("1\n", source="%pip install torch")),
    ("stays_at_home", "imports requests", printing("1\n", source="import requests")),
    ("stays_at_home", "imports urllib.request", printing("1\n", source="from urllib.request import urlopen")),
    ("stays_at_home", "corpus.fetch", printing("1\n", source="lm.corpus.fetch('x')")),
    ("stays_at_home", "with path.write_text", printing("1\n", source="path.write_text('x')")),
    ("stays_at_home", "with open", printing("1\n", source="with open('x.txt', 'w') as f: pass")),
    ("numbers_are_backed", "“added” states 97 %", saying("It reaches 97 % of them.")),
    ("numbers_are_backed", "“counting” states 1,300", setting("counting", "source", "There are 1,300 pages left.")),
    (
        "numbers_are_backed",
        "“after-training” states 2.4",
        setting("after-training", "source", "The loss is below 2.4, you see."),
    ),
    ("numbers_are_backed", "“time” states 20", lambda nb: cell(nb, "time").metadata.lmcourse.numbers.pop("20")),
    (
        "numbers_are_backed",
        "without a reason",
        lambda nb: cell(nb, "time").metadata.lmcourse.numbers.update({"20": " "}),
    ),
    (
        "numbers_are_backed",
        "needs no such grant",
        lambda nb: cell(nb, "time").metadata.lmcourse.numbers.update({"21": "why"}),
    ),
    (
        "numbers_are_backed",
        "“after-training” states 1.93",
        setting("after-training", "source", "The loss of 1.93 is low, is it?"),
    ),
]


@pytest.mark.parametrize("rule", contract.RULES)
def test_a_sound_lesson_breaks_no_rule(rule):
    """A rule that complains about a sound lesson would be worked around, not kept."""
    assert contract.RULES[rule](sound_lesson()) == []


@pytest.mark.parametrize(("rule", "complaint", "change"), BROKEN, ids=[f"{rule}-{why}" for rule, why, _ in BROKEN])
def test_each_rule_sees_what_breaks_it(rule, complaint, change):
    """A rule that never complains protects nothing."""
    notebook = sound_lesson()
    change(notebook)
    found = contract.RULES[rule](notebook)
    assert any(complaint in sentence for sentence in found), found
    assert all(sentence.endswith(".") and len(sentence) < 300 for sentence in found)


def test_every_rule_is_broken_somewhere_above():
    """A rule added later needs its own broken lesson."""
    assert {rule for rule, _, _ in BROKEN} == set(contract.RULES)


ALLOWED: list[tuple[str, Callable[[Any], None]]] = [
    (
        "no_paths",
        printing("see https://example.org/a/b/c, and/or a/b/c, 3/4/5, ../data/x, </div></p>, //cdn.example.org/x/y\n"),
    ),
    ("no_paths", printing('<a href="/wiki/Cat/Tail">, #!/usr/bin/python\n', tags=("shows-path",))),
    ("no_paths", printing("<a href=\"/wiki/Cat/Tail\"> <img src='/a/b.png'>\n")),
    ("no_paths", printing("ratio 1:/ and C: D: e.g. a:/b\n")),
    ("no_warnings", printing(stderr("100%|███|\n"), tags=("nbval-ignore-output",))),
    ("no_warnings", printing("DeprecationWarning: old\n", tags=("shows-warning",))),
    ("no_warnings", printing("Warning signs are everywhere\n")),
    ("no_tracebacks", printing(error(), tags=("raises-exception",))),
    ("no_noise", printing("0.12345678\n", tags=("nbval-ignore-output",))),
    ("no_noise", printing("0.123456 and 12345678.5\n")),
    ("small_cells", printing("1\n", source="x = 1\n\n" * 15)),
    ("small_cells", saying("$$ a + b + c $$ " + "word " * 118 + " — [link](https://example.org/a b c)")),
    (
        "few_outputs_are_ignored",
        lambda nb: (
            [put(nb, "count", words(f"say-{n}", "Words again."), code(f"more-{n}", "1", "1\n")) for n in range(2)]
            and tagging("training", "count")(nb)
        ),
    ),
    (
        "training_has_a_control",
        printing("1\n", source="lm.BPETokenizer.train(texts, 512)", tags=("nbval-ignore-output",)),
    ),
    ("training_has_a_control", printing("1\n", source="lm.NGramLM(3).fit(ids)")),
    ("no_library_copies", printing("1\n", source="def by_hand(a, b):\n    return a + b")),
    ("stays_at_home", printing("1\n", source="import tempfile\nwith tempfile.TemporaryDirectory() as d: tok.save(d)")),
    ("stays_at_home", printing("1\n", source="open('x.txt')\nimport urllib.parse")),
    ("figures_in_words", printing("no figure\n")),
]


@pytest.mark.parametrize(("rule", "change"), ALLOWED, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(ALLOWED)])
def test_rules_leave_alone_what_is_right(rule, change):
    """Each of these looks like a fault and is none."""
    notebook = sound_lesson()
    change(notebook)
    assert contract.RULES[rule](notebook) == []


def test_what_we_know_may_go_on_in_a_second_cell():
    """Each of its cells is held to its own backing; the closing order looks at the first."""
    notebook = sound_lesson()
    put(notebook, "what-we-know", words("what-we-know-more", "- And more.", lmcourse={"backed_by": ["count"]}))
    (found,) = contract.RULES["knowledge_is_claimed"](notebook)
    assert "“what-we-know-more” is backed by “count”" in found and contract.RULES["closing"](notebook) == []


@pytest.mark.parametrize(
    ("prose", "numbers"),
    [
        ("There are 12 cats.", ["12"]),
        ("It costs 6,112,345 or 0.5, 4e-3 and 25 %.", ["6,112,345", "0.5", "4e-3", "25 %"]),
        ("6.1 million characters, 101 KB, 3k", ["6.1 million", "101 KB", "3k"]),
        ("from 3–5 pages, 3/4 of them", ["3", "5", "3", "4"]),
        ("## 2. Counting\n1. one\n2. two\n> 3. three", []),
        ("see lesson 3, lessons 4–7, section 2.1 and exercises 1, 2 and 3", []),
        ("UTF-8, GPT-2, U+00E9, 0x41, Python 3.11, ISO 8859-1, int64, 2-D, x1", []),
        ("(Gage, 1994), Sennrich et al., 2016 and Shannon 1948; since 1990", []),
        ("between 0 and 1", []),
        ("`lmcourse reset 01` and `make test`", []),
        ("the `512` words, `vocab_size=512`", ["512", "512"]),
        ("$p_1 + p_2^2 = q$ and $\\theta \\leftarrow \\theta - 10\\theta$", []),
        ("$L = 0.35$, $25\\,\\%$ and $H \\approx 4.7$ bits", ["0.35", "25 %", "4.7"]),
        ("$$ \\sum_{i=1}^{100} p_i = 1 $$", []),
        ("it costs $5 or $6", ["5", "6"]),
        ("a 128-dimensional vector, 20x faster, 60s", ["128", "20", "60"]),
        ("<!-- 55 --> [the paper](https://example.org/2016/12) <b>3</b>", ["3"]),
    ],
)
def test_which_numbers_prose_states(prose, numbers):
    """Too few, and prose can say what it likes; too many, and authors grant everything in the metadata."""
    assert [number.text for number in prose_numbers.stated(contract.prose(prose))] == numbers


def test_quoted_code_is_compared_with_the_code():
    """`order=3` quoted from the cell beside it is backed by it; quoted from nowhere it is a number like others."""
    assert prose_numbers.stated("with `order = 3` set", ["model = lm.NGramLM(order=3)"]) == []
    assert [number.text for number in prose_numbers.stated("with `order=4` set", ["lm.NGramLM(order=3)"])] == ["4"]
    assert [number.text for number in prose_numbers.stated("with `3` set", ["lm.NGramLM(order=3)"])] == ["3"]


@pytest.mark.parametrize(
    ("prose", "evidence", "backed"),
    [
        ("0.42", "0.4183", True),
        ("0.42", "0.43", False),
        ("0.42", "0.4251", False),
        ("0.420", "0.4183", False),
        ("1,200", "1200 pages", True),
        ("1,200", "1,201", False),
        ("6.1 million", "6,112,345", True),
        ("6.1 million", "6,012,345", False),
        ("25 %", "0.253", True),
        ("25 %", "25.3 %", True),
        ("25 %", "0.26", False),
        ("25 percent", "recall 0.25", True),
        ("about 6,000", "5,987", True),
        ("6,000", "5,987", False),
        ("about 6,000", "6,700", False),
        ("3", "3.2", False),
        ("3", "3.0", True),
        ("42", "41.7", True),
        ("42", "41.4", False),
        ("0.9", "-0.9", True),
        ("4e-3", "0.004", True),
        ("7", "", False),
        ("≈ 100", "131", True),
        ("≈ 100", "160", False),
    ],
)
def test_when_a_number_is_backed(prose, evidence, backed):
    """Rounded to the digits shown, no further; small whole numbers exactly."""
    (number,) = prose_numbers.stated(prose)
    assert number.backed_by(prose_numbers.values(evidence)) is backed


def test_literals_of_code_are_numbers_not_text():
    """A seed in a string or a comment is no setting, and True is not 1."""
    assert prose_numbers.literals("f(steps=300, rate=4e-3, on=True)  # 77\nx = '55'") == {300.0, 0.004}
    assert prose_numbers.literals("not python (") == set()


def test_claims_back_numbers_everywhere_and_outputs_only_nearby():
    """A claim is the lesson's own sentence; an output far away holds some number by accident."""
    notebook = sound_lesson()
    put(notebook, "map", words("early", "Below 2.5, as we shall see."))
    assert contract.RULES["numbers_are_backed"](notebook) == []
    for n in range(4):
        put(
            notebook,
            "count",
            words(f"gap-{n}", "Words in between, nothing else."),
            code(f"more-{n}", "print(x)", "x\n"),
        )
    put(notebook, "more-2", words("near", "There were 1,200 pages."))
    put(notebook, "more-0", words("far", "There were 1,200 pages."))
    (found,) = contract.RULES["numbers_are_backed"](notebook)
    assert "“far” states 1,200" in found


def test_definitions_repeated_across_lessons_are_found():
    """A helper copied from lesson to lesson is mended in one of them only: it belongs in the library."""
    body = (
        "def helper(pages, words):\n    kept = [page for page in pages if page.size > 3]\n"
        "    return {word: kept.count(word) for word in words}"
    )
    one, other = sound_lesson(), sound_lesson()
    printing("1\n", source=body)(one)
    printing("1\n", source=body.replace("helper", "again").replace("kept", "left"))(other)
    assert contract.repeated_definitions({"01": one, "02": sound_lesson()}) == []
    (found,) = contract.repeated_definitions({"01": one, "02": other})
    assert "again in 02" in found and "helper in 01" in found


def lessons_with_promises() -> dict[int, Any]:
    """Lesson 2 leaves a promise with a figure in it; lesson 4 lists and pays it."""
    left = words("left", "It falls. **Promise 2.1.** From 9.2 to 9.1 in 100 steps:\nwhy so slow? Lesson 4 pays this.")
    opening = words("promises", "## 4.1 Open questions\n\n- **Promise 2.1.** From 9.2 to 9.1 in 100 steps: why so slow?")
    paid = words("paid", "**Promise 2.1 is paid.** The gradient is short.")
    return {2: new_notebook(cells=[left]), 4: new_notebook(cells=[opening, paid])}


@pytest.mark.parametrize(
    ("lesson", "old", "new", "fault"),
    [
        (2, "9.1 in", "9.0 in", "reads"),
        (2, "2.1.**", "2.2.**", "numbered 2.2"),
        (2, "Lesson 4 pays this.", "More later.", "does not end"),
        (2, "**Promise 2.1.** From", "From", "nobody has left"),
        (4, "- **Promise 2.1.** From", "- From", "does not open with promise 2.1"),
        (4, "**Promise 2.1 is paid.**", "So it is.", "paid 0 times"),
        (4, "**Promise 2.1 is paid.**", "**Promise 2.1 is paid.** **Promise 2.1 is paid.**", "paid 2 times"),
        (4, "## 4.1", "**Promise 2.1 is paid.** ## 4.1", "paid 2 times"),
    ],
)
def test_promises_are_held_to(lesson, old, new, fault):
    """Figures that differ, numbers that are wrong, promises left out, unpaid or paid twice: each has been seen in drafts."""
    lessons = lessons_with_promises()
    assert lesson_order.promise_faults(lessons) == []
    for cell in lessons[lesson].cells:
        cell.source = cell.source.replace(old, new)
    assert any(fault in found for found in lesson_order.promise_faults(lessons))


def test_what_a_later_lesson_introduces_is_found_but_in_the_last_section():
    """A name or a term of lesson 2 in the middle of lesson 4 stops whoever comes from lesson 1."""
    later = new_notebook(cells=[words("term", "This is an **embedding** 嵌入, a **mean** 平均."), code("new", "lm.SkipGram().fit(x)")])
    known = new_notebook(cells=[code("old", "lm.BPETokenizer.train(x)\nlm.plots.bars(x)")])
    cells = [words("one", "## 4.1 First"), code("uses", "lm.BPETokenizer.train(x); lm.plots.lines(x)"), words("two", "## 4.2 Last"),
             words("says", "The mean of an embedding."), code("late", "lm.SkipGram().fit(y)")]  # fmt: skip
    assert lesson_order.unknown_in(new_notebook(cells=cells), [known], [later]) == []
    cells.append(words("three", "## 4.3 One more"))
    found = lesson_order.unknown_in(new_notebook(cells=cells), [known], [later])
    assert len(found) == 2 and "lm.SkipGram" in found[0] and "embedding" in found[1]
    own = words("own", "An **embedding** 嵌入 is a table.")
    assert len(lesson_order.unknown_in(new_notebook(cells=[own, *cells]), [known, later], [later])) == 0


def test_the_rules_change_nothing():
    """A rule that altered the notebook would hide faults from the next."""
    notebook = sound_lesson()
    before = copy.deepcopy(notebook)
    for judge in contract.RULES.values():
        judge(notebook)
    assert notebook == before
