"""The course's own corpus: its world is consistent, its files keep to it, its measures hold; and the tools that say so.

The measures are functions (tools/corpus/measures.py), tried here on small made-up texts and then on the corpus. While
the corpus is being written its card has version 0; from version 1 on it is held to the sizes asked for as well.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import lmcourse as lm
from lmcourse.corpus import Document, Pair, Question, split_of

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools" / "corpus"))

import baseline  # noqa: E402
import figures  # noqa: E402
import measures  # noqa: E402
import merge  # noqa: E402
import prose  # noqa: E402
from check import Check, Finding, contexts_of, jobs_in, load_cards, lower_case  # noqa: E402
from check import main as check_main  # noqa: E402
from kinds import HOME, KINDS, RUNNING, Item, kind_of  # noqa: E402
from world import WEEKDAYS, World  # noqa: E402

WORLD = World()
CORPUS = measures.load(HOME)
COMPLETE = (HOME / "card.json").exists() and json.loads((HOME / "card.json").read_text("utf-8"))["version"] != "0"
KINDS_THERE = [name for name, items in CORPUS.items() if items] or ["stories"]


def item(kind: str, id: str, text: str = "", **data: Any) -> Item:
    """A record of that kind, complete where the test says nothing."""
    usual: dict[str, Any] = {
        "stories": {"title": "A day"},
        "news": {"title": "A day", "date": "01-03", "section": "Harbour"},
        "posts": {"author": "@aino_l", "sentiment": "neutral"},
        "emails": {"date": "01-03", "sender": "School", "recipient": "Library", "subject": "A day"},
    }.get(kind, {})
    own = {"text": text} if text else {}
    return Item(kind, id, {**({"id": id} if kind != "parallel" else {}), **usual, **own, **data}, "made-up", 1)


def said(*items: Item, level: str = "mend", **options: Any) -> str:
    """What is found in these items, each by itself and all together."""
    check = Check(WORLD, **options)
    found: list[Finding] = [finding for one in items for finding in check.item(one)]
    found += check.batch(KINDS[items[0].kind], items, [])
    return "\n".join(str(finding) for finding in found if finding.level == level)


def made_up(seed: int, count: int = 120) -> str:
    """Words for a text of the right length that is like no other, in sentences of twelve."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abdegiklmnoprstu", k=rng.randint(3, 8))) for _ in range(count)]
    return " ".join(" ".join(words[start : start + 12]).capitalize() + "." for start in range(0, count, 12))


# --- the world --------------------------------------------------------------------------------------------------


def test_the_world_s_dates_have_their_weekdays():
    """Guards against an event on a day that is none: every text that mentions it would repeat the mistake."""
    for event in WORLD.data["events"]:
        assert WORLD.weekday_of(event["date"]) == event["weekday"], event["name"]
    for game in WORLD.data["football"]:
        assert WORLD.weekday_of(game["date"]) == game["weekday"] == "Sunday"
    assert {WORLD.weekday_of(date) for date in WORLD.data["year"]["courier_saturdays"]} == {"Saturday"}
    assert len(WORLD.data["year"]["courier_saturdays"]) == 52
    assert WORLD.weekday(1, 1) == "Thursday" and WORLD.weekday(12, 31) == "Thursday"
    assert WORLD.weekday(3, 3) == "Tuesday" and WORLD.weekday(2, 29) is None and WORLD.weekday_of("3-3") is None


def test_the_world_is_as_large_as_it_should_be_and_names_nobody_twice():
    """Guards against two people of one name or handle, and one Chinese name for two people."""
    people = [*WORLD.people, *WORLD.reserve]
    assert len(WORLD.people) >= 50 and len(WORLD.reserve) >= 60 and len(WORLD.data["places"]) >= 25
    for field in ("en", "zh"):
        assert [name for name, count in Counter(person[field] for person in people).items() if count > 1] == []
    assert all(person["pronoun"] in ("she", "he") for person in people)
    for event in WORLD.data["events"]:
        assert set(event["people"]) <= WORLD.full_names, event["name"]


