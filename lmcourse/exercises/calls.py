"""Calling a learner's code: with a time limit, its printing caught, its arguments watched, its errors kept.

A learner's function may loop for ever, print instead of return, change what it was given, ask for input or end the
process. None of this may hurt the notebook, and each is worth a sentence. All calls of one check run in a thread of their own, so that
they can be stopped on every system: an exception is raised in that thread (a call inside C ends later; its result is not waited for).
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import dis
import inspect
import io
import linecache
import random
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from lmcourse.exercises.values import copied, same

LIMIT = 1.8  # CPU-seconds for all calls of a check, so that one that is stopped is told so within two
PATIENCE = 5  # by the clock, so many times as long: for what sleeps, or waits for a busy machine


class NotAttempted(Exception):
    """What an empty exercise raises: ``raise lm.NotAttempted``. A check then says so, calmly."""

    def _render_traceback_(self) -> list[str]:
        return ["Not attempted yet: the code of this exercise goes where this line stands."]


class Unfit(Exception):
    """What an exercise's ``drive`` raises about an answer that it cannot use; the sentence is what the learner is told."""


class Stopped(BaseException):
    """Raised in a thread that has run too long."""


class AsksForInput(Exception):
    """Raised when an exercise's code calls ``input``."""


@dataclass
class Case:
    """One input: the arguments, and what is special about it in a few words."""

    arguments: tuple[Any, ...]
    what: str = ""
    keywords: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What came of one call: a value or an error, what was printed, and which arguments it changed."""

    value: Any = None
    error: BaseException | None = None
    printed: str = ""
    changed: tuple[str, ...] = ()
    late: bool = False
    spent: float = 0.0  # CPU-seconds on this input when it was stopped
    drew: tuple[int, ...] = ()  # the places, among the arguments, of generators from which it drew

    def like(self, other: Outcome, tolerance: float) -> bool:
        """Whether both are the same answer. Errors are the same if their kind and message are."""
        if self.late or other.late:
            return False
        if self.error is not None or other.error is not None:
            return type(self.error) is type(other.error) and str(self.error) == str(other.error)
        return same(self.value, other.value, tolerance)

    def answers(self, expected: Outcome, tolerance: float) -> bool:
        """Whether this is right where ``expected`` is the oracle's. Where it raises, an error of its kind will do."""
        if self.late:
            return False
        if expected.error is not None:
            return isinstance(self.error, type(expected.error))
        return self.error is None and same(expected.value, self.value, tolerance)


Drive = Callable[..., Any]


def directly(target: Any, *arguments: Any, **keywords: Any) -> Any:
    """How an exercise uses a learner's object, unless it says otherwise: it calls it."""
    return target(*arguments, **keywords)


def outcomes(
    target: Any, cases: Sequence[Case], drive: Drive = directly, limit: float = LIMIT, seed: int = 0
) -> list[Outcome]:
    """What ``target`` makes of each case. After the limit the case that was at work is ``late``, and the rest is missing.

    ``seed``: where the random numbers that belong to nobody begin (``random.random()``, ``torch.rand``), anew for each call.
    """
    found: list[Outcome] = []
    begun = time.process_time()
    names = parameters(target if drive is directly else drive, skip=0 if drive is directly else 1)

    def work() -> None:
        nonlocal begun
        for case in cases:
            begun = time.process_time()
            found.append(_outcome(target, case, drive, names, seed))

    with undisturbed():
        if not in_time(work, limit):
            found.append(Outcome(late=True, spent=time.process_time() - begun))
    return found


