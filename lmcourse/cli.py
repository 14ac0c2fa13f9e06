"""The command line: every stage of the course as one command, thin over the library.

Bad input prints one sentence and exits with status 2; Ctrl-C exits with 130 and loses nothing; when whoever reads the output
(head, less) goes away, the command ends without a word, with the status that a shell reports of cat and grep then.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from lmcourse.errors import LmcourseError

CUT_SHORT = 141  # 128 + 13, SIGPIPE: the output is not whole, so not 0

app = typer.Typer(
    name="lmcourse",
    help="From raw text to language models: the tools of the course.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(help="The corpora: list them, look at one, download one.", no_args_is_help=True)
tokenize_app = typer.Typer(help="Train a tokenizer; turn text into ids and back.", no_args_is_help=True)
train_app = typer.Typer(help="Train a model.", no_args_is_help=True)
exercises_app = typer.Typer(help="The exercises: make their notebooks from the solutions.", no_args_is_help=True)
classroom_app = typer.Typer(help="A class: a folder for nbgrader.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(tokenize_app, name="tokenize")
app.add_typer(train_app, name="train")
app.add_typer(exercises_app, name="exercises")
app.add_typer(classroom_app, name="classroom")

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


class Tuning(StrEnum):
    classify = "classify"
    answer = "answer"
    lm = "lm"


class Method(StrEnum):
    scratch = "scratch"
    frozen = "frozen"
    last = "last"
    full = "full"
    gradual = "gradual"
    lora = "lora"


class TokenizerKind(StrEnum):
    char = "char"
    word = "word"
    bpe = "bpe"


class Do(StrEnum):
    list = "list"
    describe = "describe"
    make = "make"


def main() -> None:
    """Run the command line; the console script ``lmcourse`` and ``python -m lmcourse`` both end here."""
    # Before PyTorch is imported. For models of this size one thread is best: lmcourse/progress.py says why.
    os.environ.setdefault("OMP_NUM_THREADS", os.environ.get("LMCOURSE_THREADS", "1"))
    with _speaking_plainly():
        app(prog_name="lmcourse")


@contextlib.contextmanager
def _speaking_plainly() -> Iterator[None]:
    """Turn whatever a user can cause into one sentence and the right exit status."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # while it can still be said what is wrong: when the interpreter closes, it complains
    except LmcourseError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(130)
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # typer and rich have turned that into this
            _cut_short()
        if stop.code == 130:  # and typer Ctrl-C
            err.print("Stopped.")
        raise
    except BrokenPipeError:
        _cut_short()
    except MemoryError:
        _fail("Not enough memory; use a smaller file, a smaller model, or close other programs.")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _silence(sys.stdout)  # it may be what is full
        _fail(f"{where}{error.strerror or error}; check the path, its permissions and the free space on the disk.")


def _cut_short() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        _silence(stream)
    sys.exit(CUT_SHORT)


