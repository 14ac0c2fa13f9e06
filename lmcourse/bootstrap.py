"""From a bare checkout to a running command.

``python -m lmcourse COMMAND`` finds out where it runs: in an environment that has the course it starts the command;
anywhere else it first makes ``.venv`` (``lmcourse/environment.py``) and starts the command in there. Everything up to
that point is standard library, because nothing else is there yet.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

from lmcourse.environment import Environment
from lmcourse.errors import LmcourseError

ROOT = Path(__file__).resolve().parent.parent
# What `make` calls: these see to the environment first, wherever they run. Other commands take it as it is.
MAKE_COMMANDS = ("setup", "lab", "run", "test", "execute", "models", "exercises", "studies", "lint")

HELP = """\
The course, from a checkout (make lab is the same as {python} -m lmcourse lab):

  make lab       open the course in JupyterLab; the first time it sets itself up
  make test      run every test, and every lesson against its stored outputs
  make test-full the same, and the property tests at length, every mutant of every exercise (for authors)
  make run       run all lessons without a window; a table of what each took
  make setup     only set up: .venv with the pinned packages
  make execute   run the lessons and store their outputs (for authors)
  make models    train the shipped models that are not up to date (for authors)
  make exercises make the exercise notebooks from the solutions (for authors)
  make studies   run the stored studies again where they no longer hold (for authors; hours)
  make lint      check the style of code and notebooks

Once it is set up there is more, for text and models of your own:
  {lmcourse} --help
"""


def main(arguments: list[str]) -> int:
    """Run ``lmcourse ARGUMENTS`` in an environment that has what it needs; return the exit status."""
    try:
        return _main(arguments)
    except LmcourseError as error:
        print(f"lmcourse: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return 130


def _main(arguments: list[str]) -> int:
    venv = Environment(ROOT)
    inside = Path(sys.prefix).resolve() == venv.path.resolve()
    installed = not inside and is_installed()  # in an environment of the user's own, made with conda or by hand
    command = arguments[0] if arguments else "help"
    if command == "help" or (command in ("-h", "--help") and not (installed or venv.is_current())):
        print(
            HELP.format(python=Path(sys.executable).stem, lmcourse=venv.program("lmcourse").relative_to(ROOT)), end=""
        )
        return 0
    if command == "setup" and arguments[1:] not in ([], ["--fresh"]):
        raise LmcourseError("setup takes no arguments but --fresh, which makes .venv anew.")
    looks_after_itself = command in MAKE_COMMANDS and not {"-h", "--help"} & set(arguments)
    changed = False
    if not installed and (not inside or looks_after_itself):
        changed = venv.ensure(fresh=arguments == ["setup", "--fresh"])
    if command == "setup":
        print(f"The course is set up in {sys.prefix if installed else venv.path}; open it with: make lab")
        return 0
    if installed or (inside and not changed):
        return run_here(arguments)
    return hand_over(venv.python, arguments)


def run_here(arguments: list[str]) -> int:
    """Run the command line in this process."""
    os.environ["PATH"] = path_with(Path(sys.executable).parent)
    sys.argv = ["lmcourse", *arguments]
    from lmcourse import cli

    cli.main()
    return 0


def hand_over(python: Path, arguments: list[str]) -> int:
    """Run the command with the environment's Python, in place of this process where the system can do that."""
    command = [str(python), "-m", "lmcourse", *arguments]
    environment = {**os.environ, "PATH": path_with(python.parent), "VIRTUAL_ENV": str(python.parent.parent)}
    for name in ("PYTHONHOME", "__PYVENV_LAUNCHER__"):  # both would lead it to another installation
        environment.pop(name, None)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(python, command, environment)
    # Windows has no exec that keeps the console. Ctrl-C reaches the child as well, and the child decides what it means.
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def path_with(folder: Path) -> str:
    """``PATH`` with ``folder`` first: tools that call one another by name find those of the same environment."""
    others = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry and entry != str(folder)]
    return os.pathsep.join([str(folder), *others])


def is_installed(root: Path = ROOT) -> bool:
    """Whether the running Python has the course among its packages, and not only in the folder where it stands."""
    paths = [entry for entry in sys.path if Path(entry or ".").resolve() != root]
    return any(True for _ in importlib.metadata.distributions(name="lmcourse", path=paths))
