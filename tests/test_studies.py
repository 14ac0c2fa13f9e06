"""`lmcourse.studies`: stored results hold, or are said not to; what is stored is not measured again; rules judge as they say."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from lmcourse import cli, corpus
from lmcourse.corpus import Corpus, Document
from lmcourse.errors import LmcourseError
from lmcourse.metrics import accuracy
from lmcourse.models import load
from lmcourse.studies import Metric, Plan, Row, Study, fault, plan_of, plans, run, study
from lmcourse.studies import plan as planning
from lmcourse.studies.fingerprint import code_hash, data_hash, file_hash, module_hash
from lmcourse.tasks import classify, finetune, train_lm, train_translate
from lmcourse.tasks.labels import LabelledTexts, few_of
from lmcourse.tasks.questions import answered
from lmcourse.tasks.texts import part_of

# --- what is stored -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", plans())
def test_a_stored_study_holds(name: str) -> None:
    """Would notice a figure in a lesson that today's code or data no longer give; the message says what to run."""
    assert fault(name) is None


PAIRS = [(f"The {thing} is {state}.", f"{one}是{other}的。") for thing, one in zip("boat door harbour bell street".split(), "船门港钟街", strict=True)
         for state, other in zip("old new red wet cold".split(), "旧新红湿冷", strict=True)]  # fmt: skip


def test_the_translator_s_base_is_what_the_library_trains() -> None:
    """Would notice an ablation whose base is another recipe than the one that the lesson trains live."""
    plan = plan_of("translator_ablation")
    settings = {**plan.settings("base"), "pairs": PAIRS, "steps": 8}
    trained = train_translate(seed=1, progress=False, **settings)
    measured = plan.measure(seed=1, **settings)
    assert measured["curves"]["valid"] == ([8], [trained.history.best.loss])
    assert (measured["first_loss"], measured["tokens"]) == (trained.history.losses[0], trained.history.tokens)
    assert (measured["bleu"], measured["chrf"]) == (trained.bleu, trained.chrf)
    for row in plan.rows:  # each changes something, but for the one that costs time only
        if row not in ("batches x 4", "no clipping"):  # here all fits into one batch, and gradients are short
            other = plan.measure(seed=1, **{**plan.settings(row), "pairs": PAIRS, "steps": 8})
            same = other["curves"]["valid"][1] == pytest.approx(measured["curves"]["valid"][1], abs=1e-6)
            assert same == (row in ("base", "scores everywhere")), row


def test_a_row_of_the_label_curve_is_what_the_library_tunes() -> None:
    """Would notice a study that draws other labels, or tunes otherwise, than the lesson does live; and a row without its steps."""
    plan = plan_of("label_curve")
    records = [one for one in corpus.load("willow_bay/intents") if one.meta["language"] == "en"]
    parts = {part: [(one.text, one.meta["intent"]) for one in Corpus(records, "en").split(part)] for part in ("train", "test")}
    tuned = finetune("lm-base", LabelledTexts(few_of(parts["train"], 8, 1), [], "8"), method="frozen", steps=5, seed=1, progress=False)
    texts, truth = zip(*parts["test"], strict=True)
    measured = plan.measure(seed=1, task="intents", way="frozen", labels=8, steps=5)
    assert measured["accuracy"] == accuracy([one.label for one in classify(tuned, texts)], truth)
    for name, row in plan.rows.items():
        assert ("steps" in row.settings) == (row.settings["way"] not in ("counted", "vectors")), name
    assert {row.settings["labels"] for row in plan.rows.values()} == {8, 32, 128, 512, len(parts["train"]), 936}