def _silence(stream: Any) -> None:
    """Let what is still to be written to ``stream`` go nowhere, if it cannot be written."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _options(encoding: str | None, field: str | None) -> dict[str, str]:
    """Reading options for a corpus; a known corpus takes none, so none are given unless asked for."""
    return {name: value for name, value in (("encoding", encoding), ("text", field)) if value is not None}


def _values(words: list[str] | None) -> dict[str, str] | None:
    """What records have to have, from ["language=en"]."""
    if bad := [word for word in words or () if not word.partition("=")[0] or "=" not in word]:
        raise LmcourseError(f"--where takes FIELD=VALUE, not {bad[0]!r}; for example language=en.")
    return {word.partition("=")[0]: word.partition("=")[2] for word in words} if words else None


def _fail(sentence: str) -> None:
    err.print(f"lmcourse: {sentence}", markup=False)
    sys.exit(2)


Lessons = Annotated[list[str] | None, typer.Argument(help="Which lessons, for example 1 2; all when none is given.")]
Field = Annotated[str | None, typer.Option(help="The field or column with the text, in jsonl, csv and tsv files of your own.")]
TextField = Annotated[str | None, typer.Option("--text-field", "--field", help="The field with the text, if not text.")]
LabelField = Annotated[str | None, typer.Option("--label-field", help="The field with the label, if not label.")]
Data = Annotated[
    str | None, typer.Option("--data", help="A jsonl, csv or tsv file with the fields text and label, or a corpus by name.")
]
RunFolder = Annotated[Path, typer.Option("--out", help="Folder for the model.")]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="How long to train.")]
Steps = Annotated[int | None, typer.Option(min=1, help="How many steps to train, instead of minutes.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the run in --out stopped.")]
Where = Annotated[
    list[str] | None, typer.Option("--where", metavar="FIELD=VALUE", help="Only records with this value, such as language=en.")
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave bad lines out, and count them.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="The same seed, the same result.")]
Encoding = Annotated[str | None, typer.Option(help="How files of your own are encoded, when it is not UTF-8.")]


# --- the course -------------------------------------------------------------------------------------------------


@app.command()
def doctor() -> None:
    """Say what works on this machine: versions, threads, memory, corpora, and how long things take."""
    from lmcourse import doctor as checks

    table = Table(title="lmcourse doctor", show_header=False)
    ok = True
    for check in checks.checkup():
        ok &= check.ok
        table.add_row("[green]✓[/]" if check.ok else "[red]✗[/]", check.name, check.text)
    out.print(table)
    raise typer.Exit(0 if ok else 1)


@app.command()
def setup() -> None:
    """Set the course up (nothing to do once it is); from a fresh clone: python -m lmcourse setup."""
    out.print("Set up. Open the course with: lmcourse lab")


@app.command()
def lab(
    lesson: Annotated[int, typer.Argument(help="The lesson to open.")] = 1,
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open the course in JupyterLab, on working copies of the lessons."""
    from lmcourse import project

    raise typer.Exit(project.lab(lesson, port=port, browser=browser))


@app.command()
def reset(lesson: Annotated[str, typer.Argument(help="The lesson to take anew, for example 1 or 01.")]) -> None:
    """Replace the working copy of a lesson by the course's version; yours is kept in the backup folder."""
    from lmcourse import project

    project.reset(lesson)


@app.command()
def run(lessons: Lessons = None) -> None:
    """Execute the lessons without a window and print what each took."""
    from lmcourse import project

    raise typer.Exit(project.run(lessons))


