"""Cutting into sentences, and translating more than one of them."""

from __future__ import annotations

from lmcourse.corpus.cutting import sentence_at, sentences
from lmcourse.tasks.passages import translate_passage
from lmcourse.tasks.translate import translate


def test_sentences_of_two_languages():
    """Chinese has no space after a full stop; a quotation mark belongs to the sentence that it closes; a point in a number ends none."""
    assert sentences('It costs 4.50. "Really?" she said.\n\nYes') == ["It costs 4.50.", '"Really?"', "she said.", "Yes"]
    assert sentences("船晚点了。“为什么？”她问。") == ["船晚点了。", "“为什么？”", "她问。"]
    assert sentences("  ") == [] and sentences("no end") == ["no end"]


def test_the_sentence_around_a_place():
    """The first, the last, one in the middle and the border between two: a quotation must be whole and nothing more."""
    text = "It rains. The boat leaves at 7:15 today.\n\nNobody came"
    assert [sentence_at(text, text.index(word)) for word in ("It", "rains", "The", "7:15", "came")] == [
        "It rains.", "It rains.", "The boat leaves at 7:15 today.", "The boat leaves at 7:15 today.", "Nobody came",
    ]  # fmt: skip


def test_a_passage_is_its_sentences():
    """Each must be translated by itself and come back in its place, whatever the other texts are."""
    one, other = "The boat is late.", "I live in the red house."
    alone = [translate("translate-en-zh", text) for text in (one, other)]
    assert translate_passage("translate-en-zh", f"{one} {other}") == "".join(alone)
    assert translate_passage("translate-en-zh", [other, "", f"{one}\n{one}"]) == [alone[1], "", alone[0] * 2]
    back = translate_passage("translate-zh-en", "船晚点了。我住在这里。")
    assert back == " ".join(translate("translate-zh-en", ["船晚点了。", "我住在这里。"]))
