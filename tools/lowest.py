"""Test the lower bounds of pyproject.toml: an environment with exactly those versions, and the unit tests in it.

    .venv/bin/python tools/lowest.py [FOLDER] [PYTEST ARGUMENTS]

FOLDER (default: a temporary one, removed afterwards) gets the environment; one that is there already is used again.
Notebooks are left out: their stored outputs are promised for constraints.txt. Needs uv, which the extra `dev` brings.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from lock import ROOT, uv

from lmcourse.bootstrap import path_with
from lmcourse.environment import Environment
from lmcourse.stages import Stages


def main(arguments: list[str]) -> int:
    """Make the environment and run the tests; return pytest's exit status."""
    if arguments and not arguments[0].startswith("-"):
        return check(Path(arguments[0]).resolve(), arguments[1:])
    with tempfile.TemporaryDirectory() as folder:
        return check(Path(folder), arguments)


def check(folder: Path, arguments: list[str]) -> int:
    """The same in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    pins = folder / "lowest.txt"
    resolve = [uv(), "pip", "compile", "pyproject.toml", "--extra", "test", "--resolution", "lowest-direct", "--quiet"]
    resolve += ["--python-version", "{}.{}".format(*sys.version_info), "--output-file", str(pins)]
    subprocess.run(resolve, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    venv = Environment(ROOT, folder / "venv")
    stages = Stages(ROOT, folder / "setup.log", constraints=str(pins))
    if not venv.is_usable():
        venv.create(stages)
    venv.install(stages)
    tests = [venv.python, "-m", "pytest", "tests", "-q", *arguments]
    path = path_with(venv.python.parent)
    return subprocess.run(tests, cwd=ROOT, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
