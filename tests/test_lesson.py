"""`lmcourse.lesson`: a claim can fail, a control is held to the same condition, source is real, seeds repeat."""

from __future__ import annotations

import functools
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lmcourse import lesson
from lmcourse.errors import LmcourseError
from lmcourse.lesson import ClaimError, claim, reproducible, show_source

TRUE = [True, np.bool_(True), np.array(True), torch.tensor(True), torch.tensor(1.0) < 2.0]
FALSE = [False, np.bool_(False), np.array(False), torch.tensor(False), np.float64(1.0) > 2.0]


@pytest.mark.parametrize("ok", TRUE, ids=repr)
def test_a_claim_that_holds_prints_its_sentence(ok, capsys):
    """`make run` counts claims by these lines, and the stored output is compared to the letter."""
    claim("two is even", ok)
    assert capsys.readouterr() == ("✓ two is even\n", "")


@pytest.mark.parametrize("ok", FALSE, ids=repr)
def test_a_claim_that_does_not_hold_raises(ok, capsys):
    """A claim that only printed a cross would let a wrong lesson pass."""
    with pytest.raises(ClaimError, match="two is odd"):
        claim("two is odd", ok)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "value",
    [
        [False],
        [],
        (),
        "False",
        "",
        None,
        0,
        1,
        0.5,
        np.array([True, True]),
        np.array([True]),
        np.float64(1.0),
        np.int64(1),
        torch.tensor([True, False]),
        torch.tensor(1),
        {"a": True},
        object(),
        lambda: False,
        NotImplemented,
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_claim_refuses_what_is_not_a_truth_value(value):
    """`claim("…", [False])`, or a function that was never called, is truthy: it could not fail."""
    with pytest.raises(LmcourseError, match="True or False belongs"):
        claim("something", value)
    with pytest.raises(LmcourseError, match="True or False belongs"):
        claim("something", True, control={"the baseline": value})


@given(
    st.one_of(st.integers(), st.floats(), st.text(), st.lists(st.booleans()), st.dictionaries(st.text(), st.booleans()))
)
def test_no_other_python_value_passes_for_true(value):
    """The refusal does not hang on the examples above."""
    with pytest.raises(LmcourseError):
        claim("something", value)


def test_a_refusal_names_the_shape():
    """Most often it is an array's comparison that lacks `.all()`: the sentence says so."""
    with pytest.raises(LmcourseError, match=r"a ndarray of shape \(2, 3\) where True or False belongs.*\.all\(\)"):
        claim("equal", np.zeros((2, 3)) == 0)


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "two lines\n"])
def test_a_claims_text_is_one_line(text):
    """Two lines would count as one claim, and an empty one says nothing."""
    with pytest.raises(LmcourseError, match="one line"):
        claim(text, True)


def test_a_control_that_fails_supports_the_claim(capsys):
    """The line names the control, so that a reader of the output sees what the model was held against."""
    claim("the loss is below 2.5", True, control={"untrained weights": False, "shuffled labels": np.bool_(False)})
    claim("the loss is below 2.5", True, control=False)
    assert capsys.readouterr().out.splitlines() == [
        "✓ the loss is below 2.5 (and not for: untrained weights, shuffled labels)",
        "✓ the loss is below 2.5",
    ]


@pytest.mark.parametrize("control", [True, {"the baseline": np.bool_(True)}, {"a": False, "b": True}])
def test_a_control_that_meets_the_condition_fails_the_claim(control):
    """A bound so wide that the untrained model meets it too shows nothing about training."""
    with pytest.raises(ClaimError, match="holds for the control as well"):
        claim("the loss is below 25", True, control=control)


def test_a_false_claim_fails_whatever_its_control_does():
    """The control is no excuse for the claim."""
    with pytest.raises(ClaimError, match="does not hold here"):
        claim("the loss is below 1", False, control={"untrained": False})


def test_an_empty_control_is_refused():
    """`control={}` would look like a control and test none."""
    with pytest.raises(LmcourseError, match="empty control"):
        claim("the loss is below 2", True, control={})


def test_a_notebook_shows_a_failed_claim_calmly():
    """The sentence, then what to check, in a few short lines: no stack frames, no colours."""
    with pytest.raises(ClaimError) as caught:
        claim("clean text is shorter", False)
    lines = caught.value._render_traceback_()
    assert lines[0] == "✗ clean text is shorter" and 2 <= len(lines) <= 5
    assert all(len(line) <= 100 for line in lines) and "Run All" in " ".join(lines)
    assert "File" not in " ".join(lines) and "\x1b" not in " ".join(lines)


