"""The town hall's desk: a message comes in, in English or Chinese, and a reply goes out in the same language.

A chain of the course's applications: which language is it, what does it say in English, what is wanted, where does the paper
write of that, which words there are the answer, and what is that in the sender's language. A chain is as good as the
product of its links, and it hides which one broke (pipelined systems have always done so; Finkel, Manning & Ng 2006). So every
link can be examined twice: with what the chain gave it, and with what a person would have given it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmcourse.corpus import Document
from lmcourse.corpus.cutting import sentence_at
from lmcourse.metrics import f1
from lmcourse.metrics.novelty import words
from lmcourse.retrieval import Retriever
from lmcourse.tasks.asking import PASSAGES, Answer, answer, ask
from lmcourse.tasks.classify import Labelled, classify
from lmcourse.tasks.pairs import unspaced
from lmcourse.tasks.passages import translate_passage
from lmcourse.tasks.runs import model_of

LINKS = ("language", "into English", "intent", "passage", "answer", "back")
FOR_PEOPLE = ("complain", "praise_or_thanks", "report_problem")  # there is nothing to look up
ENOUGH = 0.5  # of the words, as F1: then a text says the same as a person's
SAID = {
    "en": {
        "unsure": "Thank you for your message. We are not sure what you need, so somebody will read it and write to you.",
        "people": "Thank you for your message. Somebody will read it today.",
        "nothing": "Thank you for your question. The paper says nothing about it; please ask at the counter.",
        "found": "Perhaps: {said}. The Courier writes: “{sentence}”",
    },
    "zh": {
        "unsure": "谢谢您的来信。我们没有把握看懂，会有人读了再给您回信。",
        "people": "谢谢您的来信。今天就会有人看。",
        "nothing": "谢谢您的提问。报上没有写到，请到窗口询问。",
        "found": "也许是：{said}。《信使报》原文：“{sentence}”",
    },
}


@dataclass(frozen=True)
class Reply:
    """What went out, ``text``, and what each link gave. ``intent`` None: unsure; ``answer`` "": none; ``passage``: its id.

    ``kind``: "found", "nothing" (no answer in the paper), "people" (there is nothing to look up) or "unsure".
    """

    message: str
    language: str
    english: str
    intent: str | None
    passage: str | None
    answer: str
    sentence: str  # in which the answer stands
    said: str  # the answer in the sender's language
    text: str
    kind: str

    def __str__(self) -> str:
        rows = {
            "message": self.message,
            "English": self.english,
            "intent": self.intent or "?",
            "article": self.passage or "–",
        }
        rows |= {"answer": self.answer or "–", "reply": self.text}
        return "\n".join(f"{name:>8}: {value}" for name, value in rows.items())


@dataclass
class Desk:
    """The models that the links are, by name, folder, or as loaded; ``search`` holds the articles.

    ``least``: below this confidence of the intent a person has to read the message. ``sure``: below this probability of the
    answer the desk says that the paper has none.
    """

    search: Retriever
    reader: Any = "answer-en"
    intents: Any = "intents-zh"
    to_english: Any = "translate-zh-en"
    to_chinese: Any = "translate-en-zh"
    least: float | int = 0.3
    sure: float | int = 0.0
    beam: int = 5

    def __post_init__(self) -> None:
        for name in ("reader", "intents", "to_english", "to_chinese"):
            given = getattr(self, name)
            setattr(self, name, model_of(given) if isinstance(given, str | Path) else given)

    def language(self, message: str) -> str:
        """``zh`` or ``en``, by the script of most of its letters."""
        return "zh" if unspaced([message]) else "en"

    def english(self, message: str, language: str) -> str:
        """The message in English."""
        return translate_passage(self.to_english, message, self.beam) if language == "zh" else message

    def intent(self, message: str) -> Labelled:
        """What is wanted; the label is None where that is not sure enough."""
        return classify(self.intents, message, self.least)

    def found(self, question: str, article: str | None = None) -> Answer:
        """The answer, from the best articles of the search, or from the ``article`` with this id."""
        if article is None:
            return ask(self.reader, self.search, question, least=self.sure)
        return answer(self.reader, self.search.texts[self.search.ids.index(article)], question, self.sure)

    def back(self, said: str, language: str) -> str:
        """An answer in the sender's language."""
        return translate_passage(self.to_chinese, said, self.beam) if language == "zh" else said

    def reply(self, message: str) -> Reply:
        """The reply to a message, with what each link gave."""
        language = self.language(message)
        english, wanted = self.english(message, language), self.intent(message).label
        found, said = None, ""
        if wanted is None or wanted in FOR_PEOPLE:
            kind = "people" if wanted else "unsure"
        else:
            found = self.found(english)
            said = self.back(found.text, language) if found.text else ""
            kind = "found" if found.text else "nothing"
        passage, span = (found.id, found.text) if found else (None, "")
        sentence = sentence_at(found.passage, found.start) if span else ""
        text = SAID[language][kind].format(said=said.rstrip("。"), sentence=sentence)
        return Reply(message, language, english, wanted, passage, span, sentence, said, text, kind)