def test_the_page_for_people_and_the_file_for_tools_say_the_same():
    """Guards against a world that is mended in one of its two forms only."""
    page = (HOME / "world.md").read_text(encoding="utf-8")
    for person in [*WORLD.people, *WORLD.reserve]:
        assert person["en"] in page and person["zh"] in page, person["en"]
    for event in WORLD.data["events"]:
        day = f"{WORLD.weekday_of(event['date'])} {int(event['date'][3:])} "
        assert f"| {event['id']} | {day}" in page, event["id"]
    for job, plan in WORLD.jobs.items():
        assert f"| {job} | {plan['ratio_she_he']} | {plan['planned_she']}, {plan['planned_he']} |" in page


# --- the corpus -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS_THERE)
def test_every_item_keeps_to_its_schema_and_to_the_world(name: str):
    """Guards fields, lengths, names, places, weekdays and spans of every item in the corpus's files."""
    check = Check(WORLD, contexts=contexts_of(HOME), seen=lower_case(HOME))
    found = [str(finding) for one in CORPUS[name] for finding in check.item(one) if finding.level == "mend"]
    assert found == []


@pytest.mark.parametrize("name", KINDS_THERE)
def test_nothing_is_told_twice(name: str):
    """Guards against equal texts, and against nearly equal ones: fewer than 0.5 % of the items."""
    items = CORPUS[name]
    if name == "questions":  # "Who won?" may be asked of two texts
        items = [item(name, one.id, f"{one.data['context_id']} {one.text}") for one in items]
    assert measures.equal_texts(items) == []
    assert len({one.id for one in items}) == len(items)
    if name not in ("stories.zh", "canaries"):
        assert len({pair.second for pair in measures.alike(items)}) <= 0.005 * len(items)


def test_no_near_duplicate_crosses_a_split():
    """Guards against a test text that is nearly in train, also from one file to another."""
    running = [one for name in RUNNING for one in CORPUS[name]]
    for items in (running, CORPUS["intents"]):
        assert measures.crossing(items, measures.alike(items)) == []


def test_the_running_text_has_the_measures_of_prose():
    """Guards against filled-in templates and against a language too large for a small model."""
    running = [one for name in RUNNING for one in CORPUS[name]]
    text = "\n\n".join(one.text for one in running)[: measures.CHARACTERS]
    if text:
        assert measures.shortfalls(measures.text_figures(text), measures.seen_in_train(running)) == []


def test_the_pairs_are_of_few_words_and_fit():
    """Guards the vocabulary that 6,000 pairs can teach, and against sides that do not belong together."""
    pairs = CORPUS["parallel"]
    assert len({word for pair in pairs for word in prose.words(pair.data["en"])}) <= 3_000
    assert len({pair.data["en"].lower() for pair in pairs}) == len(pairs)
    assert len(pairs) < 50 or len(measures.length_outliers(pairs)) < 0.005 * len(pairs)


def test_the_questions_are_answered_where_they_say():
    """Guards the spans, the share without an answer, and the kinds of questions."""
    questions = CORPUS["questions"]
    contexts = {one.id: one.text for name in ("stories", "news") for one in CORPUS[name]}
    assert measures.wrong_spans(questions, contexts) == []
    assert [one.id for one in questions if measures.borrowed(one, contexts[one.data["context_id"]]) > 0.5] == []
    if len(questions) >= 100:
        assert 0.08 <= sum(bool(one.data.get("is_impossible")) for one in questions) / len(questions) <= 0.12
        assert {"who", "what", "when", "where", "why", "how many"} <= {measures.asked(one.text) for one in questions}


def test_what_a_complete_corpus_owes():
    """Guards the sizes asked for and the two bands of the labels, once the card says that the corpus is complete."""
    assert measures.unmet(CORPUS, labels=False) == [] or not COMPLETE
    assert not COMPLETE or measures.unmet_labels(CORPUS) == []


def test_the_page_of_figures_is_of_these_files():
    """Guards against pictures and counts of an older corpus: the page names the files that it was made from."""
    page = (HOME / "figures.md").read_text(encoding="utf-8")
    assert figures.digest(HOME) in page, "run: python tools/corpus/figures.py"
    pictures = re.findall(r"\]\((figures/\w+\.png)\)", page)
    assert len(pictures) == len(figures.PICTURES) and all((HOME / picture).is_file() for picture in pictures)


