"""The command line end to end, and every kind of bad input it is likely to be given.

Each bad input must give one sentence on stderr, exit status 2, no traceback, and leave nothing half-written.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from lmcourse import checkpoint, cli
from lmcourse import files as cli_files
from lmcourse.errors import LmcourseError
from lmcourse.tasks import generate

PROSE = Path(__file__).parent / "prose.txt"
TINY = ["--steps", "12", "--tokenizer", "char", "--seed", "1"]


@pytest.fixture
def lmcourse(monkeypatch, capfd):
    """Run the command line in this process: ``lmcourse("data", "list") -> (status, stdout, stderr)``."""

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lmcourse", *map(str, args)])
        try:
            cli.main()
            status = 0
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        return status, *capfd.readouterr()

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """A language model of a few steps, made by the command itself."""
    folder = tmp_path_factory.mktemp("models") / "m"
    subprocess.run(
        [sys.executable, "-m", "lmcourse.cli", "train", "lm", "--text", PROSE, "--out", folder, *TINY],
        check=True, capture_output=True,
    )
    return folder


def refused(result: tuple[int, str, str], *words: str) -> None:
    """The contract for bad input: status 2, one short message naming the fault and a remedy, no traceback."""
    status, _, stderr = result
    assert status == 2, result
    assert "Traceback" not in stderr
    message = stderr.strip().splitlines()[-1]
    assert message.startswith("lmcourse: ")
    assert len(message) < 500
    assert re.search(r"[;.:,—] ?[\w-]+", message.removeprefix("lmcourse: ")), "the sentence names no remedy"
    for word in words:
        assert word.lower() in message.lower(), message


# --- what should work -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    ["", "doctor", "lab", "reset", "run", "execute", "test", "lint", "setup", "data", "data list", "data show",
     "data fetch", "clean", "tokenize", "tokenize train", "tokenize encode", "tokenize decode", "train", "train lm",
     "train translate", "train classify", "classify", "train answer", "answer", "finetune", "translate", "generate", "eval", "models"],
)  # fmt: skip
def test_every_command_has_help(lmcourse, command):
    status, stdout, _ = lmcourse(*command.split(), "--help")
    assert status == 0
    assert "Usage: lmcourse" in stdout


def test_doctor_says_what_works(lmcourse):
    status, stdout, _ = lmcourse("doctor")
    assert status == 0
    for name in ("Python", "packages", "memory", "threads", "corpora", "lm-base", "tokens/s"):
        assert name in stdout


def test_data_list_and_show(lmcourse):
    assert "python-docs" in lmcourse("data", "list")[1]
    status, stdout, _ = lmcourse("data", "show", "python-docs", "-n", 2)
    assert status == 0 and "characters" in stdout


def test_the_shipped_models(lmcourse, tmp_path):
    """Listed, described, used by name; what is none of them is told which there are."""
    assert {"lm-base", "translate-en-zh", "MB"} <= set(lmcourse("models")[1].split())
    status, stdout, _ = lmcourse("models", "describe", "lm-genres")
    assert status == 0 and "lmcourse train lm" in stdout and "bits per byte" in stdout and "sha256" in stdout
    assert lmcourse("generate", "lm-genres", "--genre", "news", "--tokens", 5, "--seed", 1)[0] == 0
    assert lmcourse("translate", "translate-en-zh", "Good morning.")[1].strip()
    assert "bits per byte" in lmcourse("eval", "lm-base", "--corpus", "willow_bay/posts", "--split", "valid")[1]
    for command in (["models", "describe"], ["generate"], ["translate"], ["eval", "--corpus", "willow_bay"], ["models", "make"]):
        refused(lmcourse(*command, "lm-bass"), "lm-base, lm-genres")
    refused(lmcourse("translate", "lm-base", "A."), "no translator")
    refused(lmcourse("generate", "translate-en-zh"), "translates")


def test_settings_on_the_command_line(lmcourse, tmp_path):
    """--set reaches the recipe, and a wrong one is refused before anything is written."""
    train = ["train", "lm", "--text", PROSE, "--steps", 1, "--out", tmp_path / "m"]
    for setting, word in (("hidden_size=x", "whole number"), ("hidden=3", "no setting"), ("tied", "NAME=VALUE"), ("dropout=2", "dropout")):
        refused(lmcourse(*train, "--set", setting), word)
    assert not (tmp_path / "m").exists()
    assert lmcourse(*train, "--set", "hidden_size=9", "--set", "embedding_size=5")[0] == 0
    assert json.loads((tmp_path / "m" / "config.json").read_text())["recipe"]["hidden_size"] == 9


def test_train_generate_eval(lmcourse, trained):
    """The thread through all floors: text in, text out, and a score."""
    status, first, _ = lmcourse("generate", trained, "--prompt", "The ", "--tokens", 30, "--seed", 3)
    assert status == 0 and first.startswith("The ") and len(first) >= 30
    assert lmcourse("generate", trained, "--prompt", "The ", "--tokens", 30, "--seed", 3)[1] == first
    assert lmcourse("generate", trained, "--prompt", "The ", "--tokens", 30, "--seed", 4)[1] != first
    status, stdout, _ = lmcourse("eval", trained, "--text", PROSE)
    assert status == 0 and "bits per byte" in stdout and "perplexity" in stdout
    record = json.loads(lmcourse("eval", trained, "--text", PROSE, "--json")[1])
    assert f"{record['bits_per_byte']:.3f} bits per byte" in stdout and f"({record['tokens']:,} tokens" in stdout


def test_generate_as_json(lmcourse, trained):
    """One line with all that it takes to write the same text again, even where no seed was given; refused, nothing is printed."""
    status, stdout, _ = lmcourse("generate", trained, "--prompt", "The ", "--tokens", 40, "--json")
    record = json.loads(stdout)
    assert status == 0 and stdout.count("\n") == 1 and record["text"].startswith(record["prompt"]) and len(record["text"]) > 4
    again = generate(trained, record["prompt"], genre=record["genre"], seed=record["seed"], **record["settings"])
    assert again == record["text"]
    other = json.loads(lmcourse("generate", trained, "--prompt", "The ", "--tokens", 40, "--json")[1])
    assert other["seed"] != record["seed"] and other["text"] != record["text"], "the same is drawn each time"
    assert json.loads(lmcourse("generate", trained, "--tokens", 5, "--beam", 2, "--seed", 3, "--json")[1])["settings"]["beam"] == 2
    told = lmcourse("generate", trained, "--prompt", "日", "--json")
    refused(told, "vocabulary")
    assert told[1] == ""


def test_train_and_classify(lmcourse, tmp_path, monkeypatch):
    """Labelled lines in; for each line its label, a tab and a probability out; ? below a confidence, JSON on demand."""
    file, folder = tmp_path / "a.csv", tmp_path / "c"
    rows = "".join(f"the ferry {number},boat\nmy bin {number},rubbish\n" for number in range(15))
    file.write_text(f"said,topic\n{rows},boat\n")
    fields = ("--text-field", "said", "--label-field", "topic", "--steps", 12, "--set", "hidden_size=8")
    status, _, stderr = lmcourse("train", "classify", "--data", file, "--out", folder, *fields)
    assert status == 2 and "line 32 has an empty text" in stderr and not folder.exists()
    status, stdout, stderr = lmcourse("train", "classify", "--data", file, "--out", folder, *fields, "--skip-bad")
    assert status == 0 and "left out: line 32" in stderr and "1 bad line left out" in stdout
    assert "TF-IDF and logistic regression on the same texts: accuracy 100.0%, macro-F1 1.000." in stdout
    assert lmcourse("train", "classify", "--out", folder, "--resume", "--steps", 15)[0] == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the ferry\n\na bin\n")))
    lines = [line.split("\t") for line in lmcourse("classify", folder)[1].splitlines()]
    assert [label for label, _ in lines] == ["boat", "?", "rubbish"]
    assert all(re.fullmatch(r"[01]\.\d{4}", probability) for _, probability in lines)
    assert lmcourse("classify", folder, "xyz", "--abstain-below", "1")[1].startswith("?\t")
    assert lmcourse("classify", folder, "xyz", "--threshold", "1")[1].startswith("?\t")
    record = json.loads(lmcourse("classify", folder, "the ferry", "--json")[1])
    assert record["label"] == "boat" and record["probability"] == record["probabilities"]["boat"]


def test_labels_for_another_language(lmcourse, tmp_path):
    """Pairs bring a second language, a field says which lines are meant, and a translator can stand before the model."""
    pairs, file = tmp_path / "p.tsv", tmp_path / "a.csv"
    sides = [("ferry today", "渡轮今天"), ("bin today", "垃圾今天"), ("ferry now", "渡轮现在"), ("bin now", "垃圾现在")]
    pairs.write_text("".join(f"{one}\t{other}\n" for one, other in sides * 8), encoding="utf-8")
    rows = "".join(f"ferry {n},boat,en\nbin {n},rubbish,en\nodd {n},odd,xx\n" for n in range(9))
    file.write_text(f"text,label,language\n{rows}")
    train = ("train", "classify", "--data", file, "--pairs", pairs, "--out", tmp_path / "j", "--set", "size=3")
    status, stdout, _ = lmcourse(*train, "--where", "language=en")
    assert status == 0 and "2 labels" in stdout
    assert lmcourse("classify", tmp_path / "j", "渡轮")[1].startswith("boat\t")
    record = json.loads(lmcourse("classify", tmp_path / "j", "渡轮", "--json", "--through", "translate-zh-en")[1])
    assert record["translation"] == lmcourse("translate", "translate-zh-en", "渡轮")[1].strip()
    told = json.loads(lmcourse("translate", "translate-zh-en", "渡轮", "--json")[1])
    assert told == {"text": "渡轮", "translation": record["translation"]}
    for more, word in ((("--steps", 5), "--steps"), (("--where", "language"), "FIELD=VALUE"), (("--where", "language=de"), "language=de")):
        refused(lmcourse(*train[:-4], "--out", tmp_path / "k", "--set", "size=3", *more), word)


def test_train_and_answer(lmcourse, tmp_path, monkeypatch):
    """SQuAD's json in; for each question the words that answer it, a tab and a probability out; JSON on demand; many texts."""
    file, folder, page = tmp_path / "q.json", tmp_path / "a", tmp_path / "page.txt"
    facts = [(name, day) for name in "Ada Bo Cleo Dan Eve Finn".split() for day in "Monday Tuesday Friday".split()]
    paragraphs = []
    for number, (name, day) in enumerate(facts):
        context = f"{name} came on {day}. Nobody else came in week {number}."
        asked = [(f"When did {name} come?", day), (f"Who came on {day}?", name)]
        qas = [
            {"id": f"{number}-{place}", "question": question, "answers": [{"text": text, "answer_start": context.index(text)}]}
            for place, (question, text) in enumerate(asked)
        ]
        paragraphs.append({"context": context, "qas": qas})
    paragraphs[3]["qas"][1]["answers"][0]["answer_start"] = 99
    file.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    small = ("--steps", 12, "--set", "hidden_size=8", "--set", "span_size=8", "--set", "cloze_share=0")
    status, _, stderr = lmcourse("train", "answer", "--data", file, "--out", folder, *small)
    assert status == 2 and "question 8 (id 3-1) has the answer 'Bo', which does not stand at 99; it does at 0" in stderr and not folder.exists()
    status, stdout, stderr = lmcourse("train", "answer", "--data", file, "--out", folder, *small, "--skip-bad")
    assert status == 0 and "left out: question 8" in stderr and "1 bad entry left out" in stdout and "exact match" in stdout
    assert lmcourse("train", "answer", "--out", folder, "--resume", "--steps", 15)[0] == 0
    page.write_text("Gus came on Sunday. It rained.")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"When did Gus come?\n\nWho came?\n")))
    lines = [line.split("\t") for line in lmcourse("answer", folder, "--passage", page)[1].splitlines()]
    assert len(lines) == 3 and lines[1] == ["", "1.0000"] and all(text in page.read_text() for text, _ in lines)
    record = json.loads(lmcourse("answer", folder, "--passage", page, "--question", "Who came?", "--json")[1])
    assert page.read_text()[record["start"] or 0 :].startswith(record["answer"]) and len(record["spans"]) == 5
    assert lmcourse("answer", folder, "--passage", page, "--question", "Who?", "--abstain-below", "1")[1].startswith("\t")
    (tmp_path / "many").mkdir()
    for name in ("Hana", "Ivo"):
        (tmp_path / "many" / f"{name}.txt").write_text(f"{name} came on Sunday.")
    record = json.loads(lmcourse("answer", folder, "--search", tmp_path / "many", "--question", "When did Ivo come?", "--json")[1])
    assert record["id"] in ("Ivo.txt", None)
    refused(lmcourse("answer", folder, "--question", "Who?"), "--passage")
    refused(lmcourse("answer", folder, "--passage", tmp_path / "no.txt", "--question", "Who?"), "no.txt")
    refused(lmcourse("answer", "lm-base", "--passage", page, "--question", "Who?"), "no reader")
    refused(lmcourse("answer", folder, "--search", "willow_bay/parallel", "--question", "Who?"), "holds pairs", "documents")
    refused(lmcourse("generate", folder, "--prompt", "The"), "lmcourse answer")
    refused(lmcourse("eval", folder, "--text", PROSE), "lmcourse answer")
    refused(lmcourse("train", "answer", "--data", tmp_path / "no.json", "--out", tmp_path / "b"), "no.json")


