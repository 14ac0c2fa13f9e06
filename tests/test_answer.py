"""From questions to a reader: places of words, features, the network, training, resuming, answering, asking many texts."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest
import torch

import lmcourse as lm
from lmcourse import checkpoint
from lmcourse.corpus import load
from lmcourse.corpus.squad import Answered
from lmcourse.errors import LmcourseError
from lmcourse.nn import ReaderConfig, SpanReader, pretrained_vectors
from lmcourse.nn.reading import FEATURES, Asked, Library, counted_rarity, kind_of
from lmcourse.retrieval import BM25
from lmcourse.tasks.answer import (
    AnswerRecipe,
    Mixed,
    ReadingScores,
    Validation,
    batches_of,
    pieced,
    span_loss,
    target_of,
)
from lmcourse.tasks.cloze import Clozes
from lmcourse.tokenizers import PlacedTokenizer, from_dict
from lmcourse.tokenizers.placed import placed_words, sentence_numbers

SMALL = {"embedding_size": 8, "projection_size": 16, "hidden_size": 16, "span_size": 16, "cloze_share": 0.0, "progress": False}
NAMES = "Ada Bo Cleo Dan Eve Finn Gus Hana Ivo Jo".split()
THINGS = "boat bread coat drum egg fork goat hat jar kite".split()
PLACES = "the harbour|the old mill|a kitchen|the school yard|the bridge".split("|")
DAYS = "Monday Tuesday Wednesday Thursday Friday".split()


def made(count: int, seed: int = 0) -> list[Answered]:
    """Passages of four sentences, each about another person, and a question about one of them; one in five asks for what is not told."""
    rng, found = random.Random(seed), []
    for _ in range(count):
        people, things = rng.sample(NAMES, 4), rng.sample(THINGS, 4)
        facts = [(name, thing, rng.choice(PLACES), rng.choice(DAYS)) for name, thing in zip(people, things, strict=True)]
        sentences = [f"{name} found a {thing} in {place} on {day}." for name, thing, place, day in facts]
        passage, (name, thing, place, day) = " ".join(sentences), rng.choice(facts)
        start = passage.index(f"{name} found")
        if rng.random() < 0.2:
            found.append(Answered(passage, f"Who found a {rng.choice([one for one in THINGS if one not in things])}?", ()))
            continue
        question, text = rng.choice([
            (f"Who found a {thing}?", name), (f"Where did {name} find the {thing}?", place), (f"When did {name} find the {thing}?", day),
        ])  # fmt: skip
        found.append(Answered(passage, question, ((text, passage.index(text, start)),)))
    return found


# --- words and their places -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [("Pettifer's boat—\"late\"!", ["Pettifer", "'s", "boat", "—", '"', "late", '"', "!"]), ("don't o'clock 7:15", ["don't", "o'clock", "7", ":", "15"]),
     ("柳湾的船 A4", ["柳", "湾", "的", "船", "A4"]), ("naïve e\u0301 😀", ["naïve", "e", "\u0301", "😀"]), ("  \n", []), ("It’s Ada’s", ["It", "’s", "Ada", "’s"])],
)  # fmt: skip
def test_words_know_where_they_stand(text, words):
    """Would notice an answer that is cut out one character off, in any script."""
    found = placed_words(text)
    assert [place.word for place in found] == words
    assert all(text[place.start : place.end] == place.word for place in found)
    tokenizer = PlacedTokenizer.train([text])
    assert len(tokenizer.encode(text)) == len(words) and 0 not in tokenizer.encode(text)
    assert from_dict(tokenizer.to_dict()).encode(text) == tokenizer.encode(text) and tokenizer.unknown(text + " zzz") == ["zzz"]


def test_every_answer_of_the_course_can_be_pointed_at():
    """Would notice a tokenizer whose words overlap the edges of an answer, or sentences that end in the middle of one."""
    passages = {record.id: record.text for part in ("stories", "news") for record in load(f"willow_bay/{part}")}
    for one in load("willow_bay/questions"):
        passage = passages[one.context_id]
        words = placed_words(passage)
        for text, start in zip(one.answers["text"], one.answers["answer_start"], strict=True):
            inside = [place for place, word in enumerate(words) if start <= word.start and word.end <= start + len(text)]
            assert words[inside[0]].start == start and words[inside[-1]].end == start + len(text)
            sentences = sentence_numbers(passage, words)
            assert sentences[inside[0]] == sentences[inside[-1]]


def test_sentences():
    """Quotation marks, line ends, abbreviations before small letters, Chinese."""
    text = 'He left at 6 p.m. on time. "Why?" she said. "No!" Ada went.\nAnd then 船来了。人走了。'
    numbers = sentence_numbers(text, placed_words(text))
    groups = [[word.word for word, number in zip(placed_words(text), numbers, strict=True) if number == wanted] for wanted in range(numbers[-1] + 1)]
    assert [len(group) for group in groups] == [9, 7, 4, 3, 6, 4] or [group[0] for group in groups] == ["He", '"', '"', "Ada", "And", "人"]


# --- features -------------------------------------------------------------------------------------------------------


def library(*texts: str) -> Library:
    """These texts, ready to be read."""
    tokenizer = PlacedTokenizer.train(texts)
    return Library(tokenizer, counted_rarity(texts, tokenizer.words), texts)


def test_features_say_where_the_question_is():
    """The sentence that has the question's words, also with other endings and in other words, has the highest scores."""
    passage = "Ada slept. The old ship sailed to Kestle on Monday. Nobody baked 12 loaves."
    asked = ("When did the ships sail?", "When did the vessel leave the harbour?", "How much bread was made?", "The of?")
    known = library(passage, *asked)
    words = known[passage]
    met = [known.met(words, known[question]) for question in asked]
    assert all(one.shape == (len(words.ids), FEATURES) and np.isfinite(one).all() for one in met)
    assert [words.lower[place] for place in np.flatnonzero(met[0][:, 1])] == ["ship", "sailed"]
    assert [set(np.array(words.sentence)[one[:, 7] == one[:, 7].max()].tolist()) for one in met[:3]] == [{1}, {1}, {2}]
    assert not met[1][:, 1].any() and not met[3][:, :14].any()
    flags = dict(zip(words.lower, words.sorts, strict=True))
    assert flags["kestle"][0] == 1 and flags["ada"][1] == 1 and flags["12"][2] == 1 and flags["."][3] == 1 and flags["monday"][5] == 1
    assert [kind_of(question) for question in asked][0] == kind_of("Since when?") != kind_of("Name it.") == 0


