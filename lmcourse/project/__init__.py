"""The machinery around the notebooks: what `make lab`, `run`, `execute`, `test` and `lint` do.

Tracked notebooks stand in ``notebooks/`` and are never opened by a learner: `lab` lends out working copies, `run` and
`execute` play them in fresh kernels, `test` compares what they print with what is stored.
"""

from __future__ import annotations

from lmcourse.project.checks import lint, test
from lmcourse.project.exercises import build
from lmcourse.project.lessons import execute, run
from lmcourse.project.places import Places, here
from lmcourse.project.server import lab
from lmcourse.project.workspace import refresh, reset

__all__ = ["Places", "build", "execute", "here", "lab", "lint", "refresh", "reset", "run", "test"]
