"""The course's virtual environment: ``.venv`` at the root of the checkout, made once and kept right.

A stamp remembers what the dependency files said when everything was installed, so that the second start is immediate
and a changed file is noticed. A set-up that failed or was interrupted leaves no stamp, and the next one mends what it
left. Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.stages import Stages, one_at_a_time
from lmcourse.versions import NEWEST, OLDEST

PYTORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
SPACE_NEEDED = 2.5  # GB


class Environment:
    """The virtual environment of the checkout ``root``: what it should hold, and the way there."""

    def __init__(self, root: Path, path: Path | None = None) -> None:
        self.root = root
        self.path = path or root / ".venv"
        self.stamp = self.path / "setup.stamp"
        self.log = self.path / "setup.log"

    def program(self, name: str) -> Path:
        """Where the environment's program ``name`` stands."""
        return self.path / "Scripts" / f"{name}.exe" if os.name == "nt" else self.path / "bin" / name

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.program("python")

    def project(self) -> dict[str, Any]:
        """The checkout's pyproject.toml."""
        return tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))

    def wanted(self) -> dict[str, str]:
        """What the stamp must say: a digest of the dependency files, and its place (an environment cannot move)."""
        file = self.project()
        tables = [
            file["project"].get(key) for key in ("requires-python", "dependencies", "optional-dependencies", "scripts")
        ]
        constraints = (self.root / "constraints.txt").read_text(encoding="utf-8")
        content = json.dumps([tables, file["build-system"], constraints])
        return {"root": str(self.root), "dependencies": hashlib.sha256(content.encode()).hexdigest()}

    def stamped(self) -> dict[str, str]:
        """What the stamp says; nothing when there is none."""
        try:
            return json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def is_current(self) -> bool:
        """Whether everything is installed as the dependency files say now, with its Python still there."""
        return self.python.exists() and self.stamped() == self.wanted()

    def is_usable(self) -> bool:
        """Whether the environment's Python runs, is new enough, has pip, and stands where it was made.

        It must also say that this environment is where it installs: a ``.venv`` that was half made or half removed can
        hold a Python that belongs to the system.
        """
        if self.stamped().get("root", str(self.root)) != str(self.root):
            return False
        program = f"import sys, pip; assert sys.version_info >= {OLDEST}; print(sys.prefix)"
        try:
            answer = subprocess.run([self.python, "-c", program], capture_output=True, text=True, check=False)
        except OSError:
            return False
        return answer.returncode == 0 and Path(answer.stdout.strip()).resolve() == self.path.resolve()

    def ensure(self, fresh: bool = False) -> bool:
        """Make the environment hold what the dependency files ask for; return whether there was anything to do.

        Raises LmcourseError, with reason and remedy in a sentence, when it cannot be done.
        """
        if self.is_current() and not fresh:
            return False
        with one_at_a_time(self.root) as lock:
            if fresh or not self.is_current():  # another set-up may have done it while this one waited
                try:
                    self.set_up(Stages(self.root, self.log, lock), fresh)
                except OSError as error:
                    where = f" {error.filename}" if error.filename else ""
                    raise LmcourseError(
                        f"The set-up cannot write{where}: {error.strerror}; see to that, then run this again."
                    ) from error
        return True

    def set_up(self, stages: Stages, fresh: bool = False) -> None:
        """Create or mend the environment, install everything, and stamp it."""
        start = time.monotonic()
        new = fresh or not self.is_usable()
        if new:
            self.check_space()
            print(f"Setting up the course in {self.path}; this happens once.", flush=True)
        else:
            print(f"Bringing {self.path} up to date with the dependency files.", flush=True)
        self.stamp.unlink(missing_ok=True)  # from here to the end nothing is promised
        if new:
            self.create(stages)
        self.mend()
        self.install(stages)
        write_atomic(self.stamp, json.dumps(self.wanted(), indent=1).encode())
        print(f"Done in {time.monotonic() - start:.0f} s; the details are in {self.log}", flush=True)

    def install(self, stages: Stages) -> None:
        """Install what the dependency files ask for, with the test group, and the course itself, editable."""
        file = self.project()
        packages = [*file["project"]["dependencies"], *file["project"]["optional-dependencies"]["test"]]
        stages.pip(self.python, "pip", [next(package for package in packages if package.startswith("pip>="))])
        self.install_torch(stages, next(package for package in packages if package.startswith("torch==")))
        everything = [*file["build-system"]["requires"], *packages]
        stages.pip(self.python, f"{len(packages)} packages and what they need", everything)
        # The build tool stands in the environment by now, so the last step asks nothing of the network.
        stages.pip(self.python, "lmcourse itself", ["--no-build-isolation", "--no-deps", "--editable", "."])

    def check_space(self) -> None:
        """Refuse before the download what would fail after it."""
        free = shutil.disk_usage(self.root).free / 1e9
        if free < SPACE_NEEDED:
            raise LmcourseError(
                f"The set-up needs about {SPACE_NEEDED} GB of free disk and {self.root} has {free:.1f}; make room, "
                "then run this again."
            )

    def create(self, stages: Stages) -> None:
        """Make the environment from the running Python, in place of whatever was left there."""
        version, newest = ("{}.{}".format(*numbers) for numbers in (sys.version_info, NEWEST))
        if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
            raise LmcourseError(
                f"This Python {version} comes without the modules that make environments; install them "
                f"(Debian, Ubuntu: sudo apt install python{version}-venv), then run this again."
            )
        if self.path.is_symlink() or self.path.is_file():
            raise LmcourseError(
                f"{self.path} is a link or a file where a folder belongs; move it away, then run this again."
            )
        if sys.version_info[:2] > NEWEST:
            print(
                f"Python {version} is newer than the course has been tried with; if this fails, use {newest}.",
                flush=True,
            )
        # Out of the way first, in one move: a removal that is interrupted must not leave half an environment behind.
        old = self.path.with_name(".venv.old")
        shutil.rmtree(old, ignore_errors=True)
        try:
            if self.path.exists():
                self.path.rename(old)
        except OSError as error:
            raise LmcourseError(
                f"Cannot replace {self.path}: {error.strerror}; close what uses it (JupyterLab, a terminal), then run "
                "this again."
            ) from error
        shutil.rmtree(old, ignore_errors=True)
        # Not the running Python itself: it may stand in an environment, even in the one that was just taken away.
        base = getattr(sys, "_base_executable", sys.executable)
        stages.run(f"Environment with Python {version}", [base, "-m", "venv", str(self.path)])

    def site_packages(self) -> list[Path]:
        """The folder that packages are installed into (a list, because its name holds the version)."""
        return [*self.path.glob("lib/python3*/site-packages"), *self.path.glob("Lib/site-packages")]

    def mend(self) -> None:
        """Take away what an interrupted installation left half done, so that pip does it again.

        pip writes a package's RECORD last, so a package without one is not all there; a folder whose name begins
        with ``~`` is an old version that pip had moved aside.
        """
        for packages in self.site_packages():
            halves = [folder for folder in packages.glob("*.dist-info") if not (folder / "RECORD").exists()]
            for folder in [*halves, *packages.glob("~*")]:
                shutil.rmtree(folder, ignore_errors=True)

    def has(self, pin: str) -> bool:
        """Whether ``name==version`` is installed, in any build: 2.13.0 and 2.13.0+cpu are the same version."""
        name, version = pin.split("==")
        folders = [str(folder) for folder in self.site_packages()]
        return any(
            found.version.partition("+")[0] == version
            for found in importlib.metadata.distributions(name=name, path=folders)
        )

    def install_torch(self, stages: Stages, torch: str) -> None:
        """Install PyTorch; on Linux, where the index's brings NVIDIA's libraries, a CPU build if one can be had.

        What is installed already stays, so that a GPU build put there by hand is not replaced.
        """
        title = torch.replace("torch==", "PyTorch ")
        if self.has(torch):
            return
        if sys.platform == "linux":
            build = ["--no-deps", f"{torch}+cpu"]  # what it needs comes with the other packages, from the usual place
            if stages.attempt(self.python, f"{title}, CPU build", build):
                return
            if stages.attempt(
                self.python, f"{title}, CPU build from pytorch.org", ["--index-url", PYTORCH_CPU_INDEX, *build]
            ):
                return
            print("  No CPU build can be had, so the index's is next, with NVIDIA's libraries: 2.7 GB.", flush=True)
        stages.pip(self.python, title, [torch])
