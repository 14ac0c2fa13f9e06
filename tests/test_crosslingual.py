"""Labels across languages: joint vectors from sentence pairs, translated questions, translated examples."""

from __future__ import annotations

import random
import sys

import pytest
import torch

import lmcourse as lm
from lmcourse import checkpoint
from lmcourse.errors import LmcourseError
from lmcourse.tasks import classify, classify_through, train_joint
from lmcourse.tasks.classify import over
from lmcourse.tasks.crosslingual import joint_vectors, pieces, translated
from lmcourse.tasks.labels import read_labelled_texts

WORDS = dict(zip("ferry boat sea bin rubbish bag choir song stage rain wind snow".split(), "渡轮 小船 大海 垃圾 废品 袋子 唱歌 歌曲 舞台 下雨 刮风 雪花".split(), strict=True))
TOPICS = {"boat": "ferry boat sea", "rubbish": "bin rubbish bag", "event": "choir song stage"}
SMALL = {"size": 10, "least": 2}


def sentences(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Sentence pairs: some words, in English and, in another order, in Chinese."""
    rng = random.Random(seed)
    drawn = [rng.sample(list(WORDS), 3) for _ in range(count)]
    return [(f"the {' '.join(some)}", "".join(WORDS[word] for word in sorted(some)) + "。") for some in drawn]


def examples(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """English texts, each with words of its topic and one of none."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        label = rng.choice(list(TOPICS))
        found.append((f"{' '.join(rng.choices(TOPICS[label].split(), k=2))} {rng.choice('rain wind snow'.split())} {number}", label))
    return found


def test_pieces():
    """Words of both; of scripts without spaces also two neighbours, but not across to a word of the other script."""
    assert pieces("The ferry") == ["the", "ferry"]
    assert pieces("坐船 go!") == ["坐", "船", "go", "!", "坐 船"]


def test_translations_are_neighbours():
    """Would notice vectors that learn each language by itself; and pairs whose halves do not belong together are no source."""
    pairs = sentences(400)
    tokenizer, vectors = joint_vectors(pairs, **SMALL)
    assert vectors.words == [*tokenizer.words, *(f"{tokenizer.words[a - 1]} {tokenizer.words[b - 1]}" for a, b in tokenizer.pairs)]
    chinese = vectors.among(" ".join(word) for word in WORDS.values())
    right = sum(chinese.nearest(vectors[word], 1)[0][0] == " ".join(there) for word, there in WORDS.items())
    mixed = [(one, other) for (one, _), (_, other) in zip(pairs, sentences(400, seed=9), strict=True)]
    _, control = joint_vectors(mixed, **SMALL)
    lost = control.among(" ".join(word) for word in WORDS.values())
    assert right >= 11 and sum(lost.nearest(control[word], 1)[0][0] == " ".join(there) for word, there in WORDS.items()) <= 5
    assert torch.equal(vectors.matrix, joint_vectors(pairs, **SMALL)[1].matrix)
    with pytest.raises(LmcourseError, match="smaller size"):
        joint_vectors(pairs, size=500)


@pytest.mark.parametrize("topics", [2, 3])
def test_labels_of_one_language_serve_another(tmp_path, topics):
    """English labels in, Chinese texts labelled, for two labels and for more; the stored model answers like the one in memory."""
    train = [one for one in examples(120) if one[1] in list(TOPICS)[:topics]]
    model = train_joint(train, sentences(400), tmp_path / "j", **SMALL)
    asked = {"渡轮在大海，下雨": "boat", "袋子和垃圾!": "rubbish", "舞台唱歌下雨": "event", "a song on stage": "event"}
    asked = {text: label for text, label in asked.items() if label in model.model.config.labels}
    found = classify(model, list(asked))
    assert [one.label for one in found] == list(asked.values()) and min(one.probability for one in found) > 0.6
    assert classify(str(tmp_path / "j"), list(asked)) == found
    assert "Solved" in str(model) and "TF-IDF" in str(model)
    lost = train_joint(train, [(one, other) for (one, _), (_, other) in zip(sentences(400), sentences(400, 9), strict=True)], **SMALL)
    assert sum(one.probability for one in classify(lost, list(asked)[:2])) < sum(one.probability for one in found[:2])
    with pytest.raises(LmcourseError, match="holds a model"):
        train_joint(train, sentences(400), tmp_path / "j", **SMALL)
    assert all(tensor.is_floating_point() for tensor in checkpoint.load(tmp_path / "j").weights.values())


def test_the_scores_of_words_are_those_of_their_vectors():
    """Would notice a slip in folding the classifier into the words: texts with the same sum of vectors get the same label scores."""
    model = train_joint(examples(120), sentences(400), **SMALL)
    tokenizer, network = model.tokenizer, model.model
    texts = ["ferry", "ferry ferry ferry ferry", "渡轮 stage", "unheard"]
    logits = over(network.read(tokenizer, texts), network)
    bias = logits[3]  # of a text without a known word nothing remains but the bias
    torch.testing.assert_close(logits[1] - bias, 2 * (logits[0] - bias))  # four times the sum over √4
    assert torch.equal(bias, network.bias)
    words = network.scores.weight[tokenizer.features("渡轮 stage")]
    torch.testing.assert_close(logits[2], bias + words.sum(0) / len(words) ** 0.5)


def test_questions_and_examples_are_translated(monkeypatch):
    """Would notice labels that belong to another text, abstaining that is lost on the way, or a translation that is not told."""
    back = {there: word for word, there in WORDS.items()}
    here = sys.modules["lmcourse.tasks.crosslingual"]
    monkeypatch.setattr(here, "translate", lambda model, texts, beam=1: [back.get(text, "") for text in texts])
    model = train_joint(examples(120), sentences(400), **SMALL)
    found = classify_through(model, ["渡轮", "舞台", "?"], "any")
    assert [(one.label, one.translation) for one in found] == [("boat", "ferry"), ("event", "stage"), (None, "")]
    assert classify_through(model, "渡轮", "any") == found[0]
    assert classify_through(model, "渡轮", "any", least=1.0).label is None
    assert translated([("渡轮", "boat"), ("舞台", "event")], "any") == [("ferry", "boat"), ("stage", "event")]


def test_only_those_of_one_language(tmp_path):
    """``where`` picks records of a corpus, of a file and of a list by a field, and says when there are none."""
    texts = read_labelled_texts("willow_bay/intents", label_field="intent", where={"language": "zh"})
    assert len(texts.train) == 331 and len(texts.valid) == 40
    file = tmp_path / "a.csv"
    file.write_text("text,label,kind\n" + "".join(f"{word} {n},{label},{n % 2}\n" for n in range(10) for word, label in (("a", "x"), ("b", "y"))))
    read = read_labelled_texts(file, where={"kind": "1"})
    assert len(read.train + read.valid) == 10 and all(int(text.split()[1]) % 2 for text, _ in read.train)
    for field in ("kind", "other"):
        with pytest.raises(LmcourseError, match=f"no labelled texts where {field}=7"):
            read_labelled_texts(file, where={field: "7"})
    records = list(lm.corpus.load("willow_bay/intents"))[:60]
    assert len(read_labelled_texts(records, label_field="intent", where={"language": "en"}, skip_bad=True).train) < 60
