"""The set-up: what it installs and when, what it mends, and what it says when something is in its way.

No test installs anything: pip and venv are replaced by a stand-in that leaves on the disk what they would leave.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import venv
from pathlib import Path

import pytest

from lmcourse import __main__, bootstrap, environment, stages
from lmcourse.environment import Environment
from lmcourse.errors import LmcourseError
from lmcourse.stages import Stages, doing, one_at_a_time, reason

ROOT = Path(__file__).resolve().parent.parent
PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
[project]
requires-python = ">=3.11"
dependencies = ["torch==2.13.0", "numpy>=2"]
optional-dependencies = { test = ["pytest>=8", "pip>=25"], docs = ["sphinx"] }
"""


class Machine:
    """Stands in for the programs that a set-up calls: keeps the commands, and fails those with a word of ``broken``."""

    def __init__(self, checkout: Environment) -> None:
        self.checkout = checkout
        self.commands: list[str] = []
        self.broken: dict[str, str] = {}

    def call(self, steps: Stages, title: str, command: list[str]) -> int:
        line = " ".join(command)
        self.commands.append(line)
        for word, output in self.broken.items():
            if word in line:
                steps.output = output
                return 1
        if "-m venv" in line:
            make_environment(self.checkout.path)
        elif "torch==" in line:
            version = "2.13.0+cpu" if "+cpu" in line else "2.13.0"
            install(self.checkout, f"torch-{version}")
        return 0

    def installs(self) -> list[str]:
        """What pip was asked for, command by command."""
        asked = [line.split("constraints.txt ", 1)[1] for line in self.commands if "pip install" in line]
        return [line.removeprefix("--retries 1 --timeout 15 ") for line in asked]


def make_environment(path: Path) -> None:
    """What ``python -m venv`` leaves, with a folder for pip (the real one would take seconds)."""
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(path)
    for packages in Environment(path.parent).site_packages():
        (packages / "pip").mkdir()
        (packages / "pip" / "__init__.py").touch()


def install(checkout: Environment, name: str, whole: bool = True) -> Path:
    """The traces of an installed package; one that is not ``whole`` lacks what pip writes last."""
    folder = checkout.site_packages()[0] / f"{name}.dist-info"
    folder.mkdir(exist_ok=True)
    package, version = name.split("-")
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    if whole:
        (folder / "RECORD").touch()
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Environment:
    """A checkout with two dependency files; its path has a space, as people's folders do."""
    root = tmp_path / "my course"
    root.mkdir()
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "constraints.txt").write_text("numpy==2.4.6\n")
    return Environment(root)