@app.command()
def execute(lessons: Lessons = None) -> None:
    """Execute the lessons and store their outputs in the notebooks (for authors)."""
    from lmcourse import project

    raise typer.Exit(project.execute(lessons))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    lax: Annotated[
        bool | None, typer.Option("--lax/--strict", help="Compare stored outputs or not; by default only on Linux.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="The exhaustive tests too.")] = False,
) -> None:
    """Run all tests and every notebook; further arguments go to pytest."""
    from lmcourse import project

    raise typer.Exit(project.test(context.args, lax=lax, full=full))


@app.command()
def lint() -> None:
    """Check the style of code and notebooks with ruff."""
    from lmcourse import project

    raise typer.Exit(project.lint())


@exercises_app.command("build")
def exercises_build(
    check: Annotated[bool, typer.Option("--check", help="Only say which no longer fit their solutions.")] = False,
) -> None:
    """Make the exercise notebooks from the solutions (for authors)."""
    from lmcourse import project

    raise typer.Exit(project.build(check))


@classroom_app.command("init")
def classroom_init(
    folder: Annotated[Path, typer.Argument(help="A new folder for the class.")],
    lessons: Annotated[str | None, typer.Option(help="Which lessons, for example 1-7 or 1,3; all when none are named.")] = None,
    solutions: Annotated[bool, typer.Option(help="Hand the solutions out as well.")] = True,
) -> None:
    """Make a class's folder for nbgrader: sources, settings, and what is handed out."""
    from lmcourse.project import classroom

    classroom.init(folder, None if lessons is None else classroom.numbers(lessons), solutions)


@app.command()
def progress(
    lesson: Annotated[int | None, typer.Argument(help="One lesson; all when none is given.")] = None,
) -> None:
    """Show which exercises are done, and what is next."""
    from lmcourse.exercises import progress

    progress(lesson)


@app.command()
def studies(
    names: Annotated[list[str] | None, typer.Argument(help="Which studies; all when none is given.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say which no longer hold.")] = False,
) -> None:
    """Run the stored studies again where code or data have changed since (for authors; it may take hours)."""
    from lmcourse.studies import fault, plan_of, plans, run

    faults = {name: fault(name) for name in names or plans()}
    for name, wrong in faults.items():
        out.print(wrong if wrong and check else f"{name}: {plan_of(name).about}", markup=False)
        if not check:
            out.print(run(plan_of(name)).table(), markup=False)
    raise typer.Exit(1 if check and any(faults.values()) else 0)


# --- data -------------------------------------------------------------------------------------------------------


@data_app.command("list")
def data_list() -> None:
    """List the corpora and whether each is here."""
    from lmcourse import corpus

    out.print(str(corpus.list()), markup=False)


@data_app.command("show")
def data_show(
    name: Annotated[str, typer.Argument(help="A corpus name or a path.")],
    documents: Annotated[int, typer.Option("--documents", "-n", min=0, help="How many documents to show.")] = 1,
    characters: Annotated[int, typer.Option(min=1, help="How much of each.")] = 600,
    encoding: Encoding = None,
    field: Field = None,
) -> None:
    """Describe a corpus (by name or path) and show how it begins."""
    from lmcourse import corpus

    loaded = corpus.load(name, **_options(encoding, field))
    out.print(str(corpus.describe(loaded)), markup=False)
    for record in loaded[:documents]:
        text = corpus.show(record)
        out.rule(f"[bold]{record.id}[/]", align="left")
        out.print(text[:characters] + ("…" if len(text) > characters else ""), markup=False)


@data_app.command("fetch")
def data_fetch(
    name: Annotated[str, typer.Argument(help="The corpus to download, or a new name with --url.")],
    url: Annotated[str | None, typer.Option(help="Where to get it, for a corpus of your own.")] = None,
    sha256: Annotated[str | None, typer.Option(help="Its SHA-256, for a corpus of your own.")] = None,
) -> None:
    """Download a corpus into the cache, with its SHA-256 checked."""
    from lmcourse import corpus

    path = corpus.fetch(name, url=url, sha256=sha256)
    out.print(f"{name} is at {path}" + (f"; use it with --text {path}" if url else ""), markup=False)


@app.command()
def clean(
    inputs: Annotated[list[str], typer.Argument(metavar="IN...", help="Corpus names, files or folders.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for documents.jsonl and report.json.")],
    language: Annotated[str, typer.Option(help="Keep this language.")] = "en",
    wikitext: Annotated[bool, typer.Option(help="The input is wikitext, not web pages.")] = False,
    encoding: Encoding = None,
    field: Field = None,
) -> None:
    """Clean raw text: mark-up, mojibake, other languages, personal data, duplicates; with a report."""
    from itertools import chain

    from lmcourse import corpus, pipeline
    from lmcourse.corpus import write_documents
    from lmcourse.files import replacing, write_atomic

    steps = pipeline.wikitext(language) if wikitext else pipeline.standard(language)
    streams = [corpus.stream(name, **_options(encoding, field)) for name in inputs]
    result = steps.stream(chain.from_iterable(streams), progress=sys.stderr.isatty())
    with replacing(folder / "documents.jsonl") as waiting:  # both files appear, or neither
        written = write_documents(waiting, result)
        write_atomic(folder / "report.json", result.report.to_json().encode())
    out.print(f"{result.report}\n\n{result.report.reasons()}", markup=False)
    out.print(f"{written} documents in {folder / 'documents.jsonl'}; the report in {folder / 'report.json'}.", markup=False)


# --- tokenizers -------------------------------------------------------------------------------------------------

TokenizerFile = Annotated[Path, typer.Option("--tokenizer", "-t", help="The tokenizer's JSON file.")]


@tokenize_app.command("train")
def tokenize_train(
    text: Annotated[str, typer.Option("--text", "--corpus", help="A corpus name, a file or a folder.")],
    path: Annotated[Path, typer.Option("--out", help="Where to save the tokenizer (JSON).")],
    kind: Annotated[TokenizerKind, typer.Option("--kind", help="What a token is.")] = TokenizerKind.bpe,
    vocab_size: Annotated[int, typer.Option(min=2, help="How many tokens at most.")] = 4096,
    language: Annotated[str, typer.Option(help="For --kind word: en, or zh, where no spaces part words.")] = "en",
    encoding: Encoding = None,
    field: Field = None,
) -> None:
    """Learn a vocabulary from text."""
    from lmcourse import corpus
    from lmcourse.tokenizers import TOKENIZERS, compression

    loaded = corpus.load(text, **_options(encoding, field))
    texts = [corpus.show(record) for record in loaded]
    options = {"language": language} if kind is TokenizerKind.word else {}
    tokenizer = TOKENIZERS[kind.value].train(texts, vocab_size, **options)
    tokenizer.save(path)
    ratio = compression(tokenizer, "\n".join(texts)[:200_000]).bytes_per_token
    out.print(f"{len(tokenizer)} tokens in {path}; one token stands for {ratio:.2f} bytes of this text.", markup=False)


@tokenize_app.command("encode")
def tokenize_encode(
    tokenizer: TokenizerFile,
    text: Annotated[str | None, typer.Argument(help="The text; standard input when none is given.")] = None,
    pieces: Annotated[bool, typer.Option("--pieces", help="Show the tokens instead of their ids.")] = False,
) -> None:
    """Print the ids of a text."""
    from lmcourse.tokenizers import load_tokenizer

    loaded = load_tokenizer(tokenizer)
    ids = loaded.encode(_given(text))
    out.print(" ".join(repr(loaded.token(id)) if pieces else str(id) for id in ids), markup=False)


@tokenize_app.command("decode")
def tokenize_decode(
    tokenizer: TokenizerFile,
    ids: Annotated[list[str] | None, typer.Argument(help="The ids; standard input when none are given.")] = None,
) -> None:
    """Print the text that ids stand for."""
    from lmcourse.tokenizers import load_tokenizer

    loaded = load_tokenizer(tokenizer)
    words = ids if ids else _given(None).split()
    try:
        numbers = [int(word) for word in words]
    except ValueError as error:
        raise LmcourseError(f"Ids are whole numbers separated by spaces; {error}.") from None
    bad = [number for number in numbers if not 0 <= number < len(loaded)]
    if bad:
        raise LmcourseError(f"The tokenizer has ids 0 to {len(loaded) - 1}, so {bad[0]} is none; use the tokenizer that made the ids.")
    out.print(loaded.decode(numbers), markup=False)


def _given(text: str | None) -> str:
    """The argument, or standard input when it is piped in."""
    if text is not None:
        return text
    if sys.stdin.isatty():
        err.print("Reading standard input; end with Ctrl-D.", markup=False)
    try:
        read = sys.stdin.read()
        read.encode()  # where the locale is C, Python reads bytes that are no UTF-8 as lone surrogates
    except UnicodeError as error:
        where = f"Line {error.object.count(chr(10), 0, error.start) + 1:,} of standard" if isinstance(error, UnicodeEncodeError) else "Standard"
        raise LmcourseError(f"{where} input is not UTF-8 text; convert it first, for example with iconv.") from None
    return read


def _blocks(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    """The lines in lists of ``size``, each as soon as it is full."""
    rest = iter(lines)
    while block := list(islice(rest, size)):
        yield block


def _lines(text: str | None, what: str) -> Iterator[list[str]]:
    """The argument's lines or those of standard input, in blocks; those that a person types, one by one."""
    typed = text is None and sys.stdin.isatty()
    if typed:
        err.print(f"One {what} a line; end with Ctrl-D.", markup=False)
        yield from ([line.rstrip("\n")] for line in sys.stdin)
    elif (given := _given(text)) or text is not None:  # no line in, no line out
        yield from _blocks(given.removesuffix("\n").split("\n"), 256)


def _print_json(record: dict[str, Any]) -> None:
    """One line of JSON, at once."""
    print(json.dumps(record, ensure_ascii=False), flush=True)


@contextlib.contextmanager
def _naming_bad_lines() -> Iterator[None]:
    """Print each bad line of a file, then the sentence that every command ends with."""
    from lmcourse.corpus.lines import BadLines

    try:
        yield
    except BadLines as error:
        for line in error.lines:
            err.print(line, markup=False)
        raise


def _finish(result: Any) -> None:
    """What a training run has come to; interrupted, it exits as Ctrl-C does."""
    for line in getattr(result, "bad", ()):
        err.print(f"left out: {line}", markup=False)
    out.print(str(result), markup=False)
    raise typer.Exit(130 if result.interrupted else 0)


# --- models -----------------------------------------------------------------------------------------------------

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="The folder that train wrote, or a name that lmcourse models lists.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the recipe, such as dropout=0.4.")
]