def test_finetune(lmcourse, trained, tmp_path):
    """A language model becomes a classifier, with LoRA in a small file, and one of another domain; both go on later."""
    file = tmp_path / "a.jsonl"
    rows = [{"text": f"{word} {number}", "label": label} for number in range(15) for word, label in (("ferry", "boat"), ("bin", "rubbish"))]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    tuned = ("finetune", trained, "--task", "classify", "--data", file, "--method", "lora", "--out", tmp_path / "c", "--steps", 8)
    status, stdout, _ = lmcourse(*tuned)
    assert status == 0 and "macro-F1" in stdout
    assert (tmp_path / "c" / "best.safetensors").stat().st_size < (trained / "best.safetensors").stat().st_size / 5
    assert lmcourse("classify", tmp_path / "c", "the ferry")[1].split("\t")[0] in ("boat", "rubbish")
    assert lmcourse("finetune", "--resume", "--out", tmp_path / "c", "--steps", 12)[0] == 0
    domain = ("finetune", trained, "--task", "lm", "--data", PROSE, "--old", PROSE, "--rehearsal", "0.5", "--steps", 6)
    status, stdout, _ = lmcourse(*domain, "--out", tmp_path / "d")
    assert status == 0 and "old: " in stdout and "new: " in stdout
    assert lmcourse("generate", tmp_path / "d", "--tokens", 5)[0] == 0
    refused(lmcourse("finetune", trained, "--data", file, "--old", PROSE, "--out", tmp_path / "e"), "--task lm")
    refused(lmcourse("finetune", "--resume", "--out", tmp_path / "e"), "no checkpoint", "leave --resume out")
    refused(lmcourse("finetune", trained, "--task", "lm", "--data", PROSE, "--skip-bad", "--out", tmp_path / "e"), "--task classify")
    refused(lmcourse("finetune", tmp_path / "c", "--data", file, "--out", tmp_path / "e"), "language model")
    refused(lmcourse("eval", tmp_path / "c", "--text", PROSE), "lmcourse classify")