@pytest.fixture
def machine(checkout: Environment, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Linux machine whose package index has everything."""
    machine = Machine(checkout)
    monkeypatch.setattr(Stages, "call", lambda steps, title, command: machine.call(steps, title, command))
    monkeypatch.setattr(sys, "platform", "linux")
    return machine


# --- what is installed, and when --------------------------------------------------------------------------------


def test_a_fresh_checkout_gets_everything_in_order(checkout: Environment, machine: Machine) -> None:
    """Would notice a dependency, the test group, the constraints or the editable package left out."""
    assert checkout.ensure()
    assert "-m venv" in machine.commands[0]
    assert machine.installs() == [
        "pip>=25",
        "--no-deps torch==2.13.0+cpu",
        "setuptools>=77 torch==2.13.0 numpy>=2 pytest>=8 pip>=25",
        "--no-build-isolation --no-deps --editable .",
    ]
    assert all(line.startswith(str(checkout.python)) for line in machine.commands[1:])
    assert checkout.is_current()


def test_a_second_start_calls_nothing(checkout: Environment, machine: Machine) -> None:
    """Would notice a stamp that never matches: every `make lab` would install again."""
    checkout.ensure()
    machine.commands.clear()
    assert not checkout.ensure()
    assert not machine.commands


@pytest.mark.parametrize(
    ("file", "old", "new", "matters"),
    [
        ("pyproject.toml", "numpy>=2", "numpy>=2.1", True),
        ("pyproject.toml", "sphinx", "sphinx>=8", True),
        ("constraints.txt", "2.4.6", "2.4.7", True),
        ("pyproject.toml", "[project]", "# a remark\n[project]", False),
        ("pyproject.toml", "[project]", "[tool.ruff]\nline-length = 100\n[project]", False),
    ],
)
def test_only_changed_dependencies_install_again(
    checkout: Environment, machine: Machine, file: str, old: str, new: str, matters: bool
) -> None:
    """Would notice an update that is missed, and one that runs because some tool's setting has changed."""
    checkout.ensure()
    machine.commands.clear()
    path = checkout.root / file
    path.write_text(path.read_text().replace(old, new))
    assert checkout.ensure() == matters
    assert bool(machine.commands) == matters
    assert not any("-m venv" in line or "+cpu" in line for line in machine.commands), "what is there stays"


@pytest.mark.parametrize("step", ["-m venv", "+cpu", "pytest>=8", "--editable"])
def test_a_failed_step_leaves_no_stamp_and_is_made_good(checkout: Environment, machine: Machine, step: str) -> None:
    """Would notice a half-finished environment that counts as finished."""
    machine.broken = {step: "ERROR: No space left on device", "torch==2.13.0 ": "ERROR: No space left on device"}
    with pytest.raises(LmcourseError, match="disk is full"):
        checkout.ensure()
    assert not checkout.is_current()
    machine.broken = {}
    assert checkout.ensure()
    assert checkout.is_current()


def test_an_interruption_leaves_no_stamp_even_where_one_was(
    checkout: Environment, machine: Machine, monkeypatch
) -> None:
    """Would notice a stamp that is taken back too late: Ctrl-C in an update must not leave the old promise."""
    checkout.ensure()
    (checkout.root / "constraints.txt").write_text("numpy==2.4.7\n")

    def interrupt(steps: Stages, title: str, command: list[str]) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Stages, "call", interrupt)
        checkout.ensure()
    (checkout.root / "constraints.txt").write_text("numpy==2.4.6\n")  # back to what the old stamp said
    assert not checkout.is_current()
    assert checkout.ensure()


def test_a_set_up_waits_for_another(checkout: Environment, machine: Machine) -> None:
    """Would notice `make lab` and `make test` installing into each other when both are started on a fresh clone."""
    others = [threading.Thread(target=checkout.ensure) for _ in range(2)]
    with one_at_a_time(checkout.root):
        for other in others:
            other.start()
        others[0].join(0.2)
        assert all(other.is_alive() for other in others)
        assert not machine.commands
    for other in others:
        other.join(20)
    assert checkout.is_current()
    assert sum("--editable" in line for line in machine.commands) == 1, "the second one finds everything done"


# --- PyTorch ----------------------------------------------------------------------------------------------------


def test_the_cpu_build_is_looked_for_before_cuda_comes(checkout: Environment, machine: Machine, capsys) -> None:
    """Would notice 3 GB instead of 450 MB; or a warning about it that is not given when it cannot be helped."""
    machine.broken = {"+cpu": "ERROR: No matching distribution found for torch==2.13.0+cpu"}
    checkout.ensure()
    assert machine.installs()[1:4] == [
        "--no-deps torch==2.13.0+cpu",
        f"--index-url {environment.PYTORCH_CPU_INDEX} --no-deps torch==2.13.0+cpu",
        "torch==2.13.0",
    ]
    assert all("--retries 1 " in line for line in machine.commands if "+cpu" in line), "an attempt gives up soon"
    assert "2.7 GB" in capsys.readouterr().out


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_the_index_has_the_cpu_build(
    checkout: Environment, machine: Machine, monkeypatch, platform: str
) -> None:
    """Would notice a search for a build that does not exist there."""
    monkeypatch.setattr(sys, "platform", platform)
    checkout.ensure()
    assert machine.installs()[1] == "torch==2.13.0"