@app.command("models")
def models_command(
    do: Annotated[Do, typer.Argument(help="List them, describe them by their cards, or make them anew (for authors).")] = Do.list,
    names: Annotated[list[str] | None, typer.Argument(help="Which to describe or make; all when none is given.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Make also those that are up to date.")] = False,
    work: Annotated[Path | None, typer.Option(help="A folder in which training runs are kept, and gone on with.")] = None,
) -> None:
    """The shipped models: what each does, its size, how good it is; with describe, how it was trained and on what."""
    from lmcourse import models

    if do is Do.make:
        from lmcourse.project import making

        making.make(names or (), again, work)
    elif do is Do.describe:
        cards = [models.describe(name) for name in names] if names else models.list()
        out.print("\n\n".join(map(str, cards)), markup=False)
    else:
        out.print(str(models.list()), markup=False)


@train_app.command("lm")
def train_lm_command(
    folder: RunFolder,
    text: Annotated[str | None, typer.Option(help="A file or folder of your own.")] = None,
    corpus: Annotated[str | None, typer.Option(help="A corpus by name.")] = None,
    minutes: Minutes = None,
    steps: Steps = None,
    tokenizer: Annotated[TokenizerKind | None, typer.Option(help="What a token is.")] = None,
    settings: Settings = None,
    seed: Seed = None,
    resume: Resume = False,
    encoding: Encoding = None,
    field: Field = None,
) -> None:
    """Train a language model on text: lmcourse train lm --text FILE --minutes 2 --out m"""
    from lmcourse.tasks.lm import train_lm
    from lmcourse.tasks.recipe import Recipe
    from lmcourse.tasks.runs import settings_from

    chosen = settings_from(settings or (), Recipe) | ({"tokenizer": tokenizer.value} if tokenizer else {})
    result = train_lm(
        text=text, corpus=corpus, out=folder, minutes=minutes, steps=steps, reading=_options(encoding, field), seed=seed,
        resume=resume, progress=True, **chosen,
    )  # fmt: skip
    _finish(result)


