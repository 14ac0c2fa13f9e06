"""The shipped models: each is what its card says, is found by its name, and is made anew by one command."""

from __future__ import annotations

import copy
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import lmcourse as lm
from lmcourse import checkpoint, models
from lmcourse.errors import LmcourseError
from lmcourse.models import ModelCard
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.project import labelling, making
from lmcourse.tasks.answer import AnswerRecipe
from lmcourse.tasks.classify import ClassifierRecipe
from lmcourse.tasks.crosslingual import JointRecipe
from lmcourse.tasks.recipe import Recipe
from lmcourse.tasks.runs import settings_from
from lmcourse.tasks.translate import TranslatorRecipe

SHIPPED = list(models.list())
TOGETHER = 30_000_000  # bytes
ROUNDING = 0.001  # nats per token that half precision may cost
RECIPES = {"SpanReader": AnswerRecipe, "Seq2Seq": TranslatorRecipe, "TextClassifier": ClassifierRecipe, "JointClassifier": JointRecipe, "LSTMLanguageModel": Recipe}
each = pytest.mark.parametrize("card", SHIPPED, ids=lambda card: card.name)


# --- what is shipped ------------------------------------------------------------------------------------------------


def test_the_models_of_the_course_are_there() -> None:
    """Would notice a model that got lost, and files that together are too large for a clone."""
    assert {
        "lm-base", "lm-genres", "translate-en-zh", "translate-zh-en", "intents-en", "intents-zh", "sentiment-en", "answer-en",
    } <= {card.name for card in SHIPPED}  # fmt: skip
    assert all(card.path.stat().st_size <= 2_000_000 for card in SHIPPED if card.task == "classify")
    assert models.describe("answer-en").path.stat().st_size <= 5_000_000
    assert sum(card.path.stat().st_size for card in SHIPPED) <= TOGETHER


@each
def test_a_card_is_complete_and_of_its_file(card: ModelCard) -> None:
    """Would notice a card without its measures, a file that is another, too large or in single precision."""
    assert card.checked().stat().st_size == card.file["bytes"] <= making.LARGEST
    assert card.what and card.limits.endswith(".") and card.licence
    assert {"corpus", "version", "sha256"} == set(card.data)
    assert {"lmcourse", "torch", "steps", "cpu_minutes"} == set(card.made)
    assert len(card.made["cpu_minutes"]) == len(card.seeds) == len(card.metrics["seeds"])
    assert {"valid", "test", "seeds", "settings", "baseline", "rounding"} <= set(card.metrics)
    assert card.metrics["seeds"][0] == {
        "seed": card.seeds[0],
        **{split: card.metrics[split] for split in ("valid", "test")},
    }
    stored = checkpoint.load(card.path)
    assert all(tensor.dtype == torch.float16 for tensor in stored.weights.values())
    assert stored.config == card.file["model"]
    for word in (card.name, card.command, card.limits, card.data["sha256"]):
        assert word in str(models.describe(card.name))


@each
def test_the_command_in_the_card_made_the_file(card: ModelCard) -> None:
    """Would notice settings that were changed in the card alone: the file's own notes say how it was trained."""
    stored = checkpoint.load(card.path)
    training = stored.training
    assert training["command"] == card.command
    words = shlex.split(card.command)
    assert words[:3] == ["lmcourse", "train", card.task] and words[words.index("--out") + 1] == card.name
    assert training["steps"] == int(card.option("--steps", missing="0")) and training["step"] == card.made["steps"]
    assert training["notes"]["seed"] == int(card.option("--seed")) == card.seeds[0]
    given = [words[place + 1] for place, word in enumerate(words) if word == "--set"]
    for name, value in settings_from(given, RECIPES[stored.model_class]).items():
        assert training["notes"]["recipe"][name] == value


@each
def test_the_data_are_those_it_was_trained_on(card: ModelCard) -> None:
    """Would notice a corpus that has changed under a model."""
    assert making.data_digest(card) == card.data["sha256"], f"{card.name} was trained on other texts; run: make models"


@each
def test_the_metrics_are_those_of_the_file(card: ModelCard) -> None:
    """Would notice a figure that the shipped weights do not reach; on a part that is measured in seconds."""
    model, tokenizer = models.load(card.name)
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters()) and not model.training
    if card.task == "translate":
        found, stored, near = (
            making.scored(card, model, tokenizer, "valid", first=making.FEW),
            card.metrics[f"first {making.FEW} of valid"],
            0.5,
        )
    else:
        near = {"classify": 0.02, "answer": 0.5}.get(card.task, 0.1)
        found, stored = making.scored(card, model, tokenizer, "valid"), card.metrics["valid"]
    assert found == pytest.approx(stored, abs=near)
    if card.task == "lm":
        assert found["bits_per_byte"] == pytest.approx(stored["bits_per_byte"], abs=0.002)
        untrained = LSTMLanguageModel(model.config).eval()
        assert making.scored(card, untrained, tokenizer, "valid")["bits_per_byte"] > 1.5 * found["bits_per_byte"]


