"""What all runs have in common, whatever they train: their time, their settings, how they stop and go on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from torch import nn

from lmcourse import checkpoint, models
from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.history import History
from lmcourse.tokenizers.base import Tokenizer


class Run:
    """What training returns: a model, its tokenizer, and a history, so it knows how it ended."""

    model: nn.Module
    tokenizer: Tokenizer
    history: History

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training before its time."""
        return self.history.stopped == "interrupted"


def model_of(given: str | Path | Run | tuple[nn.Module, Tokenizer]) -> tuple[nn.Module, Tokenizer]:
    """A model and its tokenizer: a shipped one's by its name, a trained one's by its folder, what training returned, or the two."""
    if isinstance(given, Run):
        return given.model, given.tokenizer
    return models.load(given) if isinstance(given, str | Path) else given


def ended(history: History) -> str:
    """How long a run was, and why it ended, in a sentence."""
    if history.stopped == "solved":  # there are no steps
        return f"Solved from {history.tokens:,} tokens in {history.seconds:.0f} s."
    why = {
        "steps": "as planned",
        "patience": "early, because the validation loss no longer fell",
        "interrupted": "by you; go on with --resume",
        "diverged": "because the loss was no longer a number; a lower learning rate may help",
    }[history.stopped]
    return f"{history.step:,} steps, {history.tokens:,} tokens in {history.seconds:.0f} s; ended {why}."


def checked_time(minutes: float | None, steps: int | None) -> None:
    """Complain about times that are none."""
    if minutes is not None and steps is not None:
        raise LmcourseError("Give --minutes or --steps, not both: the minutes become a number of steps.")
    if (minutes is not None and not 0 < minutes < math.inf) or (steps is not None and steps < 1):
        raise LmcourseError("Training takes more than 0 minutes and at least 1 step; give a larger number.")


def checked_settings(settings: dict[str, Any], recipe: type) -> None:
    """Complain about settings that are no fields of the ``recipe``."""
    known = recipe.__dataclass_fields__
    for name in settings:
        if name not in known:
            raise LmcourseError(f"There is no setting {name!r}; choose among {', '.join(known)}.")
    if (rate := settings.get("learning_rate")) is not None and not rate > 0:
        raise LmcourseError(f"The learning rate must be more than 0, not {rate}; a usual one is 0.005.")


def settings_from(words: Iterable[str], recipe: type) -> dict[str, Any]:
    """Settings as a command line gives them, ``["dropout=0.4", "tied=true"]``, with the types of the recipe's fields."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise LmcourseError(f"A setting is written NAME=VALUE, not {word!r}; for example dropout=0.4.")
        checked_settings({name: None}, recipe)
        kind = recipe.__dataclass_fields__[name].type.split(" | ")[0]
        try:
            found[name] = _READ[kind](value)
        except (ValueError, KeyError):
            raise LmcourseError(f"The setting {name} is {_KINDS[kind]}, not {value!r}; correct it.") from None
    return found


_READ = {"int": int, "float": float, "str": str, "bool": {"true": True, "false": False}.__getitem__}
_KINDS = {"int": "a whole number", "float": "a number", "str": "a word", "bool": "true or false"}


def stored_run(
    out: str | Path | None, task: str, steps: int | None, seed: int | None, settings: dict[str, Any]
) -> tuple[checkpoint.Checkpoint, dict[str, Any]]:
    """The run in ``out`` and its notes, after a look at whether it is asked to do something else now."""
    if out is None:
        raise LmcourseError("To resume a run its folder is needed; give it with --out.")
    if not checkpoint.exists(out):
        raise LmcourseError(f"{out} holds no checkpoint of a run to go on with; name another --out, or begin one: leave --resume out.")
    last = checkpoint.load(out, "last")
    with checkpoint.well_formed(last.path):
        notes, done, _ = (last.training[name] for name in ("notes", "step", "steps"))
        if "recipe" not in notes or notes.get("task", "lm") != task:
            command = task if task.startswith("finetune") else f"train {task}"
            raise LmcourseError(f"{last.path} was not written by {command}; resume it with the program that wrote it.")
        for name, wanted in {**settings, "seed": seed}.items():
            stored = notes["seed"] if name == "seed" else notes["recipe"][name]
            if wanted is not None and wanted != stored:
                raise LmcourseError(
                    f"{last.path} was trained with {name} {stored}, not {wanted}; leave it out to go on, or choose another --out."
                )
    if steps is not None and steps <= done:
        raise LmcourseError(f"{out} has trained for {done} steps already; give --steps a larger number.")
    return last, dict(notes)


def planned_steps(
    minutes: float | None, steps: int | None, last: checkpoint.Checkpoint | None, usual: float, fitting: Callable[[float], int]
) -> int:
    """At which step a run ends: at ``steps``, or when ``minutes`` (``usual``, when nothing is said) are over.

    ``fitting`` says how many steps fit into so many minutes. A run that is resumed from ``last`` adds them to what is done;
    when nothing is said it goes on to the step that it was meant for.
    """
    if minutes is None and steps is not None:
        return steps
    if minutes is None and last is not None:
        return last.training["steps"]
    return fitting(minutes or usual) + (last.training["step"] if last is not None else 0)


def describe_run(out: str | Path, notes: dict[str, Any], steps: int, tokenizer: Tokenizer, model: nn.Module) -> None:
    """Write ``DIR/config.json``: what is trained there, for people to read."""
    told = {**notes, "steps": steps, "tokens": tokenizer.vocab_size, "parameters": model.parameters_count}
    write_atomic(Path(out, "config.json"), json.dumps(told, indent=1, ensure_ascii=False).encode())