def test_a_row_of_the_questions_is_what_the_library_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would notice a study that draws other questions, or trains otherwise, than the lesson does live; and a control that has been trained."""
    plan, calls = plan_of("questions"), []
    inside = plan.measure.__globals__
    monkeypatch.setitem(inside, "train_answer", lambda data, **given: calls.append((data, given)) or SimpleNamespace(history=SimpleNamespace(best=SimpleNamespace(loss=0.0))))
    monkeypatch.setitem(inside, "answer", lambda reader, passages, questions: [SimpleNamespace(text="") for _ in questions])
    train = answered(corpus.load("willow_bay/questions", split="train"), "willow_bay/questions")
    for name in plan.rows:
        if name == "shared words":
            continue
        plan.measure(seed=1, **plan.settings(name))
        (data, given), settings = calls.pop(), plan.settings(name)
        count, base = settings.pop("questions", None), settings.pop("base", None)
        assert data == ("willow_bay/questions" if count is None else random.Random(1).sample(train, count))
        assert given.items() >= {**settings, "seed": 1, "progress": False}.items()
        way, _, size = name.partition(", ")
        assert size == ("all" if count is None else str(count))
        assert settings.get("method") == {"fresh": "frozen", "frozen": "frozen", "full": "full"}.get(way)
        if base == "fresh":
            model, _ = given["base"]
            assert model.embedding.weight.std() < 0.1 < load("lm-base")[0].embedding.weight.std() and way == "fresh"
        else:
            assert given["base"] == base == (None if way == "reader" else "lm-base")


def test_every_row_meets_the_same_number_of_tokens() -> None:
    """Would notice a row that wins because it was trained for longer."""
    for name in ("translator_ablation", "language_model_ablation"):
        stored = study(name)
        met = {row: stored.mean(row, "tokens") for row in stored.rows if not row.startswith("small")}
        assert max(met.values()) <= 1.01 * min(met.values()), met


def town() -> Corpus:
    """Eighty short texts of two genres."""
    texts = [
        (f"d{number}", "story" if number % 2 else "news", f"The boat number {number} came in at {number % 7}. ")
        for number in range(80)
    ]
    return Corpus([Document(id, text * 4, {"genre": genre}) for id, genre, text in texts])


def test_the_language_model_s_base_is_what_the_library_trains() -> None:
    """The same for the language model, whose streams begin anew or do not."""
    plan = plan_of("language_model_ablation")
    found = []
    for share in (0.0, 0.05, 1.0):
        settings = {**plan.settings("base"), "corpus": town(), "steps": 8, "begin_anew": share}
        trained, measured = train_lm(seed=1, progress=False, **settings), plan.measure(seed=1, curves=True, **settings)
        assert measured["bits_per_byte"] == trained.score.bits_per_byte
        assert measured["best_loss"] == trained.history.best.loss
        found.append(measured["best_loss"])
    assert len(set(found)) == 3
    assert plan.settings("base")["begin_anew"] == 0.05


def test_a_part_leaves_validation_and_test_alone() -> None:
    """Would notice a learning curve whose points are measured on different texts."""
    whole = town()
    half, quarter = (part_of(whole, share, seed=3) for share in (0.5, 0.25))
    assert all(part.split(split) == whole.split(split) for part in (half, quarter) for split in ("valid", "test"))
    ids = [{document.id for document in part.split("train")} for part in (quarter, half, whole)]
    assert ids[0] < ids[1] < ids[2]
    assert len(ids[1]) / len(ids[2]) == pytest.approx(0.5, abs=0.05)
    assert part_of(whole, 1.0) == whole
    assert part_of(whole, 0.25, seed=4) != quarter
    with pytest.raises(LmcourseError, match="share of more than 0"):
        part_of(whole, 0)


# --- fingerprints -------------------------------------------------------------------------------------------------

CODE = '''"""What."""
RATE = 0.1

def step(x, rate=RATE):
    """Say."""
    if x < 0:
        raise ValueError("no roots of negative numbers")
    return x - rate * x  # downhill
'''


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("What.", "What it is.", True),
        ("# downhill", "", True),
        ("no roots", "there are no roots", True),
        ("(x, rate=RATE)", "(x: float, rate: float = RATE) -> float", True),
        ("\n\n", "\n\n\n", True),
        ("0.1", "0.2", False),
        ("x - rate", "x + rate", False),
        ("x < 0", "x <= 0", False),
        ("RATE = 0.1", "RATE = None", False),
        ("return x - rate * x", "x - rate * x", False),
    ],
)
def test_a_fingerprint_of_code_sees_what_code_does(old: str, new: str, same: bool) -> None:
    """Would notice an hour of computing thrown away for a comma, and a changed constant that nobody sees."""
    assert old in CODE
    assert (code_hash(CODE.replace(old, new, 1)) == code_hash(CODE)) is same


def test_a_fingerprint_can_leave_names_out_or_look_at_some() -> None:
    """The rows of a study stand in its script, and must not void one another."""
    other = CODE.replace("0.1", "0.2")
    assert code_hash(other, apart=("RATE",)) == code_hash(CODE, apart=("RATE",))
    assert module_hash("lmcourse.schedules", ("cosine",)) != module_hash("lmcourse.schedules", ("linear",))
    assert module_hash("lmcourse.schedules") != module_hash("lmcourse.schedules", ("linear",))
    with pytest.raises(LmcourseError, match="depends on sine of lmcourse.schedules"):
        module_hash("lmcourse.schedules", ("cosine", "sine"))
    with pytest.raises(LmcourseError, match="no module"):
        module_hash("lmcourse.nn.gru")


def test_a_fingerprint_is_the_same_on_every_python() -> None:
    """Would notice a hash that depends on how one version of Python writes its syntax tree."""
    assert code_hash(CODE) == "ca13d85465dddd06"


def test_a_fingerprint_of_data_sees_texts_order_and_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would notice a corrected sentence; a new note about a text voids nothing."""
    documents = [Document(str(number), f"Text {number}.", {"genre": "news", "by": "x"}) for number in range(3)]

    def fingerprint(*changed: Document) -> str:
        monkeypatch.setattr(corpus, "load", lambda name: Corpus([*changed, *documents[len(changed) :]]))
        return data_hash("any")

    before, first = fingerprint(), documents[0]
    assert fingerprint(replace(first, meta={"genre": "news", "by": "y"})) == before
    for other in (
        replace(first, text="Text."), replace(first, id="7"), replace(first, meta={"genre": "post"}),
        replace(first, meta={"genre": "news", "split_id": "a"}),
    ):  # fmt: skip
        assert fingerprint(other) != before
    assert fingerprint(documents[1], documents[0]) != before