@pytest.mark.parametrize("task", ["classify", "lm"])
def test_finetune_to_a_part(lmcourse, trained, tmp_path, task):
    """--where takes what it says and nothing else, and a run that goes on later still does."""
    file = tmp_path / "a.jsonl"
    texts = [
        {"text": f"{word} {number} is late. " * 40, "label": word} for number in range(15) for word in ("Ferry", "Bin")
    ]
    file.write_text("".join(f"{json.dumps(row | {'port': port})}\n" for row in texts for port in "ab"))
    run = ("finetune", trained, "--task", task, "--data", file, "--steps", 2, "--out")
    assert lmcourse(*run, tmp_path / "part", "--where", "port=a")[0] == 0
    assert lmcourse(*run, tmp_path / "all")[0] == 0
    part, everything = (checkpoint.load(tmp_path / name, "last").training["notes"]["digest"] for name in ("part", "all"))
    assert part != everything, "all was read"
    assert lmcourse("finetune", "--task", task, "--resume", "--out", tmp_path / "part", "--steps", 3)[0] == 0, "the part is forgotten"
    refused(lmcourse(*run, tmp_path / "none", "--where", "port=c"), "port=c")
    refused(lmcourse(*run, tmp_path / "none", "--where", "port"), "FIELD=VALUE")
    assert not (tmp_path / "none").exists()