def test_the_canaries_are_mixed_in_as_often_as_planned():
    """Guards what memorisation is measured with: each secret stands in its own sentence only, each number of times occurs."""
    canaries = lm.corpus.load("willow_bay/canaries")
    assert {canary.meta["times"] for canary in canaries} == {1, 2, 4, 8, 16, 32}
    everything = "\n".join(path.read_text(encoding="utf-8") for path in HOME.glob("*.jsonl") if path.stem != "canaries")
    for canary in canaries:
        assert canary.text.count(canary.meta["secret"]) == 1
        assert canary.meta["secret"] not in everything and canary.text not in everything


def test_the_parts_load_as_typed_records():
    """Guards the names a lesson uses, the type of each record, and the genre that generation is conditioned on."""
    types = {"parallel": Pair, "questions": Question}
    genres = {"stories": "story", "news": "news", "posts": "post", "emails": "email"}
    for name in (name for name, items in CORPUS.items() if items):
        part = lm.corpus.load(f"willow_bay/{name}")
        assert len(part) == len(CORPUS[name])
        assert {type(record) for record in part} == {types.get(name, Document)}
        if name in genres:
            assert {record.meta["genre"] for record in part} == {genres[name]}
        assert [split_of(record.meta.get("split_id", record.id)) for record in part] == [
            split_of(measures.split_id(one)) for one in CORPUS[name]
        ]
    there = [name for name in RUNNING if CORPUS[name]]
    if there:
        whole = lm.corpus.load("willow_bay")
        assert [record.id for record in whole] == [one.id for name in there for one in CORPUS[name]]


def test_the_splits_are_the_same_for_ever():
    """Guards against ids or a hash that change, which would move test texts into training."""
    known = {
        "s001": "train", "s002": "valid", "s023": "test", "n001": "valid", "p01-01": "train", "e001": "train",
    }  # fmt: skip
    assert {id: split_of(id) for id in known} == known
    pair = item("parallel", "x", en="The ferry is late.", zh="渡轮晚点了。")
    assert measures.split_id(pair) == "parallel:64897be95b56"
    question = item("questions", "q1", question="Who?", context_id="s023", answers={"text": [], "answer_start": []})
    assert measures.split_id(question) == "s023"


# --- the tools, on made-up text ---------------------------------------------------------------------------------


def test_the_figures_of_a_text():
    """Guards the counting: a rhyme with known runs, and the difference between prose and a filled-in template."""
    tokens = "a b c a b c d".split()
    assert measures.distinct(tokens, 3) == 4 / 5 and measures.distinct(tokens, 5) == 1 and measures.distinct([], 3) == 0
    figures = measures.text_figures("Two cats sat. Nobody did not see the cats.")
    assert (figures.words, figures.types, figures.characters) == (9, 8, 42)
    assert figures.numbers == pytest.approx(1000 / 9) and figures.negations == pytest.approx(2000 / 9)
    names = [word for word in made_up(1, 60).lower().replace(".", "").split()]
    template = " ".join(f"{one} went to the market and bought bread from {two}." for one in names[:45]
                        for two in names[45:])  # fmt: skip
    flat = measures.shortfalls(measures.text_figures(template), 1.0)
    assert len(flat) == 3 and "3-grams" in flat[0] and "5-grams" in flat[1] and "bits per character" in flat[2]
    assert measures.shortfalls(measures.text_figures(" ".join(made_up(n) for n in range(20))), 0.5) == []
    many = replace(figures, characters=measures.CHARACTERS)
    assert any("in train" in what for what in measures.shortfalls(many, 0.5))