class Sample:
    """A class to be shown."""

    @property
    def size(self) -> int:
        """Doc of size."""
        return 3

    @classmethod
    def make(cls):
        return cls()

    def only_doc(self):
        """Nothing but this."""


def test_the_source_shown_is_the_files_own(capsys):
    """A copy would go stale; what is shown must stand in the file letter for letter."""
    show_source(claim)
    head, shown = capsys.readouterr().out.split("\n", 1)
    assert head == "# lmcourse/lesson.py"
    assert shown in Path(lesson.__file__).read_text(encoding="utf-8") and "def claim(" in shown


def test_what_wraps_a_function_is_opened(capsys):
    """Properties, class methods and partials have no source of their own; the function inside has."""
    for thing, line in [
        (Sample.size, "def size"),
        (Sample.__dict__["make"], "def make"),
        (Sample.make, "def make"),
        (functools.partial(claim, "x"), "def claim"),
        (Sample().only_doc, "def only_doc"),
    ]:
        show_source(thing)
        assert line in capsys.readouterr().out


def test_modules_and_classes_are_shown_too(capsys):
    """A package's path keeps its `__init__.py`."""
    import email

    show_source(lesson)
    assert capsys.readouterr().out.startswith('# lmcourse/lesson.py\n"""What every lesson')
    show_source(email)
    assert capsys.readouterr().out.startswith("# email/__init__.py\n")
    show_source(Sample)
    assert "class Sample:" in capsys.readouterr().out


def test_docstrings_can_be_left_out(capsys):
    """On a slide the code is what counts; a body of nothing but a docstring must keep it, or it is no code."""
    show_source(Sample, docstring=False)
    shown = capsys.readouterr().out
    assert "A class to be shown" not in shown and "Doc of size" not in shown
    assert "Nothing but this." in shown and "return 3" in shown
    compile(shown, "shown", "exec")


@pytest.mark.parametrize("thing", [len, 3, "text", np.add])
def test_what_has_no_python_source_is_refused(thing):
    """Written in C, or no code at all: a sentence, not inspect's own error."""
    with pytest.raises(LmcourseError, match="No Python source"):
        show_source(thing)


def test_reproducible_repeats_all_three_generators(monkeypatch):
    """Python's, NumPy's and PyTorch's, each from the same seed twice, and differently from another seed."""
    monkeypatch.setenv("LMCOURSE_THREADS", "1")

    def draw(seed):
        assert reproducible(seed) is None
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    try:
        first, again, other = draw(7), draw(7), draw(8)
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
    assert first == again and all(a != b for a, b in zip(first, other, strict=True))


def test_threads_come_from_the_environment(monkeypatch):
    """The course's own variable first, then the one everybody knows, else one thread; anything else is refused."""
    monkeypatch.delenv("LMCOURSE_THREADS", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert lesson.threads() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert lesson.threads() == 3
    monkeypatch.setenv("LMCOURSE_THREADS", "2")
    assert lesson.threads() == 2
    for wrong in ("0", "-1", "many", "1.5"):
        monkeypatch.setenv("LMCOURSE_THREADS", wrong)
        with pytest.raises(LmcourseError, match="LMCOURSE_THREADS"):
            lesson.threads()


def test_claims_cost_no_heavy_import():
    """A claim imports neither NumPy nor PyTorch: lessons pay for what they use."""
    code = "import sys, lmcourse.lesson as l; l.claim('x', True); sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONIOENCODING": "utf-8"}, check=True)


def test_the_annotations_are_enforced_in_these_tests():
    """Without the hook in conftest a wrong shape in a signature would stand there unnoticed."""
    with pytest.raises(Exception, match="type") as caught:
        claim(3, True)
    assert "TypeCheck" in type(caught.value).__name__ or "Beartype" in type(caught.value).__name__


def test_the_tests_see_no_network():
    """A download forgotten in a test must fail here as well, not only on a machine without a connection."""
    import socket

    with pytest.raises(socket.gaierror):
        socket.create_connection(("example.org", 80), timeout=1)
    with socket.socket() as plain, pytest.raises(OSError, match="unreachable"):
        plain.connect(("192.0.2.1", 80))
