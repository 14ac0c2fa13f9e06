"""`make test`: everything that can be checked, in one run of pytest. `make lint`: ruff."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence

from lmcourse.project.places import NOTED, Places, environment, here


def test(
    extra: Sequence[str] = (),
    *,
    lax: bool | None = None,
    full: bool = False,
    places: Places | None = None,
    echo: Callable[[str], object] = print,
) -> int:
    """Run the tests and every notebook under nbval, on all cores; return pytest's exit status.

    ``extra``: more arguments for pytest; a file or test among them replaces "everything". ``lax``: whether notebooks
    are only run, with their claims, and their outputs not compared; by default so outside Linux, where the last digits
    of floats may differ. ``full``: the exhaustive runs too, of the property tests and the exercises' mutants.
    """
    places = places or here()
    lax = not sys.platform.startswith("linux") if lax is None else lax
    if lax:
        echo("Notebooks are run and their claims checked; outputs are not compared (strict comparison is for Linux).")
    variables = environment() | NOTED | ({"LMCOURSE_TESTS": "full"} if full else {})
    return subprocess.run(arguments(places, list(extra), lax), cwd=places.root, env=variables, check=False).returncode


def arguments(places: Places, extra: list[str], lax: bool) -> list[str]:
    """The command line of the test run."""
    chosen = any("::" in word or word.endswith((".py", ".ipynb")) for word in extra)
    everything = [str(folder) for folder in (places.tests, places.notebooks) if folder.is_dir()]
    return [
        sys.executable,
        "-m",
        "pytest",
        *([] if chosen else everything),
        "--nbval-lax" if lax else "--nbval",
        "--nbval-current-env",  # this Python, whatever kernels are installed
        f"--nbval-sanitize-with={places.tests / 'nbval.cfg'}",
        "--nbval-cell-timeout=300",
        "--nbval-kernel-startup-timeout=120",
        # A notebook's cells belong together in one kernel, so files are dealt out whole. The solutions are played; the
        # exercises, which are made from them, have holes.
        f"--numprocesses={cores()}",
        "--dist=loadfile",
        f"--ignore={places.notebooks / 'exercises'}",
        *extra,
    ]


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def lint(extra: Sequence[str] = (), *, places: Places | None = None) -> int:
    """Check all code, notebooks included, with ruff; return its exit status."""
    places = places or here()
    return subprocess.run(
        [sys.executable, "-m", "ruff", "check", *extra, str(places.root)], cwd=places.root, check=False
    ).returncode