@train_app.command("translate")
def train_translate_command(
    folder: RunFolder,
    pairs: Annotated[str | None, typer.Option(help="A tsv or csv file of your own, or a corpus of pairs by name.")] = None,
    source: Annotated[str | None, typer.Option("--from", help="The source's column or language; the first column when not given.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="The translation's column or language.")] = None,
    minutes: Minutes = None,
    steps: Steps = None,
    settings: Settings = None,
    seed: Seed = None,
    resume: Resume = False,
    skip_bad: SkipBad = False,
    encoding: Encoding = None,
) -> None:
    """Train a translator on sentence pairs: lmcourse train translate --pairs FILE.tsv --minutes 3 --out t"""
    from lmcourse.tasks.runs import settings_from
    from lmcourse.tasks.translate import TranslatorRecipe, train_translate

    with _naming_bad_lines():
        result = train_translate(
            pairs, folder, minutes, steps, source, target, seed=seed, resume=resume, skip_bad=skip_bad, encoding=encoding,
            **settings_from(settings or (), TranslatorRecipe),
        )  # fmt: skip
    _finish(result)


@train_app.command("classify")
def train_classify_command(
    folder: RunFolder,
    data: Data = None,
    pairs: Annotated[
        str | None, typer.Option(help="Sentence pairs (tsv, csv, or a corpus): labels for texts in their other language, too.")
    ] = None,
    minutes: Minutes = None,
    steps: Steps = None,
    text_field: TextField = None,
    label_field: LabelField = None,
    where: Where = None,
    settings: Settings = None,
    seed: Seed = None,
    resume: Resume = False,
    skip_bad: SkipBad = False,
    encoding: Encoding = None,
) -> None:
    """Train a classifier on labelled texts: lmcourse train classify --data FILE.jsonl --minutes 1 --out c"""
    from lmcourse.tasks.classify import ClassifierRecipe, train_classify
    from lmcourse.tasks.crosslingual import JointRecipe, train_joint
    from lmcourse.tasks.runs import settings_from

    read = {"text_field": text_field, "label_field": label_field, "encoding": encoding, "skip_bad": skip_bad}
    read |= {"where": _values(where), "seed": seed, **settings_from(settings or (), JointRecipe if pairs else ClassifierRecipe)}
    if pairs and (minutes or steps or resume):
        raise LmcourseError("With --pairs there are no steps: the classifier is solved; leave --minutes, --steps and --resume out.")
    with _naming_bad_lines():
        if pairs:
            result = train_joint(data, pairs, folder, **read)
        else:
            result = train_classify(data, folder, minutes, steps, resume=resume, **read)
    _finish(result)


@train_app.command("answer")
def train_answer_command(
    folder: RunFolder,
    data: Annotated[
        str | None,
        typer.Option("--data", help="SQuAD's json; jsonl, csv or tsv with context, question, answer; or a corpus by name."),
    ] = None,
    minutes: Minutes = None,
    steps: Steps = None,
    settings: Settings = None,
    seed: Seed = None,
    resume: Resume = False,
    skip_bad: SkipBad = False,
    encoding: Encoding = None,
) -> None:
    """Train a reader on questions and answers: lmcourse train answer --data FILE.json --minutes 5 --out a"""
    from lmcourse.tasks.answer import AnswerRecipe, train_answer
    from lmcourse.tasks.runs import settings_from

    with _naming_bad_lines():
        result = train_answer(
            data, folder, minutes, steps, seed=seed, resume=resume, skip_bad=skip_bad, encoding=encoding,
            **settings_from(settings or (), AnswerRecipe),
        )  # fmt: skip
    _finish(result)


@app.command("finetune")
def finetune_command(
    folder: Annotated[Path, typer.Option("--out", help="Folder for the tuned model.")],
    name: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="A language model: its folder, or a name that lmcourse models lists.")
    ] = None,
    task: Annotated[Tuning, typer.Option(help="To labels (classify), to questions (answer), or to a domain's text (lm).")] = Tuning.classify,
    data: Annotated[str | None, typer.Option(help="Labelled texts (jsonl, csv, tsv), questions (also SQuAD's json), or text; or a corpus by name.")] = None,
    method: Annotated[Method | None, typer.Option(help="How much of the model learns; full when not given.")] = None,
    old: Annotated[str | None, typer.Option(help="With --task lm: text of the old kind, to measure forgetting on.")] = None,
    rehearsal: Annotated[
        float | None, typer.Option(min=0.0, max=0.99, help="With --task lm: the share of steps on the old text.")
    ] = None,
    minutes: Minutes = None,
    steps: Steps = None,
    text_field: TextField = None,
    label_field: LabelField = None,
    where: Where = None,
    settings: Settings = None,
    seed: Seed = None,
    resume: Resume = False,
    skip_bad: SkipBad = False,
    encoding: Encoding = None,
) -> None:
    """Tune a language model: lmcourse finetune lm-base --task classify --data FILE.jsonl --method lora --out c"""
    from lmcourse.tasks.answer import AnswerRecipe, train_answer
    from lmcourse.tasks.domain import DomainRecipe, tune_lm
    from lmcourse.tasks.finetune import TuningRecipe, finetune
    from lmcourse.tasks.runs import settings_from

    recipe = {Tuning.lm: DomainRecipe, Tuning.answer: AnswerRecipe}.get(task, TuningRecipe)
    chosen = settings_from(settings or (), recipe) | ({"method": method.value} if method else {})
    run = {"out": folder, "minutes": minutes, "steps": steps, "seed": seed, "resume": resume}
    only = _values(where)
    if task is Tuning.lm:
        if label_field is not None or skip_bad:
            raise LmcourseError("--label-field and --skip-bad belong to labels; leave them out, or say --task classify.")
        chosen |= {} if rehearsal is None else {"rehearsal": rehearsal}
        _finish(tune_lm(name, data, old=old, reading=_options(encoding, text_field) or None, where=only, **run, **chosen))
    if old is not None or rehearsal is not None:
        raise LmcourseError("--old and --rehearsal belong to text without labels; leave them out, or say --task lm.")
    if task is Tuning.answer:
        if text_field is not None or label_field is not None or where is not None:
            raise LmcourseError("--text-field, --label-field and --where do not fit questions; leave them out, or say --task classify.")
        chosen |= {} if resume or "method" in chosen else {"method": "frozen"}
        with _naming_bad_lines():
            result = train_answer(data, skip_bad=skip_bad, encoding=encoding, base=name, **run, **chosen)
        _finish(result)
    with _naming_bad_lines():
        result = finetune(
            name, data, text_field=text_field, label_field=label_field, where=only, skip_bad=skip_bad, encoding=encoding, **run, **chosen
        )  # fmt: skip
    _finish(result)


