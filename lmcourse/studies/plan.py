"""What a study is before it is run: its rows, its metrics, and what its result depends on.

Each study is a script ``bench/studies/NAME.py`` with one function that measures a row for a seed, and a :class:`Plan`
named ``PLAN``. A row is a dictionary of settings and nothing else: so a row can be added, or a sentence corrected, without the
others being measured again, and a lesson can hand the settings of a row to the library and get the same training.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.studies.fingerprint import ROOT, code_hash, data_hash, file_hash, module_hash

SCRIPTS = ROOT / "bench" / "studies"


@dataclass(frozen=True)
class Metric:
    """A figure of every row. ``floor``: a difference smaller than this is none, however alike the seeds may be."""

    what: str
    floor: float | int
    better: str = "lower"  # or higher, or neither
    form: str = "{:.3f}"


@dataclass(frozen=True)
class Row:
    """One condition: what it is, in words, and the settings that make it."""

    what: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """A whole study. ``measure(seed=…, **settings)`` gives a number for each metric, and ``curves`` if it likes:
    name → (x values, y values).

    ``code`` names the modules that decide the result (of a module with much else, the parts that do; none: all of it),
    ``data`` the corpora, ``files`` whatever else of the data folder, such as a shipped model's weights or a corpus's file
    where the labels count. The first row is the base, with which the others are compared.
    """

    name: str
    about: str
    metrics: Mapping[str, Metric]
    rows: Mapping[str, Row]
    measure: Callable[..., dict[str, Any]]
    code: Mapping[str, Sequence[str]]
    data: Sequence[str]
    seeds: Sequence[int] = field(default=(0, 1, 2))
    files: Sequence[str] = ()

    @property
    def script(self) -> Path:
        """Where it stands."""
        return SCRIPTS / f"{self.name}.py"

    @property
    def command(self) -> str:
        """What makes it anew."""
        return f"python bench/studies/{self.name}.py"

    def fingerprints(self) -> dict[str, str]:
        """The hash of everything that decides the result, but for the settings of the rows."""
        script = code_hash(self.script.read_text(encoding="utf-8"), apart=("PLAN",))
        return {
            f"bench/studies/{self.name}.py": script,
            **{name: module_hash(name, parts) for name, parts in self.code.items()},
            **{name: data_hash(name) for name in self.data},
            **{f"data/{name}": file_hash(name) for name in self.files},
        }

    def settings(self, row: str) -> dict[str, Any]:
        """A row's settings as they come back from a file."""
        return json.loads(json.dumps(dict(self.rows[row].settings)))


def plans() -> list[str]:
    """The names of all studies."""
    return sorted(path.stem for path in SCRIPTS.glob("[a-z]*.py"))


def plan_of(name: str) -> Plan:
    """The plan of a study, from its script."""
    if name not in plans():
        raise LmcourseError(f"There is no study {name!r}; choose among {', '.join(plans()) or 'none yet'}.")
    return _module(SCRIPTS / f"{name}.py").PLAN


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"studies_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
