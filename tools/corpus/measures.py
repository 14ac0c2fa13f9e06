"""The measures of the corpus, as a table: sizes against their targets, the text beside texts found elsewhere.

    python tools/corpus/measures.py                of data/willow_bay
    python tools/corpus/measures.py --home DIR     of another folder with the same files
    python tools/corpus/measures.py --fast         without the texts found elsewhere and without the classifiers

Figures of the running text are on its first 1,000,000 characters, or on as many as there are, and then on as many of the
others: the share of distinct word runs falls as a text grows, so texts are compared at one size only.
"""

from __future__ import annotations

import argparse
import lzma
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import baseline
import prose
from check import NEGATION_RATE_TALK, NUMBER_RATE, content_words, jobs_in, length_outliers, sentence_at
from kinds import HOME, KINDS, RUNNING, Item, items_of
from world import World

from lmcourse.corpus import Document, split_of
from lmcourse.corpus.owned import text_id
from lmcourse.dedup import NearPair, near_duplicates, text_key

CHARACTERS = 1_000_000
RUNNING_TARGET = 1_000_000  # bytes of English running text
BANDS = {"intents": (0.75, 0.95), "sentiment": (0.60, 0.85)}


@dataclass(frozen=True)
class Text:
    """The figures of a running text."""

    characters: int
    words: int
    types: int
    trigrams: float  # distinct word 3-grams / all, 0 to 1
    fivegrams: float
    bits: float  # per character, after xz -9e
    long_sentences: float  # share of sentences of more than 20 words
    numbers: float  # in 1,000 words
    negations: float


def text_figures(text: str) -> Text:
    """Count a text; case does not distinguish words."""
    tokens = prose.words(text)
    lengths = [len(prose.words(sentence)) for sentence in prose.sentences(text)]
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    return Text(
        len(text), len(tokens), len(set(tokens)), distinct(tokens, 3), distinct(tokens, 5),
        8 * len(packed) / max(1, len(text)), sum(length > 20 for length in lengths) / max(1, len(lengths)),
        prose.per_thousand(tokens, prose.is_number), prose.per_thousand(tokens, prose.is_negation),
    )  # fmt: skip


def distinct(tokens: Sequence[str], n: int) -> float:
    """Distinct runs of ``n`` tokens by all of them."""
    runs = prose.ngrams(tokens, n)
    return len(set(runs)) / max(1, len(runs))


def seen_in_train(items: Iterable[Item]) -> float:
    """The share of the test split's words that occur in the train split, 0 to 1."""
    tokens: dict[str, list[str]] = {"train": [], "valid": [], "test": []}
    for item in items:
        tokens[split_of(split_id(item))] += prose.words(item.text)
    known = set(tokens["train"])
    return sum(word in known for word in tokens["test"]) / max(1, len(tokens["test"]))


def equal_texts(items: Iterable[Item]) -> list[tuple[str, str]]:
    """Items whose text is another's, white space aside: (first, second)."""
    first: dict[bytes, str] = {}
    return [(first[key], item.id) for item in items if first.setdefault(key := text_key(item.text), item.id) != item.id]


def alike(items: Iterable[Item], threshold: float = 0.6) -> list[NearPair]:
    """Pairs of items whose sets of word 3-grams have a Jaccard similarity of at least ``threshold``."""
    return near_duplicates((Document(item.id, item.text) for item in items), threshold).pairs


def split_id(item: Item) -> str:
    """What decides an item's split when it is loaded: its context's id, its own, or for pairs one made of the text."""
    if item.kind == "parallel" and "id" not in item.data:
        return text_id("parallel", item.data["en"], item.data["zh"])
    return str(item.data.get("context_id", item.id))


def crossing(items: Iterable[Item], pairs: Iterable[NearPair]) -> list[NearPair]:
    """The pairs of items whose two sides are in different splits."""
    where = {item.id: split_of(split_id(item)) for item in items}
    return [pair for pair in pairs if where[pair.first] != where[pair.second]]


def wrong_spans(questions: Iterable[Item], contexts: Mapping[str, str]) -> list[str]:
    """The ids of questions whose answer does not stand where it should, plausible ones included."""
    wrong = []
    for item in questions:
        context = contexts.get(str(item.data["context_id"]), "")
        spans = [item.data["answers"], item.data.get("plausible_answers", {"text": [], "answer_start": []})]
        found = (
            context[start : start + len(text)] == text != ""
            for span in spans
            for text, start in zip(span["text"], span["answer_start"], strict=True)
        )
        if not all(found):
            wrong.append(item.id)
    return wrong