@pytest.mark.parametrize(
    ("there", "stays"), [("2.13.0+cu130", True), ("2.13.0", True), ("2.12.0", False), ("2.13.0.1", False)]
)
def test_an_installed_pytorch_of_the_pinned_version_stays(
    checkout: Environment, machine: Machine, there: str, stays: bool
) -> None:
    """Would notice a GPU build replaced by the set-up, or a wrong version taken for the pinned one."""
    make_environment(checkout.path)
    install(checkout, f"torch-{there}")
    checkout.ensure()
    assert ("--no-deps torch==2.13.0+cpu" not in machine.installs()) == stays


# --- environments that are not right ----------------------------------------------------------------------------


def test_a_python_of_the_system_in_the_folder_is_no_environment(checkout: Environment, machine: Machine) -> None:
    """A set-up interrupted while it removed the old .venv left a Python without its pyvenv.cfg, which is the system's:
    the next set-up installed 150 packages there."""
    make_environment(checkout.path)
    assert checkout.is_usable()
    (checkout.path / "pyvenv.cfg").unlink()
    assert not checkout.is_usable()
    checkout.ensure()
    assert "-m venv" in machine.commands[0]


def test_pip_refuses_to_install_outside_an_environment(tmp_path: Path) -> None:
    """The second bar against the same: whatever Python is called, pip itself is told to want an environment."""
    steps = Stages(tmp_path, tmp_path / "log")
    names = ["PIP_REQUIRE_VIRTUALENV", "PIP_USER", "PIP_BUILD_CONSTRAINT"]
    steps.run("look", [sys.executable, "-c", f"import os; print([os.environ[name] for name in {names}])"])
    assert steps.output.strip() == str(["1", "0", "constraints.txt"])


def test_pip_is_not_given_two_settings_that_it_refuses_together(tmp_path: Path) -> None:
    """pip 26 says "--build-constraint cannot be used with --no-build-isolation", even as a variable."""
    steps = Stages(tmp_path, tmp_path / "log")
    program = "import os; print(repr(os.environ['PIP_BUILD_CONSTRAINT']))"
    steps.run("look", [sys.executable, "-c", program, "--no-build-isolation"])
    assert steps.output.strip() == "''"


def test_an_environment_whose_python_vanished_is_made_anew(checkout: Environment, machine: Machine) -> None:
    """Would notice a crash or a silent "all is well" after the system's Python has been replaced by another."""
    checkout.ensure()
    checkout.python.unlink()
    checkout.python.symlink_to(checkout.root / "gone" / "python3.9")
    machine.commands.clear()
    assert not checkout.is_current()
    checkout.ensure()
    assert "-m venv" in machine.commands[0]


@pytest.mark.parametrize(("answer", "usable"), [("raise SystemExit(1)", False), ("print('/usr')", False)])
def test_an_old_or_foreign_python_is_not_used(checkout: Environment, monkeypatch, answer: str, usable: bool) -> None:
    """Would notice an environment taken over although its Python is too old (it exits 1) or belongs elsewhere."""
    make_environment(checkout.path)
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **options: run([sys.executable, "-c", answer], **options))
    assert checkout.is_usable() == usable


def test_a_moved_checkout_gets_an_environment_of_its_own(checkout: Environment, machine: Machine) -> None:
    """Would notice a copied checkout that runs the original's code: an editable install holds an absolute path."""
    checkout.ensure()
    copy = Environment(checkout.root.with_name("copy"))
    shutil.copytree(checkout.root, copy.root, symlinks=True)
    assert not copy.is_current()
    assert not copy.is_usable()


def test_half_installed_packages_are_taken_away_and_whole_ones_kept(checkout: Environment, machine: Machine) -> None:
    """Would notice a package that was being unpacked at the kill -9: pip takes it for installed."""
    make_environment(checkout.path)
    half, whole = install(checkout, "scipy-1.0", whole=False), install(checkout, "numpy-2.0")
    aside = checkout.site_packages()[0] / "~umpy"
    aside.mkdir()
    checkout.ensure()
    assert [half.exists(), whole.exists(), aside.exists()] == [False, True, False]