def _outcome(target: Any, case: Case, drive: Drive, names: Sequence[str], seed: int) -> Outcome:
    arguments, keywords = copied(case.arguments), copied(case.keywords)
    printed = io.StringIO()
    result = Outcome()
    _seeded(seed)
    with contextlib.redirect_stdout(printed):
        try:
            result.value = drive(target, *arguments, **keywords)
            if inspect.isgenerator(result.value):
                result.value = list(result.value)
        except (Stopped, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit too: a learner's exit() is no reason to end the notebook
            result.error = error
    result.printed = printed.getvalue()
    given = [*zip([*names, *("an argument" for _ in arguments[len(names) :])], case.arguments, arguments, strict=False)]
    given += [(name, value, keywords[name]) for name, value in case.keywords.items()]
    result.changed = tuple(name for name, before, after in given if not same(before, after, 0.0) and _data(before))
    result.drew = tuple(
        place for place, (_, before, after) in enumerate(given) if state_of(before) != state_of(after)
    )
    # The value may be one of the arguments: what happens to those later must not change it.
    with contextlib.suppress(Exception):
        result.value = copied(result.value)
    return result


def _data(value: Any) -> bool:
    """Whether a change of it would be a change of a caller's data; generators and modules change by being used."""
    return isinstance(value, list | dict | set | tuple | np.ndarray | torch.Tensor)


def state_of(value: Any) -> Any:
    """Where a random generator stands, as something that can be compared; None for what is none."""
    if isinstance(value, torch.Generator):
        return value.get_state().tolist()
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    return value.getstate() if isinstance(value, random.Random) else None


def parameters(target: Any, skip: int = 0) -> list[str]:
    """The names of a callable's parameters, as far as they can be had."""
    try:
        return list(inspect.signature(target).parameters)[skip:]
    except (TypeError, ValueError):
        return []


def in_time(work: Callable[[], Any], limit: float) -> bool:
    """Run ``work`` in a thread; False if it had to be stopped after ``limit`` CPU-seconds. Whatever it raises is raised here."""
    raised: list[BaseException] = []

    def body() -> None:
        try:
            work()
        except Stopped:
            pass
        except BaseException as error:  # handed to the caller
            raised.append(error)

    thread = threading.Thread(target=body, daemon=True)
    begun, start = time.process_time(), time.monotonic()
    thread.start()
    try:
        while thread.is_alive() and time.process_time() - begun < limit and time.monotonic() - start < PATIENCE * limit:
            thread.join(0.02)
        ended = not thread.is_alive()
    finally:  # also when a learner interrupts the cell
        for _ in range(10):
            if not thread.is_alive():
                break
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped))
            thread.join(0.05)
    if raised:
        raise raised[0]
    return ended


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing of what the code writes to stderr reaches the page (nbgrader gives no points then); ``input`` asks nobody."""

    def refuse(*_: Any) -> str:
        raise AsksForInput("input() asks a person, and a check has none; take the value from the arguments")

    before = builtins.input
    builtins.input = refuse
    try:
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        builtins.input = before


def _seeded(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.random.default_generator.manual_seed(seed)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """A check is quiet, draws its own random numbers, and leaves the notebook's as they were.

    So it leaves stdout: a thread that is stopped while it puts that back, or is not to be stopped, would keep what is said after it.
    """
    out = sys.stdout
    states = random.getstate(), np.random.get_state(), torch.random.default_generator.get_state()
    try:
        with _quiet():
            yield
    finally:
        sys.stdout = out
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.random.default_generator.set_state(states[2])


def at_line(error: BaseException, target: Any) -> str | None:
    """Where an error arose, as the learner's own line; None if it never passed through the learner's code."""
    files = {code.co_filename for code in codes(target)}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    if isinstance(error, SyntaxError) or not frames:
        return None
    line = linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip()
    return f"in line {frames[-1].lineno}: {line}" if line else f"in line {frames[-1].lineno}"


def codes(target: Any, depth: int = 3) -> list[types.CodeType]:
    """The code of a function, of a class's methods, and of the functions of the same file that they name."""
    found: dict[types.CodeType, None] = {}

    def visit(thing: Any, left: int) -> None:
        if isinstance(thing, type):
            for one in vars(thing).values():
                visit(getattr(one, "__func__", getattr(one, "fget", one)), left)
            return
        thing = inspect.unwrap(thing) if callable(thing) else thing
        code = getattr(thing, "__code__", None)
        if not isinstance(code, types.CodeType) or code in found:
            return
        inner = [code]
        while inner:
            found[one := inner.pop()] = None
            inner += [const for const in one.co_consts if isinstance(const, types.CodeType)]
        if left:
            for other in _named_in(thing):
                if getattr(other, "__module__", None) == thing.__module__ and callable(other):
                    visit(other, left - 1)

    visit(target, depth)
    return list(found)


def names_in(code: types.CodeType) -> set[str]:
    """Every global name and attribute that a code object uses, its inner functions included."""
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return set(code.co_names).union(*map(names_in, inner))


def borrowed(target: Any, forbidden: Sequence[str]) -> str | None:
    """The first of the forbidden functions (``"torch.nn.LSTMCell"``) that the code names or holds, else None."""
    used = set().union(*map(names_in, codes(target)), [getattr(target, "__name__", "")] if not codes(target) else [])
    held = {id(value) for value in reach(target)}
    for dotted in forbidden:
        module, _, name = dotted.rpartition(".")
        if name in used or id(getattr(sys.modules.get(module), name, used)) in held:
            return dotted
    return None


def reach(target: Any) -> list[Any]:
    """The values of the global names and closures that a function or class can see and uses."""
    functions = vars(target).values() if isinstance(target, type) else [target]
    return [target, *(value for function in functions if inspect.isfunction(function) for value in _named_in(function))]


def _named_in(function: types.FunctionType) -> list[Any]:
    """What the names stand for that a function takes from outside."""
    found = [function.__globals__[name] for name in names_in(function.__code__) if name in function.__globals__]
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # a name that has no value yet
            found.append(cell.cell_contents)
    return found


def read_globals(target: Any) -> list[str]:
    """Data of the notebook that the code reads by name, where it should read its arguments.

    A single number or text may be a constant of one's own; it counts only where one of the arguments is not used at all.
    """
    if not inspect.isfunction(target):
        return []
    names = {name for code in codes(target) for name in code.co_names}.difference(parameters(target))
    used = {one.argval for code in codes(target) for one in dis.get_instructions(code) if "FAST" in one.opname or "DEREF" in one.opname}
    used = {name for value in used for name in (value if isinstance(value, tuple) else (value,))}
    spare = not used >= set(parameters(target))
    return sorted(
        name for name in names if _data(target.__globals__.get(name)) or (spare and _plain(target.__globals__.get(name)))
    )


def _plain(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def cpu_time(target: Any, case: Case, drive: Drive = directly) -> float:
    """The CPU-seconds of one call, the better of two."""
    spans = []
    with undisturbed(), contextlib.redirect_stdout(io.StringIO()):
        for _ in range(2):
            arguments, keywords = copied(case.arguments), copied(case.keywords)
            start = time.thread_time()
            drive(target, *arguments, **keywords)
            spans.append(time.thread_time() - start)
    return min(spans)
