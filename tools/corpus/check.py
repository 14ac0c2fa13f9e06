"""Check batches of texts against the town, the brief's measures and everything written so far.

    python tools/corpus/check.py BATCH…                    stories-03.jsonl, parallel-01.tsv, …: the name tells the kind
    python tools/corpus/check.py BATCH… --cards DIR        also against the writers' cards
    python tools/corpus/check.py BATCH… --all DIR          compare with the other batches there
    python tools/corpus/check.py BATCH… --read 10 --seed 3 print ten random items to be read

A finding is to be mended ("mend", exit status 1) or to be looked at ("look"). Without --all the other batches of the
batch's own folder are compared with; without --cards a folder ``cards`` beside that folder is used if there is one.
"""

from __future__ import annotations

import argparse
import difflib
import json
import math
import random
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import prose
from kinds import HOME, KINDS, RUNNING, SENTIMENTS, Item, Kind, batches, items_of, kind_of, read
from world import BEGIN, CAPITAL, MONTHS, WEEKDAYS, World, strings

# Ordinary rates in a thousand words, counted with prose.is_number and prose.is_negation in texts that gensim installs
# among its test data: number words 7.7 in lee_background.cor (60,005 words of news); negations 7.6 there, and 16.1 in
# alldata-id-10.txt (2,419 words of film reviews, spoken in tone). Told and written talk is put between the two.
NUMBER_RATE = 7.7
NEGATION_RATE = {"news": 7.6}
NEGATION_RATE_TALK = 12.0
LONG_SENTENCE = 20  # words
LONG_SHARE = 0.06
LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
TICS = (
    "for a long time", "said nothing", "which was", "somehow", "a little", "eleven", "it was a", "as if", "did not",
    "was not",
)  # fmt: skip
ALLOWED = frozenset(
    "I Mum Mother Dad Father Granny Gran Grandma Grandad Grandpa Grandmother Grandfather Aunt Auntie Uncle Dr Mr Mrs Ms "
    "Miss Sir Madam Mayor Constable Councillor OK PS Re TV God Christmas Easter English Latin".split()
)
AMERICAN = re.compile(
    r"\b(colou?r(?<=color)\w*|neighbor\w*|harbor\w*|favor\w*|center\w*|theater|traveler|traveling|gotten|mom|"
    r"(?:real|apolog|organ|recogn)iz\w+|jewelry|pajamas|plow|sidewalk|gray(?!\b))\b"
)
DATE = re.compile(
    rf"\b({'|'.join(WEEKDAYS)})\b,?(?: the)? (?:(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({'|'.join(MONTHS)})"
    rf"|({'|'.join(MONTHS)}) (\d{{1,2}})(?:st|nd|rd|th)?)\b"
)
DAY_ONLY = re.compile(rf"\b({'|'.join(WEEKDAYS)}),? the (\d{{1,2}})(?:st|nd|rd|th)\b(?! of)")


@dataclass(frozen=True)
class Finding:
    """What is wrong with an item, or with a batch (then ``id`` is empty)."""

    level: str  # "mend" or "look"
    kind: str
    id: str
    what: str

    def __str__(self) -> str:
        return f"{self.level}  {self.id or self.kind}: {self.what}"