def borrowed(item: Item, context: str) -> float:
    """Of the content words of the answer's sentence, the share that the question takes over; the answer's own not.

    Of a sentence with fewer than three of them ("Manuel gave it.") a share says nothing: 0.
    """
    answers = item.data["answers"]
    if not answers["text"]:
        return 0.0
    content = set(content_words(sentence_at(context, answers["answer_start"][0])))
    content -= set(content_words(answers["text"][0]))
    return len(content & set(content_words(item.text))) / len(content) if len(content) >= 3 else 0.0


def asked(question: str) -> str:
    """What a question asks for: who, what, when, where, why, how many, how; or other."""
    found = re.search(r"\b(how (?:many|much)|who|whose|whom|what|which|when|where|why|how)\b", question.lower())
    word = found[1] if found else "other"
    return {"whose": "who", "whom": "who", "which": "what", "how much": "how many"}.get(word, word)


def planted(items: Iterable[Item], world: World) -> dict[str, Counter[str]]:
    """For each planned job, the texts in which it is tied to she, and to he; a text with both counts for both."""
    count = {job: Counter({"she": 0, "he": 0}) for job in world.jobs}
    for item in items:
        for job, pronouns in jobs_in(item.text, world).items():
            count[job].update(pronouns)
    return count


def elsewhere(characters: int) -> dict[str, str]:
    """Three English texts that come with installed packages, each cut to at most so many characters."""
    from lmcourse.cleaning import strip_wikitext
    from lmcourse.corpus import load, stream

    found = {"python-docs": load("python-docs").text()[:characters], "wikipedia-sample, cleaned": ""}
    for document in stream("wikipedia-sample"):
        found["wikipedia-sample, cleaned"] += strip_wikitext(document.text) + "\n\n"
        if len(found["wikipedia-sample, cleaned"]) >= characters:
            break
    spec = util.find_spec("gensim")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "test/test_data/lee_background.cor")
        if path.exists():
            found["news of gensim's tests"] = path.read_text(encoding="utf-8")
    # Lines that are only wrapped end no sentence.
    return {name: re.sub(r"(?<!\n)\n(?!\n)", " ", text)[:characters] for name, text in found.items()}


def shortfalls(figures: Text, seen: float) -> list[str]:
    """The bounds of the brief that a running text misses; ``seen`` is :func:`seen_in_train`.

    Repetition and the number of types only grow with a text, so their bounds hold at any size; what the test split
    knows of the train split is asked of a text of full size only.
    """
    wanted = (
        (f"{figures.types:,} word types, more than 12,000", figures.types <= 12_000),
        (f"distinct word 3-grams {figures.trigrams:.3f}, less than 0.60", figures.trigrams >= 0.60),
        (f"distinct word 5-grams {figures.fivegrams:.3f}, less than 0.94", figures.fivegrams >= 0.94),
        (f"{figures.bits:.2f} bits per character, less than 1.95", figures.bits >= 1.95),
        (f"{figures.long_sentences:.1%} of the sentences over 20 words", figures.long_sentences <= 0.06),
        (f"{seen:.1%} of the test's words in train", seen >= 0.96 or figures.characters < CHARACTERS),
    )
    return [what for what, holds in wanted if not holds]


def unmet(corpus: Mapping[str, Sequence[Item]], labels: bool = True) -> list[str]:
    """What a complete corpus owes and this one does not have: items of each file, bytes of running text, labels."""
    owed = [
        f"{kind.file}: {len(corpus[kind.name]):,} of {kind.target:,} items"
        for kind in KINDS.values()
        if len(corpus[kind.name]) < kind.target
    ]
    size = sum(len(item.text.encode()) for name in RUNNING for item in corpus[name])
    if size < RUNNING_TARGET:
        owed.append(f"running text: {size:,} of {RUNNING_TARGET:,} bytes")
    return owed + (unmet_labels(corpus) if labels else [])


