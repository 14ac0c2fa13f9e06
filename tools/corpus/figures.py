"""Write the data card's page of figures: pictures and tables of Willow Bay, all of them counted from its files.

    python tools/corpus/figures.py          writes data/willow_bay/figures.md and data/willow_bay/figures/*.png

The page carries a digest of the files that it was made from, so that a test can tell when it is out of date.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import measures
import prose
from kinds import HOME, KINDS, RUNNING, Item
from matplotlib.axes import Axes
from world import MONTHS, World

from lmcourse.corpus import split_of
from lmcourse.files import write_atomic
from lmcourse.plots import bars, histogram, lines, stacked
from lmcourse.plots.look import applied, new_figure, png, words

Corpus = dict[str, list[Item]]
SPLITS = ("train", "valid", "test")


def digest(home: Path) -> str:
    """A hash of the corpus's files and of the world's, whatever their line ends are."""
    files = [home / "world.json", *(home / kind.file for kind in KINDS.values())]
    data = b"".join(path.read_bytes().replace(b"\r\n", b"\n") for path in files if path.exists())
    return hashlib.sha256(data).hexdigest()[:16]


def sizes(corpus: Corpus, ax: Axes) -> None:
    rows = {}
    for name, items in corpus.items():
        if items:
            size = Counter()
            for item in items:
                size[split_of(measures.split_id(item))] += len((item.text + str(item.data.get("zh", ""))).encode()) / 1000
            rows[name] = {split: size[split] for split in SPLITS}
    stacked(rows, title="What there is", xlabel="kilobytes of text", form="{:,.0f}", ax=ax)


def lengths(corpus: Corpus, ax: Axes) -> None:
    counted = {name: [len(prose.words(item.text)) for item in corpus[name]] for name in RUNNING if name != "posts"}
    histogram({name: count for name, count in counted.items() if count}, title="How long a text is", xlabel="words", ylabel="texts", ax=ax)


def frequencies(corpus: Corpus, ax: Axes) -> None:
    running = "\n\n".join(item.text for name in RUNNING for item in corpus[name])[: measures.CHARACTERS]
    series = {}
    for name, text in {"Willow Bay": running, **measures.elsewhere(len(running))}.items():
        counts = sorted(Counter(prose.words(text)).values(), reverse=True)
        share = [count / sum(counts) for count in counts]
        ranks = sorted({round(1.25**power) for power in range(60)} & set(range(1, len(counts) + 1)))
        series[name] = (ranks, [share[rank - 1] for rank in ranks])
    title = "The word of each rank, and how frequent it is (Zipf)"
    lines(series, log_x=True, log_y=True, title=title, xlabel="rank", ylabel="share of all words", ax=ax)


def jobs(corpus: Corpus, ax: Axes) -> None:
    counted = measures.planted([*corpus["stories"], *corpus["news"]], World())
    rows = {job: {"she": count["she"], "he": count["he"]} for job, count in counted.items()}
    stacked(rows, title="Jobs and pronouns, as planted", xlabel="stories and articles", ax=ax)


def sentiments(corpus: Corpus, ax: Axes) -> None:
    count = Counter(item.data["sentiment"] for item in corpus["posts"])
    bars(dict(count.most_common()), title="What the authors of posts feel", xlabel="posts", ax=ax)


def intents(corpus: Corpus, ax: Axes) -> None:
    count = Counter((item.data["intent"], item.data["language"]) for item in corpus["intents"])
    names = sorted({intent for intent, _ in count})
    rows = {name.replace("_", " "): {"English": count[name, "en"], "Chinese": count[name, "zh"]} for name in names}
    stacked(rows, title="What messages to the town hall want", xlabel="messages", ax=ax)


def calendar(corpus: Corpus, ax: Axes) -> None:
    rows = {}
    for number, month in enumerate(MONTHS, start=1):
        start = f"{number:02d}-"
        events = sum(event["date"].startswith(start) for event in World().data["events"])
        dated = {name: sum(item.data["date"].startswith(start) for item in corpus[name]) for name in ("news", "emails")}
        rows[month.capitalize()] = {"events of the world": events, "articles": dated["news"], "e-mails": dated["emails"]}
    stacked(rows, title="The year", xlabel="how many in the month", ax=ax)


def pairs(corpus: Corpus, ax: Axes) -> None:
    items = corpus["parallel"]
    counted = {
        "English words": [len(prose.words(item.data["en"])) for item in items],
        "Chinese characters": [len(item.data["zh"]) for item in items],
    }
    histogram(counted, bins=range_of(counted.values()), title="Sentence pairs", xlabel="length", ylabel="pairs", ax=ax)


def range_of(counts: Sequence[Sequence[int]] | object) -> int:
    """One bin for each whole number."""
    flat = [number for one in counts for number in one]  # type: ignore[attr-defined]
    return max(flat) - min(flat) + 1


def questions(corpus: Corpus, ax: Axes) -> None:
    rows: dict[str, Counter[str]] = {}
    for item in corpus["questions"]:
        answered = "without an answer" if item.data.get("is_impossible") else "with an answer"
        rows.setdefault(measures.asked(item.text), Counter())[answered] += 1
    order = sorted(rows, key=lambda name: -rows[name].total())
    parts = {name: {part: rows[name][part] for part in ("with an answer", "without an answer")} for name in order}
    stacked(parts, title="What questions ask for", xlabel="questions", ax=ax)


# file, the part it needs, how tall, who draws it, what to see in it
PICTURES: tuple[tuple[str, str, float, Callable[[Corpus, Axes], None], str], ...] = (
    ("sizes", "stories", 5.2, sizes, "Each file, and how its text is shared among the splits."),
    ("lengths", "stories", 4.4, lengths, "Each spreads over the whole range that the data card gives; posts, of 8 to 50 words, would tower over the others."),
    ("frequencies", "stories", 4.8, frequencies,
     "All four texts fall nearly along a straight line on logarithmic axes, as texts in natural language do (Zipf 1935). "
     "Willow Bay's ends earlier: it is told in few words."),
    ("jobs", "stories", 8.5, jobs, "In how many texts a job is tied to *she* and to *he*; the plan stands in the data card."),
    ("sentiments", "posts", 3.0, sentiments, "Roughly balanced."),
    ("intents", "intents", 7.5, intents, "Twelve intents, equally many of each."),
    ("calendar", "news", 7.5, calendar, "Nothing is dated outside the year; every month has its news."),
    ("pairs", "parallel", 4.4, pairs, "Short sentences; a Chinese character is about two thirds of an English word."),
    ("questions", "questions", 5.2, questions, "By question word, and how many have no answer in their text."),
)  # fmt: skip


def page(corpus: Corpus, home: Path, report: str) -> str:
    """The page's text; ``report`` is what measures.py prints."""
    parts = [
        "# Willow Bay in figures",
        "All of it counted from the files by `python tools/corpus/figures.py`; what the words mean stands in the "
        f"[data card](README.md).\n\n<!-- made from {digest(home)} -->",
    ]
    for name, needs, _, _, seen in PICTURES:
        if corpus[needs]:
            parts.append(f"## {alt(corpus, name)}\n\n![{alt(corpus, name)}](figures/{name}.png)\n\n{seen}")
    parts.append(f"## The measures\n\n```text\n{report}\n```")
    return "\n\n".join(parts) + "\n"


def alt(corpus: Corpus, name: str) -> str:
    """A picture's title."""
    return {
        "sizes": "What there is", "lengths": "How long a text is", "frequencies": "How frequent words are",
        "jobs": "Jobs and pronouns", "sentiments": "Sentiments", "intents": "Intents", "calendar": "The year",
        "pairs": "Sentence pairs", "questions": "Questions",
    }[name]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and its pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR")
    options = parser.parse_args(arguments)
    corpus = measures.load(options.home)
    for name, needs, height, draw, _ in PICTURES:
        if corpus[needs]:
            with applied():
                figure, (ax,) = new_figure(8.0, height)
                draw(corpus, ax)
            write_atomic(options.home / "figures" / f"{name}.png", png(figure))
            print(words(figure))
    text = page(corpus, options.home, measures.report(corpus, World(), fast=False))
    write_atomic(options.home / "figures.md", text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