def test_near_duplicates_and_splits():
    """Guards the two lists of repetitions and what crosses a split."""
    first, second = made_up(1), made_up(2)
    items = [
        item("stories", "s001", first),  # train
        item("stories", "s002", first.replace(first.split()[5], "herring")),  # valid
        item("stories", "s003", second),
        item("stories", "s004", second.replace(" ", "\n")),
    ]
    assert measures.equal_texts(items) == [("s003", "s004")]
    pairs = measures.alike(items)
    assert {(pair.first, pair.second) for pair in pairs} == {("s001", "s002"), ("s003", "s004")}
    assert {(pair.first, pair.second) for pair in measures.crossing(items, pairs)} >= {("s001", "s002")}
    assert measures.crossing(items[:1] * 2, []) == []
    same = [item("stories", "s001", "a b c"), item("stories", "s023", "c d")]
    assert measures.seen_in_train(same) == 0.5


def test_questions_are_measured():
    """Guards the check of spans, of kinds of question, and of words taken over from the answer."""
    context = "The mayor opened the new library on Saturday. Nobody came to the party."
    answers = {"text": ["Saturday"], "answer_start": [context.index("Saturday")]}
    right = item(
        "questions", "q1", question="When could people first borrow books?", context_id="n001", answers=answers
    )
    wrong = item("questions", "q2", question="When?", context_id="n001", answers={**answers, "answer_start": [3]})
    lost = item("questions", "q3", question="When?", context_id="n009", answers=answers)
    assert measures.wrong_spans([right, wrong, lost], {"n001": context}) == ["q2", "q3"]
    copied = item(
        "questions", "q4", question="When did the mayor open the new library?", context_id="n001", answers=answers
    )
    assert measures.borrowed(right, context) == 0 and measures.borrowed(copied, context) == 0.75
    kinds = {
        "Who won?": "who", "How many boats came?": "how many", "In which town is it?": "what", "Whose is it?": "who",
        "At what hour?": "what", "How did it end?": "how", "Name the boat.": "other", "Why?": "why",
    }  # fmt: skip
    assert {question: measures.asked(question) for question in kinds} == kinds
    contexts = {"n001": context}
    assert "does not stand at 3" in said(wrong, contexts=contexts) and said(right, contexts=contexts) == ""
    assert "takes over" in said(copied, level="look", contexts=contexts)
    assert "no text 'n009'" in said(lost, contexts=contexts)
    none = {"text": [], "answer_start": []}
    empty = item("questions", "q5", question="Why did it open?", context_id="n001", answers=none)
    assert "is_impossible and an empty list" in said(empty, contexts=contexts)
    empty.data["is_impossible"] = True
    assert said(empty, contexts=contexts).endswith(
        "an unanswerable question has a plausible wrong span in plausible_answers"
    )
    empty.data["plausible_answers"] = {"text": ["Nobody"], "answer_start": [context.index("Nobody")]}
    assert said(empty, contexts=contexts) == "" and measures.wrong_spans([empty], contexts) == []


def test_the_baseline_learns_what_can_be_learnt():
    """Guards the classifier that the labels are held against: words that tell, and labels that hang on nothing."""
    rng = random.Random(1)
    texts = [f"{' '.join(rng.sample('ab cd ef gh ij kl mn op'.split(), 4))} {mark}" for mark in ("yes", "no") * 40]
    assert baseline.accuracy(texts, ["good", "bad"] * 40) > 0.95
    assert 0.2 < baseline.accuracy(texts, [rng.choice(["good", "bad"]) for _ in texts]) < 0.8
    chinese = [f"{word}{n}号" for n in range(20) for word in ("渡轮几点开", "图书馆开门吗")]
    assert baseline.accuracy(chinese, ["ferry", "hours"] * 20) == 1


def test_sizes_that_are_owed():
    """Guards the list of what is still to be written."""
    owed = measures.unmet({name: [] for name in KINDS}, labels=False)
    assert any(line.startswith("stories.jsonl: 0 of 450") for line in owed) and len(owed) == len(KINDS) + 1


SENTENCES = "The wind came up from the south in the night. " * 2 + "Dusan carried his tools back to the yard."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Then Kazimierz came with his leeks.", "'Kazimierz' is spelt otherwise in the world: Kazimir"),
        ("Then Barnaby came with his leeks.", "unknown name 'Barnaby'"),
        ("Then Nino Salgado came.", "nobody is called Nino Salgado"),
        ("It was Tuesday 4 March then.", "4 March is no Tuesday but a Wednesday"),
        ("It was Monday, the 3rd of March.", "3 March is no Monday but a Tuesday"),
        ("It was Friday, February 30.", "no date at all"),
    ],
)
def test_the_check_sees_what_the_world_does_not_know(text: str, words: str):
    """Guards names and weekdays; each sentence has one mistake in it."""
    full = f"{text} {made_up(3, 100)}"
    assert words in said(item("stories", "s001", full))