def test_fresh_makes_a_new_one_and_leaves_no_old_one(checkout: Environment, machine: Machine) -> None:
    """Would notice leftovers of the old environment inside or beside the new one."""
    checkout.ensure()
    (checkout.path / "old").touch()
    assert checkout.ensure(fresh=True)
    assert not (checkout.path / "old").exists()
    assert not (checkout.root / ".venv.old").exists()


def test_a_link_in_place_of_the_folder_is_not_followed(checkout: Environment, machine: Machine, tmp_path: Path) -> None:
    """Would notice somebody's linked environment being cleared."""
    (tmp_path / "theirs").mkdir()
    checkout.path.symlink_to(tmp_path / "theirs")
    with pytest.raises(LmcourseError, match="move it away"):
        checkout.ensure()
    assert (tmp_path / "theirs").exists()


def test_missing_modules_and_missing_space_are_said_before_anything_is_done(
    checkout: Environment, machine: Machine, monkeypatch
) -> None:
    """Would notice Debian's "ensurepip is not available" page, and a download that ends in a full disk."""
    monkeypatch.setattr(environment, "SPACE_NEEDED", 1e9)
    with pytest.raises(LmcourseError, match="make room"):
        checkout.ensure()
    monkeypatch.setattr(environment, "SPACE_NEEDED", 0)
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(LmcourseError, match=r"sudo apt install python3\.\d+-venv"):
        checkout.ensure()
    assert not machine.commands
    assert not checkout.path.exists()


def test_an_unwritable_folder_is_one_sentence(checkout: Environment, machine: Machine, monkeypatch) -> None:
    """Would notice a PermissionError with its traceback."""
    checkout.ensure()
    (checkout.root / "constraints.txt").write_text("")
    monkeypatch.setattr(
        environment, "write_atomic", lambda path, data: (_ for _ in ()).throw(OSError(30, "Read-only file system"))
    )
    with pytest.raises(LmcourseError, match="Read-only file system"):
        checkout.ensure()


# --- what is said -----------------------------------------------------------------------------------------------

NO_NETWORK = """\
WARNING: Retrying after connection broken by 'NewConnectionError(': Failed to establish')': /simple/torch/
ERROR: Could not find a version that satisfies the requirement torch==2.13.0 (from versions: none)
ERROR: No matching distribution found for torch==2.13.0
"""


NOT_THERE = """\
    The user requested (constraint) {0}
Additionally, some packages in these conflicts have no matching distributions available for your environment:
    {0}

To fix this you could try to:
ERROR: ResolutionImpossible: for help visit ...
"""


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (NO_NETWORK, stages.OFFLINE),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", stages.FULL),
        ("ERROR: No matching distribution found for torch==2.13.0", stages.NO_TORCH),
        (NOT_THERE.format("torch"), stages.NO_TORCH),
        (NOT_THERE.format("ftfy"), stages.MISSING.format("ftfy")),
        ("ERROR: No matching distribution found for ftfy>=6.2", stages.MISSING.format("ftfy>=6.2")),
        ("ERROR: Failed building wheel for gensim\nERROR: Failed to build gensim", stages.UNBUILT),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate'))", stages.UNTRUSTED),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", stages.DAMAGED),
        ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'", stages.FORBIDDEN),
        ("ERROR: ResolutionImpossible: for help visit ...", stages.CONFLICT),
        ("one\nERROR: a new kind of trouble\nlast", "A step of the set-up failed: ERROR: a new kind of trouble"),
        ("", "A step of the set-up failed: it said nothing."),
    ],
)
def test_reasons_in_words(output: str, sentence: str) -> None:
    """Would notice a wrong remedy: without a network pip ends in "no matching distribution", which is no reason."""
    assert reason(output) == sentence


def test_what_pip_does_in_few_words() -> None:
    """Would notice a terminal line that shows a whole address, or nothing while 190 MB arrive."""
    assert (
        doing("  Downloading https://host/a/numpy-2.4.6-cp311.whl (16.9 MB)")
        == "downloading numpy-2.4.6-cp311.whl (16.9 MB)"
    )
    assert doing("  Building wheel for jieba (pyproject.toml): started") == "building wheel for jieba"
    assert doing("Installing collected packages: a, b, c") == "unpacking"
    assert doing("Requirement already satisfied: numpy") == ""


