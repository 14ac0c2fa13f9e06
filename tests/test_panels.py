"""`lmcourse.panels`: controls where there are controls, text everywhere else."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from lmcourse import interactive, panels
from lmcourse.errors import LmcourseError


def echo(text, kind, size):
    if text == "bad":
        raise LmcourseError("That is bad; write something else.")
    return f"<{text}|{kind}|{size}>"


CONTROLS = {"text": "hello", "kind": ["one", "two"], "size": (0, 4, 2)}


def test_a_notebook_gets_controls_and_text(sent):
    """A page without widgets must still show the first settings and what came of them."""
    panels.play(echo, **CONTROLS)
    (data,) = sent
    assert set(data) == {"text/plain", interactive.WIDGET}
    assert data["text/plain"] == "text: hello\nkind: one\nsize: 2\n→ <hello|one|2>"


def test_a_page_made_from_the_notebook_shows_the_text(sent, tmp_path):
    """Where JupyterLab has saved the widget, whose kernel is gone, nbconvert's page must show what was said, not a gap."""
    panels.play(echo, **CONTROLS)
    shown = v4.new_code_cell("panel", outputs=[v4.new_output("display_data", data=sent[0])])
    nbformat.write(v4.new_notebook(cells=[shown]), tmp_path / "panel.ipynb")
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", tmp_path / "panel.ipynb"], check=True, capture_output=True)
    page = (tmp_path / "panel.html").read_text("utf-8")
    assert "→ &lt;hello|one|2&gt;" in page and interactive.WIDGET not in page


def test_without_ipywidgets_or_a_notebook_there_is_text(sent, capsys, monkeypatch):
    """An import that fails must not take the lesson with it, nor must a plain script."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    panels.play(echo, **CONTROLS)
    assert set(sent[0]) == {"text/plain"}
    monkeypatch.setattr(interactive, "_shell", lambda: None)
    panels.play(echo, **CONTROLS)
    assert "→ <hello|one|2>" in capsys.readouterr().out


def test_changing_a_control_asks_again():
    """The text must follow every control, show no markup of its own, and say what is wrong instead of going quiet."""
    box = panels._box(echo, CONTROLS, "at first")
    text, kind, size, shown = box.children
    text.value, kind.value, size.value = "bye", "two", 4
    assert "&lt;bye|two|4&gt;" in shown.value
    text.value = "bad"
    assert "write something else" in shown.value


def test_a_control_must_be_one():
    """A slider that stands outside itself is moved by ipywidgets without a word."""
    with pytest.raises(LmcourseError, match="control size"):
        panels.play(echo, text="a", kind=["b"], size=(0, 1, 2))


def test_the_applications_have_panels(capsys, monkeypatch):
    """Each must come up with its first settings, and the script of a text must decide the translator."""
    monkeypatch.setattr(interactive, "_shell", lambda: None)
    panels.writing()
    panels.translating(text="船晚点了。")
    out = capsys.readouterr().out
    assert out.startswith("prompt: The harbour ") and "genre: news" in out
    assert "boat" in out.split("text: ")[1].lower()