def unmet_labels(corpus: Mapping[str, Sequence[Item]]) -> list[str]:
    """Labels that a simple classifier finds too easily, or not at all."""
    owed = []
    for name, field, band in (("intents", "intent", "intents"), ("posts", "sentiment", "sentiment")):
        items = [item for item in corpus[name] if item.english]
        low, high = BANDS[band]
        share = baseline.accuracy([item.text for item in items], [item.data[field] for item in items]) if items else 0
        if not low <= share <= high:
            owed.append(f"{field}: {share:.1%} right, outside {low:.0%} to {high:.0%}")
    return owed


# --- the table ---------------------------------------------------------------------------------------------------


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns, the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def load(home: Path) -> dict[str, list[Item]]:
    """The corpus's items by kind; an empty list for a file that is not there."""
    return {
        kind.name: items_of([home / kind.file]) if (home / kind.file).exists() else [] for kind in KINDS.values()
    }  # fmt: skip


def report(corpus: Mapping[str, Sequence[Item]], world: World, fast: bool) -> str:
    """The whole page."""
    parts = [sizes(corpus)]
    running = [item for name in RUNNING for item in corpus[name]]
    if running:
        parts += [running_text(running, fast), repetition(corpus), bias(corpus, world), lengths(corpus)]
    if corpus["parallel"]:
        parts.append(pairs(corpus["parallel"]))
    if corpus["questions"]:
        parts.append(questions(corpus))
    parts.append(labels(corpus, fast))
    return "\n\n".join(part for part in parts if part)


def sizes(corpus: Mapping[str, Sequence[Item]]) -> str:
    rows = [("file", "items", "at least", "characters", "train", "valid", "test")]
    for kind in KINDS.values():
        items = corpus[kind.name]
        count = Counter(split_of(split_id(item)) for item in items)
        split = [f"{count[name]:,}" for name in ("train", "valid", "test")]
        size = sum(len(item.text) + len(str(item.data.get("zh", ""))) for item in items)
        rows.append((kind.file, f"{len(items):,}", f"{kind.target:,}", f"{size:,}", *split))
    size = sum(len(item.text.encode()) for name in RUNNING for item in corpus[name])
    rows.append(("English running text, bytes", f"{size:,}", f"{RUNNING_TARGET:,}", "", "", "", ""))
    return "SIZES\n" + table(rows)


def running_text(running: Sequence[Item], fast: bool) -> str:
    text = "\n\n".join(item.text for item in running)[:CHARACTERS]
    columns = {"Willow Bay": text_figures(text)}
    if not fast:
        columns |= {name: text_figures(other) for name, other in elsewhere(len(text)).items()}
    lines = (
        ("characters", "", lambda f: f"{f.characters:,}"),
        ("words", "", lambda f: f"{f.words:,}"),
        ("word types", "<= 12,000", lambda f: f"{f.types:,}"),
        ("distinct word 3-grams / all", ">= 0.60", lambda f: f"{f.trigrams:.3f}"),
        ("distinct word 5-grams / all", ">= 0.94", lambda f: f"{f.fivegrams:.3f}"),
        ("bits per character, xz -9e", ">= 1.95", lambda f: f"{f.bits:.2f}"),
        ("sentences over 20 words", "<= 6 %", lambda f: f"{f.long_sentences:.1%}"),
        ("number words in 1,000", f"<= {2 * NUMBER_RATE:.1f}", lambda f: f"{f.numbers:.1f}"),
        ("negations in 1,000", f"<= {2 * NEGATION_RATE_TALK:.1f}", lambda f: f"{f.negations:.1f}"),
    )
    rows = [("", "must be", *columns), *((name, must, *map(show, columns.values())) for name, must, show in lines)]
    seen = f"words of the test split that occur in the train split: {seen_in_train(running):.1%} (>= 96 %)"
    return "ENGLISH RUNNING TEXT\n" + table(rows) + "\n" + seen


def repetition(corpus: Mapping[str, Sequence[Item]]) -> str:
    rows = [("", "exact", "nearly (>= 0.6)", "of items", "across splits")]
    for name in (*RUNNING, "parallel", "questions", "intents"):
        if items := corpus[name]:
            near = alike(items)
            share = len({pair.second for pair in near}) / len(items)
            rows.append(
                (name, str(len(equal_texts(items))), str(len(near)), f"{share:.2%}", str(len(crossing(items, near))))
            )
    return "REPETITION (none exact; nearly < 0.5 % of items)\n" + table(rows)


