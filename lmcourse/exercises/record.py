"""What a learner has done: one small file of their own, outside the course's folder, so that it survives a new installation.

``LMCOURSE_PROGRESS`` names another file; ``LMCOURSE_PROGRESS=off`` keeps nothing, as tests want it, and nbgrader's autograder keeps
nothing either.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic

if TYPE_CHECKING:
    from lmcourse.exercises.exercise import Exercise


def place() -> Path | None:
    """The learner's file; None when nothing is kept."""
    import platformdirs

    told = os.environ.get("LMCOURSE_PROGRESS", "")
    if told.casefold() == "off" or "NBGRADER_EXECUTION" in os.environ:
        return None
    return (
        Path(told).expanduser()
        if told
        else Path(platformdirs.user_data_dir("lmcourse", appauthor=False)) / "progress.json"
    )


def read() -> dict[str, dict[str, Any]]:
    """Exercise → state, tries, hints, the day it was done. A file that cannot be read is an error that names it."""
    path = place()
    if path is None or not path.exists():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(held, dict) or not all(isinstance(one, dict) for one in held.values()):
            raise ValueError
    except (OSError, ValueError) as error:
        raise LmcourseError(
            f"{path}, which keeps the exercises done, cannot be read; move it away to begin a new one."
        ) from error
    return held


def _write(path: Path, held: dict[str, dict[str, Any]]) -> None:
    write_atomic(path, (json.dumps(held, ensure_ascii=False, indent=1) + "\n").encode())


def note(exercise: Exercise, state: str) -> None:
    """Keep the result of a check. What was once right stays right. A disk that is full does not spoil the check."""
    path = place()
    if path is None or state == "not attempted":
        return
    try:
        held = read()
        one = held.setdefault(exercise.name, {"state": "wrong", "tries": 0})
        if one.get("state") == "right":
            return
        one.update(state=state, tries=int(one.get("tries", 0)) + 1)
        if state == "right":
            one["done"] = date.today().isoformat()
        _write(path, held)
    except LmcourseError as error:
        print(f"(Not noted as done: {error})")


def note_hint(exercise: Exercise, shown: int) -> None:
    """Keep how many hints were looked at."""
    path = place()
    if path is None:
        return
    held = read()
    one = held.setdefault(exercise.name, {"state": "not attempted", "tries": 0})
    if shown > one.get("hints", 0):
        one["hints"] = shown
        _write(path, held)


def table(exercises: list[Exercise]) -> str:
    """One line for each exercise: done or not, its stars, its title; then what is next."""
    held = read()
    lines, lesson = [], None
    for one in exercises:
        if one.lesson != lesson:
            lesson = one.lesson
            lines.append(f"Lesson {lesson}")
        state = held.get(one.name, {}).get("state", "not attempted")
        tries = held.get(one.name, {}).get("tries", 0)
        said = {"right": "✓", "wrong": "…"}.get(state, "·")
        after = f"  ({tries} tr{'ies' if tries != 1 else 'y'})" if tries else ""
        lines.append(f"  {said} {one.name:24} {'★' * one.stars:4} {one.title}{after}")
    done = [one for one in exercises if held.get(one.name, {}).get("state") == "right"]
    following = next((one for one in exercises if one not in done), None)
    lines.append(
        f"{len(done)} of {len(exercises)} done"
        + (f"; next: {following.name}, lesson {following.lesson}." if following else ".")
    )
    return "\n".join(lines)
