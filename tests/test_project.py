"""The machinery around notebooks: copies that are never lost, kernels that are measured, comparison that bites."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lmcourse import project
from lmcourse.errors import LmcourseError
from lmcourse.project import checks, kernels, lessons, places, server, workspace
from lmcourse.project.places import Places

TESTS = Path(__file__).resolve().parent


def notebook(*sources: str, outputs: dict[int, list[Any]] | None = None, tags: dict[int, str] | None = None) -> Any:
    """A notebook of a title and these code cells."""
    cells = [new_markdown_cell("# A lesson", id="title")]
    for number, source in enumerate(sources, 1):
        cell = new_code_cell(source, id=f"cell-{number}")
        if outputs is not None:
            cell.update(execution_count=number, outputs=outputs.get(number, []))
        if tags and number in tags:
            cell.metadata["tags"] = [tags[number]]
        cells.append(cell)
    return new_notebook(cells=cells)


def stdout(text: str) -> Any:
    return new_output("stream", name="stdout", text=text)


@pytest.fixture
def clone(tmp_path: Path) -> Places:
    """A clone of the course with two small lessons and one set of exercises."""
    clone = Places(tmp_path / "course")
    write(clone, "01_first", notebook("print(1)", outputs={1: [stdout("1\n")]}))
    write(clone, "02_second", notebook("print(2)"))
    write(clone, "exercises/01_first", notebook("..."))
    return clone


def write(clone: Places, name: str, content: Any) -> Path:
    path = clone.notebooks / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, path)
    return path


def learner_writes(copy: Path, source: str) -> None:
    content = nbformat.read(copy, 4)
    content.cells[-1].source = source
    nbformat.write(content, copy)


# Where things are -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [1, "1", "01", "01_first", "01_first.ipynb", "notebooks/01_first.ipynb", "workspace/01_first.ipynb"]
)
def test_a_lesson_is_found_by_any_of_its_names(clone, name):
    """A learner types the number, copies the file's name, or lets the shell complete its path."""
    assert clone.find(name) == clone.notebooks / "01_first.ipynb"
    assert clone.find("exercises/01") == clone.notebooks / "exercises" / "01_first.ipynb"


@pytest.mark.parametrize("name", [3, "0", "", "first", "../01", "01_fir", "answers/01", "*"])
def test_an_unknown_lesson_is_refused_with_the_list(clone, name):
    """The sentence says which lessons there are, and nothing outside notebooks/ can be named."""
    with pytest.raises(LmcourseError, match="no lesson .*01_first, 02_second"):
        clone.find(name)


def test_only_numbered_notebooks_are_lessons(clone):
    """A checkpoint or a draft in the folder must not be copied, run or stored."""
    write(clone, "draft", notebook("1"))
    write(clone, ".ipynb_checkpoints/01_first-checkpoint", notebook("1"))
    assert [path.stem for path in clone.lessons()] == ["01_first", "02_second"]


def test_this_clone_is_found():
    """The package finds the notebooks beside it, wherever it is called from."""
    assert places.here().tests == TESTS


def test_a_package_without_the_repository_says_so(monkeypatch, tmp_path):
    """Installed from an index there are no lessons; the sentence says where they are."""
    monkeypatch.setattr(places.lmcourse, "__file__", str(tmp_path / "lmcourse" / "__init__.py"))
    with pytest.raises(LmcourseError, match="clone the repository"):
        places.here()


def test_kernels_get_fixed_threads(monkeypatch):
    """One thread, whatever the shell says; LMCOURSE_THREADS is the one way to ask for more."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.delenv("LMCOURSE_THREADS", raising=False)
    given = places.environment()
    assert {given[name] for name in places.THREAD_VARIABLES} == {"1"} and "MPLBACKEND" not in given
    monkeypatch.setenv("LMCOURSE_THREADS", "2")
    assert {places.environment()[name] for name in places.THREAD_VARIABLES} == {"2"}
    monkeypatch.setenv("LMCOURSE_THREADS", "two")
    with pytest.raises(LmcourseError, match="LMCOURSE_THREADS"):
        places.environment()


# Working copies -------------------------------------------------------------------------------------------------------


def told_by(call: Any, *args: Any, **options: Any) -> list[str]:
    lines: list[str] = []
    call(*args, **options, echo=lines.append)
    return lines


def test_the_first_time_everything_is_copied(clone):
    """A learner's notebooks are the tracked ones to the byte, in a folder of their own."""
    assert told_by(project.refresh, clone) == []
    for name in ("01_first", "02_second", "exercises/01_first"):
        assert (clone.workspace / f"{name}.ipynb").read_bytes() == (clone.notebooks / f"{name}.ipynb").read_bytes()