@app.command("classify")
def classify_command(
    name: Model,
    text: Annotated[str | None, typer.Argument(help="The text; standard input, line by line, when none is given.")] = None,
    least: Annotated[
        float, typer.Option("--abstain-below", "--threshold", min=0.0, max=1.0, help="Answer ? where the probability is lower.")
    ] = 0.0,
    through: Annotated[
        str | None, typer.Option(metavar="TRANSLATOR", help="Translate each text first; with --json the translation is told.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with the five likeliest labels.")] = False,
) -> None:
    """Label texts: lines in; out come, for each, its label, a tab, and the label's probability."""
    from lmcourse.tasks.classify import classify, loaded
    from lmcourse.tasks.crosslingual import classify_through
    from lmcourse.tasks.translate import loaded as loaded_translator

    model = loaded(name)
    translator = loaded_translator(through) if through else None
    for block in _lines(text, "text"):
        for found in classify_through(model, block, translator, least) if through else classify(model, block, least):
            if as_json:
                likeliest = {label: round(chance, 4) for label, chance in islice(found.probabilities.items(), 5)}
                record = {"label": found.label, "probability": round(found.probability, 4), "probabilities": likeliest}
                _print_json(record | ({"translation": found.translation} if through else {}))
            else:
                print(f"{'?' if found.label is None else found.label}\t{found.probability:.4f}", flush=True)


