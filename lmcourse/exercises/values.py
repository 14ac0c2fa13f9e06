"""Are two answers the same, and if not, in what do they differ? Tensors, arrays, numbers, texts, and nests of them.

A comparison that says only “different” leaves a learner alone with two tables of numbers. Much can be said at no cost to
whoever writes an exercise: the shape, the type, the order of the axes, a constant factor, a sign, NaN, one item too many.
:func:`difference` says it in a sentence that ends without knowing what the exercise is about.
"""

from __future__ import annotations

import copy
import itertools
import math
import numbers
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

Path = tuple[str, ...]
DEEPEST = 20  # a nest that goes deeper is likely to contain itself


def arrays(value: Any) -> bool:
    """Whether ``value`` is a tensor or an array."""
    return isinstance(value, Tensor | np.ndarray)


def table(value: Any) -> np.ndarray:
    """A tensor, array or number as an array that can be compared."""
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        value = (value.float() if value.dtype in (torch.bfloat16, torch.float16) else value).numpy()
    return np.asarray(value)


def number(value: Any) -> bool:
    """Whether ``value`` is a single number; a truth value is none, an array of no dimensions is."""
    if isinstance(value, bool | np.bool_):
        return False
    if arrays(value):
        return value.ndim == 0 and table(value).dtype.kind in "iufc"
    return isinstance(value, numbers.Number)


def close(expected: np.ndarray, given: np.ndarray, tolerance: float) -> bool:
    """Whether two arrays of one shape hold the same numbers, relative to the largest finite one expected."""
    if expected.dtype.kind not in "iufcb" or given.dtype.kind not in "iufcb":
        return bool(np.array_equal(expected, given))
    expected, given = (array.astype(complex if array.dtype.kind == "c" else float) for array in (expected, given))
    finite = np.isfinite(expected)
    if not np.array_equal(finite, np.isfinite(given)) or not np.array_equal(
        expected[~finite], given[~finite], equal_nan=True
    ):
        return False
    if not finite.any():
        return True
    size = max(1.0, float(np.abs(expected[finite]).max()))
    return bool(np.abs(expected[finite] - given[finite]).max() <= tolerance * size)


def same(expected: Any, given: Any, tolerance: float = 1e-5, depth: int = 0) -> bool:
    """Whether ``given`` is the answer that was expected: kinds of values must fit, kinds of numbers need not."""
    if depth > DEEPEST:
        return False
    if number(expected) and number(given):
        return close(table(expected), table(given), tolerance)
    if arrays(expected):
        return (
            arrays(given)
            and table(expected).shape == table(given).shape
            and kind(expected) == kind(given)
            and close(table(expected), table(given), tolerance)
        )
    if isinstance(expected, Mapping):
        return (
            isinstance(given, Mapping)
            and expected.keys() == given.keys()
            and all(same(value, given[key], tolerance, depth + 1) for key, value in expected.items())
        )
    if sequence(expected):
        return (
            sequence(given)
            and len(expected) == len(given)
            and all(same(one, other, tolerance, depth + 1) for one, other in zip(expected, given, strict=True))
        )
    if (
        hasattr(expected, "__dict__") and type(expected).__eq__ is object.__eq__
    ):  # an object of one's own: what it holds counts
        return type(expected) is type(given) and same(vars(expected), vars(given), tolerance, depth + 1)
    try:
        return type(expected) is type(given) and bool(expected == given)
    except Exception:  # whatever a learner's own class does when it is compared
        return False


def kind(value: Any) -> str:
    """A letter for what an array holds: whole numbers, fractions, complex numbers, truth values."""
    return {"u": "i"}.get(letter := table(value).dtype.kind, letter)


def sequence(value: Any) -> bool:
    """Whether ``value`` is a list or tuple, which count as the same, so that a learner may return either."""
    return isinstance(value, list | tuple)


KINDS = {"i": "whole numbers", "f": "floating-point numbers", "c": "complex numbers", "b": "truth values"}