def test_nothing_changes_the_second_time(clone):
    """`make lab` is typed every day; it must neither write nor talk when nothing is new."""
    project.refresh(clone)
    learner_writes(clone.workspace / "01_first.ipynb", "print('mine')")
    before = {path: path.read_bytes() for path in clone.workspace.rglob("*.ipynb")}
    assert told_by(project.refresh, clone) == []
    assert {path: path.read_bytes() for path in clone.workspace.rglob("*.ipynb")} == before


def test_an_update_replaces_an_untouched_copy(clone):
    """Run, with other outputs and the empty cell JupyterLab adds, but unchanged: the learner wants the new lesson."""
    project.refresh(clone)
    copy = clone.workspace / "01_first.ipynb"
    ran = nbformat.read(copy, 4)
    ran.cells[1].outputs = [stdout("one\n")]
    ran.cells[1].metadata["execution"] = {"iopub": "now"}
    ran.cells.append(new_code_cell("", id="added"))
    nbformat.write(ran, copy)
    new = write(clone, "01_first", notebook("print('new')"))
    assert told_by(project.refresh, clone) == ["01_first.ipynb: updated to the course's new version."]
    assert copy.read_bytes() == new.read_bytes()


def test_an_update_keeps_a_changed_copy(clone):
    """The learner's work is theirs, on this update and on the next; each time one line says how to get the new one."""
    project.refresh(clone)
    copy = clone.workspace / "01_first.ipynb"
    learner_writes(copy, "print('my answer')")
    mine = copy.read_bytes()
    for version in ("new", "newer"):
        write(clone, "01_first", notebook(f"print('{version}')"))
        for _ in range(2):
            (line,) = told_by(project.refresh, clone)
            assert "your changed copy is kept" in line and "lmcourse reset 01" in line and copy.read_bytes() == mine


def test_new_outputs_alone_are_no_news_to_a_changed_copy(clone):
    """An author who runs a lesson again must not make every learner read a notice."""
    project.refresh(clone)
    learner_writes(clone.workspace / "01_first.ipynb", "print('mine')")
    write(clone, "01_first", notebook("print(1)", outputs={1: [stdout("uno\n")]}))
    assert told_by(project.refresh, clone) == []


def test_a_copy_changed_to_what_the_update_says_is_in_step(clone):
    """After that it counts as untouched: the update after next replaces it."""
    project.refresh(clone)
    learner_writes(clone.workspace / "01_first.ipynb", "print('fixed')")
    write(clone, "01_first", notebook("print('fixed')"))
    assert told_by(project.refresh, clone) == []
    newest = write(clone, "01_first", notebook("print('newest')"))
    project.refresh(clone)
    assert (clone.workspace / "01_first.ipynb").read_bytes() == newest.read_bytes()


def test_a_deleted_copy_comes_back(clone):
    """Deleting is a way to start again; nothing is missing afterwards."""
    project.refresh(clone)
    (clone.workspace / "02_second.ipynb").unlink()
    project.refresh(clone)
    assert (clone.workspace / "02_second.ipynb").exists()


DAMAGE = [b"", b"{", b"[]", b'{"01_first.ipynb": 3}', b'{"01_first.ipynb": {"file": "x"}}', b"\xff\xfe", None]


@pytest.mark.parametrize("damage", DAMAGE, ids=repr)
def test_without_a_sound_record_no_copy_is_overwritten(clone, damage):
    """Lost or half-written, the record cannot say which copies are untouched: each that differs is the learner's."""
    project.refresh(clone)
    record, copy = clone.workspace / workspace.RECORD, clone.workspace / "01_first.ipynb"
    learner_writes(copy, "print('mine')")
    mine = copy.read_bytes()
    record.unlink() if damage is None else record.write_bytes(damage)
    write(clone, "02_second", notebook("print('new')"))
    lines = told_by(project.refresh, clone)
    assert copy.read_bytes() == mine and any("01_first" in line and "kept" in line for line in lines)
    assert any("02_second" in line and "kept" in line for line in lines)