@app.command("answer")
def answer_command(
    name: Model,
    question: Annotated[
        str | None, typer.Option("--question", help="The question; standard input, line by line, when none is given.")
    ] = None,
    passage: Annotated[str | None, typer.Option("--passage", help="The file with the text that is asked about.")] = None,
    search: Annotated[
        str | None, typer.Option("--search", help="Instead: a corpus, a file or a folder of many texts to find the right one in.")
    ] = None,
    least: Annotated[
        float, typer.Option("--abstain-below", min=0.0, max=1.0, help="No answer where the probability is lower.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with the likeliest spans.")] = False,
    encoding: Encoding = None,
    field: Field = None,
) -> None:
    """Answer questions about a text: for each, the words that answer it (none where there is no answer), a tab, the probability."""
    from lmcourse import corpus
    from lmcourse.retrieval import BM25
    from lmcourse.tasks.asking import answer, ask, loaded

    if (passage is None) == (search is None):
        raise LmcourseError("Say what the questions are about: --passage FILE, or --search with many texts to find the passage in.")
    model, options = loaded(name), _options(encoding, field)
    text = None if passage is None else corpus.load(Path(passage), **options).text()
    many = None if search is None else corpus.load(search, **options)
    if many is not None and many.card.kind != "documents":
        raise LmcourseError(f"{search} holds {many.card.kind}, not texts to search in; lmcourse data list shows what holds documents.")
    texts = None if many is None else BM25(many)
    for block in _lines(question, "question"):
        for found in answer(model, text, block, least) if texts is None else ask(model, texts, block, least=least):
            if as_json:
                record = {"answer": found.text, "start": found.start, "probability": round(found.probability, 4), "none": round(found.none, 4)}
                record["spans"] = {span: round(chance, 4) for span, chance in found.others}
                print(json.dumps(record | ({"id": found.id} if texts is not None else {}), ensure_ascii=False), flush=True)
            else:
                print(f"{' '.join(found.text.split())}\t{found.probability:.4f}", flush=True)