def difference(
    expected: Any, given: Any, tolerance: float = 1e-5, parts: Sequence[str] = (), where: str = "the result"
) -> str | None:
    """What is to be said about a wrong answer without knowing the exercise; None when only the values differ.

    The sentence begins with ``where`` and names what was expected. ``parts``: what the items of a result are called.
    """
    if parts and sequence(expected) and sequence(given) and len(expected) == len(parts):
        if len(given) != len(parts):
            return f"{where} has {len(given)} items, and {len(parts)} are wanted: {', '.join(parts)}"
        return _parts(expected, given, tolerance, parts)
    if parts and sequence(expected) and len(expected) == len(parts) and not sequence(given) and given is not None:
        return f"{where} is {a_kind(given)}, and {a_kind(expected)} is expected: {', '.join(parts)}"
    if given is None and expected is not None:
        return f"{where} is None, and {a_kind(expected)} is expected"
    if number(expected) and number(given):
        return _numbers(float(table(expected)), float(table(given)), tolerance, where)
    if isinstance(expected, bool | np.bool_) and number(given):
        return f"{where} is a number, and True or False is expected"
    if arrays(expected):
        return _arrays(expected, given, tolerance, where)
    if isinstance(expected, Mapping) and isinstance(given, Mapping):
        return _mappings(expected, given, tolerance, where)
    if sequence(expected) and sequence(given):
        return _sequences(expected, given, tolerance, where)
    if isinstance(expected, str) and isinstance(given, str):
        return _texts(expected, given, where)
    if type(expected) is not type(given):
        return f"{where} is {a_kind(given)}, and {a_kind(expected)} is expected"
    return None


def _parts(expected: Sequence[Any], given: Sequence[Any], tolerance: float, parts: Sequence[str]) -> str | None:
    """Which of a result's parts are wrong, and what is to be said about the first of them."""
    wrong = [at for at, (one, other) in enumerate(zip(expected, given, strict=True)) if not same(one, other, tolerance)]
    if any(_same_items(expected, other, tolerance) for other in itertools.permutations(given)):
        return f"the results come in another order; wanted: {', '.join(parts)}"
    at = wrong[0]
    said = difference(expected[at], given[at], tolerance, where=parts[at])
    if len(wrong) == len(parts):
        return said
    return (
        said
        or f"{' and '.join(parts[at] for at in wrong)} {'differs' if len(wrong) == 1 else 'differ'}, and the rest is right"
    )


def _same_items(expected: Sequence[Any], given: Sequence[Any], tolerance: float) -> bool:
    return all(same(one, other, tolerance) for one, other in zip(expected, given, strict=True))


def a_kind(value: Any) -> str:
    """What a value is, in words: “a tensor of shape (2, 3)”, “a list of 4”."""
    if value is None:
        return "None"
    if arrays(value):
        return f"{'a tensor' if isinstance(value, Tensor) else 'an array'} of shape {tuple(value.shape)}"
    if isinstance(value, bool):
        return "a truth value"
    if number(value):
        return "a number"
    if isinstance(value, str):
        return "a string"
    name = type(value).__name__
    if sequence(value) or isinstance(value, Mapping):
        return f"a {name} of {len(value)}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _numbers(expected: float, given: float, tolerance: float, where: str) -> str | None:
    if math.isnan(given) and not math.isnan(expected):
        return f"{where} is NaN: somewhere 0 is divided by 0, infinity taken from infinity, or a logarithm of a negative number"
    if math.isinf(given) and not math.isinf(expected):
        return f"{where} is infinite: somewhere a number is divided by 0, or the exponential of a large one taken"
    return _factor(np.array(expected), np.array(given), tolerance, where)


FACTORS = {
    -1.0: "has the opposite sign",
    2.0: "is twice as large as expected",
    0.5: "is half of what is expected",
    1
    / math.log(
        2
    ): "is 1.4427 times as large as expected, and that is 1/ln 2: a logarithm to base 2 in place of a natural one",
    math.log(2): "is 0.6931 of what is expected, and that is ln 2: a natural logarithm in place of one to base 2",
}