def test_rare_words_are_rare():
    """By the texts that have a word in any form; unknown ones are the rarest."""
    rarity = counted_rarity(["a boat sails", "the boat sailed", "a gull"], ["boat", "gull", "sailing"])
    assert rarity[0] == 1 and rarity[1] == rarity[3] < rarity[2] < 1


# --- the network ----------------------------------------------------------------------------------------------------


def reader(known: Library, **settings: object) -> SpanReader:
    """An untrained reader whose every part has a say."""
    torch.manual_seed(0)
    sizes = {"embedding_size": 6, "projection_size": 8, "hidden_size": 8, "span_size": 8, "longest": 3, **settings}
    return SpanReader(ReaderConfig(known.tokenizer.vocab_size, **sizes)).eval()


def test_padding_changes_nothing():
    """Scores are the same alone and beside longer passages and questions: would notice an LSTM or an attention that reads padding."""
    pairs = [("Ada slept.", "Who?"), ("The old ship sailed to Kestle on Monday, and nobody saw it.", "When did the old ship sail to Kestle?"), ("柳湾", "船?"), ("x", "…")]
    known = library(*{text for pair in pairs for text in pair})
    asked, model = Asked(known, pairs), reader(known)
    scores, none = model(asked.of(range(4)))
    for number in range(4):
        alone, without = model(asked.of([number]))
        torch.testing.assert_close(scores[number, : alone.shape[1]], alone[0], atol=1e-5, rtol=1e-5)
        assert scores[number, alone.shape[1] :].isneginf().all()
        torch.testing.assert_close(none[number], without[0], atol=1e-5, rtol=1e-5)


def test_spans_stay_within_their_sentence():
    """Would notice a span that goes on into the next sentence or beyond the end."""
    passage = "Ada slept. Bo ran"
    known = library(passage, "Who?")
    scores, _ = reader(known)(Asked(known, [(passage, "Who?")]).of([0]))
    allowed = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 0]], dtype=torch.bool)
    assert torch.equal(scores[0].isfinite(), allowed)


def test_the_target_is_the_answer():
    """The place in the scores that training raises is the span that answering cuts out; too long an answer is its beginning."""
    passage = "On Monday the «old ship's» bell, 柳湾, rang. Nobody heard."
    known = library(passage, "What?")
    for text, cut_out in (("old ship's", "old ship's"), ("Monday", "Monday"), ("柳湾", "柳湾"), ("the «old ship's» bell", "the «old"), ("rin", None), ("ran", "rang")):
        start = passage.find(text)
        if start < 0:
            continue
        target = target_of(known[passage], [(text, start)], 3)
        first, more = divmod(target - 1, 3)
        spans = known[passage].spans
        assert passage[spans[first][0] : spans[first + more][1]] == cut_out
    assert target_of(known[passage], [], 3) == 0


