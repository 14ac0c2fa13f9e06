"""Working copies of the notebooks: a learner's work is never overwritten, and Run All never touches a tracked file.

For each copy the workspace remembers which original it was made from (a hash of the cells' sources, outputs left out).
When the course is updated, a copy whose sources are still the original's is replaced by the new original; one that the
learner has changed is kept, with a notice. In doubt (no record, a damaged record, an unreadable copy) it is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.project.places import Places, here

RECORD = ".originals.json"


def refresh(places: Places | None = None, echo: Callable[[str], object] = print) -> list[Path]:
    """Bring the workspace up to date and return its notebooks; ``echo`` gets what the learner should know."""
    places = places or here()
    tracked = [*places.lessons(), *places.exercises()]
    if not tracked:
        raise LmcourseError(f"There are no lessons in {places.notebooks}; fetch the repository again (git pull).")
    record = _load_record(places)
    for original in tracked:
        name = original.relative_to(places.notebooks).as_posix()
        copy, new = places.workspace / name, _read(original)
        entry = {"file": hashlib.sha256(new).hexdigest(), "sources": sources(new)}
        if not copy.exists():
            write_atomic(copy, new)
        else:
            old, mine = record.get(name), sources(_read(copy))
            if old == entry or mine == entry["sources"]:
                pass  # the same course as last time, or a copy that says the same: its outputs are the learner's own
            elif old is not None and mine is not None and mine == old["sources"]:
                write_atomic(copy, new)
                echo(f"{name}: updated to the course's new version.")
            else:
                if old is None or old["sources"] != entry["sources"]:
                    echo(
                        f"{name}: your changed copy is kept; the course has another version: "
                        f"`lmcourse reset {_short(name)}` gets it (yours is backed up)."
                    )
                continue  # and the record stays with the original that the learner's copy was made from
        record[name] = entry
    _save_record(places, record)
    return [places.workspace / path.relative_to(places.notebooks) for path in tracked]


def reset(name: str | int, places: Places | None = None, echo: Callable[[str], object] = print) -> Path:
    """Put the course's version of a notebook back, and the learner's into ``workspace/backup/`` under a new number."""
    places = places or here()
    original = places.find(name)
    relative = original.relative_to(places.notebooks)
    copy, new = places.workspace / relative, _read(original)
    if copy.exists():
        mine = _read(copy)
        if mine == new:
            echo(f"{relative.as_posix()} is as the course has it; nothing to do.")
            return copy
        kept = _free(places.backup / relative)
        write_atomic(kept, mine)
        echo(f"Your version is kept as {kept.relative_to(places.root).as_posix()}.")
    write_atomic(copy, new)
    record = _load_record(places)
    record[relative.as_posix()] = {"file": hashlib.sha256(new).hexdigest(), "sources": sources(new)}
    _save_record(places, record)
    echo(f"{copy.relative_to(places.root).as_posix()} is the course's version again.")
    return copy


def sources(notebook: bytes) -> str | None:
    """A hash of what is written in a notebook's cells, without outputs and metadata; None when it is no notebook.

    Empty cells do not count: JupyterLab adds one when the last cell is run.
    """
    try:
        cells = json.loads(notebook)["cells"]
        written = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None
    kept = [cell for cell in written if cell[1].strip()]
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()


def _load_record(places: Places) -> dict[str, dict[str, str]]:
    # A missing or damaged record costs nothing but certainty: copies that differ are then taken for the learner's.
    try:
        entries = json.loads((places.workspace / RECORD).read_bytes())
        return {name: {key: str(entry[key]) for key in ("file", "sources")} for name, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _save_record(places: Places, record: dict[str, dict[str, str]]) -> None:
    write_atomic(places.workspace / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())


def _free(path: Path) -> Path:
    """``01_preprocessing.1.ipynb``, or with the first higher number that is not taken."""
    number = 1
    while (numbered := path.with_suffix(f".{number}{path.suffix}")).exists():
        number += 1
    return numbered


def _short(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/{file[:2]}" if folder else file[:2]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LmcourseError(f"Cannot read {path}: {error.strerror or error}; check the file's permissions.") from error