def test_a_fingerprint_of_a_file_sees_every_byte_but_line_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would notice other weights under the same name, and other labels beside the same texts, which data_hash does not read."""
    monkeypatch.setenv("LMCOURSE_DATA", str(tmp_path))
    found = set()
    for content in (b'{"label": "a"}\n', b'{"label": "b"}\n', b"\0\r\n", b"\0\n"):
        (tmp_path / "some").write_bytes(content)
        found.add(file_hash("some"))
    assert len(found) == 4
    (tmp_path / "some").write_bytes(b'{"label": "a"}\r\n')
    assert file_hash("some") in found
    with pytest.raises(LmcourseError, match="the file other"):
        file_hash("other")


def test_a_plan_s_files_are_fingerprinted() -> None:
    """Would notice a study that rests on a shipped model and does not see it change."""
    plan = plan_of("label_curve")
    assert {f"data/{name}" for name in plan.files} <= set(plan.fingerprints()) and "models/lm-base/best.safetensors" in plan.files


# --- running ------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Plan]]:
    """A study of a function that counts its calls, with its script and its file in folders of their own."""
    monkeypatch.setattr(planning, "SCRIPTS", tmp_path)
    monkeypatch.setenv("LMCOURSE_DATA", str(tmp_path / "data"))

    def make(
        code: str = "noise = 0.01", rows: dict[str, Row] | None = None, fails: tuple[str, int] | None = None
    ) -> Plan:
        (tmp_path / "coin.py").write_text(f"{code}\nfrom tests_made import PLAN\n")

        def measure(seed: int, shift: float = 0.0) -> dict[str, float]:
            if fails == (shift, seed):
                raise KeyboardInterrupt
            calls.append((shift, seed))
            return {"loss": 1.0 + shift + 0.01 * seed, "curves": {"valid": ([0, 1], [2.0, 1.0 + shift])}}

        rows = rows or {"base": Row("as it is", {}), "shifted": Row("a half more", {"shift": 0.5})}
        plan = Plan("coin", "A coin.", {"loss": Metric("nats", 0.001)}, rows, measure, {"lmcourse.schedules": ()}, ())
        module = type("Module", (), {"PLAN": plan})
        monkeypatch.setattr(planning, "_module", lambda path: module)
        return plan

    calls: list[tuple[float, int]] = []
    make.calls = calls
    yield make


def test_a_study_that_was_stopped_goes_on(made) -> None:
    """Would notice an hour lost to Ctrl-C, and a result measured twice."""
    with pytest.raises(KeyboardInterrupt):
        run(made(fails=(0.5, 1)), show=False)
    assert made.calls == [(0.0, 0), (0.5, 0), (0.0, 1)]
    assert "has not all seeds of base, shifted" in fault("coin")
    found = run(made(), show=False)
    assert made.calls == [(0.0, 0), (0.5, 0), (0.0, 1), (0.5, 1), (0.0, 2), (0.5, 2)]
    assert found.values("base", "loss") == [1.0, 1.01, 1.02]
    assert found.curve("shifted", "valid") == [([0, 1], [2.0, 1.5])] * 3
    assert fault("coin") is None
    assert run(made(), show=False).stored == found.stored


def test_two_processes_share_a_study(made) -> None:
    """Would notice that one of them writes over what the other has stored meanwhile."""
    plan = made()

    def measure(seed: int, **settings: float) -> dict[str, float]:
        if seed == 0:  # while this one measures, the other comes to its end
            run(plan, rows=["base"], seeds=[1], show=False)
        return plan.measure(seed=seed, **settings)

    run(replace(plan, measure=measure), rows=["base"], seeds=[0], show=False)
    assert sorted(study("coin").seeds("base")) == [0, 1]


def test_part_of_a_study_can_be_run(made) -> None:
    """Would notice options that two processes cannot share the work with."""
    found = run(made(), rows=["shifted"], seeds=[2], show=False)
    assert (found.seeds("base"), found.seeds("shifted")) == ([], [2])
    assert found.table().count("\n") == 2  # only what is there
    with pytest.raises(LmcourseError, match="no row 'shofted'"):
        run(made(), rows=["shofted"], show=False)


def test_what_changed_is_named_and_only_that_is_measured_again(made) -> None:
    """Would notice stored figures of one code beside those of another, and rows that void one another."""
    run(made(), show=False)
    rows = {"base": Row("as it is, in better words", {}), "shifted": Row("a third more", {"shift": 0.3})}
    made.calls.clear()
    plan = made(rows=rows)
    assert "rows with other settings than its script (shifted)" in fault("coin")
    run(plan, show=False)
    assert made.calls == [(0.3, 0), (0.3, 1), (0.3, 2)]
    assert study("coin").what("base") == "as it is, in better words"
    plan = made("noise = 0.02", rows)
    assert "coin was made with other code or data: bench/studies/coin.py changed since" in fault("coin")
    assert "python bench/studies/coin.py" in fault("coin")
    made.calls.clear()
    run(plan, show=False)
    assert len(made.calls) == 6
    made("noise = 0.02", {"base": rows["base"]})  # a row that is gone from the script
    assert "shifted" in fault("coin")


def test_studies_on_the_command_line(made) -> None:
    """Would notice a command that says all is well while a study does not hold."""
    made()
    runner = CliRunner()
    said = runner.invoke(cli.app, ["studies", "--check"])
    assert (said.exit_code, "The study coin is not stored yet" in said.output) == (1, True)
    assert "| shifted | 1.510 ± 0.010 |" in runner.invoke(cli.app, ["studies", "coin"]).output
    assert runner.invoke(cli.app, ["studies", "--check"]).exit_code == 0


def test_what_is_not_there_is_said(made) -> None:
    """A sentence, not a traceback."""
    with pytest.raises(LmcourseError, match="no stored study 'coin'; choose among none yet"):
        study("coin")
    plan = made()
    with pytest.raises(LmcourseError, match="gave no bleu"):
        run(replace(plan, metrics={**plan.metrics, "bleu": Metric("", 1.0)}), show=False)
    found = run(plan, show=False)
    for wrong, match in (
        (lambda: plan_of("dice"), "no study 'dice'; choose among coin"),
        (lambda: found.mean("bse", "loss"), "no row 'bse'; choose among base, shifted"),
        (lambda: found.mean("base", "bleu"), "no metric 'bleu' there; choose among loss"),
        (lambda: found.curve("base", "train"), "no curve 'train'; it has valid"),
    ):
        with pytest.raises(LmcourseError, match=match):
            wrong()


# --- rules --------------------------------------------------------------------------------------------------------


def of(rows: dict[str, list[float]], floor: float = 0.0, better: str = "lower") -> Study:
    """A study with these figures."""
    stored = {
        row: {"what": row, "settings": {}, "seeds": {str(n): {"loss": x} for n, x in enumerate(xs)}}
        for row, xs in rows.items()
    }
    return Study("made", "Made.", "python made.py", {"loss": asdict(Metric("nats", floor, better))}, stored)


def test_a_further_run_falls_inside_as_often_as_promised() -> None:
    """Would notice an interval that is too narrow (a lesson that fails by chance) or too wide (one that cannot fail)."""
    random = np.random.default_rng(0)
    inside = [of({"base": list(random.normal(size=3))}).inside("base", "loss", random.normal()) for _ in range(4000)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.012)
    low, high = of({"base": [1.0, 2.0, 3.0]}).interval("base", "loss")
    assert (high - low) / 2 == pytest.approx(4.302653 * math.sqrt(4 / 3))
    assert of({"base": [1.0, 1.0, 1.0]}, floor=0.2).interval("base", "loss") == pytest.approx((0.8, 1.2))
    with pytest.raises(LmcourseError, match="has 1 seed, which has no spread"):
        of({"base": [1.0]}).inside("base", "loss", 1.0)


def test_rows_that_are_the_same_look_different_as_rarely_as_it_says() -> None:
    """Would notice a rule that finds differences everywhere: the docstring's once in 12 times."""
    random = np.random.default_rng(1)
    same = [
        of({"a": list(random.normal(size=3)), "b": list(random.normal(size=3))}).same("a", "b", "loss")
        for _ in range(4000)
    ]
    assert 1 - np.mean(same) == pytest.approx(1 / 12, abs=0.015)


