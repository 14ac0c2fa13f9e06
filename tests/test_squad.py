"""Questions from files: SQuAD's two versions, lines and tables; every bad entry is named; passages stay on one side of the split."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lmcourse.corpus import load
from lmcourse.corpus.lines import BadLines
from lmcourse.corpus.squad import Answered, read_questions
from lmcourse.errors import LmcourseError
from lmcourse.tasks.questions import answered, read_question_texts

SEA = "Café «Mole» opens at six. 柳湾的船 leaves at 7:15."


def squad(*asked: dict, context: object = SEA) -> dict:
    """A file of one paragraph."""
    return {"version": "2.0", "data": [{"title": "x", "paragraphs": [{"context": context, "qas": list(asked)}]}]}


def holding(folder: Path, data: object, name: str = "q.json") -> Path:
    """A file of this in the folder."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def asked(answer: str | None = "six", start: int | None = None, **more: object) -> dict:
    """A question in SQuAD's fields."""
    answers = [] if answer is None else [{"text": answer, "answer_start": SEA.index(answer) if start is None else start}]
    return {"id": "q", "question": "When?", "answers": answers, **more}


def test_both_versions(tmp_path):
    """Answers with their starts, several for one question, none where it is said; characters, not bytes, are counted."""
    two = asked("7:15", answers=[{"text": "7:15", "answer_start": 40 - 4 + SEA[36:].index("7:15")}, {"text": " at 7:15", "answer_start": SEA.index(" at 7:15")}])
    file = read_questions(holding(tmp_path, squad(asked(), asked(None, is_impossible=True, plausible_answers=[]), two)))
    assert file.bad == [] and file.questions[0] == Answered(SEA, "When?", (("six", SEA.index("six")),))
    assert file.questions[1].answers == ()
    assert file.questions[2].answers == (("7:15", SEA.index("7:15")), ("at 7:15", SEA.index("at 7:15")))


def test_lines_and_tables(tmp_path):
    """Without answer_start the first place counts; an empty answer is none; columns as Hugging Face has them."""
    rows = [
        {"context": SEA, "question": "When?", "answer": "six"}, {"context": SEA, "question": "Who?", "answer": ""},
        {"context": SEA, "question": "When?", "answers": {"text": ["6", "six"], "answer_start": [0, 0]}},
        {"context": SEA, "question": "Who?", "answers": {"text": [], "answer_start": []}},
    ]  # fmt: skip
    rows[2]["answers"] = {"text": ["opens"], "answer_start": [SEA.index("opens")]}
    found = read_questions(holding(tmp_path, "\n".join(map(json.dumps, rows)), "q.jsonl")).questions
    assert [one.answers for one in found] == [(("six", SEA.index("six")),), (), (("opens", SEA.index("opens")),), ()]
    table = 'question,answer,context,answer_start\nWhen?,at,"It is at six, at last.",14\nWho?,,It is at six.,\n'
    found = read_questions(holding(tmp_path, table, "q.csv")).questions
    assert [one.answers for one in found] == [(("at", 14),), ()]


BAD = [
    (asked("six", 3), "does not stand at 3; it does at"), (asked("seven", 3), "nowhere in its context"),
    (asked(None), "does not say is_impossible"), (asked(is_impossible=True), "cannot be both"), (asked(None, is_impossible=False), "is_impossible"),
    (asked(question=" "), "empty question"), (asked(question=3), "no string"), ({"id": "q", "answers": []}, "'question'"),
    (asked(answers=[{"text": "six"}]), "answer_start"), (asked(answers=[{"text": "six", "answer_start": True}]), "answer_start"),
    (asked(answers="six"), "no answers"), (asked(answers=["six"]), "no JSON objects"), (asked(answers=None), "no answers"), ("six", "no JSON object"),
    (asked("six", -22), "does not stand"),
]  # fmt: skip


def test_every_bad_entry_is_named(tmp_path):
    """Its number and id and what is wrong; with skip_bad the others are all there."""
    path = holding(tmp_path, squad(*(entry for bad, _ in BAD for entry in (asked(), bad)), asked()))
    with pytest.raises(BadLines, match=f"{len(BAD)} bad entries") as caught:
        read_questions(path)
    for number, (said, (_, word)) in enumerate(zip(caught.value.lines, BAD, strict=True)):
        assert said.startswith(f"question {2 * number + 2}") and word in said, said
    assert "(id q)" in caught.value.lines[0]
    found = read_questions(path, skip_bad=True)
    assert found.bad == caught.value.lines and len(found.questions) == len(BAD) + 1
    data = {"data": [3, {"paragraphs": [4, {"context": SEA}, {"context": None, "qas": [asked()]}]}]}
    with pytest.raises(BadLines) as caught:
        read_questions(holding(tmp_path, data))
    assert [said.partition(" has")[0] for said in caught.value.lines] == ["data 1", "data 2, paragraph 1", "data 2, paragraph 2", "question 1 (id q)"]
    with pytest.raises(BadLines, match="line 2 has the answer 'nine'") as caught:
        read_questions(holding(tmp_path, '{"context": "It is six.", "question": "When?", "answer": "six"}\n{"context": "x", "question": "y", "answer": "nine"}\n[', "q.jsonl"))
    assert [said[:6] for said in caught.value.lines] == ["line 2", "line 3"]


@pytest.mark.parametrize(("data", "name", "word"), [("{", "q.json", "JSON"), ('{"a": 1}', "q.json", "data"), ("[1]", "q.json", "data"), ("hello", "q.md", "SQuAD"), (" ", "q.json", "white space")])
def test_files_that_are_refused(tmp_path, data, name, word):
    with pytest.raises(LmcourseError, match=word):
        read_questions(holding(tmp_path, data, name))


def test_a_passage_is_on_one_side_only(tmp_path):
    """Would notice questions about a passage that was learnt from in what is measured."""
    entries = [Answered(f"Text {number} is here.", f"What {again}?", (("here", 8 + len(str(number))),)) for number in range(60) for again in range(3)]
    texts = read_question_texts(entries)
    assert not {one.passage for one in texts.train} & {one.passage for one in texts.valid}
    assert sorted(texts.train + texts.valid) == sorted(entries) and 5 <= len(texts.valid) <= 40
    two = read_question_texts(entries[:6] * 2)
    assert two.train and two.valid and not {one.passage for one in two.train} & {one.passage for one in two.valid}
    for few in (entries[:3] * 5, entries[:2], []):
        with pytest.raises(LmcourseError, match="too few"):
            read_question_texts(few)


def test_a_known_corpus_leaves_its_test_split_unread():
    """Would notice a leak; and each answer stands where the corpus says."""
    records = load("willow_bay/questions")
    texts = read_question_texts("willow_bay/questions")
    assert (len(texts.train), len(texts.valid)) == (len(records.split("train")), len(records.split("valid")))
    test = answered(records.split("test"), "willow_bay/questions")
    assert not {one.passage for one in test} & {one.passage for one in (*texts.train, *texts.valid)}
    assert all(one.passage[start : start + len(text)] == text for one in texts.train for text, start in one.answers)
    with pytest.raises(LmcourseError, match="no questions"):
        read_question_texts("willow_bay/stories")