@app.command("translate")
def translate_command(
    name: Model,
    text: Annotated[str | None, typer.Argument(help="The text; standard input, line by line, when none is given.")] = None,
    beam: Annotated[int, typer.Option(min=1, max=100, help="How many beginnings are kept side by side; 1 is greedy.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line: the text and its translation.")] = False,
) -> None:
    """Translate: lines in, lines out."""
    from lmcourse.tasks.translate import loaded, translate

    model = loaded(name)
    for block in _lines(text, "sentence"):
        for line, found in zip(block, translate(model, block, beam), strict=True):
            if as_json:
                _print_json({"text": line, "translation": found})
            else:
                print(" ".join(found.split()), flush=True)


@app.command("generate")
def generate_command(
    name: Model,
    prompt: Annotated[str, typer.Option(help="How the text begins.")] = "",
    tokens: Annotated[int, typer.Option(min=1, help="How many tokens to write.")] = 300,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 always takes the likeliest; 1 follows the model.")] = 0.8,
    top_k: Annotated[int | None, typer.Option(min=1, help="Choose among the k likeliest only.")] = None,
    top_p: Annotated[float | None, typer.Option(min=0.0, max=1.0, help="Choose among the likeliest with sum p only.")] = None,
    seed: Seed = None,
    genre: Annotated[str | None, typer.Option(help="Write a news, a story …, if it was trained on genres.")] = None,
    beam: Annotated[int, typer.Option(min=1, max=100, help="2 or more look for the likeliest text; nothing is drawn.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One line, a JSON object: the text, and what it takes to write it again.")] = False,
) -> None:
    """Write text with a trained model, as it comes."""
    from lmcourse.tasks import generate

    settings = {"tokens": tokens, "temperature": temperature, "top_k": top_k, "top_p": top_p, "beam": beam}
    if as_json:
        seed = secrets.randbelow(2**31) if seed is None else seed
        text = generate(name, prompt, genre=genre, seed=seed, **settings)
        return _print_json({"prompt": prompt, "text": text, "genre": genre, "seed": seed, "settings": settings})
    pieces = generate(name, prompt, genre=genre, seed=seed, stream=True, **settings)
    print(prompt, end="", flush=True)  # after generate: it may refuse the prompt
    for piece in pieces:
        print(piece, end="", flush=True)
    print()


@app.command("eval")
def eval_command(
    name: Model,
    text: Annotated[str, typer.Option("--text", "--corpus", help="A file, a folder or a corpus name.")],
    split: Annotated[str | None, typer.Option(help="Only its train, valid or test split.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The measures as one JSON object.")] = False,
    encoding: Encoding = None,
    field: Field = None,
) -> None:
    """Measure a model on a text: loss, perplexity, bits per byte."""
    from lmcourse import corpus, models
    from lmcourse.metrics import evaluate
    from lmcourse.tasks.asking import refuse_reader
    from lmcourse.tasks.texts import checked_writer, text_for

    model, tokenizer = models.load(name)
    refuse_reader(model)
    checked_writer(model, tokenizer)
    scores = evaluate(model, tokenizer, *text_for(tokenizer, corpus.load(text, split, **_options(encoding, field))))
    if as_json:
        _print_json({name: getattr(scores, name) for name in ("bits_per_byte", "loss", "perplexity", "tokens", "bytes")})
    else:
        out.print(str(scores), markup=False)


if __name__ == "__main__":
    main()