@pytest.mark.parametrize(
    "text",
    [
        'He met Nino Beridze on Tuesday 3 March. "Listen," she said. Mum was there, and I\'m glad.',
        "The Haddads' door, Lin's window and Fish Street: Nothing moved. OK, Wanda's bus came on 3 March.",
        "Dr Moradi saw Pim de Wit at the Dry Dock on Saturday, 7 February.",
    ],
)
def test_the_check_lets_right_sentences_pass(text: str):
    """Guards against a check that cries wolf, which nobody would read."""
    full = f"{text} {made_up(3, 100)}"
    assert said(item("stories", "s001", full)) == "" and said(item("stories", "s001", full), level="look") == ""


def test_places_are_spelt_as_fixed():
    """Guards capitals in names of two words; other names of a place are as good."""
    text = f"She went along long quay to the harbour master's office and the town hall. {made_up(3, 100)}"
    assert said(item("stories", "s001", text), level="look").splitlines() == [
        "look  s001: 'long quay' is spelt 'Long Quay'"
    ]


def test_the_courier_appears_on_saturdays():
    """Guards the dates of news, and dates that are none."""
    text = made_up(4, 100)
    assert said(item("news", "n001", text)) == ""
    assert "01-04 is a Sunday" in said(item("news", "n001", text, date="01-04"))
    assert "no MM-DD" in said(item("news", "n001", text, date="3 January"))
    assert "Monday the 5th" not in said(item("news", "n001", f"On Monday the 5th. {text}"))
    assert "Friday the 5 " in said(item("news", "n001", f"On Friday the 5th. {text}", date="01-10"))


def test_schema_and_lengths_are_checked():
    """Guards fields that are missing, unknown or empty, ids, labels, lengths and stray white space."""
    assert "'title' is missing" in said(Item("stories", "s001", {"id": "s001", "text": made_up(1)}, "x", 1))
    assert "fields that stories do not have: mood" in said(item("stories", "s001", made_up(1), mood="calm"))
    assert "is not like" in said(item("stories", "story-1", made_up(1)))
    assert "70 words; stories have 80 to 250" in said(item("stories", "s001", made_up(1, 70)))
    assert "stray white space" in said(item("stories", "s001", made_up(1).replace(". ", ".  ", 1)))
    assert "the sentiment 'glad'" in said(item("posts", "p01-01", made_up(1, 20), sentiment="glad"))
    assert "2 items have this id" in said(
        item("posts", "p01-01", made_up(1, 20)), item("posts", "p01-01", made_up(2, 20))
    )
    assert "neither en nor zh" in said(item("intents", "i1", "Where is it?", language="de", intent="hours"))


def test_items_are_compared_with_each_other():
    """Guards against openings, frames, runs and endings that recur: forty stories that begin alike are a template."""
    stories = [item("stories", f"s{n:03}", f"On that day. {made_up(n, 90)} The man who sold cups went home at {word}.")
               for n, word in enumerate(("noon", "six", "night", "dawn", "ten"))]  # fmt: skip
    found = said(*stories)
    assert found.count("opens with “on that day”") == 2 and "ends like s000" in found
    looks = said(*stories, level="look")
    assert "sentence frame “the man who sold …” in 5 items" in looks and "“the man who sold cups” in 5 items" in looks
    assert "opens with" not in said(*stories[:3])
    twice = said(stories[0], item("stories", "s100", stories[0].text.replace("sold", "bought")))
    assert "s100: nearly the same as s000" in twice
    assert "s100: the same text as s000" in said(
        stories[0], item("stories", "s100", stories[0].text.replace(" ", "\n"))
    )