def test_the_loss_falls_where_the_answer_is():
    """The objective is −log of the right candidate's probability; the validation's is its mean over batches of any size."""
    questions = made(40)
    known = library(*{text for one in questions for text in one[:2]})
    recipe = AnswerRecipe(longest=3, batch_size=7)
    batches, model = batches_of(known, questions, recipe, 0), reader(known)
    total = 0.0
    for step in range(len(batches)):
        batch = batches(step)
        scores, none = model(batch.reading)
        chance = torch.cat([none[:, None], scores.flatten(1)], 1).softmax(1)[range(len(batch.targets)), batch.targets]
        loss, _, _ = span_loss(model, batch, None)
        assert float(loss.detach()) == pytest.approx(float(-chance.log().mean()), rel=1e-4)
        total += float(loss.detach()) * len(batch.targets)
    assert Validation(known, questions, 3)(model) == pytest.approx(total / 40, rel=1e-4)


# --- training and answering -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def taught():
    """A reader of small passages, trained in seconds."""
    return lm.train_answer(made(500), steps=170, dropout=0.1, learning_rate=0.01, **SMALL)


def scores_of(model: object, questions: list[Answered]) -> ReadingScores:
    """Those of a model on these questions."""
    found = lm.answer(model, [one.passage for one in questions], [one.question for one in questions])
    return ReadingScores.of([one.text for one in found], questions)


def test_a_reader_learns_to_read(taught):
    """On new passages it is far above the overlap baseline, also where there is no answer; untrained, it is far below."""
    new = made(100, seed=1)
    trained = scores_of(taught, new)
    assert trained.exact > 80 and trained.f1 > 80 and trained.none > 60
    assert taught.baseline.f1 < 75 and str(taught.scores) in str(taught) and str(taught.baseline) in str(taught)
    untrained = SpanReader(taught.model.config).eval()
    assert scores_of((untrained, taught.tokenizer), new).f1 < 30


def test_answers_stand_where_they_say(taught):
    """Text, place, probabilities; lists; a limit of confidence; blank questions and passages; the readable form."""
    one = made(1, seed=3)[0]
    passage = f"«Ünïcode» 柳湾 😀\n\n{one.passage}"
    found = lm.answer(taught, passage, one.question)
    assert found.text == one.answers[0][0] and passage[found.start :].startswith(found.text) and found.passage == passage
    assert found.others[0][1] >= found.others[-1][1] and 0 < sum(chance for _, chance in found.others) + found.none < 1.0001
    assert str(found).startswith(found.text + " [") and found.probability <= 1
    many = lm.answer(taught, passage, [one.question, " ", one.question])
    assert many[0].text == many[2].text == found.text and (many[1].text, many[1].start) == ("", None)
    assert lm.answer(taught, passage, one.question, least=1.0).text == ""
    nothing = lm.answer(taught, "", one.question)
    assert (nothing.text, nothing.start, nothing.none) == ("", None, 1.0) and str(nothing) == "(no answer) [100%]"
    for call, word in (
        (lambda: lm.answer(taught, ["a", "b"], ["c"]), "one for each"), (lambda: lm.answer(taught, "a", "b", least=2), "0 to 1"),
        (lambda: lm.answer("lm-base", "a", "b"), "no reader"), (lambda: lm.classify((taught.model, taught.tokenizer), "a"), "no classifier"),
    ):  # fmt: skip
        with pytest.raises(LmcourseError, match=word):
            call()


def test_long_passages_and_many_texts(taught):
    """The answer is found on whichever page, and in whichever text, with its place in the whole."""
    rng, one = random.Random(0), next(one for one in made(9, seed=4) if one.answers)
    filling = " ".join(" ".join(rng.choices("rain fell and the wind blew over hills far away".split(), k=8)).capitalize() + "." for _ in range(120))
    long = f"{filling}\n\n{one.passage}\n\n{filling}"
    assert len(long) > 5000
    found = lm.answer(taught, long, one.question)
    assert found.text == one.answers[0][0] and long[found.start :].startswith(found.text)
    texts = {f"t{number}": f"{filling[number * 40 : number * 40 + 200]}" for number in range(20)} | {"right": one.passage}
    found = lm.ask(taught, BM25(texts), one.question)
    assert (found.text, found.id, found.passage) == (one.answers[0][0], "right", one.passage)
    assert [answer.id for answer in lm.ask(taught, BM25(texts), [one.question] * 2, k=1)] == ["right"] * 2


