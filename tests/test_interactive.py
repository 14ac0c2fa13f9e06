"""`lmcourse.interactive`: sliders where there are sliders, a picture everywhere else."""

from __future__ import annotations

import base64
import sys

import pytest

from lmcourse import interactive
from lmcourse.errors import LmcourseError
from lmcourse.plots import look


def test_a_notebook_gets_sliders_a_picture_and_words(sent):
    """One message in three forms: a web page without widgets shows the picture, a reader hears the words."""
    interactive.descent(steps=5)
    (data,) = sent
    assert set(data) == {"image/png", "text/plain", interactive.WIDGET}
    assert data["text/plain"].startswith("Figure. below the border of 0.080")


def test_without_ipywidgets_there_is_still_the_picture(sent, monkeypatch):
    """An import that fails must not take the lesson with it."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    interactive.descent(steps=5)
    assert set(sent[0]) == {"image/png", "text/plain"} and base64.b64decode(sent[0]["image/png"])[:4] == b"\x89PNG"


def test_a_script_gets_words_and_a_file(capsys, tmp_path, monkeypatch):
    """No window, no blocking."""
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    interactive.descent(steps=5)
    assert "rate 0.050, momentum 0.00" in capsys.readouterr().out and list(tmp_path.glob("*.png"))


def test_moving_a_slider_draws_anew():
    """The picture must follow the sliders, and take both of them into account."""
    asked = []

    def draw(rate, momentum):
        asked.append((rate, momentum))
        return look.new_figure(2, 1)[0]

    box = interactive._panel(draw, {"rate": (0.0, 1.0, 0.5), "momentum": (0.0, 0.9, 0.0)}, b"")
    rate, momentum, picture = box.children
    rate.value = 0.25
    momentum.value = 0.45
    assert asked == [(0.25, 0.0), (0.25, 0.45)] and picture.value[:4] == b"\x89PNG"


@pytest.mark.parametrize(("rate", "momentum", "side"), [(0.07, 0.0, "below"), (0.09, 0.0, "above"), (0.09, 0.5, "below"), (0.5, 0.9, "above")])  # fmt: skip
def test_the_picture_says_what_the_curvature_predicts(rate, momentum, side):
    """Every setting can be drawn, an exploding one too."""
    figure = interactive.descent_picture(rate, momentum, (1.0, 25.0), (-4.5, 1.5), 60)
    assert side in look.words(figure) and look.png(figure)


def test_a_slider_stands_where_it_can():
    """ipywidgets would move it without a word."""
    with pytest.raises(LmcourseError, match="slider rate"):
        interactive.explore(lambda rate: look.new_figure(2, 1)[0], rate=(0.0, 1.0, 2.0))