def test_finetune_to_questions(lmcourse, trained, tmp_path):
    """A language model becomes a reader, which goes on later and answers; what belongs to other tasks, or is missing, is refused."""
    names = "Ada Bo Cleo Dan Eve Finn Gus Hana Ivo Jo".split()
    page, file, folder = tmp_path / "page.txt", tmp_path / "q.jsonl", tmp_path / "r"
    page.write_text("Gus came on Sunday.")
    rows = [{"context": f"{name} came on {day}.", "question": f"When did {name} come?", "answer": day} for name in names for day in ("Monday", "Sunday")]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    tuned = ("finetune", trained, "--task", "answer", "--data", file, "--out", folder)
    status, stdout, _ = lmcourse(*tuned, "--steps", 8)
    assert status == 0 and f"lmcourse answer {folder}" in stdout
    assert json.loads((folder / "config.json").read_text())["recipe"]["method"] == "frozen"
    assert lmcourse("finetune", "--task", "answer", "--resume", "--out", folder, "--steps", 12)[0] == 0
    assert lmcourse("answer", folder, "--passage", page, "--question", "When did Gus come?")[0] == 0
    file.write_text(file.read_text() + "{\n")
    status, _, stderr = lmcourse("finetune", trained, "--task", "answer", "--data", file, "--out", tmp_path / "s", "--steps", 3)
    assert status == 2 and "line 21" in stderr.lower()
    for more, word in (("--label-field", "--task classify"), ("--text-field", "--task classify"), ("--where", "--task classify"), ("--old", "--task lm")):
        refused(lmcourse(*tuned, more, "a=b"), word)
    refused(lmcourse(*tuned, "--method", "lora"), "frozen")
    refused(lmcourse("finetune", "--task", "answer", "--data", file, "--out", tmp_path / "s"), "which model")
    refused(lmcourse("finetune", folder, "--task", "answer", "--data", file, "--skip-bad", "--out", tmp_path / "s"), "language model")


def test_an_empty_prompt_works(lmcourse, trained):
    status, stdout, _ = lmcourse("generate", trained, "--prompt", "", "--tokens", 20, "--seed", 0)
    assert status == 0 and len(stdout.rstrip("\n")) >= 10