@pytest.mark.parametrize("content", [b"", b"not a notebook", b'{"cells": 3}', b'{"cells": [{"source": "x"}]}', b"\xff"])
def test_a_copy_that_is_no_notebook_is_kept(clone, content):
    """A file the editor broke may still hold an hour's work."""
    project.refresh(clone)
    copy = clone.workspace / "01_first.ipynb"
    copy.write_bytes(content)
    write(clone, "01_first", notebook("print('new')"))
    assert any("kept" in line for line in told_by(project.refresh, clone)) and copy.read_bytes() == content


def test_reset_puts_the_original_back_and_keeps_every_version(clone):
    """Three resets, three numbered backups: none overwrites another."""
    project.refresh(clone)
    copy = clone.workspace / "01_first.ipynb"
    for number in (1, 2, 3):
        learner_writes(copy, f"print('try {number}')")
        mine = copy.read_bytes()
        lines = told_by(project.reset, "01", clone)
        assert copy.read_bytes() == (clone.notebooks / "01_first.ipynb").read_bytes()
        assert (clone.backup / f"01_first.{number}.ipynb").read_bytes() == mine
        assert f"workspace/backup/01_first.{number}.ipynb" in lines[0]
    assert len(list(clone.backup.iterdir())) == 3
    assert told_by(project.refresh, clone) == []


def test_reset_works_without_a_workspace_and_backs_up_nothing_twice(clone):
    """Before the first `make lab`, and on a copy that is as it was: no empty backups."""
    project.reset(2, clone, print)
    assert "nothing to do" in told_by(project.reset, 2, clone)[0]
    project.reset("exercises/01", clone, print)
    assert (clone.workspace / "exercises" / "01_first.ipynb").exists() and not clone.backup.exists()


def test_after_a_reset_an_update_reaches_the_copy(clone):
    """Reset takes the copy back into step with the course."""
    project.refresh(clone)
    learner_writes(clone.workspace / "01_first.ipynb", "print('mine')")
    write(clone, "01_first", notebook("print('new')"))
    project.reset(1, clone, print)
    newest = write(clone, "01_first", notebook("print('newest')"))
    assert told_by(project.refresh, clone) == ["01_first.ipynb: updated to the course's new version."]
    assert (clone.workspace / "01_first.ipynb").read_bytes() == newest.read_bytes()


def test_a_workspace_that_cannot_be_written_is_one_sentence(clone, monkeypatch):
    """A full disk or a read-only folder: what is wrong and what to do, and the old copy is whole."""
    project.refresh(clone)
    copy = clone.workspace / "01_first.ipynb"
    before = copy.read_bytes()
    write(clone, "01_first", notebook("print('new')"))

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(LmcourseError, match="No space left"):
        project.refresh(clone)
    assert copy.read_bytes() == before
    assert not [path for path in clone.workspace.iterdir() if path.suffix == ".tmp"]


def test_a_clone_without_lessons_says_so(tmp_path):
    """An empty folder must not open an empty JupyterLab."""
    (tmp_path / "notebooks").mkdir()
    for call in (project.refresh, project.run, project.execute):
        with pytest.raises(LmcourseError, match="no lessons"):
            call(places=Places(tmp_path))


# Playing lessons ------------------------------------------------------------------------------------------------------

GOOD = notebook(
    "import os, sys\nprint(os.environ['OMP_NUM_THREADS'], sys.prefix == sys.argv[0], 'beartype' in sys.modules)",
    "ballast = bytearray(150_000_000)\nsys.stdout.write('✓ one'); sys.stdout.flush(); print(' holds\\n✓ two holds')",
    "from IPython.display import display\nprint('before'); display({'text/plain': 'shown'}, raw=True); print('after')",
    "1 / 0",
    "print('50%', end='\\r'); print('100%')\nos.listdir()",
    tags={4: "raises-exception"},
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: Any) -> Any:
    """Three lessons, played once for all tests below: a good one, one that fails and one that leaves a file behind."""
    clone = Places(tmp_path_factory.mktemp("ran"))
    before = {
        write(clone, "01_good", GOOD),
        write(clone, "02_fails", notebook("x = 1", "print('✓ held')\nassert x == 2, 'x is not two'", "print('never')")),
        write(clone, "03_litters", notebook("open('left.txt', 'w').close()")),
    }
    stored = {path: path.read_bytes() for path in before}
    lines: list[str] = []
    status = project.run(places=clone, echo=lines.append)
    return clone, stored, lines, status