def test_pieces_of_long_passages_are_learnt_from():
    """The piece that is kept holds the answer, at its place there."""
    passage = " ".join(f"Sentence {number} is about nothing." for number in range(400))
    one = Answered(passage, "Which?", (("Sentence 333", passage.index("Sentence 333")), ("Sentence 3", passage.index("Sentence 3"))))
    kept = pieced(one)
    assert len(kept.passage) < 2500 and [kept.passage[start : start + len(text)] for text, start in kept.answers] == ["Sentence 333"]
    assert len(pieced(Answered(passage, "?", ())).passage) < 2500 and pieced(Answered("a b", "?", (("b", 2),))).answers == (("b", 2),)


def test_stored_resumed_and_loaded(tmp_path, monkeypatch):
    """A run that was stopped and resumed ends with the same bits; the folder answers as the model does; other data are refused."""
    questions = made(60)
    part = {**SMALL, "seed": 5, "cloze_share": 0.3, "clozes": 2}
    whole = lm.train_answer(questions, tmp_path / "a", steps=24, **part)
    calls = [0]

    def stopping(*given):
        calls[0] += 1
        if calls[0] == 14:
            raise RuntimeError("killed")
        return span_loss(*given)

    monkeypatch.setattr(sys.modules["lmcourse.tasks.answer"], "span_loss", stopping)
    with pytest.raises(RuntimeError, match="killed"):
        lm.train_answer(questions, tmp_path / "b", steps=24, **part)
    monkeypatch.undo()
    lm.train_answer(questions, tmp_path / "b", resume=True, progress=False)
    one, other = (checkpoint.load(tmp_path / name, "last") for name in "ab")
    assert one.training["step"] == other.training["step"] == 24
    assert all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)
    asked = questions[0].passage, questions[0].question
    assert lm.answer(tmp_path / "b", *asked) == lm.answer(whole, *asked)
    for more, word in (({"data": made(60, 1)}, "does not hold"), ({"dropout": 0.1}, "dropout"), ({"steps": 3}, "larger number")):
        with pytest.raises(LmcourseError, match=word):
            lm.train_answer(**{"data": questions, "out": tmp_path / "b", "resume": True, **more})
    with pytest.raises(LmcourseError, match="--resume"):
        lm.train_answer(questions, tmp_path / "a", steps=3)
    with pytest.raises(LmcourseError, match="--data"):
        lm.train_answer()
    with pytest.raises(LmcourseError, match="answers questions"):
        lm.generate(tmp_path / "a", "The")


# --- questions that nobody asked ------------------------------------------------------------------------------------


def test_cloze_questions():
    """The answer stands where it says and is gone from its question; sorts of all kinds are found; the seed decides."""
    text = (
        "Last week Ada Brook walked to the old bridge because the ferry was late. She carried twelve fresh eggs in her blue bag. "
        "On Monday morning Mr Bo Kean had met her behind the bakery, and he gave Cleo a long letter from the council."
    )
    vectors = pretrained_vectors("ferry boat ship walked went bridge eggs bag letter council bakery".split())
    found = Clozes(vectors, seed=1).of(text, 20)
    assert found == Clozes(vectors, seed=1).of(text, 20) != Clozes(vectors, seed=2).of(text, 20)
    answers = {one.answers[0][0] for one in found}
    for one in found:
        ((answer, start),) = one.answers
        assert text[start : start + len(answer)] == answer and one.question.endswith("?")
    assert {"On Monday morning", "behind the bakery", "the ferry was late", "twelve fresh eggs"} <= answers
    assert {one.question.split()[0] for one in found} >= {"Who", "When", "Where", "How", "Why", "What"}
    assert Clozes(vectors).of("柳湾的船。", 5) == [] == Clozes(vectors).of("", 5)


def test_real_and_made_questions_take_turns():
    """The share of batches is the one asked for, and a pass goes once through all real questions."""
    questions = made(30)
    known = library(*{text for one in questions for text in one[:2]})
    kinds = [batches_of(known, part, AnswerRecipe(longest=3, batch_size=4), 0) for part in (questions[:20], questions[20:])]
    mixed = Mixed(kinds, 0.5)
    assert len(mixed) == 2 * len(kinds[0])
    met = [mixed(step) for step in range(len(mixed))]
    assert [batch.step for batch in met].count(0) == 2 and sorted(batch.step for batch in met) == sorted([*range(5)] * 2)
    assert len(Mixed(kinds[:1], 0.5)) == len(kinds[0])