@each
def test_a_model_beats_its_baseline_with_every_seed(card: ModelCard) -> None:
    """Would notice a network that was shipped although looking up or counting does as well."""
    usual = card.metrics["baseline"]["test"]
    for run in card.metrics["seeds"]:
        if card.task == "translate":
            factor = 1.5 if card.name == "translate-en-zh" else 1.0
            assert all(run["test"][name] > factor * value for name, value in usual.items()), run
        elif card.measured:  # the baseline has labels of this language, the model has none: it has to know most all the same
            assert card.metrics["train and test"]["accuracy"] > 0.8 and run["test"]["accuracy"] > 0.8
        elif card.task == "classify":
            assert run["test"]["accuracy"] >= usual["accuracy"] and run["test"]["macro-F1"] >= usual["macro-F1"]
            assert run["test"]["calibration_error"] < usual["calibration_error"] + 0.01
        elif card.task == "answer":  # by at least a third, and not because it never answers
            assert run["test"]["F1"] > usual["F1"] * 4 / 3 and run["test"]["exact_match"] > usual["exact_match"]
            assert card.metrics["whole_town"]["F1"] > usual["F1"] * 0.9
        else:
            assert run["test"]["bits_per_byte"] < usual["bits_per_byte"]
    if card.name == "translate-en-zh":
        assert card.seeds == [0, 1, 2]


def test_abstaining_and_the_texts_of_another_language_are_measured() -> None:
    """Would notice a limit that was not chosen on valid, or figures of a language that are those of another's texts."""
    for name, held, new in (("intents-en", 122, 133), ("intents-zh", 40, 37)):
        card = models.describe(name)
        told, (model, tokenizer) = labelling.more(card, *models.load(name)), models.load(name)
        assert told["abstaining"] == pytest.approx(card.metrics["abstaining"], abs=0.01)
        assert told["abstaining"]["right"] > card.metrics["test"]["accuracy"]
        valid = labelling.examples(card, "valid")
        assert len(valid) == held and len(labelling.examples(card, "test")) == new
        sure = lm.classify((model, tokenizer), [text for text, _ in valid], least=card.metrics["abstaining"]["limit"] - 0.001)
        answered = [(one.label, label) for one, (_, label) in zip(sure, valid, strict=True) if one.label]
        assert sum(one == other for one, other in answered) >= labelling.WANTED * len(answered)
        assert ("train and test" in told) == bool(card.measured)


def test_the_base_has_read_no_news_and_no_task() -> None:
    """Would notice a leak that would make lesson 6's figures too good: news, posts, questions, messages, canaries."""
    training = checkpoint.load(models.describe("lm-base").path).training
    assert training["notes"]["source"] == "willow_bay/base"
    base = lm.corpus.load("willow_bay/base")
    assert {document.meta["source"] for document in base} == {"willow_bay/stories", "willow_bay/emails"}
    read = set[tuple[str, ...]]().union(*(runs(document.text) for document in base.split("train")))
    for part in ("news", "posts", "questions", "intents", "canaries"):
        texts = {
            record.id: getattr(record, "question", lm.corpus.show(record))
            for record in lm.corpus.load(f"willow_bay/{part}")
        }
        shared = [id for id, text in texts.items() if runs(text) & read]  # (answers are quoted from stories)
        assert shared == [], part