@dataclass(frozen=True)
class Examined:
    """A message whose reply is known: which links were right ``chained`` (with what came before) and ``alone`` (with the truth).

    A link that the message does not need is in neither.
    """

    id: str
    reply: Reply
    chained: dict[str, bool]
    alone: dict[str, bool]
    right: bool
    shown: bool  # whether the sentence that is shown has an answer to expect in it, whatever was pointed at

    @property
    def broke(self) -> str | None:
        """The first link that was wrong, if the reply is."""
        return (
            None
            if self.right
            else next((link for link, right in self.chained.items() if not right), "the parts together")
        )

    @property
    def outcome(self) -> str:
        """``right``, ``handed on`` to a person without need, or ``wrong``: something false was said."""
        return "right" if self.right else "wrong" if self.reply.kind == "found" else "handed on"


def examine(desk: Desk, messages: Iterable[Document]) -> list[Examined]:
    """Every message's reply beside the one to expect (``town_desk/messages``), link by link."""
    return [_examined(desk, message.id, message.text, message.meta) for message in messages]


def _examined(desk: Desk, id: str, message: str, truth: Mapping[str, Any]) -> Examined:
    reply, language, english = desk.reply(message), truth["language"], truth.get("english") or message
    chained, alone = {"language": reply.language == language}, {"language": desk.language(message) == language}
    if language == "zh":
        chained["into English"] = says(reply.english, [english])
        alone["into English"] = says(desk.english(message, language), [english])
    chained["intent"] = alone["intent"] = reply.intent == truth["intent"]
    if truth["intent"] in FOR_PEOPLE:
        return Examined(id, reply, chained, alone, reply.kind == "people", False)
    wanted, article = truth["answers"], truth["context_id"]
    if article:
        read = (
            (links, {hit.id for hit in desk.search.search(text, PASSAGES)})
            for links, text in ((chained, reply.english), (alone, english))
        )
        for links, ids in read:
            links["passage"] = article in ids
    chained["answer"] = reply.kind != "found" and not wanted or says(reply.answer, wanted)
    alone["answer"] = says(desk.found(english, article or None).text, wanted)
    if language == "zh" and wanted:
        chained["back"] = says(reply.said, truth["chinese"])
        alone["back"] = says(desk.back(wanted[0], language), truth["chinese"])
    right = (
        reply.kind == "found" and says(reply.said, truth.get("chinese") or wanted)
        if wanted
        else reply.kind == "nothing"
    )
    return Examined(id, reply, chained, alone, right, any(one in reply.sentence for one in wanted))


def says(text: str, wanted: Sequence[str]) -> bool:
    """Whether a text says what one of the ``wanted`` ones says: at least half of the words, by F1; nothing where nothing is wanted."""
    spaced = [" ".join(words(one)) for one in (text, *wanted)]
    return f1(spaced[0], spaced[1:]) >= ENOUGH