class Check:
    """All checks, with what they compare against."""

    def __init__(
        self,
        world: World,
        cards: dict[str, dict[str, Any]] | None = None,
        contexts: dict[str, str] | None = None,
        allowed_words: frozenset[str] = frozenset(),
        seen: frozenset[str] = frozenset(),
    ) -> None:
        self.world, self.cards, self.seen = world, cards or {}, seen
        self.contexts = contexts or {}  # the texts that questions ask about, and that Chinese stories follow
        self.allowed_words = allowed_words
        # Any event's, not only the card's: an item may look back.
        self.figures = set(re.findall(r"\d[\d,]*(?:\.\d+)?", " ".join(strings(world.data))))

    # --- one item ------------------------------------------------------------------------------------------------

    def item(self, item: Item) -> Iterator[Finding]:
        """What can be said of an item by itself."""
        kind = KINDS[item.kind]
        wrong = list(schema(item, kind))
        yield from (Finding("mend", item.kind, item.id, what) for what in wrong)
        if wrong:
            return
        looks: Iterable[tuple[str, str]] = ()
        if item.kind == "parallel":
            looks = self.pair(item)
        elif item.kind == "questions":
            looks = self.question(item)
        elif item.kind == "canaries":
            looks = ()
        elif item.english:
            looks = self.english(item, kind)
        else:
            looks = chinese(item.text)
        yield from (Finding(level, item.kind, item.id, what) for level, what in looks)

    def english(self, item: Item, kind: Kind) -> Iterator[tuple[str, str]]:
        """Names, dates, places, hours, spelling, length."""
        count = len(prose.words(item.text))
        if kind.words and not kind.words[0] <= count <= kind.words[1]:
            yield "mend", f"{count} words; {kind.name} have {kind.words[0]} to {kind.words[1]}"
        # Messages are typed in haste: capitals are not looked at.
        rough = item.kind == "intents"
        yield from (found for found in self.names(item.text) if not rough or found[0] == "mend")
        for title in (item.data.get("title"), item.data.get("subject")):
            yield from self.names(title, title=True) if title else ()
        yield from self.dates(item)
        yield from self.hours(item.text)
        for word in AMERICAN.findall(item.text):
            yield "look", f"British spelling: {word}"
        if "“" in item.text and '"' in item.text:
            yield "look", "straight and curly quotation marks in one text"
        for character in sorted(set(re.findall(r"[^\x20-\x7e\n“”‘’–—…éèêëáàâäãåóòôöõøíìîïúùûüçñ°½¼]", item.text))):
            # Signs of feeling belong to posts.
            if item.kind != "posts" or character.isalpha() or not character.isprintable():
                yield "look", f"the character {character!r}"
        yield from self.against_card(item, count)

    def names(self, text: str, title: bool = False) -> Iterator[tuple[str, str]]:
        """Capitalised words the world does not know, names that do not belong together, places spelt otherwise."""
        known = self.world.known
        for match in CAPITAL.finditer(text):
            word = match[0].replace("’", "'")
            bare = re.sub(r"'s?$", "", word)
            if bare in known or bare in ALLOWED or word.startswith("I'") or bare.isupper():
                continue
            if bare.endswith("s") and (bare[:-1] in known or bare[:-1] in self.world.surnames):
                continue  # the Haddads
            lower = {bare.lower(), re.sub(r"s$", "", bare.lower())}
            common = not lower.isdisjoint(common_words()) or not lower.isdisjoint(self.seen)
            long = [name for name in known if len(name) > 4]
            near = [] if common or len(bare) < 5 else difflib.get_close_matches(bare, long, n=1, cutoff=0.84)
            if near:
                yield "mend", f"{bare!r} is spelt otherwise in the world: {near[0]}"
            elif title:
                if not common and BEGIN.search(text[: match.start()]) is None:
                    yield "look", f"unknown name {bare!r} in the title"
            elif not BEGIN.search(text[: match.start()]):
                yield ("look", f"capital: {bare!r}") if common else ("mend", f"unknown name {bare!r}")
        for first, last in re.findall(r"\b([A-Z]\w+)(?= ([A-Z]\w+)\b)", text):
            if first in self.world.first_names and last in self.world.surnames:
                if f"{first} {last}" not in self.world.full_names:
                    yield "mend", f"nobody is called {first} {last}"
        for name, forms in self.world.places:
            for match in re.finditer(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
                if match[0] not in forms and not match[0].isupper():
                    yield "look", f"{match[0]!r} is spelt {name!r}"

    def dates(self, item: Item) -> Iterator[tuple[str, str]]:
        """Weekdays of written dates, and of the item's own."""
        for weekday, day, month, month2, day2 in DATE.findall(item.text):
            right = self.world.weekday(MONTHS.index(month or month2) + 1, int(day or day2))
            if right != weekday:
                date = f"{day or day2} {month or month2}"
                yield "mend", f"{date} is no {weekday} but " + (f"a {right}" if right else "no date at all")
        date = str(item.data.get("date") or self.cards.get(item.id, {}).get("date") or "")
        if date:
            weekday = self.world.weekday_of(date)
            if weekday is None:
                yield "mend", f"the date {date!r} is no MM-DD of the year"
                return
            if item.kind == "news" and weekday != "Saturday":
                yield "mend", f"{date} is a {weekday}; the Courier appears on Saturdays"
            month = int(date[:2])
            near = [(month - 2) % 12 + 1, month, month % 12 + 1]
            for named, day in DAY_ONLY.findall(item.text):
                if named not in {self.world.weekday(one, int(day)) for one in near}:
                    yield "mend", f"{named} the {day} is no day of these months"
            for name, born in self.world.data["born"].items():
                if date < born and re.search(rf"\b{name.split()[0]}\b", item.text):
                    yield "look", f"{name} is not born on {date}"
            for name, died in self.world.data["dies"].items():
                told = re.search(r"\b(die[ds]?|dead|death|buri\w+|funeral|late|used to|remember\w*|gone)\b", item.text)
                if date >= died and not told and re.search(rf"\b{name.split()[-1]}\b", item.text):
                    yield "look", f"{name} is dead on {date}"

    def hours(self, text: str) -> Iterator[tuple[str, str]]:
        """Departures of the ferry that are in no timetable, when a sentence speaks of the ferry."""
        for sentence in prose.sentences(text):
            if re.search(r"\b(ferry|Patience)\b", sentence):
                for hour in re.findall(r"\b\d{1,2}:\d\d\b", sentence):
                    if hour not in self.world.ferry_times:
                        yield "look", f"no ferry leaves at {hour}"

    def against_card(self, item: Item, count: int) -> Iterator[tuple[str, str]]:
        """What the writer's card binds: length, date, sender, section, the planned job."""
        if not self.cards or item.kind == "intents":
            return
        card = self.cards.get(item.id if item.kind != "posts" else item.id.split("-")[0])
        if card is None:
            yield "mend", "there is no card of this id"
            return
        if item.kind == "posts":
            if item.data["author"] not in {author["handle"] for author in card["authors"]}:
                yield "look", f"{item.data['author']} is none of the card's authors"
            return
        if abs(count - card["words"]) > max(6, 0.12 * card["words"]):
            yield "look", f"{count} words; the card says {card['words']}"
        for field in ("date", "section", "sender", "recipient"):
            if field in item.data and not str(card[field]).startswith("(") and item.data[field] != card[field]:
                level = "mend" if field == "date" else "look"
                yield level, f"{field} {item.data[field]!r}; the card says {card[field]!r}"
        if card.get("event"):
            figures = re.findall(r"(?<![\d:.])\d[\d,]*(?:\.\d+)?(?![\d:])", item.text)
            odd = [figure for figure in figures if figure.strip(",") not in self.figures]
            odd = [figure for figure in odd if float(figure.replace(",", "")) > 31]
            if odd:
                yield "look", f"figures that no event gives: {', '.join(odd)}"
        yield from self.job(item, card)

    def job(self, item: Item, card: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """The job that the card plants must be there, with its pronoun; no other."""
        if item.kind not in ("stories", "news"):
            return
        plan = card.get("minor") or card.get("say_job") or {}
        found = jobs_in(item.text, self.world)
        if plan:
            if plan["job"] not in found:
                yield "mend", f"the card plants a {plan['job']}, who is not there"
            elif plan["pronoun"] not in found[plan["job"]]:
                yield "mend", f"the {plan['job']} is not told as {plan['pronoun']} in the same or the next sentence"
        for job, pronouns in found.items():
            if job != plan.get("job") and pronouns and job != "baker":
                yield "look", f"a {job} ({'/'.join(sorted(pronouns))}) that no card plants"

    def pair(self, item: Item) -> Iterator[tuple[str, str]]:
        """A sentence pair: lengths, characters, end marks, names on both sides, the list of words."""
        en, zh = item.data["en"], item.data["zh"]
        tokens = prose.words(en)
        if not 3 <= len(tokens) <= 14:
            yield "mend", f"{len(tokens)} English words; pairs have 3 to 14: {en}"
        yield from ((level, f"{what}: {zh}") for level, what in chinese(zh))
        if re.search(r"[\u3400-\u9fff，。！？“”]", en.replace("“", "").replace("”", "")):
            yield "mend", f"Chinese in the English: {en}"
        ends = {".": "。…”", "?": "？", "!": "！。"}
        last = en.rstrip("\"'”’)")[-1:]
        if last not in ends:
            yield "mend", f"no end mark: {en}"
        elif zh.rstrip("”’）")[-1:] not in ends[last]:
            yield "look", f"end marks differ: {en} | {zh}"
        for name, forms in self.world.chinese.items():
            if re.search(rf"\b{re.escape(name)}\b", en) and not any(form in zh for form in forms):
                yield "look", f"{name} is {' or '.join(sorted(forms, key=len)[-1:])}: {en} | {zh}"
        for place in self.world.data["places"]:
            if re.search(rf"\b{re.escape(place['en'])}\b", en) and place["zh"] not in zh:
                yield "look", f"{place['en']} is {place['zh']}: {en} | {zh}"
        yield from self.names(en)
        if self.allowed_words:
            odd = [word for word in tokens if not all(map(self.in_list, [word] if self.in_list(word) else word.split("-")))]
            if odd:
                yield "mend", f"not in the list of words: {', '.join(odd)}: {en}"

    def in_list(self, word: str) -> bool:
        """Whether a word, or what it is without 's, 'll and the like, is allowed in pairs."""
        bare = re.sub(r"'(s|ll|d|ve|re|m)?$", "", word)
        names = {name.lower() for name in self.world.known}
        return word in self.allowed_words or bare in self.allowed_words or bare in names or bare.isdigit()

    def question(self, item: Item) -> Iterator[tuple[str, str]]:
        """A question: its context, the span, and how many words it takes over from the answer's sentence."""
        data = item.data
        context = self.contexts.get(data["context_id"])
        if context is None:
            yield "mend", f"there is no text {data['context_id']!r}"
            return
        impossible = bool(data.get("is_impossible"))
        answers = data["answers"]
        context = prose.tidy(context)
        if impossible != (not answers["text"]):
            yield "mend", "is_impossible and an empty list of answers go together"
        spans = [answers] + ([data["plausible_answers"]] if impossible and data.get("plausible_answers") else [])
        if impossible and len(spans) == 1:
            yield "mend", "an unanswerable question has a plausible wrong span in plausible_answers"
        for span in spans:
            for text, start in zip(span["text"], span["answer_start"], strict=True):
                text = prose.tidy(text)
                if context[start : start + len(text)] != text or not text.strip():
                    yield "mend", f"{text!r} does not stand at {start} of {data['context_id']}"
                elif not impossible:
                    sentence = sentence_at(context, start)
                    content = set(content_words(sentence)) - set(content_words(text))
                    taken = content & set(content_words(data["question"]))
                    if len(content) >= 3 and len(taken) > len(content) / 2:
                        yield "look", f"takes over {', '.join(sorted(taken))} of: {sentence}"
        yield from self.names(data["question"])

    # --- many items ----------------------------------------------------------------------------------------------

    def batch(self, kind: Kind, items: Sequence[Item], others: Sequence[Item]) -> Iterator[Finding]:
        """What shows only when items are compared: with each other, and with all others of their kind."""

        def say(level: str, what: str, id: str = "") -> Finding:
            return Finding(level, kind.name, id, what)

        own = {item.id for item in items}
        every = [*others, *items]
        if kind.name == "stories.zh" or not items:
            return
        for id, count in Counter(item.id for item in every).items():
            if count > 1 and id in own and kind.id:
                yield say("mend", f"{count} items have this id", id)
        yield from self.duplicates(kind, own, every)
        if kind.name in ("parallel", "questions", "canaries"):
            yield from self.outliers(kind, items, every)
            return
        english = [item for item in every if item.english]
        mine = [item for item in english if item.id in own]
        # Of more than a thousand posts or messages some begin alike.
        most = 3 if kind.name in ("stories", "news", "emails") else max(3, len(english) // 100)
        openings = prose.repeated(((item.id, [tuple(prose.words(item.text)[:3])]) for item in english), most)
        for opening, ids in openings:
            level = "mend" if kind.name in ("stories", "news") else "look"
            for id in ids[most:]:  # so many may stay
                if id in own:
                    yield say(level, f"opens with “{opening}”, as do {', '.join(ids[:4])}", id)
        frames = ((item.id, [tuple(prose.words(s)[:4]) for s in prose.sentences(item.text) if len(prose.words(s)) > 4])
                  for item in english)  # fmt: skip
        for frame, ids in prose.repeated(frames, 3)[:12]:
            if set(ids) & own:
                yield say("look", f"sentence frame “{frame} …” in {len(ids)} items: {', '.join(ids[-5:])}")
        runs = prose.repeated(((item.id, prose.ngrams(prose.words(item.text), 5)) for item in english), 3)
        for run, ids in runs[:12]:
            if set(ids) & own:
                yield say("look", f"“{run}” in {len(ids)} items: {', '.join(ids[-5:])}")
        if kind.name != "intents":
            yield from self.closings(kind, own, english)
        tokens = [word for item in mine for word in prose.words(item.text)]
        if len(tokens) > 800:
            yield from self.rates(kind, mine, tokens)

    def duplicates(self, kind: Kind, own: set[str], every: Sequence[Item]) -> Iterator[Finding]:
        """Equal and nearly equal texts; the later one is to be mended."""
        from lmcourse.corpus import Document
        from lmcourse.dedup import near_duplicates, text_key

        seen: dict[bytes, str] = {}
        documents: dict[str, Document] = {}
        for item in every:
            key = text_key(item.text + ("\n" + item.data["context_id"] if kind.name == "questions" else ""))
            if key in seen and item.id in own and seen[key] != item.id:
                yield Finding("mend", kind.name, item.id, f"the same text as {seen[key]}: {item.text[:60]}")
            elif key not in seen:
                seen[key] = item.id
                documents.setdefault(item.id, Document(item.id, item.text))
        for pair in near_duplicates(documents.values(), 0.6).pairs:
            if pair.second in own or pair.first in own:
                level = "look" if kind.name in ("parallel", "questions") else "mend"
                what = f"nearly the same as {pair.first} ({pair.similarity:.2f}): {documents[pair.second].text[:60]}"
                yield Finding(level, kind.name, pair.second, what)

    def outliers(self, kind: Kind, items: Sequence[Item], every: Sequence[Item]) -> Iterator[Finding]:
        """Pairs whose lengths do not go together, by their distance from the median in median absolute deviations."""
        if kind.name != "parallel" or len(every) < 50:
            return
        for item, far in length_outliers(every):
            if item in items:
                what = f"length ratio ({far:+.1f} deviations): {item.data['en']} | {item.data['zh']}"
                yield Finding("look", kind.name, item.id, what)

    def closings(self, kind: Kind, own: set[str], english: Sequence[Item]) -> Iterator[Finding]:
        """Last sentences that are too much alike."""
        ends: list[tuple[str, str, frozenset[str]]] = []
        for item in english:
            last = prose.closing(item.text, email=kind.name == "emails")
            bag = frozenset(prose.words(last))
            if len(bag) >= 4:
                for id, other, bag2 in ends:
                    union = len(bag | bag2)
                    if len(bag & bag2) >= 0.5 * union and (item.id in own or id in own) and item.id != id:
                        who, whom, there = (item.id, id, other) if item.id in own else (id, item.id, last)
                        level = "mend" if kind.name in ("stories", "news", "emails") else "look"
                        yield Finding(level, kind.name, who, f"ends like {whom}: {last} | {there}"[:170])
                ends.append((item.id, last, bag))

    def rates(self, kind: Kind, mine: Sequence[Item], tokens: Sequence[str]) -> Iterator[Finding]:
        """Number words, negations, long sentences, phrases that come too easily."""
        negation = NEGATION_RATE.get(kind.name, NEGATION_RATE_TALK)
        for name, which, most in (
            ("number words", prose.is_number, 2 * NUMBER_RATE),
            ("negations", prose.is_negation, 2 * negation),
        ):
            rate = prose.per_thousand(tokens, which)
            top = Counter(word for word in tokens if which(word)).most_common(4)
            level = "mend" if rate > most else "info"
            shown = ", ".join(f"{word} {n}" for word, n in top)
            if level == "mend":
                most_in = Counter({item.id: sum(map(which, prose.words(item.text))) for item in mine}).most_common(6)
                shown += "; most in " + ", ".join(f"{id} {n}" for id, n in most_in)
            yield Finding(level, kind.name, "", f"{name}: {rate:.1f} in 1,000 words, at most {most:.1f} ({shown})")
        lengths = [(len(prose.words(s)), item.id) for item in mine for s in prose.sentences(item.text)]
        long = [id for length, id in lengths if length > LONG_SENTENCE]
        share = len(long) / max(1, len(lengths))
        worst = ", ".join(f"{id} {n}" for id, n in Counter(long).most_common(5))
        level = "mend" if share > LONG_SHARE else "info"
        yield Finding(level, kind.name, "", f"sentences over 20 words: {share:.1%}, at most 6 % ({worst})")
        joined = " ".join(tokens)
        found = {tic: len(re.findall(rf"\b{tic}\b", joined)) for tic in TICS}
        shown = ", ".join(f"{tic} {n}" for tic, n in found.items() if n > len(tokens) / 2000)
        if shown:
            yield Finding("look", kind.name, "", f"comes too easily: {shown} (in {len(tokens):,} words)")


# --- schema ------------------------------------------------------------------------------------------------------


def schema(item: Item, kind: Kind) -> Iterator[str]:
    """What is wrong with an item's fields."""
    for field in kind.fields:
        if field not in item.data:
            yield f"the field {field!r} is missing"
        elif field != "answers" and not (isinstance(item.data[field], str) and item.data[field].strip()):
            yield f"the field {field!r} is no text"
        elif isinstance(item.data[field], str) and item.data[field] != item.data[field].strip():
            yield f"white space around the field {field!r}"
    allowed = {*kind.fields, "is_impossible", "plausible_answers", "id"}
    if extra := set(item.data) - allowed - ({"kind", "times", "secret"} if kind.name == "canaries" else set()):
        yield f"fields that {kind.name} do not have: {', '.join(sorted(extra))}"
    if kind.id and not re.fullmatch(kind.id, item.id):
        yield f"the id {item.id!r} is not like {kind.id}"
    if kind.name == "posts" and item.data.get("sentiment") not in SENTIMENTS:
        yield f"the sentiment {item.data.get('sentiment')!r} is none of {', '.join(SENTIMENTS)}"
    if kind.name == "intents" and item.data.get("language") not in ("en", "zh"):
        yield f"the language {item.data.get('language')!r} is neither en nor zh"
    if kind.name == "questions":
        for name in ("answers", "plausible_answers"):
            spans = item.data.get(name, {"text": [], "answer_start": []})
            fine = isinstance(spans, dict) and set(spans) == {"text", "answer_start"}
            fine = fine and all(isinstance(spans[part], list) for part in spans)
            fine = fine and len(spans["text"]) == len(spans["answer_start"])
            fine = fine and all(isinstance(text, str) for text in spans["text"])
            if not fine or not all(isinstance(start, int) for start in spans["answer_start"]):
                yield f"{name} are not {{text: […], answer_start: […]}}"
    if "\r" in item.text or "\t" in item.text or re.search(r"\n{3,}| {2,}| \n", item.text):
        yield "stray white space in the text"


def chinese(text: str) -> Iterator[tuple[str, str]]:
    """Chinese as written: simplified characters, full-width marks, no Latin words."""
    if not re.search(r"[\u3400-\u9fff]", text):
        yield "mend", "no Chinese in it"
    odd = sorted({sign for sign in re.findall(r"[\u3400-\u9fff]", text) if not _simplified(sign)})
    if odd:
        yield "look", f"not among the 6,763 simplified characters of GB 2312: {''.join(odd)}"
    if re.search(r"[\u3400-\u9fff][,.!?;:]|[,!?;:][\u3400-\u9fff]", text):
        yield "mend", "half-width punctuation beside Chinese"
    if latin := re.findall(r"[A-Za-z]{2,}", re.sub(r"@\w+", "", text)):
        yield "look", f"Latin words: {', '.join(latin)}"
    if '"' in text or "'" in text:
        yield "mend", "straight quotation marks in Chinese"


def _simplified(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


# --- what the checks stand on ------------------------------------------------------------------------------------


def jobs_in(text: str, world: World) -> dict[str, set[str]]:
    """The planned jobs that a text names (in the singular), each with the pronouns that it is tied to.

    A mention is tied to one pronoun at most. The rest of its sentence is looked at first, then the next sentence, then
    the sentence's beginning, there from the job backwards; in each "she" and "he" come before the other forms. Seen on
    153 texts in which a card plants a job, this finds what is planted in 150.
    """
    found: dict[str, set[str]] = {}
    said = prose.sentences(text)
    for sentence, following in zip(said, [*said[1:], ""], strict=True):
        low = sentence.lower()
        for job in world.jobs:
            for match in re.finditer(rf"\b{job}\b", low):
                before, after = low[: match.start()], low[match.end() :]
                if job == "cook" and not re.search(r"\b(an?|the|our|their|school|old|new|young) (\w+ )?$", before):
                    continue  # the verb
                # "He's a nurse" says it outright.
                tied = re.findall(r"\b(she|he)(?:['’]s| is| was) an? (?:\w+ )?$", before)
                tied += [*pronouns_in(after), *pronouns_in(following.lower()), *pronouns_in(before, backwards=True)]
                found.setdefault(job, set()).update(tied[:1])
    return found


def pronouns_in(text: str, backwards: bool = False) -> list[str]:
    """For each pronoun of a text in lower case, "she" or "he": those that are subjects first, each in order."""
    step = -1 if backwards else 1
    subjects = re.findall(r"\b(she|he)\b", text)[::step]
    others = re.findall(r"\b(hers?|herself|his|him|himself)\b", text)[::step]
    return [*subjects, *("he" if other.startswith("hi") else "she" for other in others)]


STOP = frozenset(
    "a an and are as at be been but by did do does for from had has have he her him his how i in is it its of on or "
    "she so some than that the their them there they this to was we were what when where which who whom whose why "
    "will with would you your not no one all up out about into after before over if then my me our".split()
)


def content_words(text: str) -> list[str]:
    """The words that carry content, without a plural's or a possessive's ending."""
    bare = (re.sub(r"('s|s)$", "", word) if len(word) > 3 else word for word in prose.words(text))
    return [word for word in bare if word not in STOP]


def sentence_at(text: str, place: int) -> str:
    """The sentence in which a character stands."""
    start = 0
    for sentence in prose.sentences(text):
        start = text.index(sentence, start)
        if start <= place < start + len(sentence):
            return sentence
        start += len(sentence)
    return ""


def length_outliers(pairs: Sequence[Item], far: float = 4.5) -> list[tuple[Item, float]]:
    """Pairs whose log ratio of Chinese characters to English ones is far from the median, in scaled deviations."""
    ratios = [math.log(len(item.data["zh"]) / len(item.data["en"])) for item in pairs]
    middle = statistics.median(ratios)
    spread = 1.4826 * statistics.median(abs(ratio - middle) for ratio in ratios) or 1.0
    marked = [(item, (ratio - middle) / spread) for item, ratio in zip(pairs, ratios, strict=True)]
    return [(item, away) for item, away in marked if abs(away) > far]


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Words in lower case in English text that comes with installed packages: a Wikipedia sample, news, reviews."""
    from importlib import util

    from lmcourse.corpus import stream

    texts = [document.text for document in stream("wikipedia-sample")]
    spec = util.find_spec("gensim")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for name in ("lee_background.cor", "alldata-id-10.txt", "pang_lee_polarity.cor"):
            path = Path(folder, "test/test_data", name)
            if path.exists():
                texts.append(path.read_text(encoding="utf-8", errors="replace"))
    return frozenset(word for text in texts for word in LETTERS.findall(text) if word.islower())


def load_cards(folder: Path | None) -> dict[str, dict[str, Any]]:
    """The writers' cards by id."""
    if folder is None or not folder.is_dir():
        return {}
    lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines())
    return {card["card"]: card for card in map(json.loads, filter(str.strip, lines))}


def lower_case(folder: Path) -> frozenset[str]:
    """The words that the batches of a folder write in lower case: what is written so is no name."""
    items = items_of([path for name in (*RUNNING, "intents", "parallel") for path in batches(folder, KINDS[name])])
    return frozenset(word for item in items for word in LETTERS.findall(item.text) if word.islower())


def new_words(items: Sequence[Item], everything: Sequence[Item], world: World) -> tuple[int, int, list[str]]:
    """Word types of all, how many only these items use, and which of those are rare: in one item, and no common word.

    A word with an ending is as common as the word.
    """
    common = common_words() | {name.lower() for name in world.known} | set(prose.words(" ".join(strings(world.data))))

    def is_common(word: str) -> bool:
        stems = {re.sub(r"('s|s|es|ed|ing|ly|er|r|d)$", "", word), re.sub(r"i(es|ed|ly)$", "y", word)}
        return word in common or any(stem in common or stem + "e" in common for stem in stems if len(stem) > 2)

    own = {item.id for item in items}
    where: dict[str, set[str]] = defaultdict(set)
    for item in everything:
        for word in set(prose.words(item.text)):
            where[word].add(item.id)
    only = [word for word, ids in where.items() if ids <= own]
    rare = [word for word in only if len(where[word]) == 1 and not is_common(word)]
    return len(where), len(only), sorted(word for word in rare if word.replace("-", "").isalpha())


def findings(paths: Sequence[Path], folder: Path, check: Check) -> Iterator[Finding]:
    """All that is found in these batches, compared with the others of the folder."""
    chosen = {path.resolve() for path in paths}
    for kind in KINDS.values():
        mine = [path for path in paths if kind_of(path) == kind]
        if not mine:
            continue
        items: list[Item] = []
        for path in mine:
            for item in read(path):
                if isinstance(item, str):
                    yield Finding("mend", kind.name, path.name, item)
                else:
                    items.append(item)
        for item in items:
            yield from check.item(item)
        fine = [item for item in items if not list(schema(item, kind))]
        others = items_of([path for path in batches(folder, kind) if path.resolve() not in chosen])
        others = [item for item in others if not list(schema(item, kind))]
        yield from check.batch(kind, fine, others)


def contexts_of(*folders: Path) -> dict[str, str]:
    """The stories and news by id, for the questions that ask about them; what stands in a later folder counts."""
    return {
        item.id: item.text
        for folder in folders
        for name in ("stories", "news")
        for item in items_of(batches(folder, KINDS[name]))
    }


def sibling(folder: Path, name: str) -> Path | None:
    """A file or folder beside a folder, if it is there."""
    path = folder.resolve().parent / name
    return path if path.exists() else None


def allowed_list(path: Path | None) -> frozenset[str]:
    """The words that pairs may use, from a file with one or more on each line."""
    return frozenset(prose.words(path.read_text(encoding="utf-8"))) if path and path.is_file() else frozenset()


def show(item: Item) -> str:
    """An item as it is read."""
    data = item.data
    head = " · ".join(str(data[key]) for key in ("date", "section", "author", "sender", "recipient", "sentiment",
                                                 "intent", "title", "subject") if key in data)  # fmt: skip
    body = f"{data['en']}\n{data['zh']}" if "en" in data else item.text
    return f"--- {item.id}  {head}\n{body}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is found; 1 if something must be mended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("batch", nargs="+", type=Path)
    parser.add_argument("--cards", type=Path, metavar="DIR", help="the writers' cards")
    parser.add_argument("--all", type=Path, metavar="DIR", help="everything written so far")
    parser.add_argument("--words", type=Path, metavar="FILE", help="the words that pairs may use")
    parser.add_argument("--world", type=Path, metavar="FILE", help="another world.json")
    parser.add_argument("--mend", action="store_true", help="show only what must be mended")
    parser.add_argument("--read", type=int, default=0, metavar="N", help="print N random items")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    for path in options.batch:
        if not path.is_file() or kind_of(path) is None:
            parser.error(f"{path} is no batch; its name begins with one of {', '.join(KINDS)}, then a hyphen")
    folder = options.all or options.batch[0].parent
    if options.read:
        items = items_of(options.batch)
        for item in random.Random(options.seed).sample(items, min(options.read, len(items))):
            print(show(item))
        return 0
    check = Check(
        World(options.world) if options.world else World(),
        load_cards(options.cards or sibling(folder, "cards")),
        contexts_of(HOME, folder),
        allowed_list(options.words or sibling(folder, "words.txt")),
        lower_case(folder),
    )
    found = list(dict.fromkeys(findings(options.batch, folder, check)))
    for level in ("mend",) if options.mend else ("mend", "look", "info"):
        for finding in found:
            if finding.level == level:
                print(finding)
    summary(options.batch, folder, check.world)
    count = Counter(finding.level for finding in found)
    print(f"{count['mend']} to mend, {count['look']} to look at")
    return 1 if count["mend"] else 0


def summary(paths: Sequence[Path], folder: Path, world: World) -> None:
    """Sizes, and what the batches add to the words of the running text."""
    mine = items_of(list(paths))
    for name, count in Counter(item.kind for item in mine).items():
        texts = [item for item in mine if item.kind == name and item.english]
        size = sum(len(item.text) for item in texts)
        tokens = [len(prose.words(item.text)) for item in texts] or [0]
        line = f"{name}: {count} items, {size:,} characters, {min(tokens)}-{max(tokens)} words"
        if name == "posts":
            line += f", {dict(Counter(str(item.data.get('sentiment')) for item in texts))}"
        if name == "intents":
            line += f", {dict(Counter(str(item.data.get('intent')) for item in mine if item.kind == name))}"
        print(line)
    chosen = {path.resolve() for path in paths}
    rest = [path for name in RUNNING for path in batches(folder, KINDS[name]) if path.resolve() not in chosen]
    running = [item for item in mine if item.kind in RUNNING]
    if running:
        everything = [*items_of(rest), *running]
        all_types, only, rare = new_words(running, everything, world)
        size = sum(len(item.text) for item in everything)
        print(f"running text: {size:,} characters, {all_types:,} word types, {only:,} of them only here")
        print(f"rare: {' '.join(rare[:60])}{' …' if len(rare) > 60 else ''}")


if __name__ == "__main__":
    sys.exit(main())
