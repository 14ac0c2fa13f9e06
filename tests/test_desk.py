"""The town hall's desk: the chain takes the right turns, and its examination blames the right link."""

from __future__ import annotations

import pytest

from lmcourse import corpus
from lmcourse.corpus import Document
from lmcourse.retrieval import BM25
from lmcourse.tasks import desk as module
from lmcourse.tasks.asking import Answer
from lmcourse.tasks.classify import Labelled
from lmcourse.tasks.desk import FOR_PEOPLE, LINKS, Desk, examine, says

NEWS = {"n1": "The boat leaves at 7:15 from the pier.", "n2": "The office is open until noon."}
ENGLISH = {"船几点开？": "When does the boat leave?", "办公室开到几点？": "Is it a cow?", "谢谢！": "Thank you!"}


class Scripted(Desk):
    """A desk whose models say what the test tells them to."""

    def __init__(self, **options):
        self.search, self.least, self.beam, self.sure = BM25(NEWS), 0.3, 1, options.pop("sure", 0.0)
        self.wanted = options

    def english(self, message, language):
        return ENGLISH[message] if language == "zh" else message

    def intent(self, message):
        label = self.wanted.get("intent", "ferry_times")
        return Labelled(label, 0.9 if label else 0.1, {})

    def found(self, question, article=None):
        if "boat" not in question and article != "n2":
            return Answer("", None, 0.9, 0.9)
        text, id = ("7:15", "n1") if "boat" in question else ("until noon", "n2")
        return Answer(text, NEWS[id].index(text), 0.8, 0.1, (), id, NEWS[id])

    def back(self, said, language):
        return {"7:15": "七点十五分", "until noon": "中午"}[said] if language == "zh" else said


def message(id, text, **meta):
    return Document(id, text, {"language": "en", "intent": "ferry_times", "context_id": "", "answers": [], **meta})


def test_the_chain_takes_its_turns():
    """A complaint must not be looked up, an unsure one not answered, and a reply comes in the sender's language."""
    assert Scripted(intent="complain").reply("The boat is late!").kind == "people"
    assert Scripted(intent=None).reply("Boat.").kind == "unsure"
    assert Scripted().reply("Is it a cow?").kind == "nothing"
    reply = Scripted().reply("船几点开？")
    assert (reply.language, reply.passage, reply.answer, reply.said) == ("zh", "n1", "7:15", "七点十五分")
    assert "七点十五分" in reply.text and reply.sentence == NEWS["n1"] and NEWS["n1"] in reply.text and "ferry_times" in str(reply)


def test_the_link_that_broke_is_blamed():
    """In the chain all after a wrong link is wrong; alone, with the truth in, only the link itself is."""
    truth = {
        "language": "zh",
        "context_id": "n2",
        "answers": ["until noon"],
        "chinese": ["中午"],
        "english": "Until when is the office open?",
    }
    good = {
        "language": "zh",
        "context_id": "n1",
        "answers": ["7:15"],
        "chinese": ["七点十五分"],
        "english": "When does the boat leave?",
    }
    lost, fine = examine(Scripted(), [message("a", "办公室开到几点？", **truth), message("b", "船几点开？", **good)])
    assert fine.right and fine.broke is None and fine.outcome == "right" and all(fine.chained.values())
    assert fine.shown and not lost.shown
    assert lost.broke == "into English" and lost.outcome == "handed on" and not lost.chained["answer"]
    assert lost.alone["answer"] and lost.alone["back"] and not lost.alone["into English"]
    assert list(lost.alone) == [link for link in LINKS if link in lost.alone]


def test_false_answers_are_told_from_refusals():
    """Where the paper has nothing, silence is right and an answer is wrong; where people must read, looking up is wrong."""
    nothing, invented = message("a", "Is it a cow?"), message("b", "When does the boat to the moon leave?")
    people = message("c", "The boat is late!", intent="complain")
    outcomes = [one.outcome for one in examine(Scripted(), [nothing, invented, people])]
    assert outcomes == ["right", "wrong", "wrong"]
    assert examine(Scripted(intent="complain"), [people])[0].right
    assert examine(Scripted(intent=None), [invented])[0].outcome == "handed on"


def test_half_of_the_words_are_enough():
    """Chinese is compared by characters; nothing is right only where nothing is wanted."""
    assert says("at the Harbour Office", ["the Harbour Office"]) and not says("a cow", ["the Harbour Office"])
    assert says("在港务处", ["港务处"]) and not says("在市场", ["港务处"])
    assert says("", []) and not says("x", []) and not says("", ["x"])


def test_the_messages_fit_the_town():
    """A message whose article does not hold its answer, or whose intent nobody knows, would measure a mistake of ours."""
    messages, news = corpus.load("town_desk/messages"), {one.id: one.text for one in corpus.load("willow_bay/news")}
    intents = {one.meta["intent"] for one in corpus.load("willow_bay/intents")}
    known = {one.text for one in corpus.load("willow_bay/intents")}
    assert len(messages) == 20 and sum(one.meta["language"] == "zh" for one in messages) == 10
    for one in messages:
        meta = one.meta
        assert meta["intent"] in intents and one.text not in known
        assert bool(meta["answers"]) == bool(meta["context_id"])
        assert not meta["answers"] or any(answer in news[meta["context_id"]] for answer in meta["answers"])
        assert (meta["language"] == "zh") == bool(meta.get("english")) and module.unspaced([one.text]) == (
            meta["language"] == "zh"
        )
        assert meta["language"] == "en" or bool(meta["chinese"]) == bool(meta["answers"])
    assert sum(not one.meta["answers"] for one in messages) == 4
    assert {one.meta["intent"] for one in messages} & {*FOR_PEOPLE}


@pytest.mark.parametrize("text", ["When does the boat leave?", "船几点开？"])
def test_a_real_desk_knows_languages(text):
    """The script decides: short messages are too short for statistics of letters."""
    assert Scripted().language(text) == ("zh" if text[0] == "船" else "en")