def runs(text: str, length: int = 13) -> set[tuple[str, ...]]:
    """The runs of so many words in a text: two texts that share one are suspected of a common source (Brown et al. 2020)."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[place : place + length]) for place in range(len(words) - length + 1)}


@each
def test_half_precision_costs_next_to_nothing(card: ModelCard) -> None:
    """Would notice weights so large or so small that float16 spoils them."""
    assert 0 <= card.metrics["rounding"] <= ROUNDING


def test_the_cost_of_half_precision_is_measured(tmp_path: Path) -> None:
    """Would notice a cost that is always zero: here weights are shifted by a constant that float16 cannot carry."""
    torch.manual_seed(0)
    model = LSTMLanguageModel(LSTMConfig(300, 8, 16)).eval()
    torch.nn.init.normal_(model.output.bias)
    losses = []
    for shift in (0.0, 5e4):
        shifted = copy.deepcopy(model)
        shifted.output.bias.data += shift  # the same shift for all scores changes no probability
        exact, half = shifted, copy.deepcopy(shifted).half().float()
        ids = torch.arange(300)
        losses.append(lm.metrics.token_losses(half, ids, 0).mean() - lm.metrics.token_losses(exact, ids, 0).mean())
    assert abs(losses[0]) < ROUNDING < abs(losses[1])


# --- names ----------------------------------------------------------------------------------------------------------


def test_a_name_stands_for_a_folder() -> None:
    """Guards the applications by name."""
    assert lm.generate("lm-genres", genre="news", tokens=20, seed=1) == lm.generate(
        "lm-genres", genre="news", tokens=20, seed=1
    )
    assert lm.generate("lm-base", "The ", tokens=5, seed=0).startswith("The ")
    model, tokenizer = lm.models.load("translate-en-zh")
    assert lm.translate("translate-en-zh", "The boat is late.") == lm.translate((model, tokenizer), "The boat is late.")
    asked = ["When does the last ferry leave?", "The bins in our street have not been emptied."]
    assert [one.label for one in lm.classify("intents-en", asked)] == ["ferry_times", "rubbish_and_recycling"]
    assert lm.classify("intents-zh", "最后一班渡轮几点开？").label == "ferry_times"
    assert lm.classify("sentiment-en", "What a lovely day, thank you all!").label == "positive"
    passage = "The baths were repaired in spring. On Monday Ada Brook opened them with a jump."
    assert lm.answer("answer-en", passage, "When did Ada Brook open the baths?").text == "On Monday"


def test_loading_a_model_brings_in_no_compiler() -> None:
    """Would notice a second before each first answer, in which PyTorch loads what compiles models and nobody asked for."""
    program = "import sys; from lmcourse import models; models.load('lm-base'); models.load('translate-en-zh'); models.load('intents-zh'); models.load('answer-en'); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"torch._dynamo", "sklearn", "sacrebleu"} & set(run.stdout.split())


def test_names_that_are_none_and_names_that_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards against a model that is silently another than the one meant."""
    monkeypatch.chdir(tmp_path)
    for call in (lm.generate, lm.models.load, lm.models.describe):
        with pytest.raises(LmcourseError, match="did you mean lm-genres") as caught:
            call("lm-gneres")
        assert all(card.name in str(caught.value) for card in SHIPPED)
    with pytest.raises(LmcourseError, match="holds no checkpoint"):
        lm.models.load(Path("lm-genres"))  # a path is a folder
    shutil.copytree(models.describe("lm-base").folder, tmp_path / "lm-genres")
    with pytest.raises(LmcourseError, match=r"\./lm-genres"):
        lm.models.load("lm-genres")
    base, _ = lm.models.load("lm-base")
    for own in ("./lm-genres", Path("lm-genres")):
        model, _ = lm.models.load(own)
        assert torch.equal(model.embedding.weight, base.embedding.weight)
    shutil.rmtree(tmp_path / "lm-genres")
    (tmp_path / "lm-genres").mkdir()  # a folder without a model is no second meaning
    lm.models.load("lm-genres")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a corpus of 200 short texts and the card of a model that nobody has trained yet."""
    town, folder = tmp_path / "town", tmp_path / "models" / "tiny"
    town.mkdir()
    folder.mkdir(parents=True)
    records = ({"id": f"t{n}", "text": f"Boat {n} comes in at {n % 12} and leaves again."} for n in range(200))
    (town / "log.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (town / "card.json").write_text(
        json.dumps({"version": "7", "default": ["log"], "parts": {"log": {"file": "log.jsonl"}}})
    )
    command = "lmcourse train lm --corpus town --steps 3 --seed 0 --set hidden_size=8 --set embedding_size=8 --out tiny"
    card = {"what": "a log", "task": "lm", "command": command, "limits": "It knows nothing.", "seeds": [0, 1]}
    (folder / "card.json").write_text(json.dumps(card))
    monkeypatch.setenv("LMCOURSE_DATA", str(tmp_path))
    return folder


def test_models_are_made_and_made_anew_only_when_they_must(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards `make models`: a whole card from a bare one; nothing replaced by its equal; every reason to train again."""
    said: list[str] = []
    with pytest.raises(LmcourseError, match=r"make models"):
        lm.models.load("tiny")
    making.make(work=tmp_path / "work", echo=said.append)
    card, file = models.describe("tiny"), (elsewhere / "best.safetensors").read_bytes()
    assert making.outdated(card) is None and card.data["version"] == "7" and card.made["steps"] == 3
    assert [run["seed"] for run in card.metrics["seeds"]] == [0, 1] and len(card.made["cpu_minutes"]) == 2
    assert lm.generate("tiny", "Boat ", tokens=3, seed=0).startswith("Boat ")
    assert "2 times" in said[0] and "replaced" in said[1]
    # the runs in the work folder are finished: they are measured, not trained again
    monkeypatch.setattr(making.subprocess, "run", lambda *_, **__: pytest.fail("trained again"))
    making.make(echo=said.append)
    assert said[-1] == "tiny: up to date."
    making.make(again=True, work=tmp_path / "work", echo=said.append)
    assert "the same" in said[-1] and models.describe("tiny") == card
    (elsewhere / "best.safetensors").write_bytes(file[:-1] + bytes([file[-1] ^ 1]))
    with pytest.raises(LmcourseError, match="damaged.*make models"):
        lm.models.load("tiny")
    assert "missing" in making.outdated(card)
    making.make(work=tmp_path / "work", echo=said.append)
    assert (elsewhere / "best.safetensors").read_bytes() == file
    for change, reason in (({"command": f"{card.command} "}, "command"), ({"seeds": [0]}, "seeds")):
        assert reason in making.outdated(ModelCard(**{**vars(card), **change}))
    with open(tmp_path / "town" / "log.jsonl", "a") as more:
        more.write('{"id": "new", "text": "One more."}\n')
    assert "data have changed" in making.outdated(card)