def test_a_row_is_judged_beside_the_base() -> None:
    """Would notice a sign turned round, or a difference within the noise that is called one."""
    rows = {"base": [1.0, 1.1, 1.2], "near": [1.1, 1.2, 1.3], "low": [0.5, 0.6, 0.7], "high": [1.9, 2.0, 2.1]}
    for better, low, high in (("lower", "better", "worse"), ("higher", "worse", "better"), ("neither", "less", "more")):
        found = of(rows, better=better)
        assert [found.verdict(row, "loss") for row in rows] == ["no difference", "no difference", low, high]
    assert of(rows, floor=0.6).verdict("low", "loss") == "no difference"
    assert of({**rows, "once": [9.0]}).verdict("once", "loss") == "one seed says nothing"
    with pytest.raises(LmcourseError, match="'once' has 1 seed"):
        of({**rows, "once": [9.0]}).same("once", "base", "loss")
    lines = of(rows).table(judged=["loss"]).splitlines()
    assert lines[0] == "| row  | loss          | loss: beside base |"
    assert lines[2] == "| base | 1.100 ± 0.100 |                   |"
    assert lines[4] == "| low  | 0.600 ± 0.100 | better            |"


def test_a_slope_is_that_of_the_line() -> None:
    """Would notice the slope of y against x instead of their logarithms."""
    sizes = [1.0, 2.0, 4.0, 8.0]
    stored = {
        str(size): {
            "what": "",
            "settings": {},
            "seeds": {"0": {"size": size, "loss": 3 * size**-0.2}, "1": {"size": size, "loss": size**-0.3}},
        }
        for size in sizes
    }
    metrics = {name: asdict(Metric(name, 0.0)) for name in ("size", "loss")}
    found = Study("made", "Made.", "", metrics, stored)
    assert found.slopes("loss", "size", found.rows) == pytest.approx([-0.2, -0.3])
    del stored["8.0"]["seeds"]["1"]
    with pytest.raises(LmcourseError, match="rows with the same seeds"):
        found.slopes("loss", "size", found.rows)


def test_a_study_reads_what_it_wrote(made) -> None:
    """Would notice settings that come back as something that the library does not take."""
    run(made(), show=False)
    found = study("coin")
    assert json.loads(json.dumps(found.settings("shifted"))) == {"shift": 0.5}
    assert found.column("loss", ["base"]) == {"base": [1.0, 1.01, 1.02]}
    assert all(seconds >= 0 for seconds in found.values("base", "cpu_seconds"))
