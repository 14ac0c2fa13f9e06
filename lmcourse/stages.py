"""The stages of the set-up as a person sees them: a line and a time for each, and on failure the reason in words.

pip says a great deal, nearly all of it for somebody else. It goes into a log; what is shown is which stage runs, what
it waits for, and, if it fails, what that means and what to do. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from lmcourse.errors import LmcourseError


class Stages:
    """Runs the steps of a set-up in ``folder`` and keeps ``log``.

    pip keeps to the file ``constraints``; each step holds ``lock`` open as long as it lives.
    """

    def __init__(self, folder: Path, log: Path, lock: int | None = None, constraints: str = "constraints.txt") -> None:
        self.folder = folder
        self.log = log
        self.lock = lock
        self.constraints = constraints
        self.output = ""  # of the last step

    def pip(self, python: Path, title: str, packages: list[str]) -> None:
        """Install ``packages`` within the constraints; raise LmcourseError with the reason in words."""
        self.run(title, self._pip(python, packages))

    def attempt(self, python: Path, title: str, packages: list[str]) -> bool:
        """Install ``packages`` if that can be done without much ado; return whether it was."""
        return self.call(title, self._pip(python, ["--retries", "1", "--timeout", "15", *packages])) == 0

    def _pip(self, python: Path, packages: list[str]) -> list[str]:
        quiet = ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", "off"]
        return [str(python), "-m", "pip", "install", *quiet, "--constraint", self.constraints, *packages]

    def run(self, title: str, command: list[str]) -> None:
        """Run one step to its end; raise LmcourseError with the reason in words."""
        if self.call(title, command) != 0:
            details = f" (Details: {self.log})" if self.log.exists() else ""
            raise LmcourseError(f"{reason(self.output)}{details}")

    def call(self, title: str, command: list[str]) -> int:
        """Run one step with its output into the log; return its exit status."""
        start = time.monotonic()
        # A variable of pip's that names files is split at spaces, which the checkout's path may have: so no path here.
        # pip refuses it where nothing is built in isolation.
        settings = {
            "PIP_BUILD_CONSTRAINT": "" if "--no-build-isolation" in command else "constraints.txt",
            "PIP_REQUIRE_VIRTUALENV": "1",
            "PIP_USER": "0",
            "PYTHONUNBUFFERED": "1",
        }
        lines: list[str] = []
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=() if self.lock is None else (self.lock,),
        )
        with process, Ticker(title) as ticker:
            for line in process.stdout or ():
                lines.append(line)
                ticker.doing = doing(line) or ticker.doing
        self.output = "".join(lines)
        # A full disk must not hide why a step failed behind the log's own failure.
        with contextlib.suppress(OSError), open(self.log, "a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(command)}\n{self.output}\n")
        print(f"  {title}: {'' if process.returncode == 0 else 'no, '}{time.monotonic() - start:.0f} s", flush=True)
        return process.returncode


class Ticker:
    """A line that moves while a step runs, on a terminal; nothing where there is none."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.doing = ""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Ticker:
        if sys.stdout.isatty():
            self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()
            self._show("")

    def _tick(self) -> None:
        start = time.monotonic()
        while not self.over.wait(0.2):
            self._show(f"  {self.title}: {time.monotonic() - start:.0f} s  {self.doing}")

    def _show(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        print("\r" + text[:width].ljust(width) + "\r", end="", flush=True)


@contextlib.contextmanager
def one_at_a_time(root: Path) -> Iterator[int | None]:
    """Let one set-up of a checkout run at a time; a second one waits. Yields the lock (none on Windows)."""
    if os.name != "posix":
        yield None
        return
    import fcntl

    lock = os.open(root, os.O_RDONLY)  # the folder itself: nothing to clean up, and a killed set-up lets go of it
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of the course is running here; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def doing(line: str) -> str:
    """What a line of pip's output says about now, in few words; empty when it says nothing of the kind.

    ``Downloading https://host/numpy-2.4.6-cp311.whl (16.9 MB)`` -> ``downloading numpy-2.4.6-cp311.whl (16.9 MB)``
    """
    if line.startswith("Installing collected packages"):
        return "unpacking"
    match = re.match(r"\s*(Downloading|Processing|Building wheel for) (\S+)(?: (\([\d.]+ [kMG]B\)))?", line)
    if not match:
        return ""
    action, name, size = match.groups(default="")
    return f"{action.lower()} {name.rsplit('/', 1)[-1]} {size}".rstrip()


FULL = "The disk is full; make room (about 2.5 GB in all), then run this again."
OFFLINE = (
    "The package index cannot be reached; connect to the internet (or tell pip of your proxy or mirror), then run this "
    "again: it goes on where it stopped."
)
UNTRUSTED = (
    "The package index's certificate is not trusted here; tell pip of your organisation's "
    "(pip config set global.cert FILE), then run this again."
)
NO_TORCH = (
    "There is no build of PyTorch for this Python and machine at the pinned version; use Python 3.11 to 3.13 with 64 "
    "bits (make lab PYTHON=python3.12) on Linux, Windows or a Mac with Apple's own processor."
)
MISSING = "The package index in use does not have {}; check pip's settings (pip config list), or use the full index."
UNBUILT = (
    "A package has no ready-made build for this Python and could not be compiled; use Python 3.11 to 3.13 "
    "(make lab PYTHON=python3.12)."
)
DAMAGED = "A download arrived damaged; run this again, and if it stays so, after: pip cache purge."
FORBIDDEN = "A file cannot be written; use a checkout in a folder of your own, and close what runs from .venv."
CONFLICT = "The pinned versions do not fit together on this machine; please report it, with the log."

# What pip and venv say, and what it means for the person who waits. The first that is found counts: an index that
# cannot be reached, for instance, ends in "No matching distribution" as well.
REASONS = (
    (r"No space left on device|Errno 28\b|Disk quota exceeded|not enough space on the disk", FULL),
    (r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError", UNTRUSTED),
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ConnectionError|ProxyError|getaddrinfo",
        OFFLINE,
    ),
    (r"Temporary failure in name resolution|Network is unreachable|Connection (?:reset|refused|broken)", OFFLINE),
    # pip's words for it without and with a constraints file
    (r"No matching distribution found for torch\b|no matching distributions available [^:]*:\s+torch\b", NO_TORCH),
    (r"No matching distribution found for (\S+)", MISSING),
    (r"no matching distributions available [^:]*:\s+(\S+)", MISSING),
    (r"[Ff]ailed (?:building wheel|to build)", UNBUILT),
    (r"DO NOT MATCH THE HASHES|BadZipFile|IncompleteRead|hash mismatch", DAMAGED),
    (r"Permission denied|Errno 13\b|Access is denied|Read-only file system", FORBIDDEN),
    (r"ResolutionImpossible|conflicting dependencies", CONFLICT),
)


def reason(output: str) -> str:
    """Why a step failed: a sentence with the remedy, from the output of pip or venv."""
    for pattern, sentence in REASONS:
        match = re.search(pattern, output)
        if match:
            return sentence.format(*match.groups())
    said = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in said if line.lower().startswith("error")]
    return f"A step of the set-up failed: {(errors or said or ['it said nothing.'])[-1]}"