def _factor(expected: np.ndarray, given: np.ndarray, tolerance: float, where: str) -> str | None:
    """One constant between all numbers: a sign, a mean for a sum, another base of the logarithm."""
    if expected.dtype.kind not in "iuf" or given.dtype.kind not in "iuf" or not expected.size:
        return None
    expected, given = expected.astype(float), given.astype(float)
    there = np.abs(expected) > 1e-9
    if not there.any() or not (np.isfinite(expected).all() and np.isfinite(given).all()):
        return None
    ratios = given[there] / expected[there]
    ratio = float(ratios.flat[0])
    steady = np.allclose(ratios, ratio, rtol=max(1e-4, 10 * tolerance)) and np.allclose(
        given[~there], 0, atol=tolerance
    )
    if not steady or ratio == 0 or abs(ratio - 1) < 1e-3:
        return None
    for factor, words in FACTORS.items():
        if abs(ratio - factor) < 1e-3 * abs(factor):
            return f"{where} {words}"
    if expected.size < 3:
        return None  # with two numbers a constant factor may be chance
    said = f"{where} is {ratio:.4g} times what is expected, everywhere the same factor"
    count = max(abs(ratio), 1 / abs(ratio))  # a mean is divided by a whole number
    return (
        f"{said}: a sum in place of a mean, or the other way round?"
        if abs(count - round(count)) < 1e-3 * count
        else said
    )


def _arrays(expected: Any, given: Any, tolerance: float, where: str) -> str | None:
    if not arrays(given):
        return f"{where} is {a_kind(given)}, and {a_kind(expected)} is expected"
    right, other = table(expected), table(given)
    if right.shape != other.shape:
        words = f"{where} has the shape {other.shape}, and {right.shape} is expected"
        if right.ndim == 2 and right.shape == other.T.shape and close(right, other.T, tolerance):
            words += "; it is the expected one, transposed"
        elif right.ndim == other.ndim and sorted(right.shape) == sorted(other.shape):
            words += ": two axes are swapped"
        elif right.ndim == 2 and right.shape == (other.T.shape[0] + 1, other.T.shape[-1] - 1):
            words += ": two axes are swapped, and what was cut off was cut off along the wrong one"
        elif other.ndim > right.ndim and right.size == other.size:
            words += ": there is an axis of length 1 too many"
        return words
    if kind(expected) != kind(given):
        return f"{where} holds {KINDS.get(kind(given), 'something else')}, and {KINDS[kind(expected)]} are expected"
    if np.isnan(other).any() and not np.isnan(right).any():
        return f"{where} has NaN in {int(np.isnan(other).sum())} of {other.size} places, the expected one in none"
    if (
        right.ndim == 2
        and right.shape[0] == right.shape[1]
        and close(right, other.T, tolerance)
        and not close(right, other, tolerance)
    ):
        return f"{where} is the expected one, transposed"
    if right.ndim and right.shape[0] > 1 and close(right, other[::-1], tolerance):
        return f"{where} is the expected one in reverse order along the first axis"
    for axis in range(right.ndim):
        for shift in (1, -1):
            if right.shape[axis] > 2 and close(
                np.delete(right, 0 if shift > 0 else -1, axis),
                np.delete(other, -1 if shift > 0 else 0, axis),
                tolerance,
            ):
                return f"{where} is shifted by one place along axis {axis}"
    return _factor(right, other, tolerance, where)


def _mappings(expected: Mapping[Any, Any], given: Mapping[Any, Any], tolerance: float, where: str) -> str | None:
    missing, more = ([key for key in one if key not in other] for one, other in ((expected, given), (given, expected)))
    if missing or more:
        parts = [
            *(f"lacks {brief(key)}" for key in missing[:1]),
            *(f"has {brief(key)}, which is not expected" for key in more[:1]),
        ]
        return f"{where} {' and '.join(parts)}"
    return next(
        (
            said
            for key in expected
            if not same(expected[key], given[key], tolerance)
            and (said := difference(expected[key], given[key], tolerance, where=f"{where}[{key!r}]"))
        ),
        None,
    )


