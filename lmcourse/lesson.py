"""What every lesson says about itself: claims that are checked, source that is shown, runs that repeat.

A lesson's prose states numbers and comparisons. Prose cannot fail, so it rots; here each such statement stands again
as a `claim` in a cell, and running the lesson checks it. A claim about training also names a control, as an experiment
does (R. A. Fisher, *The Design of Experiments*, 1935): what did not learn must not meet the same condition.
`show_source` shows the library's own code, so that a lesson never carries a second copy of it.
"""

from __future__ import annotations

import ast
import functools
import inspect
import os
import random
import re
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from lmcourse.errors import LmcourseError


class ClaimError(AssertionError):
    """A claim that does not hold. The message is the claim's sentence and what is the matter with it."""

    def __init__(self, text: str, matter: str, advice: str) -> None:
        super().__init__(f"{text} — {matter}")
        self.text, self.matter, self.advice = text, matter, advice

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for its own rendering: the sentence and the advice help, our stack frames do not.
        lines = textwrap.wrap(f"{self.matter[0].upper()}{self.matter[1:]}. {self.advice}", width=98)
        return [f"✗ {self.text}", *("  " + line for line in lines)]


def claim(text: str, ok: object, *, control: object = None) -> None:
    """Print ``✓ text`` when ``ok`` is true; raise :class:`ClaimError` when it is not.

    ``text``: one line, the sentence that the prose states. ``ok``: a comparison's result, that is True or False
    (Python's, NumPy's or PyTorch's); a list, string or number is refused, because such a claim could hardly fail.
    ``control``: the *same* condition evaluated on what must not meet it — untrained weights, shuffled labels, the
    baseline — as ``{"untrained weights": condition}``, or as a bare truth value. A claim whose control meets the
    condition too shows nothing, and raises.

    >>> claim("the trained model's loss is below 2.5", 1.9 < 2.5, control={"untrained weights": 4.8 < 2.5})
    ✓ the trained model's loss is below 2.5 (and not for: untrained weights)
    """
    if not text.strip() or text.splitlines() != [text]:
        raise LmcourseError("A claim's text is one line; write the sentence that the lesson states.")
    if not _truth(text, ok):
        raise ClaimError(
            text,
            "this does not hold here",
            (
                "Print the values in the condition and compare them with the sentence. If you changed a cell further "
                "up, run the notebook from the top (Run → Restart Kernel and Run All Cells)."
            ),
        )
    controls = control if isinstance(control, Mapping) else {} if control is None else {"": control}
    if control is not None and not controls:
        raise LmcourseError(f"The claim “{text}” has an empty control; name what must not meet the condition.")
    for name, met in controls.items():
        if _truth(text, met):
            raise ClaimError(
                text,
                f"this holds for the control as well{f' ({name})' if name else ''}",
                (
                    "So it shows nothing: check that the control lacks the training it stands for, and that the "
                    "condition is strict enough to tell the two apart."
                ),
            )
    named = ", ".join(str(name) for name in controls if name)
    print(f"✓ {text}" + (f" (and not for: {named})" if named else ""))


def _truth(text: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    # A comparison of NumPy or PyTorch numbers: one element of a boolean dtype. Asked by its looks, so that a claim
    # needs to import neither.
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    if str(dtype) in ("bool", "torch.bool") and shape is not None and len(shape) == 0:
        return bool(value)
    raise LmcourseError(
        f"The claim “{text}” was given {_kind(value)} where True or False belongs; write a comparison, such as "
        "len(pages) > 0, or (a == b).all() for arrays."
    )


def _kind(value: object) -> str:
    shape = getattr(value, "shape", None)
    return f"a {type(value).__name__}" + (f" of shape {tuple(shape)}" if isinstance(shape, tuple) and shape else "")


def show_source(thing: object, *, docstring: bool = True) -> None:
    """Show the real source of a function, method, property, class or module, headed by where it stands.

    In a notebook it is highlighted code, elsewhere plain text. Line numbers are left out, for they change with every
    edit above. ``docstring=False`` leaves the docstrings out, for a slide.
    """
    while (inner := _inside(thing)) is not None:
        thing = inner
    try:
        source = textwrap.dedent(inspect.getsource(thing))  # type: ignore[arg-type]
    except (TypeError, OSError) as error:
        name = getattr(thing, "__name__", None) or f"a {type(thing).__name__}"
        raise LmcourseError(
            f"No Python source is to be had for {name}; give show_source a function, class or module written in Python."
        ) from error
    if not docstring:
        source = _without_docstrings(source)
    text = f"# {_place(thing)}\n{source.strip()}\n"
    if _in_notebook():
        from IPython.display import display

        # As Markdown, the page's own highlighting colours it, and the stored output is text that can be compared.
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        display({"text/plain": text, "text/markdown": f"{fence}python\n{text}{fence}"}, raw=True)
    else:
        print(text, end="")


def _inside(thing: object) -> object | None:
    """The function that a property, classmethod, staticmethod, partial or cached property holds, else None."""
    if isinstance(thing, property):
        return thing.fget
    if isinstance(thing, (classmethod, staticmethod)):
        return thing.__func__
    return thing.func if isinstance(thing, (functools.partial, functools.cached_property)) else None


def _place(thing: object) -> str:
    """``lmcourse/lesson.py``: the file, from the package's own folder on, the same on every machine."""
    module = inspect.getmodule(thing)
    name = module.__name__ if module else "source"
    file = getattr(module, "__file__", None)
    if file is None or name == "__main__":
        return "from this notebook" if _in_notebook() else name
    return "/".join(Path(file).parts[-1 - name.count(".") - (Path(file).stem == "__init__") :])


def _without_docstrings(source: str) -> str:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        # A body of nothing but a docstring keeps it: without it the code would not be code.
        if ast.get_docstring(node) is None or (len(node.body) == 1 and not isinstance(node, ast.Module)):
            continue
        first, last = node.body[0].lineno - 1, node.body[0].end_lineno or node.body[0].lineno
        if last < len(lines) and not lines[last].strip():
            last += 1
        lines[first:last] = ["\0"] * (last - first)
    return "\n".join(line for line in lines if line != "\0")


def reproducible(seed: int) -> None:
    """Make the cells that follow repeat: seed Python's, NumPy's and PyTorch's generators, fix the number of threads.

    Threads come from ``LMCOURSE_THREADS``, else ``OMP_NUM_THREADS``, else one: sums of floats depend on how they are
    split, so the last digits depend on the number of threads. PyTorch is told to use deterministic algorithms, and
    refuses an operation that has none. Nothing is printed or returned.
    """
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)  # NumPy's old global generator takes 32 bits
    torch.manual_seed(seed)
    torch.set_num_threads(threads())
    # CUDA's matrix products repeat only with a fixed workspace; it must be set before the first of them.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)


def threads() -> int:
    """The number of threads that the environment asks for; one where it asks for none."""
    for variable in ("LMCOURSE_THREADS", "OMP_NUM_THREADS"):
        value = os.environ.get(variable)
        if value:
            if not value.isdecimal() or int(value) < 1:
                raise LmcourseError(
                    f"{variable} is {value!r}, not a number of threads; set it to 1 or more, or unset it."
                )
            return int(value)
    return 1


def _in_notebook() -> bool:
    # Asked without importing IPython: where it is not loaded, nobody can be in a notebook.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")