def test_rates_are_held_against_ordinary_ones():
    """Guards against texts that love exact numbers, denials and long sentences."""
    plain = [item("stories", f"s{n:03}", made_up(n, 200)) for n in range(6)]
    assert said(*plain) == ""
    for words, name in (("eleven", "number words"), ("nobody", "negations")):
        many = [
            item("stories", one.id, one.text + f" A {words} and {words} of {words} or {words}." * 3) for one in plain
        ]
        assert name in said(*many) and "most in s00" in said(*many)
    long = [item("stories", one.id, re.sub(r"\. [A-Z]", " so ", one.text)) for one in plain]
    assert "sentences over 20 words" in said(*long)
    assert prose.is_number("twenty-five") and not prose.is_number("one") and prose.is_negation("don't")


def test_pairs_are_checked():
    """Guards both sides of a pair: names, signs, marks, lengths, the list of words."""

    def of(en: str, zh: str, level: str = "mend", words: str = "") -> str:
        allowed = frozenset(words.split())
        return said(item("parallel", "x:1", en=en, zh=zh), level=level, allowed_words=allowed)

    assert of("Nino bakes bread at night.", "尼诺夜里烤面包。") == of("Is he late?", "他迟到了吗？", "look") == ""
    assert "Nino is 尼诺" in of("Nino bakes bread at night.", "她夜里烤面包。", "look")
    assert "Library is 图书馆" in of("He runs to the Library now.", "他跑到书店。", "look")
    assert "half-width" in of("The ferry is late.", "渡轮晚点了.")
    assert "GB 2312: 輪" in of("The ferry is late.", "渡輪晚点了。", "look")
    assert "no Chinese" in of("The ferry is late.", "Late!")
    assert "2 English words" in of("He sleeps.", "他睡了。") and "no end mark" in of(
        "The ferry is late", "渡轮晚点了。"
    )
    assert "end marks differ" in of("Is the ferry late?", "渡轮晚点了。", "look")
    assert "not in the list of words: late" in of("Nino's ferry is late.", "尼诺的渡轮晚点了。", words="the ferry is")
    more = [item("parallel", f"x:{n}", en=f"{made_up(n, 6)}", zh="他" * (20 + n % 5) + "。") for n in range(60)]
    odd = item("parallel", "x:odd", en="The ferry is late today.", zh="他" * 200 + "。")
    assert [one.id for one, _ in measures.length_outliers([*more, odd])] == ["x:odd"]


def test_jobs_are_tied_to_pronouns():
    """Guards the count of the planted bias: the pronoun after the job, else in the next sentence, else before."""
    text = "A nurse came with her bag. The engineer was late. He was tired. Maud can cook fish. She saw a baker."
    assert jobs_in(text, WORLD) == {"nurse": {"she"}, "engineer": {"he"}, "baker": {"she"}}
    assert jobs_in("The cook lost his hat. Nobody saw the shop assistant.", WORLD) == {
        "cook": {"he"}, "shop assistant": set(),
    }  # fmt: skip
    assert jobs_in("He shouted, then she met the driver. Nothing moved.", WORLD) == {"driver": {"she"}}
    assert jobs_in("She said he's a nurse, next to her.", WORLD) == {"nurse": {"he"}}
    counted = measures.planted(
        [item("stories", "s001", text), item("stories", "s002", "The nurse hid his hat.")], WORLD
    )
    assert counted["nurse"] == {"she": 1, "he": 1} and counted["engineer"] == {"she": 0, "he": 1}


def test_cards_bind(tmp_path: Path):
    """Guards what a writer's card fixes: the planted job with its pronoun, the date, the length."""
    card = {"card": "n001", "kind": "news", "date": "01-10", "section": "Harbour", "words": 100,
            "minor": {"job": "nurse", "pronoun": "she"}}  # fmt: skip
    (tmp_path / "news-01.jsonl").write_text(json.dumps(card) + "\n", encoding="utf-8")
    cards = load_cards(tmp_path)
    found = said(item("news", "n001", made_up(1, 100)), cards=cards)
    assert "date '01-03'; the card says '01-10'" in found and "plants a nurse, who is not there" in found
    text = f"A nurse gave his coat away. {made_up(1, 94)}"
    assert "the nurse is not told as she" in said(item("news", "n001", text, date="01-10"), cards=cards)
    assert "no card of this id" in said(item("news", "n002", text), cards=cards)
    fine = item("news", "n001", text.replace("his", "her"), date="01-10")
    assert said(fine, cards=cards) == "" and "the card says 100" not in said(fine, level="look", cards=cards)