def test_run_reports_every_lesson_and_fails_when_one_does(ran):
    """A failure in the middle neither hides nor stops the others."""
    _, _, lines, status = ran
    text = "\n".join(lines)
    assert status == 1
    assert "[1/3] 01_good" in text and "[2/3] 02_fails" in text and "[3/3] 03_litters" in text
    assert "02_fails fails: code cell 2 (cell-2) raised AssertionError: x is not two" in text
    assert "it begins: print('✓ held')" in text and "Traceback" not in text
    assert "03_litters fails: it wrote into its working folder (left.txt)" in text


def test_the_table_tells_time_memory_and_claims(ran):
    """The columns are what a lecturer plans by; memory is the kernel's own peak, not this process's."""
    _, _, lines, _ = ran
    (head,) = [line for line in lines if line.startswith("lesson ")]
    (good,) = [line for line in lines if line.startswith("01_good ")]
    assert head.split() == ["lesson", "seconds", "CPU-seconds", "peak", "memory", "claims", "held"]
    _, seconds, cpu, memory, unit, claims = good.split()
    assert float(seconds) > 0 and 0 < float(cpu) < 60 and claims == "2" and unit == "MB"
    assert 190 <= int(memory) <= 450, "150 MB of ballast and a bare kernel"
    assert any(line.startswith("together ") for line in lines)


def test_run_leaves_the_tracked_notebooks_alone(ran):
    """`make run` never dirties a clone."""
    clone, stored, _, _ = ran
    assert {path: path.read_bytes() for path in stored} == stored
    assert sorted(path.name for path in clone.root.rglob("*")) == sorted([*(path.name for path in stored), "notebooks"])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: Any) -> Any:
    """The good lesson, executed and stored."""
    clone = Places(tmp_path_factory.mktemp("stored"))
    lesson = nbformat.from_dict(GOOD)
    lesson.metadata.update(kernelspec={"name": "my-env", "display_name": "Mine"}, widgets={"state": {}}, title="Good")
    lesson.cells[1].metadata.update(execution={"iopub": "now"}, collapsed=True, slideshow={"slide_type": "slide"})
    path = write(clone, "01_good", lesson)
    assert project.execute(["1"], places=clone, echo=lambda line: None) == 0
    return clone, path, nbformat.read(path, nbformat.NO_CONVERT)


def test_execute_stores_outputs_in_order(stored):
    """Pieces of a stream are one, a figure stays between the lines around it, a progress bar is its last state."""
    cells = stored[2].cells
    assert cells[1].outputs[0].text == "1 False False\n", "one thread, and the tests' import hook is not in the kernel"
    assert [out.text for out in cells[2].outputs] == ["✓ one holds\n✓ two holds\n"]
    assert [out.get("text") or out.data["text/plain"] for out in cells[3].outputs] == ["before\n", "shown", "after\n"]
    assert cells[4].outputs[0].ename == "ZeroDivisionError"
    assert cells[5].outputs[0].text == "100%\n" and cells[5].outputs[1].data["text/plain"] == "[]"


def test_execute_stores_nothing_of_the_run(stored):
    """Counts from 1, the author's tags and slides, no times, no kernel of one's own, no version; ids as they were."""
    _, path, lesson = stored
    assert [cell.execution_count for cell in lesson.cells if cell.cell_type == "code"] == [1, 2, 3, 4, 5]
    assert [cell.id for cell in lesson.cells] == ["title", *(f"cell-{n}" for n in range(1, 6))]
    assert lesson.cells[1].metadata == {"slideshow": {"slide_type": "slide"}}
    assert lesson.cells[4].metadata == {"tags": ["raises-exception"]}
    assert lesson.metadata == {"title": "Good", **lessons.NOTEBOOK_METADATA}
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n") and str(Path.home()) not in text and sys.prefix not in text


def test_executing_again_changes_nothing(stored):
    """The same outputs are the same bytes: a re-run is no change in the repository."""
    clone, path, _ = stored
    before = path.read_bytes()
    assert told_by(project.execute, places=clone)[-1] == "  unchanged"
    assert path.read_bytes() == before


def test_execute_does_not_store_what_fails(clone):
    """The last good version stays; the status says that something is to be done."""
    path = write(clone, "01_first", notebook("raise ValueError('no')"))
    before = path.read_bytes()
    lines: list[str] = []
    assert project.execute(["01"], places=clone, echo=lines.append) == 1
    assert path.read_bytes() == before and "not stored: code cell 1" in lines[-1] and "ValueError: no" in lines[-1]