def test_steps_show_a_line_and_log_the_rest(tmp_path: Path, capsys) -> None:
    """Would notice pip's pages on the screen, a lost log, or a failure that does not raise."""
    steps = Stages(tmp_path, tmp_path / "log")
    steps.run("first step", [sys.executable, "-c", "print('a long story')"])
    shown = capsys.readouterr().out
    assert shown.startswith("  first step: ")
    assert "story" not in shown
    assert "a long story" in (tmp_path / "log").read_text()
    with pytest.raises(LmcourseError, match=r"ERROR: bad luck \(Details: .*log\)"):
        steps.run("second", [sys.executable, "-c", "raise SystemExit('ERROR: bad luck')"])


def test_a_step_without_a_log_still_says_why(tmp_path: Path) -> None:
    """Would notice a full disk reported as "cannot write the log"."""
    steps = Stages(tmp_path, tmp_path / "missing" / "log")
    with pytest.raises(LmcourseError, match="The disk is full"):
        steps.run("step", [sys.executable, "-c", "raise SystemExit('No space left on device')"])


# --- where a command runs ---------------------------------------------------------------------------------------


@pytest.fixture
def started(checkout: Environment, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ``main`` did, in words: set up, run here or hand over. The running Python has no course installed."""
    done: list[str] = []
    monkeypatch.setattr(bootstrap, "ROOT", checkout.root)
    monkeypatch.setattr(bootstrap, "is_installed", lambda: False)
    monkeypatch.setattr(
        Environment, "ensure", lambda venv, fresh=False: done.append("fresh" if fresh else "ensure") or False
    )
    monkeypatch.setattr(bootstrap, "run_here", lambda arguments: done.append(f"here {arguments}") or 0)
    monkeypatch.setattr(bootstrap, "hand_over", lambda python, arguments: done.append(f"over {arguments}") or 5)
    return done


def test_outside_every_command_is_set_up_and_handed_over(started: list[str]) -> None:
    """Would notice a command that starts without its packages, or an exit status that is lost."""
    assert bootstrap.main(["generate", "m"]) == 5
    assert started == ["ensure", "over ['generate', 'm']"]


def test_inside_the_environment_only_make_commands_look_after_it(
    started: list[str], checkout: Environment, monkeypatch
) -> None:
    """Would notice a pip run hidden in `lmcourse generate`, or `make lab` missing an update in an activated .venv."""
    monkeypatch.setattr(sys, "prefix", str(checkout.path))
    assert bootstrap.main(["generate", "m"]) == 0
    assert bootstrap.main(["lab", "--help"]) == 0
    assert started == ["here ['generate', 'm']", "here ['lab', '--help']"]
    started.clear()
    monkeypatch.setattr(bootstrap, "is_installed", lambda: True)  # as it is, in there
    assert bootstrap.main(["lab"]) == 0
    assert started == ["ensure", "here ['lab']"]


def test_after_an_update_inside_the_command_starts_afresh(
    started: list[str], checkout: Environment, monkeypatch
) -> None:
    """Would notice a command that goes on with modules of packages which have just been replaced."""
    monkeypatch.setattr(sys, "prefix", str(checkout.path))
    monkeypatch.setattr(Environment, "ensure", lambda venv, fresh=False: True)
    assert bootstrap.main(["lab"]) == 5


def test_an_environment_of_the_users_own_is_left_alone(started: list[str], monkeypatch) -> None:
    """Would notice a .venv made for somebody who works with conda."""
    monkeypatch.setattr(bootstrap, "is_installed", lambda: True)
    assert bootstrap.main(["lab"]) == 0
    assert bootstrap.main(["setup"]) == 0
    assert started == ["here ['lab']"]


def test_setup_and_its_one_option(started: list[str], capsys) -> None:
    """Would notice a misspelt option that is silently a plain set-up."""
    assert bootstrap.main(["setup"]) == 0
    assert "make lab" in capsys.readouterr().out
    assert bootstrap.main(["setup", "--fresh"]) == 0
    assert bootstrap.main(["setup", "--frehs"]) == 2
    assert started == ["ensure", "fresh"]
    assert "--fresh" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"], ["-h"]])
def test_help_needs_no_set_up(started: list[str], capsys, arguments: list[str]) -> None:
    """Would notice 450 MB downloaded for `make help`."""
    assert bootstrap.main(arguments) == 0
    assert not started
    assert "make lab" in capsys.readouterr().out


def test_errors_and_interruptions_are_a_sentence_and_a_status(started: list[str], capsys, monkeypatch) -> None:
    """Would notice a traceback where a person needs a sentence."""
    for error, status, words in ((LmcourseError("No."), 2, "lmcourse: No."), (KeyboardInterrupt(), 130, "Stopped")):
        monkeypatch.setattr(Environment, "ensure", lambda venv, fresh=False, error=error: (_ for _ in ()).throw(error))
        assert bootstrap.main(["lab"]) == status
        assert words in capsys.readouterr().err


def test_the_handed_over_command_finds_its_own_tools_first(checkout: Environment, monkeypatch) -> None:
    """nbgrader calls `alembic` from PATH: without the environment's folder first, its first call fails."""
    seen: dict[str, object] = {}
    monkeypatch.setattr(
        os, "execve", lambda *call: seen.update(zip(("python", "command", "environment"), call, strict=True))
    )
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", str(checkout.python.parent)]))
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    with pytest.raises(TypeError):  # the real one does not return; the stand-in's way out is the other system's
        monkeypatch.setattr(subprocess, "Popen", None)
        bootstrap.hand_over(checkout.python, ["lab"])
    assert seen["command"] == [str(checkout.python), "-m", "lmcourse", "lab"]
    assert seen["environment"]["PATH"] == os.pathsep.join([str(checkout.python.parent), "/usr/bin"])
    assert seen["environment"]["VIRTUAL_ENV"] == str(checkout.path)
    assert "PYTHONHOME" not in seen["environment"]


def test_where_nothing_can_be_replaced_the_status_is_passed_on(monkeypatch) -> None:
    """Would notice `make test` on Windows that is green whatever happened."""
    python = Path(sys.executable)
    monkeypatch.chdir(ROOT)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        status = bootstrap.hand_over(python, ["setup", "--nonsense"])
    assert status == 2


def test_a_checkout_in_the_path_is_not_an_installation(tmp_path: Path, monkeypatch) -> None:
    """Would notice a leftover egg-info in the checkout being taken for an environment that has everything."""
    info = tmp_path / "lmcourse.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: lmcourse\nVersion: 0\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert bootstrap.is_installed(root=tmp_path / "another")
    assert not bootstrap.is_installed(root=tmp_path)


# --- old Pythons ------------------------------------------------------------------------------------------------


def program(folder: Path, name: str, status: int) -> None:
    """A program on PATH that ends with ``status``."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)


def test_an_old_python_hands_over_to_the_newest_that_works(tmp_path: Path, monkeypatch, capsys) -> None:
    """Would notice a choice of a shim with nothing behind it, or of the oldest instead of the newest."""
    program(tmp_path, "python3.13", 127)
    program(tmp_path, "python3.12", 0)
    program(tmp_path, "python3.11", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "execvp", lambda *call: (_ for _ in ()).throw(SystemExit(repr(call))))
    with pytest.raises(SystemExit, match=r"python3\.12', \['python3\.12', '-m', 'lmcourse', 'lab'\]"):
        __main__.hand_over(["lab"])
    assert "going on with python3.12" in capsys.readouterr().err


def test_an_old_python_alone_says_what_is_needed(tmp_path: Path, monkeypatch, capsys) -> None:
    """Would notice a SyntaxError or an ImportError where a sentence belongs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    assert __main__.main() == 2
    said = capsys.readouterr().err
    assert "needs Python 3.11 or newer, and this is 3.8" in said
    assert said.count("\n") == 1
