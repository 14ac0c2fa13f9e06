"""Pictures with sliders: move a setting, and see at once what it does (Kay & Goldberg 1977, *Personal Dynamic Media*).

In JupyterLab a panel has sliders (ipywidgets). Everywhere else it degrades: a stored notebook, a web page or a place without
ipywidgets shows the picture at the first setting, a plain script its words and the name of its file.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lmcourse import descent as rules
from lmcourse.errors import LmcourseError
from lmcourse.plots import look
from lmcourse.plots.landscapes import contours

WIDGET = "application/vnd.jupyter.widget-view+json"
Slider = tuple[float, float, float]  # from, to, and where it stands first


def explore(draw: Callable[..., Figure], **sliders: Slider) -> None:
    """Show ``draw(name=value, …)`` with one slider for each name; it is drawn anew when one is moved.

    ``sliders``: name → (from, to, first value). ``draw`` returns a figure, such as that of ``lm.plots.look.new_figure``.
    """
    for name, (low, high, first) in sliders.items():
        if not low <= first <= high or low == high:
            raise LmcourseError(f"The slider {name} goes from {low} to {high} and cannot stand at {first}; choose a place between.")
    figure = draw(**{name: first for name, (_, _, first) in sliders.items()})
    if not in_a_notebook():
        look.show(figure)
        return
    png = look.png(figure)
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    publish(
        {"image/png": base64.b64encode(png).decode("ascii"), "text/plain": look.words(figure)},
        _panel(draw, sliders, png),
        {"image/png": {"width": width, "height": height}},
    )


def in_a_notebook() -> bool:
    """Whether somebody is there who could be shown more than text."""
    return _shell() is not None


def publish(forms: dict[str, Any], box: Any = None, metadata: dict[str, Any] | None = None) -> None:
    """Show one thing in several forms, by MIME type, and as the widget ``box`` if there is one; a page takes the best it can show."""
    if box is not None:
        forms = {**forms, WIDGET: {"version_major": 2, "version_minor": 0, "model_id": box.model_id}}
    _shell().display_pub.publish(forms, metadata=metadata or {})


def slider(name: str, low: float | int, high: float | int, first: float | int) -> Any:
    """An ipywidgets slider that tells of a change when it is let go; whole numbers where all three are."""
    import ipywidgets

    whole = all(isinstance(value, int) for value in (low, high, first))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    fine = {} if whole else {"step": (high - low) / 200, "readout_format": ".3f"}
    return kind(first, min=low, max=high, description=name, continuous_update=False, **fine)


def descent(curvatures: tuple[float, float] = (1.0, 25.0), start: tuple[float, float] = (-4.5, 1.5), steps: int = 60) -> None:
    """The panel of lesson 4: the path of descent in a valley, with sliders for the rate and the momentum."""

    def draw(rate: float | int, momentum: float | int) -> Figure:
        return descent_picture(rate, momentum, curvatures, start, steps)

    explore(draw, rate=(0.002, 1.1 * rules.largest_rate(max(curvatures), 0.9), 0.05), momentum=(0.0, 0.95, 0.0))


def descent_picture(
    rate: float | int, momentum: float | int, curvatures: tuple[float, float], start: tuple[float, float], steps: int
) -> Figure:
    """One setting of that panel: the path over contours, and in the title what the curvature predicts and what came."""
    scale = np.array(curvatures)
    way = rules.path(lambda theta: scale * theta, start, rate, steps, momentum)
    border, came = rules.largest_rate(max(curvatures), momentum), rules.arrival(way, within=0.05)
    outcome = f"within 0.05 after {came} steps" if came is not None else f"not there after {steps} steps"
    with look.applied():
        figure, (ax,) = look.new_figure(8.0, 4.4)
        contours(
            lambda x, y: (scale[0] * x**2 + scale[1] * y**2) / 2,
            {f"rate {rate:.3f}, momentum {momentum:.2f}": way},
            title=f"{'below' if rate < border else 'above'} the border of {border:.3f}: {outcome}",
            ax=ax,
        )
    return figure


def _shell() -> Any:
    """IPython's shell, if we run in one. Asked without importing IPython: where it is not loaded, nobody can be in a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _panel(draw: Callable[..., Figure], sliders: dict[str, Slider], png: bytes) -> Any:
    """The sliders above the picture, or None where ipywidgets is not to be had."""
    try:
        import ipywidgets
    except ImportError:
        return None
    picture = ipywidgets.Image(value=png, format="png", layout={"max_width": "800px"})
    controls = {name: slider(name, *places) for name, places in sliders.items()}

    def redraw(_: Any) -> None:
        picture.value = look.png(draw(**{name: control.value for name, control in controls.items()}))

    for control in controls.values():
        control.observe(redraw, names="value")
    return ipywidgets.VBox([*controls.values(), picture])