def test_tokenize_round_trip(lmcourse, tmp_path):
    path = tmp_path / "bpe.json"
    assert lmcourse("tokenize", "train", "--text", PROSE, "--out", path, "--vocab-size", 300)[0] == 0
    ids = lmcourse("tokenize", "encode", "-t", path, "Naïve 柳湾!")[1]
    assert lmcourse("tokenize", "decode", "-t", path, *ids.split())[1].strip() == "Naïve 柳湾!"
    assert "'" in lmcourse("tokenize", "encode", "-t", path, "--pieces", "the")[1]


def test_clean_writes_documents_and_report(lmcourse, tmp_path):
    page = tmp_path / "pages"
    page.mkdir()
    text = PROSE.read_text(encoding="utf-8")
    for number in range(3):
        body = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n")[number * 4 : number * 4 + 4])
        (page / f"{number}.txt").write_text(f"<html><body><nav>Home</nav><article>{body}</article></body></html>", "utf-8")
    status, stdout, stderr = lmcourse("clean", page, "--out", tmp_path / "clean")
    assert status == 0, stderr
    documents = [json.loads(line) for line in (tmp_path / "clean/documents.jsonl").read_text("utf-8").splitlines()]
    assert documents and all("<p>" not in document["text"] for document in documents)
    assert json.loads((tmp_path / "clean/report.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def pairs(tmp_path_factory) -> Path:
    """A file of a language pair that the course does not have."""
    path = tmp_path_factory.mktemp("pairs") / "numbers.tsv"
    words = ["one", "two", "three", "four", "five"], ["eins", "zwei", "drei", "vier", "fünf"]
    rows = ["\t".join(" ".join(side[place] for place in (a, b, c)) for side in words) for a in range(5) for b in range(5) for c in range(5)]
    path.write_text("\n".join(["en\tde", *rows]) + "\n", encoding="utf-8")
    return path


def test_train_translate_and_translate(lmcourse, tmp_path, pairs, monkeypatch):
    """Lines in, lines out, as many and in their order; resumed, and with a beam."""
    folder = tmp_path / "t"
    status, stdout, stderr = lmcourse("train", "translate", "--pairs", pairs, "--out", folder, "--steps", 12, "--seed", 1)
    assert status == 0 and "BLEU" in stdout, stderr
    refused(lmcourse("train", "translate", "--pairs", pairs, "--out", folder, "--steps", 12), "--resume")
    assert lmcourse("train", "translate", "--out", folder, "--resume", "--steps", 14)[0] == 0
    given = "one two three\n\nfive five one\n"
    for more in ([], ["--beam", 3]):
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        status, stdout, _ = lmcourse("translate", folder, *more)
        assert status == 0 and stdout.count("\n") == 3 and stdout.split("\n")[1] == ""
    refused(lmcourse("generate", folder, "--prompt", "one"), "translate")
    refused(lmcourse("eval", folder, "--text", PROSE), "translate")


def test_translate_the_other_way(lmcourse, tmp_path, pairs):
    """--from and --to choose columns by name, whatever their order."""
    assert lmcourse("train", "translate", "--pairs", pairs, "--from", "de", "--to", "en", "--out", tmp_path / "t", "--steps", 1)[0] == 0
    told = json.loads((tmp_path / "t/config.json").read_text("utf-8"))
    assert (told["source"], told["target"]) == ("de", "en")
    refused(lmcourse("train", "translate", "--pairs", pairs, "--from", "fr", "--out", tmp_path / "u", "--steps", 1), "fr")


def test_bad_lines_are_all_named(lmcourse, tmp_path, pairs):
    """Number and fault of each on stderr, status 2, no folder; --skip-bad counts and goes on."""
    bad = tmp_path / "bad.tsv"
    bad.write_text(pairs.read_text("utf-8") + "six\nseven\t\na\tb\tc\n\teins\n", encoding="utf-8")
    result = lmcourse("train", "translate", "--pairs", bad, "--out", tmp_path / "t", "--steps", 1)
    refused(result, "4 bad lines", "--skip-bad")
    for number, fault in ((127, "1 field"), (128, "empty translation"), (129, "3 fields"), (130, "empty source")):
        assert any(line.startswith(f"line {number} ") and fault in line for line in result[2].splitlines())
    assert not (tmp_path / "t").exists()
    status, stdout, stderr = lmcourse("train", "translate", "--pairs", bad, "--out", tmp_path / "t", "--steps", 1, "--skip-bad")
    assert status == 0 and "4 bad lines left out" in stdout and "line 129 has 3 fields" in stderr


# --- what should be refused -------------------------------------------------------------------------------------


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Each bad file with a word that the sentence must hold."""
    made = {
        "missing": (folder / "missing.txt", "missing.txt"),
        "empty": (folder / "empty.txt", "empty"),
        "blank": (folder / "blank.txt", "blank.txt"),
        "binary": (folder / "binary.txt", "binary"),
        "utf16": (folder / "utf16.txt", "UTF-16"),
        "folder": (folder / "pictures", "text"),
        "tiny": (folder / "tiny.txt", "short"),
    }
    made["empty"][0].write_bytes(b"")
    made["blank"][0].write_bytes(b" \n\n \n")
    made["binary"][0].write_bytes(bytes(range(256)) * 64)
    made["utf16"][0].write_bytes("No byte order mark here. ".encode("utf-16-le") * 40)
    made["folder"][0].mkdir()
    (made["folder"][0] / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    made["tiny"][0].write_text("Too little.")
    return made


@pytest.mark.parametrize("kind", ["missing", "empty", "blank", "binary", "utf16", "folder", "tiny"])
def test_bad_files_are_refused(lmcourse, tmp_path, kind):
    path, word = bad_files(tmp_path)[kind]
    model = tmp_path / "model"
    refused(lmcourse("train", "lm", "--text", path, "--out", model, *TINY), word)
    assert not list(tmp_path.glob("model/**/*.safetensors"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_other_encodings_are_read_right_or_refused(lmcourse, tmp_path, encoding):
    """Never mojibake: a byte order mark tells UTF-16 and UTF-8 apart; Latin-1 is recognised or refused by name."""
    path = tmp_path / "other.txt"
    path.write_bytes(("Das Café schließt früh; niemand weiß, warum. " * 40).encode(encoding))
    status, stdout, stderr = lmcourse("data", "show", path)
    if status == 0:
        assert "Café schließt früh" in stdout
    else:
        refused((status, stdout, stderr), "encoding")


def test_encoding_can_be_named(lmcourse, tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes((PROSE.read_text(encoding="utf-8") + "Das Café schließt.").encode("latin-1"))
    refused(lmcourse("train", "lm", "--text", path, "--out", tmp_path / "m", *TINY))
    assert lmcourse("train", "lm", "--text", path, "--encoding", "latin-1", "--out", tmp_path / "m", *TINY)[0] == 0
    # It is the same text as in UTF-8, split in the same way, and a resumed run remembers how to read it.
    (tmp_path / "utf").mkdir()
    (tmp_path / "utf/latin.txt").write_text(path.read_bytes().decode("latin-1"), encoding="utf-8")
    assert lmcourse("train", "lm", "--text", tmp_path / "utf/latin.txt", "--out", tmp_path / "n", *TINY)[0] == 0
    told = [json.loads((tmp_path / name / "config.json").read_text("utf-8"))["text"] for name in "mn"]
    assert told[0] == told[1]
    assert lmcourse("train", "lm", "--out", tmp_path / "m", "--resume", "--steps", 14)[0] == 0


def test_one_line_file_trains(lmcourse, tmp_path):
    """A whole book on one line has no paragraph end to cut at."""
    path = tmp_path / "line.txt"
    path.write_text(" ".join(PROSE.read_text(encoding="utf-8").split()), encoding="utf-8")
    assert lmcourse("train", "lm", "--text", path, "--out", tmp_path / "m", *TINY)[0] == 0


def test_unknown_names(lmcourse, tmp_path, trained):
    refused(lmcourse("train", "lm", "--corpus", "wikipedia-sampel", "--out", tmp_path / "m", *TINY), "wikipedia-sample")
    refused(lmcourse("data", "show", "no-such-corpus"), "no-such-corpus")
    refused(lmcourse("generate", tmp_path / "nothing", "--prompt", "a"), "nothing")
    refused(lmcourse("eval", tmp_path, "--text", PROSE), "checkpoint")
    refused(lmcourse("train", "lm", "--out", tmp_path / "m", *TINY), "--text")
    refused(lmcourse("train", "translate", "--out", tmp_path / "m", "--steps", 1), "--pairs")
    refused(lmcourse("train", "translate", "--pairs", "willow_bay/paralel", "--out", tmp_path / "m"), "willow_bay/parallel")
    refused(lmcourse("translate", trained, "A line."), "translator")


def test_usage_errors_exit_with_2(lmcourse, tmp_path):
    for args in (["nonsense"], ["train", "lm"], ["generate"], ["generate", tmp_path, "--temperature", "-1"]):
        assert lmcourse(*args)[0] == 2


def test_unseen_characters_in_the_prompt(lmcourse, trained):
    refused(lmcourse("generate", trained, "--prompt", "柳湾 is"), "柳")


def test_a_genre_that_the_model_cannot_know(lmcourse, trained):
    refused(lmcourse("generate", trained, "--genre", "news"), "without genres")


def test_another_vocabulary(lmcourse, tmp_path, trained):
    """Going on with another kind of token would pair the weights with the wrong words."""
    before = (trained / "last.safetensors").read_bytes()
    refused(lmcourse("train", "lm", "--text", PROSE, "--out", trained, "--resume", "--steps", 20, "--tokenizer", "bpe"))
    assert (trained / "last.safetensors").read_bytes() == before


def test_training_never_overwrites_a_model_silently(lmcourse, trained):
    before = (trained / "last.safetensors").read_bytes()
    refused(lmcourse("train", "lm", "--text", PROSE, "--out", trained, *TINY), "--resume")
    assert (trained / "last.safetensors").read_bytes() == before


@pytest.mark.parametrize("damage", ["truncated", "tampered", "header", "empty"])
def test_damaged_checkpoints(lmcourse, tmp_path, trained, damage):
    data = (trained / "best.safetensors").read_bytes()
    middle = len(data) // 2
    data = {
        "truncated": data[:middle],
        "tampered": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "header": data.replace(b'"step', b'"stap', 1),
        "empty": b"",
    }[damage]
    (tmp_path / "best.safetensors").write_bytes(data)
    (tmp_path / "last.safetensors").write_bytes(data)
    refused(lmcourse("generate", tmp_path, "--prompt", "The "))


def reseal(path: Path, **changes: object) -> None:
    """Change the JSON of a checkpoint and give it a right digest again: a file that is whole, and wrong."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    meta = json.loads(header["__metadata__"]["lmcourse"]) | changes | {"digest": checkpoint._BLANK}
    header["__metadata__"]["lmcourse"] = json.dumps({name: value for name, value in meta.items() if value != "gone"})
    text = json.dumps(header).encode()
    path.write_bytes(checkpoint._sealed(len(text).to_bytes(8, "little") + text + data[8 + size :]))


@pytest.mark.parametrize(
    "changes", [{"model": "gone"}, {"tokenizer": 5}, {"config": []}, {"training": [1]}, {"training": {"dict": []}}]
)
def test_checkpoints_that_are_whole_and_wrong(lmcourse, tmp_path, trained, changes):
    folder = tmp_path / "m"
    shutil.copytree(trained, folder)
    for kind in ("best", "last"):
        reseal(folder / f"{kind}.safetensors", **changes)
    if "training" not in changes:
        refused(lmcourse("generate", folder, "--prompt", "The "), "damaged")
    refused(lmcourse("train", "lm", "--out", folder, "--resume", "--steps", 30), "damaged")


def test_a_resealed_checkpoint_is_read(lmcourse, tmp_path, trained):
    """The forger of the test above forges well: unchanged, its checkpoint passes."""
    shutil.copytree(trained, tmp_path / "m")
    reseal(tmp_path / "m/best.safetensors")
    assert lmcourse("generate", tmp_path / "m", "--prompt", "The ", "--tokens", 5)[0] == 0


def test_a_run_whose_state_was_not_saved(lmcourse, tmp_path, trained):
    """A disk that filled between the two first checkpoints: no advice that leads in a circle."""
    (tmp_path / "m").mkdir()
    shutil.copy(trained / "best.safetensors", tmp_path / "m")
    refused(lmcourse("train", "lm", "--text", PROSE, "--out", tmp_path / "m", *TINY), "another --out")
    assert lmcourse("generate", tmp_path / "m", "--prompt", "The ", "--tokens", 5)[0] == 0


def test_numbers_out_of_range(lmcourse, tmp_path, trained):
    for seed in (-1, 10**22):
        assert lmcourse("generate", trained, "--prompt", "The ", "--seed", seed)[0] == 2
        assert lmcourse("train", "lm", "--text", PROSE, "--out", tmp_path / "m", "--steps", 2, "--seed", seed)[0] == 2
    refused(lmcourse("generate", trained, "--prompt", "The ", "--temperature", "inf"), "temperature")
    refused(lmcourse("train", "lm", "--out", trained, "--resume", "--steps", 3), "larger")


def test_field_can_be_named(lmcourse, tmp_path):
    path = tmp_path / "book.jsonl"
    path.write_text(json.dumps({"id": "a", "chapter": PROSE.read_text("utf-8")}), encoding="utf-8")
    refused(lmcourse("data", "show", path), "--field")
    assert lmcourse("data", "show", path, "--field", "chapter")[0] == 0


def test_full_disk_while_cleaning_leaves_neither_file(lmcourse, tmp_path, monkeypatch):
    write = cli_files.write_atomic

    def fails_on_the_report(path, data):
        if Path(path).name == "report.json":
            raise LmcourseError(f"Cannot write {path}: no space; make room.")
        write(path, data)

    monkeypatch.setattr(cli_files, "write_atomic", fails_on_the_report)
    refused(lmcourse("clean", PROSE, "--out", tmp_path / "clean"), "report.json")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_full_disk(lmcourse, tmp_path, monkeypatch):
    """The rename that would complete a checkpoint fails: nothing is left behind."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("lmcourse.files.os.fsync", full)
    refused(lmcourse("train", "lm", "--text", PROSE, "--out", tmp_path / "m", *TINY), "space")
    assert not [path for path in tmp_path.rglob("*") if path.suffix in {".safetensors", ".tmp"}]


def test_unwritable_folder(lmcourse, tmp_path):
    """A folder below a file cannot be made by anybody, not even by root, who may write everywhere else."""
    (tmp_path / "file").write_text("in the way")
    refused(lmcourse("train", "lm", "--text", PROSE, "--out", tmp_path / "file/m", *TINY), "file")
    refused(lmcourse("tokenize", "train", "--text", PROSE, "--out", tmp_path / "file/t.json"), "file")


def test_no_network(lmcourse, tmp_path, monkeypatch):
    """Port 9 on this machine answers nobody, like a network that is not there."""
    monkeypatch.setenv("LMCOURSE_CACHE", str(tmp_path))
    refused(lmcourse("data", "fetch", "far", "--url", "http://127.0.0.1:9/far.txt", "--sha256", "0" * 64), "network")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_ids_that_are_none(lmcourse, tmp_path):
    path = tmp_path / "t.json"
    lmcourse("tokenize", "train", "--text", PROSE, "--out", path, "--vocab-size", 300)
    refused(lmcourse("tokenize", "decode", "-t", path, "999999"), "999999")
    refused(lmcourse("tokenize", "decode", "-t", path, "one"), "one")
    refused(lmcourse("tokenize", "encode", "-t", PROSE, "text"), "tokenizer")


# --- interruption -----------------------------------------------------------------------------------------------


def start_training(folder: Path, command: Sequence[object] = ("train", "lm", "--text", PROSE, "--steps", 100_000, "--tokenizer", "char")) -> subprocess.Popen:
    """Start a long run and wait until its first checkpoint is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lmcourse.cli", *map(str, command), "--out", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (folder / "last.safetensors").exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.05)
    return process


@pytest.mark.skipif(os.name != "posix", reason="pipes of this kind are POSIX")
@pytest.mark.parametrize("command", ["generate MODEL --tokens 40", "tokenize encode --tokenizer TOKENS abc", "--help"])
def test_a_reader_that_goes_away(trained, tmp_path, command):
    """Guards against an error message, a traceback, or a status that says that the output is whole, or that the input was wrong."""
    checkpoint.load_model(trained)[1].save(tmp_path / "t.json")
    places = {"MODEL": str(trained), "TOKENS": str(tmp_path / "t.json")}
    words = [places.get(word, word) for word in command.split()]
    read, write = os.pipe()
    os.close(read)  # before a word is written; so head -0 does
    done = subprocess.run([sys.executable, "-m", "lmcourse.cli", *words], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (cli.CUT_SHORT, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device stands for a full disk")
def test_a_full_disk_behind_standard_output():
    """What could not be written is said once, and not again while the interpreter closes."""
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "lmcourse.cli", "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "space" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_keeps_the_model(lmcourse, tmp_path):
    process = start_training(tmp_path / "m")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in stderr
    status, stdout, _ = lmcourse("generate", tmp_path / "m", "--prompt", "The ", "--tokens", 10)
    assert status == 0 and stdout.startswith("The ")


def test_kill_leaves_a_whole_checkpoint(lmcourse, tmp_path):
    process = start_training(tmp_path / "m")
    process.kill()
    process.communicate(timeout=60)
    assert lmcourse("generate", tmp_path / "m", "--prompt", "The ", "--tokens", 10)[0] == 0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals to send to one process")
@pytest.mark.parametrize(("task", "how"), [("finetune", "SIGKILL"), ("train answer", "SIGINT")])
def test_stopped_and_resumed_is_the_same(lmcourse, trained, tmp_path, task, how):
    """Whatever stops a run, --resume alone takes it to the weights, to the bit, that it would have come to unstopped."""
    rows = [{"text": f"{word} {number}", "label": word} for number in range(40) for word in ("ferry", "bin")]
    asked = [{"context": f"Ada opened the baths on day {number}.", "question": "When did Ada open?", "answer": f"day {number}"} for number in range(80)]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in (rows if task == "finetune" else asked)))
    command = [*task.split(), *([trained] if task == "finetune" else []), "--data", tmp_path / "a.jsonl", "--steps", 150, "--seed", 1]
    assert lmcourse(*command, "--out", tmp_path / "whole")[0] == 0
    process = start_training(tmp_path / "stopped", command)
    process.send_signal(signal.Signals[how])
    process.communicate(timeout=60)
    step = checkpoint.load(tmp_path / "stopped", "last").training["step"]
    assert process.returncode == (130 if how == "SIGINT" else -signal.SIGKILL) and step < 150
    assert lmcourse(*task.split(), "--resume", "--out", tmp_path / "stopped")[0] == 0
    for kind in checkpoint.KINDS:
        one, other = (checkpoint.load(tmp_path / name, kind) for name in ("whole", "stopped"))
        assert one.training["step"] == other.training["step"] and one.weights.keys() == other.weights.keys()
        assert all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights), (kind, step)