def test_classifiers_are_made_of_one_language_and_across_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards the cards of classifiers: their corpus, their language and their labels are those of the command, and a second
    language is measured on texts of which nothing was learnt."""
    town = tmp_path / "town"
    town.mkdir()
    words = {"en": {"boat": "ferry", "rubbish": "bin"}, "zh": {"boat": "渡轮", "rubbish": "垃圾"}}
    rows = [
        {"id": f"{language}{topic}{n}", "text": f"{word} {n}", "topic": topic, "tongue": language}
        for n in range(60) for language, known in words.items() for topic, word in known.items()
    ]  # fmt: skip
    (town / "asked.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sides = (f"{one} {n}\t{other}{n}\n" for n in range(60) for one, other in (("ferry", "渡轮"), ("bin", "垃圾")))
    (town / "pairs.tsv").write_text("en\tzh\n" + "".join(sides), encoding="utf-8")
    parts = {"asked": {"file": "asked.jsonl"}, "pairs": {"file": "pairs.tsv", "kind": "pairs", "language": "en-zh"}}
    (town / "card.json").write_text(json.dumps({"version": "1", "default": ["asked"], "parts": parts}))
    train = "lmcourse train classify --data town/asked --label-field topic --where tongue=en --seed 0"
    for name, more, measured in (("one", "--steps 4 --set hidden_size=4", ""), ("two", "--pairs town/pairs --set size=2", "tongue=zh")):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        card = {"what": "x", "task": "classify", "command": f"{train} {more} --out {name}", "limits": "None.", "measured": measured}
        (folder / "card.json").write_text(json.dumps(card))
    monkeypatch.setenv("LMCOURSE_DATA", str(tmp_path))
    making.make(work=tmp_path / "work", echo=lambda _: None)
    one, two = models.list()
    assert all(making.outdated(card) is None and card.metrics["test"]["accuracy"] == 1.0 for card in (one, two))
    assert {text.split()[0] for text, _ in labelling.examples(one, "test")} == {"ferry", "bin"}
    assert {text.split()[0] for text, _ in labelling.examples(two, "test")} == {"渡轮", "垃圾"}
    assert two.metrics["train and test"]["texts"] > 2 * two.metrics["test"]["texts"] and "tongue=zh" in two.metrics["baseline"]["what"]
    assert lm.classify("two", "垃圾").label == "rubbish" and one.data["sha256"] != two.data["sha256"]
    with open(town / "pairs.tsv", "a", encoding="utf-8") as more:
        more.write("more\t更多\n")
    assert making.outdated(one) is None and "data have changed" in making.outdated(two)


def test_what_goes_wrong_in_making_is_said(elsewhere: Path, tmp_path: Path) -> None:
    """Guards the sentences for a card that is none, a command that lacks something or fails, and a model too large."""
    card = models.describe("tiny")
    with pytest.raises(LmcourseError, match="no --pairs"):
        card.option("--pairs")
    making.write_card(ModelCard(**{**vars(card), "command": card.command.replace("--corpus town", "--corpus twon")}))
    with pytest.raises(LmcourseError, match="status 2"):
        making.make(["tiny"], work=tmp_path / "work", echo=lambda _: None)
    (elsewhere / "card.json").write_text('{"what": 1')
    with pytest.raises(LmcourseError, match="no card of a model"):
        models.list()


def test_settings_are_read_by_their_types() -> None:
    """Guards --set: words become numbers, and what does not fit is named."""
    assert settings_from(["dropout=0.4", "tied=true", "hidden_size=64", "tokenizer=bpe"], Recipe) == {
        "dropout": 0.4, "tied": True, "hidden_size": 64, "tokenizer": "bpe",
    }  # fmt: skip
    for word, said in (
        ("dropout", "NAME=VALUE"),
        ("tied=yes", "true or false"),
        ("layers=two", "a whole number"),
        ("size=3", "no setting"),
    ):
        with pytest.raises(LmcourseError, match=said):
            settings_from([word], Recipe)
