"""Play one notebook from top to bottom in a fresh kernel, and measure what that took.

The kernel starts in an empty temporary folder, with this environment's Python and a fixed number of threads; time,
processor time and peak memory are the kernel process's own, asked from outside, so that a lesson cannot tell.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.project.places import NOTED, environment

MARK = "✓ "  # what a claim that holds begins its line with


@dataclass(frozen=True)
class Played:
    """What came of playing a notebook."""

    name: str
    notebook: Any  # an nbformat NotebookNode, with the new outputs
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    failure: str | None = None  # which cell failed, and how, in a few lines
    left_behind: list[str] = field(default_factory=list)  # files it wrote into its working folder

    @property
    def claims(self) -> int:
        """How many claims held."""
        return sum(line.startswith(MARK) for cell in self.notebook.cells for line in printed(cell).splitlines())


def printed(cell: Any) -> str:
    """What a cell has printed to standard output."""
    outputs = cell.get("outputs", [])
    return "".join(out.text for out in outputs if out.output_type == "stream" and out.name == "stdout")


def play(path: Path, timeout: int | float = 900) -> Played:
    """Run every code cell of the notebook at ``path``, leaving the file alone; ``timeout`` is each cell's, in seconds.

    A cell that raises ends the run, unless it is tagged ``raises-exception``; the failure is told, not raised.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = read(path)
    failure, number, index, cell = None, 0, 0, None
    with tempfile.TemporaryDirectory(prefix="lmcourse-run-", ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            notebook,
            km=_kernel_manager(),
            timeout=int(timeout),
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=False,
        )
        client.reset_execution_trackers()
        begun = time.perf_counter()
        # The kernel's own stderr holds only notes of the machinery; what a lesson writes to stderr is an output.
        with client.setup_kernel(cleanup_kc=True, env=environment() | NOTED, cwd=folder, stderr=subprocess.DEVNULL):
            meter = _Meter(client.km.provisioner.pid)
            try:
                for index, cell in enumerate(notebook.cells):
                    if cell.cell_type == "code":
                        number += 1
                        client.execute_cell(cell, index, execution_count=number)
                        meter.look()
            except CellTimeoutError:
                failure = _told(number, cell, f"took longer than {timeout:g} s")
            except DeadKernelError:
                failure = _told(number, cell, "ended its kernel; most often that is too little memory")
            except CellExecutionError as error:
                # Coloured for a terminal; the last lines are what a reader needs.
                plain = re.sub(r"\x1b\[[0-9;]*m", "", f"{error.ename}: {error.evalue}").strip()
                failure = _told(number, cell, "raised " + "\n".join(plain.splitlines()[:4]))
            except CellControlSignal as error:
                failure = _told(number, cell, str(error))
            seconds = time.perf_counter() - begun
            meter.look()
        left = sorted(found.relative_to(folder).as_posix() for found in Path(folder).rglob("*") if found.is_file())
    return Played(path.stem, notebook, seconds, meter.cpu_seconds, meter.peak_bytes, failure, left)


def read(path: Path) -> Any:
    """The notebook at ``path``, checked against the notebook format."""
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise LmcourseError(
            f"Cannot read {path}: {error.strerror or error}; check the name and its permissions."
        ) from error
    except (ValueError, nbformat.ValidationError, AttributeError, KeyError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LmcourseError(f"{path} is not a sound notebook ({why}); restore it with git.") from error
    return notebook


def _kernel_manager() -> Any:
    """A manager of kernels of this very Python, whatever kernels are installed beside it."""
    import ipykernel.kernelspec
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(resource_dir=ipykernel.kernelspec.RESOURCES, **ipykernel.kernelspec.get_kernel_dict())

    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=ThisPython())


def _told(number: int, cell: Any, what: str) -> str:
    line = next((line.strip() for line in (cell.source.splitlines() if cell else []) if line.strip()), "")
    return f"code cell {number}{f' ({cell.id})' if cell is not None else ''} {what}\n  it begins: {line[:90]}"


class _Meter:
    """Processor time and peak memory of a process, as far as seen when it was last looked at."""

    def __init__(self, pid: int) -> None:
        import psutil

        self.process, self.gone = psutil.Process(pid), psutil.Error
        self.cpu_seconds, self.peak_bytes = 0.0, 0

    def look(self) -> None:
        try:
            times = self.process.cpu_times()
            children = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            self.cpu_seconds = times.user + times.system + children
            memory = self.process.memory_info()
        except self.gone:
            return  # the kernel has ended; what was seen last stands
        # Linux and Windows keep the peak themselves; elsewhere it is the largest that was seen after a cell.
        self.peak_bytes = max(self.peak_bytes, memory.rss, getattr(memory, "peak_wset", 0), self._high_water())

    def _high_water(self) -> int:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0
        found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
        return 1024 * int(found[1]) if found else 0
