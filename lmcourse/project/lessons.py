"""`make run` plays every lesson and reports; `make execute` plays them and stores what they print."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.project.kernels import Played, play, read
from lmcourse.project.places import Places, here

# What a cell may carry besides its source. Everything else is one editor's or one run's, and only makes diffs long.
CELL_METADATA = frozenset({"tags", "slideshow", "lmcourse", "nbgrader", "editable", "deletable"})
# No version of Python: the outputs are promised to be the same under each of them.
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
WIDGET = "application/vnd.jupyter.widget-view+json"
KEPT_NOTEBOOK_METADATA = frozenset({"title", "authors", "lmcourse", "celltoolbar"})


def run(
    names: Sequence[str | int] | None = None, *, places: Places | None = None, echo: Callable[[str], object] = print
) -> int:
    """Play the lessons (all, or those named) without storing anything; return 1 when one of them fails, else 0.

    One line for each while it is played, then a table: seconds, processor seconds, peak memory, claims that held.
    """
    places = places or here()
    chosen = _chosen(places, names)
    played = [_play_aloud(path, number, len(chosen), echo) for number, path in enumerate(chosen, 1)]
    echo("")
    for line in table(played):
        echo(line)
    failed = [lesson for lesson in played if _wrong(lesson)]
    for lesson in failed:
        echo(f"\n{lesson.name} fails: {_wrong(lesson)}")
    return 1 if failed else 0


def execute(
    names: Sequence[str | int] | None = None, *, places: Places | None = None, echo: Callable[[str], object] = print
) -> int:
    """Play the lessons (all, or those named) and store each with its outputs; return 1 when one could not be stored.

    A lesson that fails is not stored, and its file stays as it was. What is stored holds no trace of when, where and
    with which version it ran.
    """
    places = places or here()
    chosen, status = _chosen(places, names) + ([] if names else places.solutions()), 0
    for number, path in enumerate(chosen, 1):
        before = path.read_bytes()
        lesson = _play_aloud(path, number, len(chosen), echo)
        if _wrong(lesson):
            echo(f"  not stored: {_wrong(lesson)}")
            status = 1
        elif path.read_bytes() != before:
            echo("  not stored: the file was changed while it ran; run this again.")
            status = 1
        else:
            after = as_bytes(tidy(lesson.notebook))
            if after != before:
                write_atomic(path, after)
            echo("  unchanged" if after == before else "  stored")
    return status


def table(played: Sequence[Played]) -> list[str]:
    """The lines of the table that ends a run."""
    width = max([len("lesson"), len("together"), *(len(lesson.name) for lesson in played)])
    lines = [f"{'lesson':<{width}}  {'seconds':>8}  {'CPU-seconds':>11}  {'peak memory':>11}  {'claims held':>11}"]
    for lesson in played:
        claims = f"{lesson.claims}, fails" if _wrong(lesson) else str(lesson.claims)
        lines.append(_row(width, lesson.name, lesson.seconds, lesson.cpu_seconds, lesson.peak_bytes, claims))
    if len(played) > 1:
        lines.append(
            _row(
                width,
                "together",
                sum(lesson.seconds for lesson in played),
                sum(lesson.cpu_seconds for lesson in played),
                max(lesson.peak_bytes for lesson in played),
                str(sum(lesson.claims for lesson in played)),
            )
        )
    return lines


def tidy(notebook: Any) -> Any:
    """Change a played notebook to hold only what is the same whenever and wherever it is played, and return it."""
    kept = {key: value for key, value in notebook.metadata.items() if key in KEPT_NOTEBOOK_METADATA}
    notebook.metadata = type(notebook)({**kept, **NOTEBOOK_METADATA})
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    number = 0
    for cell in notebook.cells:
        cell.metadata = type(cell)({key: value for key, value in cell.metadata.items() if key in CELL_METADATA})
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            cell.outputs = _merged(cell.outputs)
            for output in cell.outputs:
                if len(output.get("data", {})) > 1:
                    output.data.pop(WIDGET, None)  # it lives in one kernel only; the picture beside it stays
                if output.output_type == "execute_result":
                    output.execution_count = number
                if output.output_type == "error":
                    output.traceback = [_without_places(line) for line in output.traceback]
    return notebook


def as_bytes(notebook: Any) -> bytes:
    """A notebook as it stands in its file."""
    import nbformat

    nbformat.validate(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def _merged(outputs: list[Any]) -> list[Any]:
    """Neighbouring pieces of one stream as one: where the kernel cuts what is printed differs from run to run."""
    merged: list[Any] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            output.output_type == "stream"
            and last is not None
            and last.output_type == "stream"
            and last.name == output.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    for output in merged:
        if output.output_type == "stream":
            # A progress bar goes back to the start of its line; what stood there before is gone.
            output.text = re.sub(r"^.*\r(?=[^\n])", "", output.text, flags=re.MULTILINE)
    return merged


def _without_places(line: str) -> str:
    """A line of a traceback without this machine's folders."""
    places = {
        sys.prefix,
        sys.base_prefix,
        str(Path(__file__).resolve().parents[2]),
        str(Path.home()),
        tempfile.gettempdir(),
    }
    for place in sorted(places, key=len, reverse=True):
        line = line.replace(place, "…")
    return line


def _chosen(places: Places, names: Sequence[str | int] | None) -> list[Path]:
    paths = [places.find(name) for name in names] if names else places.lessons()
    if not paths:
        raise LmcourseError(f"There are no lessons in {places.notebooks}; fetch the repository again (git pull).")
    for path in paths:
        read(path)  # an unsound file is found before an hour has gone by
    return paths


def _play_aloud(path: Path, number: int, count: int, echo: Callable[[str], object]) -> Played:
    echo(f"[{number}/{count}] {path.stem} …")
    sys.stdout.flush()
    lesson = play(path)
    echo(
        f"[{number}/{count}] {path.stem}: {lesson.seconds:.1f} s, "
        + ("fails" if _wrong(lesson) else f"{lesson.claims} claim{'s' * (lesson.claims != 1)} held")
    )
    return lesson


def _wrong(lesson: Played) -> str | None:
    """What is wrong with a played lesson, if anything: that it failed, or that it left files behind."""
    if lesson.failure:
        return lesson.failure
    if lesson.left_behind:
        files = ", ".join(lesson.left_behind[:3])
        return f"it wrote into its working folder ({files}); a lesson writes only into tempfile's."
    return None


def _row(width: int, name: str, seconds: float, cpu_seconds: float, peak_bytes: int, claims: str) -> str:
    return f"{name:<{width}}  {seconds:>8.1f}  {cpu_seconds:>11.1f}  {peak_bytes / 1e6:>8,.0f} MB  {claims:>11}"