def test_a_kernel_that_dies_and_a_cell_that_hangs_are_told(clone):
    """Out of memory ends a kernel without a word; the report still says which cell."""
    path = write(clone, "01_first", notebook("import os, signal", "os._exit(9)"))
    assert "code cell 2 (cell-2) ended its kernel" in str(kernels.play(path).failure)
    path = write(clone, "01_first", notebook("import time; time.sleep(60)"))
    assert "took longer than 1 s" in str(kernels.play(path, timeout=1).failure)


def test_an_unsound_notebook_is_refused_before_anything_runs(clone):
    """One broken file must not be found after the others have run for an hour."""
    (clone.notebooks / "02_second.ipynb").write_text('{"cells": [')
    lines: list[str] = []
    with pytest.raises(LmcourseError, match=r"02_second.ipynb is not a sound notebook"):
        project.run(places=clone, echo=lines.append)
    assert lines == []


def test_a_widget_is_stored_as_its_picture():
    """A widget lives in the kernel that made it: stored, it would be an empty place on every page."""
    both = {"image/png": "iVBORw0KGgo=", "text/plain": "Figure.", lessons.WIDGET: {"model_id": "1"}}
    output = nbformat.v4.new_output("display_data", data=both)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    assert set(lessons.tidy(notebook).cells[0].outputs[0].data) == {"image/png", "text/plain"}


def test_tracebacks_are_stored_without_this_machines_folders():
    """A traceback shown on purpose names files of the libraries; where those lie is nobody's matter."""
    line = lessons._without_places(f'File "{sys.prefix}/lib/x.py", {Path.home()}/y')
    assert line == 'File "…/lib/x.py", …/y'


# Comparing ------------------------------------------------------------------------------------------------------------


def test_a_stored_output_that_is_wrong_fails_the_tests(tmp_path):
    """The whole promise hangs on this: strict comparison fails on one wrong character, and only the tag excuses it.

    The kernels have fixed threads and not the tests' import hook, and how a stream is cut into pieces is no difference.
    """
    clone = Places(tmp_path)
    clone.tests.mkdir()
    (clone.tests / "nbval.cfg").write_bytes((TESTS / "nbval.cfg").read_bytes())
    threads = "import os, sys; print(os.environ['OMP_NUM_THREADS'], 'beartype' in sys.modules)"
    sources = ["print('a' + 'b')", "print('c')", "print('✓ d')", threads, "assert False"]
    outputs = {1: [stdout("aB\n")], 2: [stdout("wrong\n")], 3: [stdout("✓ "), stdout("d\n")], 4: [stdout("1 False\n")]}
    write(clone, "01_first", notebook(*sources, outputs=outputs, tags={2: "nbval-ignore-output"}))
    write(clone, "exercises/01_first", notebook("raise SystemExit('full of holes, and not run')", outputs={}))
    line = checks.arguments(clone, ["-q", "-rA", "-p", "no:cacheprovider", "--color=no", "--numprocesses=0"], lax=False)
    done = subprocess.run(line, cwd=clone.root, env=places.environment(), capture_output=True, text=True, check=False)
    found = {
        row.split()[2]: row.split()[0] for row in done.stdout.splitlines() if row.startswith(("PASSED ", "FAILED "))
    }
    passed, failed = "PASSED", "FAILED"
    assert done.returncode == 1 and found == {"0": failed, "1": passed, "2": passed, "3": passed, "4": failed}, (
        done.stdout
    )


def test_the_command_line_of_the_tests(clone):
    """Everything by default; a test or notebook that is named replaces it; other arguments are added."""
    clone.tests.mkdir()
    everything = [str(clone.tests), str(clone.notebooks)]
    assert checks.arguments(clone, [], lax=False)[3:5] == everything
    assert "--nbval" in checks.arguments(clone, [], lax=False) and "--nbval-lax" in checks.arguments(
        clone, [], lax=True
    )
    assert checks.arguments(clone, ["-k", "tests"], lax=False)[3:5] == everything
    named = checks.arguments(clone, ["tests/test_x.py::test_y"], lax=False)
    assert str(clone.tests) not in named and named[-1] == "tests/test_x.py::test_y"


