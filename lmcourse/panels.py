"""Panels to play with an application: type, choose, slide, and read what it says.

One for each application of lesson 7, made by one function, :func:`play`. In JupyterLab a panel has its controls; where widgets
cannot be shown (a stored notebook, a web page, a script, no ipywidgets) it is text: the first settings, and what came of them.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from lmcourse import interactive
from lmcourse.errors import LmcourseError
from lmcourse.retrieval import Retriever
from lmcourse.tasks import ask, classify, generate, translate
from lmcourse.tasks.desk import Desk
from lmcourse.tasks.pairs import unspaced
from lmcourse.tasks.runs import model_of
from lmcourse.tasks.texts import genre_ids

Control = str | Sequence[str] | tuple[float | int, float | int, float | int]
"""A text to be changed, a list to choose from (the first is chosen), or a slider: from, to, and where it stands first."""


def play(answer: Callable[..., str], **controls: Control) -> None:
    """Show what ``answer(name=value, …)`` says, with a control for each name; it is asked again when one is changed."""
    first = {name: _first(name, control) for name, control in controls.items()}
    told = _told(answer, first)
    text = "\n".join([*(f"{name}: {value}" for name, value in first.items()), "→ " + told])
    if interactive.in_a_notebook():
        interactive.publish({"text/plain": text}, _box(answer, controls, told))
    else:
        print(text)


def writing(model: Any = "lm-genres", prompt: str = "The harbour ", genre: str = "news") -> None:
    """A writer: its genre, how it begins, how daring it is."""
    loaded = model_of(model)
    genres = genre_ids(loaded[1])

    def write(prompt: str, genre: str, temperature: float, top_p: float, number: int) -> str:
        return generate(loaded, prompt, 80, temperature, top_p=top_p, seed=number, genre=genre if genres else None)

    others = [genre, *(name for name in genres if name != genre)] if genres else ["none"]
    play(write, prompt=prompt, genre=others, temperature=(0.0, 2.0, 0.8), top_p=(0.05, 1.0, 0.9), number=(0, 100, 0))


def translating(
    to_chinese: Any = "translate-en-zh",
    to_english: Any = "translate-zh-en",
    text: str = "The last boat has left already.",
) -> None:
    """Both translators: the script of the text decides which one is asked."""
    models = {True: model_of(to_english), False: model_of(to_chinese)}

    def turn(text: str, beam: int, penalty: float) -> str:
        return translate(models[unspaced([text])], text, beam, float(penalty))

    play(turn, text=text, beam=(1, 10, 5), penalty=(0.0, 3.0, 1.0))


def understanding(
    model: Any, text: str = "The lamp in our street has been dark since Monday.", least: float = 0.5, most: int = 3
) -> None:
    """A classifier: its likeliest labels with their probabilities, and a limit below which it abstains."""
    loaded = model_of(model)

    def label(text: str, least: float) -> str:
        found = classify(loaded, text, least)
        rows = [f"{name} {chance:.0%}" for name, chance in list(found.probabilities.items())[:most]]
        return "\n  ".join([found.label or "(abstains)", *rows])

    play(label, text=text, least=(0.0, 1.0, least))


def answering(model: Any, search: Retriever, question: str, k: int = 5) -> None:
    """A reader over many texts: the answer, how sure it is, where it stands."""
    loaded = model_of(model)

    def say(question: str, least: float) -> str:
        found = ask(loaded, search, question, k, least)
        if not found.text:
            return f"(no answer; sure of that to {found.none:.0%})"
        around = found.passage[max(0, found.start - 60) : found.start + len(found.text) + 60].replace("\n", " ")
        return f"{found}\n  {found.id}: … {around} …"

    play(say, question=question, least=(0.0, 1.0, 0.0))


def at_the_desk(desk: Desk, message: str = "When does the swimming class for adults in Kestle begin?") -> None:
    """The town hall's desk: what each of its links makes of a message, and the reply."""
    play(lambda message: str(desk.reply(message)), message=message)


def _first(name: str, control: Control) -> Any:
    """The value that a control has at first."""
    if isinstance(control, str):
        return control
    if control and all(isinstance(one, str) for one in control):
        return control[0]
    if len(control) == 3 and control[0] <= control[2] <= control[1] and control[0] < control[1]:
        return control[2]
    raise LmcourseError(f"The control {name} is a text, a list of texts, or (from, to, first), not {control!r}.")


def _told(answer: Callable[..., str], values: dict[str, Any]) -> str:
    """What is said, or the sentence that says why nothing is."""
    try:
        return answer(**values)
    except LmcourseError as error:
        return str(error)


def _box(answer: Callable[..., str], controls: dict[str, Control], told: str) -> Any:
    """The controls above what is said, or None where ipywidgets is not to be had."""
    try:
        import ipywidgets
    except ImportError:
        return None
    wide = {"width": "800px"}
    fields = {}
    for name, control in controls.items():
        if isinstance(control, str):
            fields[name] = ipywidgets.Textarea(control, description=name, continuous_update=False, layout=wide)
        elif isinstance(control[0], str):
            fields[name] = ipywidgets.Dropdown(options=list(control), description=name)
        else:
            fields[name] = interactive.slider(name, *control)
    shown = ipywidgets.HTML(_page(told))

    def again(_: Any) -> None:
        shown.value = _page(_told(answer, {name: field.value for name, field in fields.items()}))

    for field in fields.values():
        field.observe(again, names="value")
    return ipywidgets.VBox([*fields.values(), shown])


def _page(text: str) -> str:
    """Text as a page shows it, its own line breaks kept and nothing in it taken for markup."""
    return f'<pre style="white-space: pre-wrap; max-width: 800px">{html.escape(text)}</pre>'