def bias(corpus: Mapping[str, Sequence[Item]], world: World) -> str:
    rows = [("job", "she", "he", "share she", "planned she", "planned he", "planned share")]
    for job, count in planted([*corpus["stories"], *corpus["news"]], world).items():
        plan = world.jobs[job]["planned_she"], world.jobs[job]["planned_he"]
        total = count["she"] + count["he"]
        share = f"{count['she'] / total:.2f}" if total else "-"
        rows.append((job, str(count["she"]), str(count["he"]), share, *map(str, plan), f"{plan[0] / sum(plan):.2f}"))
    return "JOBS BY PRONOUN (stories and news, counted in texts)\n" + table(rows)


def lengths(corpus: Mapping[str, Sequence[Item]]) -> str:
    rows = [("words of an item", "least", "a quarter", "median", "three quarters", "most", "brief")]
    for name in RUNNING:
        if count := sorted(len(prose.words(item.text)) for item in corpus[name]):
            at = [count[int(share * (len(count) - 1))] for share in (0, 0.25, 0.5, 0.75, 1)]
            rows.append((name, *map(str, at), "{}-{}".format(*KINDS[name].words or ("", ""))))
    return "LENGTHS\n" + table(rows)


def pairs(items: Sequence[Item]) -> str:
    types = {word for item in items for word in prose.words(item.data["en"])}
    signs = Counter(sign for item in items for sign in item.data["zh"])
    far = length_outliers(items)
    lines = [
        f"distinct English sentences: {len({item.data['en'].lower() for item in items}):,} of {len(items):,} (all)",
        f"distinct Chinese sentences: {len({item.data['zh'] for item in items}):,}",
        f"English word types: {len(types):,} (<= 3,000); Chinese characters: {len(signs):,}",
        f"pairs with an outlying length ratio: {len(far)}, {len(far) / len(items):.2%} (< 0.5 %)",
        *(f"  {away:+.1f}  {item.data['en']} | {item.data['zh']}" for item, away in far[:10]),
    ]
    return "SENTENCE PAIRS\n" + "\n".join(lines)


def questions(corpus: Mapping[str, Sequence[Item]]) -> str:
    items = corpus["questions"]
    contexts = {item.id: item.text for name in ("stories", "news") for item in corpus[name]}
    impossible = sum(bool(item.data.get("is_impossible")) for item in items) / len(items)
    kinds = ", ".join(f"{kind} {n}" for kind, n in Counter(asked(item.text) for item in items).most_common())
    much = [item.id for item in items if borrowed(item, contexts.get(str(item.data["context_id"]), "")) > 0.5]
    lines = [
        f"answers not at their offset: {len(wrong_spans(items, contexts))} (0)",
        f"without an answer: {impossible:.1%} (about 10 %)",
        f"asked for: {kinds}",
        f"taking over more than half of the content words of a sentence that has three or more: {len(much)} (0)",
        f"texts asked about: {len({item.data['context_id'] for item in items}):,} of {len(contexts):,}",
    ]
    return "QUESTIONS\n" + "\n".join(lines)


def labels(corpus: Mapping[str, Sequence[Item]], fast: bool) -> str:
    lines = []
    for name, field in (("posts", "sentiment"), ("intents", "intent")):
        for language in ("en", "zh"):
            items = [item for item in corpus[name] if item.data.get("language", "en") == language]
            if not items:
                continue
            values = [str(item.data[field]) for item in items]
            count = Counter(values)
            lines.append(f"{field}, {language}: " + ", ".join(f"{label} {n}" for label, n in count.most_common()))
            if not fast and min(count.values()) >= 5 and len(count) > 1:
                low, high = BANDS["intents" if field == "intent" else field]
                share = baseline.accuracy([item.text for item in items], values)
                usual = count.most_common(1)[0][1] / len(items)
                lines.append(
                    f"  TF-IDF and logistic regression, 5-fold: {share:.1%} right "
                    f"(band {low:.0%} to {high:.0%}; the commonest label alone {usual:.1%})"
                )
    return "LABELS\n" + "\n".join(lines) if lines else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR")
    parser.add_argument("--fast", action="store_true")
    options = parser.parse_args(arguments)
    print(report(load(options.home), World(), options.fast))
    return 0


if __name__ == "__main__":
    sys.exit(main())