def test_outside_linux_outputs_are_not_compared(clone, monkeypatch):
    """The last digits of floats differ there; the claims hold everywhere, and a line says what is (not) done."""
    called: list[Any] = []
    done = subprocess.CompletedProcess([], 5)
    monkeypatch.setattr(checks.subprocess, "run", lambda line, **options: called.append((line, options)) or done)
    monkeypatch.setattr(checks.sys, "platform", "darwin")
    assert project.test(places=clone, full=True, echo=lambda line: None) == 5
    monkeypatch.setattr(checks.sys, "platform", "linux")
    project.test(places=clone)
    (mac, options), (linux, plain) = called
    assert "--nbval-lax" in mac and "--nbval" in linux and "--nbval-lax" not in linux
    assert options["env"]["LMCOURSE_TESTS"] == "full" and "LMCOURSE_TESTS" not in plain["env"]
    assert plain["env"]["OMP_NUM_THREADS"] == "1" and plain["cwd"] == clone.root


def test_lint_looks_at_notebooks_too(clone):
    """A name that is used and never defined, in a lesson's cell, is found."""
    assert project.lint(["--quiet", "--isolated"], places=clone) == 0
    write(clone, "02_second", notebook("print(never_defined)"))
    assert project.lint(["--quiet", "--isolated"], places=clone) == 1


# JupyterLab -----------------------------------------------------------------------------------------------------------


def test_jupyterlab_serves_the_lesson_with_this_python(clone):
    """The server is really started, asked as a browser would ask, and closed; no process is left."""
    import psutil

    before = set(psutil.Process().children(recursive=True))
    (line,) = told_by(project.lab, places=clone, check=True)
    assert "serves 01_first.ipynb (2 cells)" in line and sys.executable in line
    assert not [left for left in psutil.Process().children(recursive=True) if left not in before and left.is_running()]


def test_jupyterlab_asks_nothing_of_the_network(clone):
    """No news, no updates, no list of extensions; and its settings stand in the ignored folder, not in the home."""
    given = server.settings(clone)
    folder = Path(given["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0])
    assert folder.is_relative_to(clone.workspace)
    assert json.loads((folder / "jupyter_lab_config.json").read_text())["LabApp"]["news_url"] is None
    page = json.loads((folder / "labconfig" / "page_config.json").read_text())
    assert page["disabledExtensions"]["@jupyterlab/apputils-extension:announcements"] is True
    kernel = json.loads((folder / "kernels" / "python3" / "kernel.json").read_text())
    assert kernel["argv"][0] == sys.executable


def test_the_command_line_opens_the_lesson_asked_for(clone, monkeypatch):
    """`lmcourse lab 2` opens lesson 2, in the workspace, with the port and browser asked for."""
    started: list[list[str]] = []

    class Process:
        returncode = -signal.SIGTERM

        def __init__(self, line: list[str], **options: Any) -> None:
            started.append(line)
            assert options["env"]["OMP_NUM_THREADS"] == "1" and options["cwd"] == clone.workspace

        def wait(self, timeout: float | None = None) -> int:
            return self.returncode

        def terminate(self) -> None:
            pass

        kill = terminate

    monkeypatch.setattr(server.subprocess, "Popen", Process)
    assert project.lab("02", port=9999, browser=False, places=clone, echo=lambda line: None) == 0, "Ctrl-C is no error"
    assert "--LabApp.default_url=/lab/tree/02_second.ipynb" in started[0] and "--no-browser" in started[0]
    assert f"--ServerApp.root_dir={clone.workspace}" in started[0] and "--ServerApp.port=9999" in started[0]
    Process.returncode = 3
    assert project.lab(places=clone, echo=lambda line: None) == 3
    with pytest.raises(LmcourseError, match="no lesson"):
        project.lab(7, places=clone)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups that Ctrl-C could be sent to")
def test_ctrl_c_closes_the_server_cleanly(clone):
    """Even while the server is starting: the status is 0, no traceback ends the day, and no server is left behind."""
    code = (
        "import sys, pathlib; from lmcourse import project; from lmcourse.project.places import Places; "
        "sys.exit(project.lab(places=Places(pathlib.Path(sys.argv[1])), browser=False))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(clone.root)], start_new_session=True, cwd=TESTS.parent, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    told = ""
    for line in process.stdout:
        told += line
        if "127.0.0.1" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    told += process.communicate(timeout=30)[0]  # which waits until nobody, the server included, holds the pipe
    assert process.returncode == 0 and "Traceback" not in told and "/lab/tree/01_first.ipynb" in told
