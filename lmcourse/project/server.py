"""`make lab`: JupyterLab on the working copies, in this environment's Python, asking nothing of the network."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.project.places import Places, environment, here
from lmcourse.project.workspace import refresh

# No news, no look for updates, no list of extensions from an index: the course works without a connection, and says
# nothing to anybody.
CONFIG: dict[str, dict[str, Any]] = {
    "jupyter_lab_config.json": {
        "LabApp": {
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
        }
    },
    "labconfig/page_config.json": {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}},
}


def lab(
    lesson: str | int = 1,
    port: int | None = None,
    browser: bool = True,
    *,
    check: bool = False,
    places: Places | None = None,
    echo: Callable[[str], object] = print,
) -> int:
    """Open JupyterLab at ``lesson`` in the workspace and return its exit status, 0 when closed with Ctrl-C.

    ``port``: the first port tried (default 8888, then the next free one); ``browser=False`` only prints the address.
    ``check=True`` starts the server without a browser, asks it for the lesson and for its kernel, and closes it.
    """
    places = places or here()
    original = places.find(lesson)
    refresh(places, echo)
    page = original.relative_to(places.notebooks).as_posix()
    if check:
        return _check(places, page, echo)
    echo(f"Opening {page} in JupyterLab. Your work is kept in {places.workspace}; Ctrl-C here ends it.")
    with _started(places, page, _options(port, browser), environment()) as process:
        process.wait()
    # Ctrl-C is how a session in a terminal ends, and no error.
    return 0 if process.returncode in (0, -signal.SIGTERM) else process.returncode


def _options(port: int | None, browser: bool) -> list[str]:
    options = [] if port is None else [f"--ServerApp.port={port}"]
    return options if browser else [*options, "--no-browser"]


def command(places: Places, page: str, options: Sequence[str] = ()) -> list[str]:
    """The command line that opens ``page`` of the workspace."""
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={places.workspace}",
        f"--LabApp.default_url=/lab/tree/{page}",
        "--ServerApp.answer_yes=True",  # Ctrl-C ends the server at once, without a question
        "--log-level=WARN",  # the address, and what goes wrong
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),  # as in most containers
        *options,
    ]


def settings(places: Places) -> dict[str, str]:
    """Write Jupyter's settings for the course into the workspace and return the variables that lead Jupyter there."""
    from ipykernel.kernelspec import get_kernel_dict

    folder = places.workspace / ".jupyter"
    # A kernel of this environment, found before any other that is called python3: a notebook must never run in a
    # Python that lacks the course.
    kernel = get_kernel_dict()
    kernel["argv"] += ["--log-level=ERROR"]  # a kernel's notes on its sockets are nothing for a learner
    for name, content in {**CONFIG, "kernels/python3/kernel.json": kernel}.items():
        write_atomic(folder / name, json.dumps(content, indent=1).encode())

    def first(variable: str) -> str:
        return os.pathsep.join(filter(None, [str(folder), os.environ.get(variable)]))

    return {
        "JUPYTER_PATH": first("JUPYTER_PATH"),
        "JUPYTER_CONFIG_PATH": first("JUPYTER_CONFIG_PATH"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),  # which tabs are open, apart from other projects'
    }


@contextlib.contextmanager
def _started(
    places: Places, page: str, options: Sequence[str], variables: dict[str, str], quiet: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """The running server; at the end of the block, and when this process is told to end, it is closed."""
    # Apart from the terminal's signals: Ctrl-C comes to this process, which then asks the server to end, as it does
    # when it is told to end itself or the terminal is closed. A server interrupted by Ctrl-C while it starts would say
    # so in a traceback.
    apart = {"creationflags": 0x200} if sys.platform == "win32" else {"start_new_session": True}
    process = subprocess.Popen(
        command(places, page, options),
        cwd=places.workspace,
        env=variables | settings(places),
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.DEVNULL if quiet else None,
        **apart,
    )
    endings = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = [signal.signal(ending, lambda number, frame: process.terminate()) for ending in endings]
    try:
        yield process
    except KeyboardInterrupt:
        pass
    finally:
        process.terminate()  # which does nothing to a server that has ended by itself
        try:
            process.wait(15)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()
        for ending, handler in zip(endings, before, strict=True):
            signal.signal(ending, handler)


def _check(places: Places, page: str, echo: Callable[[str], object], patience: float = 60.0) -> int:
    """Start the server, ask it for the page and its kernel as a browser would, and close it again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1", "--no-browser"]

    def ask(path: str) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"token {token}"})
        with opener.open(request, timeout=10) as answer:
            return answer.read()

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this machine is never behind a proxy
    with _started(places, page, options, environment() | {"JUPYTER_TOKEN": token}, quiet=True) as process:
        until = time.monotonic() + patience
        while True:
            try:
                ask("/api/status")
                break
            except (urllib.error.URLError, OSError) as error:
                if process.poll() is not None or time.monotonic() > until:
                    raise LmcourseError(
                        "JupyterLab does not start; run `python -m jupyterlab` in the course's environment to see why."
                    ) from error
                time.sleep(0.1)
        lesson = json.loads(ask(f"/api/contents/{page}"))
        kernel = json.loads(ask("/api/kernelspecs"))["kernelspecs"]["python3"]["spec"]["argv"][0]
        html = ask(f"/lab/tree/{page}").decode()
    if Path(kernel) != Path(sys.executable):
        raise LmcourseError(
            f"Notebooks would run in {kernel}, not in {sys.executable}; remove the kernel named python3."
        )
    if "jupyter-config-data" not in html:
        raise LmcourseError("JupyterLab's page is not there; install the course again (make setup).")
    echo(f"JupyterLab serves {page} ({len(lesson['content']['cells'])} cells), to run in {sys.executable}.")
    return 0
