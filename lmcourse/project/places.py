"""Where things stand in a clone of the course, which notebooks there are, and the environment their kernels get."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import lmcourse
from lmcourse.errors import LmcourseError

# Every library that starts threads has its own switch; a lesson's numbers are promised for one thread.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
)


# Where exercises are played by a machine, nothing is noted as done by a learner.
NOTED = {"LMCOURSE_PROGRESS": "off"}


@dataclass(frozen=True)
class Places:
    """The folders of one clone, all found from its root."""

    root: Path

    @property
    def notebooks(self) -> Path:
        """The tracked notebooks: stored executed, changed only by authors."""
        return self.root / "notebooks"

    @property
    def tests(self) -> Path:
        return self.root / "tests"

    @property
    def workspace(self) -> Path:
        """The learner's working copies; git ignores this folder."""
        return self.root / "workspace"

    @property
    def backup(self) -> Path:
        """Earlier versions that `reset` has put aside."""
        return self.workspace / "backup"

    def lessons(self) -> list[Path]:
        """The lessons, in order: ``notebooks/NN_topic.ipynb``."""
        return sorted(path for path in self.notebooks.glob("[0-9][0-9]_*.ipynb") if path.is_file())

    def exercises(self) -> list[Path]:
        """What a learner opens beside the lessons: ``notebooks/exercises/NN_topic.ipynb``."""
        return sorted(path for path in self.notebooks.glob("exercises/[0-9][0-9]_*.ipynb") if path.is_file())

    def solutions(self) -> list[Path]:
        """The sources of the exercises: ``notebooks/solutions/NN_topic.ipynb``."""
        return sorted(path for path in self.notebooks.glob("solutions/[0-9][0-9]_*.ipynb") if path.is_file())

    def find(self, name: str | int) -> Path:
        """The tracked notebook that ``name`` means: ``1``, ``"01"``, ``"01_preprocessing"``, ``"exercises/01"`` …"""
        wanted = re.sub(r"^(\./)?(notebooks/|workspace/)?|\.ipynb$", "", str(name).replace("\\", "/"))
        folder, _, stem = wanted.rpartition("/")
        stem = stem.zfill(2) if stem.isdecimal() else stem
        pool = {"": self.lessons(), "exercises": self.exercises(), "solutions": self.solutions()}.get(folder, [])
        found = [path for path in pool if path.stem == stem or path.stem.startswith(stem + "_")]
        if len(found) != 1:
            there = ", ".join(path.stem for path in self.lessons()) or "none yet"
            raise LmcourseError(f"There is no lesson “{name}”; the lessons are: {there}.")
        return found[0]


def here() -> Places:
    """The clone that this package runs from."""
    root = Path(lmcourse.__file__).resolve().parent.parent
    if not (root / "notebooks").is_dir() or not (root / "pyproject.toml").is_file():
        raise LmcourseError(
            "The lessons come with the course's repository, not with the package alone; clone the repository and run "
            "`make lab` (or `python -m lmcourse lab`) in it."
        )
    return Places(root)


def environment() -> dict[str, str]:
    """The environment of every kernel and test: this process's own, with a fixed number of threads.

    ``LMCOURSE_THREADS`` sets the number; without it there is one, for which the stored outputs are promised.
    """
    # Asked here as lessons ask, so that a wrong value is one sentence now and not an error in every cell.
    from lmcourse.lesson import threads

    own = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}  # kernels choose the inline one
    count = str(threads()) if os.environ.get("LMCOURSE_THREADS") else "1"
    return (
        own
        | dict.fromkeys(THREAD_VARIABLES, count)
        | {
            "TOKENIZERS_PARALLELISM": "false",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # or each kernel start prints a debugger's warning
            "JUPYTER_PREFER_ENV_PATH": "1",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), own.get("PATH", os.defpath)]),
        }
    )