def _sequences(expected: Sequence[Any], given: Sequence[Any], tolerance: float, where: str) -> str | None:
    if len(expected) != len(given):
        more = len(given) - len(expected)
        words = f"{where} has {len(given)} items, and {len(expected)} are expected"
        if more == 1 and (same(expected, given[1:], tolerance) or same(expected, given[:-1], tolerance)):
            words += (
                f"; without its {'first' if same(expected, given[1:], tolerance) else 'last'} one it would be right"
            )
        elif more == -1 and (same(expected[1:], given, tolerance) or same(expected[:-1], given, tolerance)):
            words += f"; the {'first' if same(expected[1:], given, tolerance) else 'last'} one is missing"
        return words
    if len(expected) > 1:
        if same(expected, given[::-1], tolerance):
            return f"{where} is the expected one in reverse order"
        if _another_order(expected, given):
            return f"{where} has the right items in another order"
    for place, (one, other) in enumerate(zip(expected, given, strict=True)):
        if not same(one, other, tolerance):
            return difference(one, other, tolerance, where=f"{where}[{place}]" if len(expected) > 1 else where)
    return None


def _another_order(expected: Sequence[Any], given: Sequence[Any]) -> bool:
    try:
        return not any(map(arrays, [*expected, *given])) and same(sorted(expected), sorted(given), 0.0)
    except (TypeError, ValueError, RuntimeError):  # what has no order: dictionaries, tensors inside of lists
        return False


def _texts(expected: str, given: str, where: str) -> str | None:
    if expected.strip() == given.strip():
        return f"{where} differs in the white space at its ends alone"
    if expected.casefold() == given.casefold():
        return f"{where} differs in upper and lower case alone"
    return None


DIGITS = (4, 6, 8, 11, 15)  # behind the point; as few as tell two values apart


def told_apart(expected: Any, given: Any, longest: int = 160) -> tuple[str, str]:
    """Two values that differ, as short as they can be and still look different."""
    for digits in DIGITS:
        texts = brief(expected, longest, digits), brief(given, longest, digits)
        if texts[0] != texts[1]:
            return texts
    # The difference lies in what was left out: the first place that differs is shown beside.
    if arrays(expected) and arrays(given) and table(expected).shape == table(given).shape:
        right, other = table(expected), table(given)
        apart = np.argwhere(~((right == other) | ((right != right) & (other != other))))
        sizes = (
            [abs(float(right[tuple(at)]) - float(other[tuple(at)])) for at in apart]
            if right.dtype.kind in "iuf"
            else []
        )
        if len(apart):
            at = tuple(map(int, apart[int(np.nanargmax(sizes)) if sizes and not np.isnan(sizes).all() else 0]))
            one, two = told_apart(right[at].item(), other[at].item(), longest)
            where = f"[{', '.join(map(str, at))}]"
            return f"{texts[0]}; at {where}: {one}", f"{texts[1]}; at {where}: {two}"
    if sequence(expected) and sequence(given):
        for at, (one, two) in enumerate(zip(expected, given, strict=False)):
            if not same(one, two):
                right, other = told_apart(one, two, longest)
                return f"{texts[0]}; at [{at}]: {right}", f"{texts[1]}; at [{at}]: {other}"
    return texts


def brief(value: Any, longest: int = 160, digits: int = DIGITS[0]) -> str:
    """A value short enough to be read in a message: arrays rounded, long ones cut."""
    if arrays(value):
        with np.printoptions(precision=digits, suppress=True, threshold=24, edgeitems=2, linewidth=100):
            text = (
                np.array2string(table(value), separator=", ") if value.ndim else f"{table(value).item():.{digits + 2}g}"
            )
        text = " ".join(text.split())
    elif isinstance(value, float):
        text = f"{value + 0.0:.{digits + 2}g}"  # -0.0 is 0
    elif sequence(value):
        inside = ", ".join(brief(one, longest, digits) for one in value)
        text = f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key!r}: {brief(one, longest, digits)}" for key, one in value.items()) + "}"
    else:
        text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))  # where it lies in memory tells nobody anything
    return text if len(text) <= longest else text[: longest - 1] + "…"


def copied(value: Any) -> Any:
    """A copy that shares nothing: tensors are detached from any graph but still ask for gradients if they did."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(copied(one) for one in value)
    return copy.deepcopy(value)