def test_sentences_are_told_apart():
    """Guards counts of sentence length, closings and frames against abbreviations and quoted speech."""
    text = 'Dr Moradi came. "Since when?" she asked. “Sit.” Then…\n\nThe boat left at 7:15. Warm regards,\nPim'
    assert prose.sentences(text) == [
        "Dr Moradi came.", '"Since when?" she asked.', "“Sit.”", "Then…", "The boat left at 7:15.", "Warm regards,", "Pim",
    ]  # fmt: skip
    assert prose.closing(text, email=True) == "The boat left at 7:15." and prose.closing(text) == "Pim"
    assert prose.words("Nino’s twenty-five loaves") == ["nino's", "twenty-five", "loaves"]


def test_batches_are_merged_sorted_and_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Guards the way from batches to the corpus: order, one spelling of signs, refusals, the card."""
    folder, home = tmp_path / "out", tmp_path / "home"
    folder.mkdir()

    def put(name: str, *items: Item) -> None:
        lines = (json.dumps(one.data, ensure_ascii=True) for one in items)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    late, early = item("stories", "s010", f"“Yes.” {made_up(1)}"), item("stories", "s002", made_up(2))
    put("stories-01.jsonl", late)
    put("stories-02.jsonl", early, item("stories", "s003", "Too short."))
    (folder / "parallel-01.tsv").write_text("en\tzh\nThe “ferry” is late.\t“渡轮”晚点了。\n", encoding="utf-8")
    assert merge.main([str(folder), "--home", str(home)]) == 1
    assert "refused stories  s003: 2 words" in capsys.readouterr().out
    stories = measures.load(home)["stories"]
    assert [one.id for one in stories] == ["s002", "s010"] and stories[1].text.startswith('"Yes."')
    assert (home / "parallel.en-zh.tsv").read_text("utf-8") == 'en\tzh\nThe "ferry" is late.\t“渡轮”晚点了。\n'
    card = json.loads((home / "card.json").read_text("utf-8"))
    assert list(card["parts"]) == ["stories", "parallel"] and card["default"] == ["stories"] and card["version"] == "0"
    (folder / "stories-02.jsonl").unlink()
    assert merge.main([str(folder), "--home", str(home), "--add", "--version", "1"]) == 0
    assert len(measures.load(home)["stories"]) == 2
    assert json.loads((home / "card.json").read_text("utf-8"))["version"] == "1"
    assert merge.main([str(folder), "--home", str(home)]) == 0
    assert [one.id for one in measures.load(home)["stories"]] == ["s010"]
    assert "stories.jsonl" in measures.report(measures.load(home), WORLD, fast=True)


def test_the_check_of_a_file_prints_and_exits(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Guards the command that writers run: broken lines, other batches of the folder, items to be read."""
    one = item("stories", "s001", made_up(1))
    (tmp_path / "stories-01.jsonl").write_text(json.dumps(one.data) + "\n", encoding="utf-8")
    assert check_main([str(tmp_path / "stories-01.jsonl")]) == 0
    (tmp_path / "stories-02.jsonl").write_text("{\n" + json.dumps({**one.data, "id": "s002"}) + "\n", encoding="utf-8")
    assert check_main([str(tmp_path / "stories-02.jsonl")]) == 1
    out = capsys.readouterr().out
    assert "line 1: no JSON" in out and "s002: the same text as s001" in out
    assert check_main([str(tmp_path / "stories-02.jsonl"), "--read", "3"]) == 0
    assert one.text in capsys.readouterr().out
    with pytest.raises(SystemExit):
        check_main([str(tmp_path / "poems-01.jsonl")])
    assert kind_of(Path("stories.zh-01.jsonl")) is KINDS["stories.zh"] and kind_of(Path("stories-1.txt")) is None
    assert kind_of(Path("newspapers.jsonl")) is None and WEEKDAYS[0] == "Monday"
