"""From labelled texts to a classifier: reading, splitting, the two parts and their weights, training, resuming, labelling."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
import torch

from lmcourse import checkpoint
from lmcourse.corpus import Document, load
from lmcourse.corpus.labelled import read_labelled
from lmcourse.corpus.lines import BadLines
from lmcourse.errors import LmcourseError
from lmcourse.nn import ClassifierConfig, TextClassifier
from lmcourse.nn.classifier import Words
from lmcourse.tasks import classify, generate, train_classify
from lmcourse.tasks.classify import LabelBatches, Validation, counted, over, pooled, solve
from lmcourse.tasks.labels import read_labelled_texts
from lmcourse.tokenizers import BagTokenizer, from_dict


def ordered(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Texts whose label is which of two words comes first; fillings stand around both, so that counts and pairs know nothing."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        order = rng.sample(["cat", "dog"], 2)
        first, middle, last = (" ".join(rng.choices("ab cd ef gh".split(), k=rng.randrange(1, 4))) for _ in range(3))
        found.append((f"{first} {order[0]} {middle} {order[1]} {last} {number}", order[0]))
    return found


EASY = [(f"{word} {number}", label) for number in range(30) for word, label in (("ferry", "boat"), ("bin", "rubbish"), ("choir", "event"))]
SMALL = {"embedding_size": 8, "hidden_size": 8, "progress": False}


def holding(folder: Path, name: str, *lines: str) -> Path:
    """A file of these lines in the folder."""
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder / name


# --- files ----------------------------------------------------------------------------------------------------------


def test_fields(tmp_path):
    """jsonl, csv with quotes, tsv; fields by their usual names and by others; labels that are numbers or true."""
    rows = [{"text": "a\tb", "label": 1}, {"label": True, "text": "c"}, {"text": " d ", "label": " e "}]
    file = holding(tmp_path, "x.jsonl", *map(json.dumps, rows), "")
    assert read_labelled(file).examples == [("a\tb", "1"), ("c", "true"), ("d", "e")]
    assert read_labelled(holding(tmp_path, "x.csv", "label,text", '好,"a, b"')).examples == [("a, b", "好")]
    assert read_labelled(holding(tmp_path, "x.tsv", "id\tcategory\tbody", '1\tx\tsay "a')).examples == [('say "a', "x")]
    file = holding(tmp_path, "y.csv", "said;mood", "a;b")
    assert read_labelled(file, text="said", label="mood").examples == [("a", "b")]
    marked = tmp_path / "bom.csv"
    marked.write_bytes("text,label\na,b\n".encode("utf-8-sig"))
    assert read_labelled(marked).examples == [("a", "b")]


BAD_ROWS = [(",x", "empty text"), ("a, ", "empty label"), ("a", "1 field"), ("a,b,c", "3 fields"), ('a,"x\ny"', "line break")]
BAD_OBJECTS = [
    ("{", "JSON"), ("[1]", "object"), ('{"text": "a"}', "'label'"), ('{"label": "a"}', "'text'"),
    ('{"text": 3, "label": "a"}', "no string"), ('{"text": "a", "label": [1]}', "no string"), ('{"text": "a", "label": null}', "'label'"),
    ('{"text": "a", "label": "b\\tc"}', "tab"), ('{"text": "", "label": "b"}', "empty text"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "header", "good", "bad"), [("a.csv", ["text,label"], "a,b", BAD_ROWS), ("a.jsonl", [], '{"text": "a", "label": "b"}', BAD_OBJECTS)])
def test_every_bad_line_is_named(tmp_path, name, header, good, bad):
    """Its number, counted as an editor counts, and what is wrong; with skip_bad the others are all there."""
    file = holding(tmp_path, name, *header, *(line for one, _ in bad for line in (good, one)), good)
    with pytest.raises(BadLines, match=f"{len(bad)} bad lines") as caught:
        read_labelled(file)
    lines = file.read_text().split("\n")
    for said, (one, word) in zip(caught.value.lines, bad, strict=True):
        number = int(said.split()[1])
        assert lines[number - 1] == one.split("\n")[0] and word in said
    found = read_labelled(file, skip_bad=True)
    assert found.bad == caught.value.lines and found.examples == [("a", "b")] * (len(bad) + 1)


def test_bytes_that_are_no_text_are_a_bad_line(tmp_path):
    """A single byte of another encoding spoils its line, not the file."""
    file = tmp_path / "a.tsv"
    file.write_bytes(b"text\tlabel\n" + b"a\tb\n" * 30 + b"caf\xe9\tb\n")
    with pytest.raises(BadLines, match="line 32 has bytes in its text"):
        read_labelled(file)
    file.write_bytes("text\tlabel\nÜber\tb\n".encode("cp1252"))
    assert read_labelled(file, encoding="cp1252").examples == [("Über", "b")]


@pytest.mark.parametrize(
    ("name", "text", "names", "word"),
    [("a.csv", "text\nhello", {}, "one field"), ("a.csv", "a,b\nx,y", {}, "--text-field"), ("a.csv", "text,mood\nx,y", {}, "--label-field"),
     ("a.csv", "text,label\nx,y", {"label": "mood"}, "'mood'"), ("a.csv", "text,label\nx,y", {"label": "text"}, "two fields"),
     ("a.csv", "text,text\nx,y", {}, "same name"), ("a.json", "{}", {}, "jsonl"), ("a.csv", " \n ", {}, "white space"), ("a.csv", "", {}, "empty")],
)  # fmt: skip
def test_files_that_are_refused(tmp_path, name, text, names, word):
    (tmp_path / name).write_text(text)
    with pytest.raises(LmcourseError, match=word):
        read_labelled(tmp_path / name, **names)


# --- the split ------------------------------------------------------------------------------------------------------


def test_each_label_is_on_both_sides_and_no_text_is(tmp_path):
    """Would notice a rare label that is only measured, or a text that was learnt and is then measured on."""
    examples = [(f"{label} {number}", label) for label, count in (("a", 300), ("b", 12), ("c", 2)) for number in range(count)]
    examples += [("a 1", "b"), ("a 2", "a"), ("b 3", "b")]
    texts = read_labelled_texts(examples)
    assert sorted(texts.train + texts.valid) == sorted(examples)
    assert not {text for text, _ in texts.train} & {text for text, _ in texts.valid}
    assert texts.labels == ("a", "b", "c") and {label for _, label in texts.valid} >= {"a", "b"}
    assert 25 <= len(texts.valid) <= 40
    assert read_labelled_texts([("x 1", "x"), ("x 2", "x"), ("y 1", "y"), ("y 2", "y")]).valid


def test_a_known_corpus_leaves_its_test_split_unread():
    records = load("willow_bay/intents")
    texts = read_labelled_texts("willow_bay/intents", label_field="intent")
    assert len(texts.train) == len(records.split("train")) and len(texts.valid) == len(records.split("valid"))
    assert len(texts.labels) == 12
    with pytest.raises(LmcourseError, match="'intent'"):
        read_labelled_texts("willow_bay/intents")


def test_what_cannot_be_learnt_is_refused():
    for examples, word in [
        ([("a", "x"), ("b", "x")], "only the label 'x'"), ([], "no labelled texts"), ([("a", "x"), ("b", "x"), ("c", "y")], "'y'"),
        ([("a", "x"), ("b", "x"), ("c", "y"), ("c", "y")], "one text"), ([Document("1", "a"), Document("2", "b")], "no field 'label'"),
    ]:  # fmt: skip
        with pytest.raises(LmcourseError, match=word):
            read_labelled_texts(examples)
    texts = read_labelled_texts([*EASY, ("alone", "rare")], skip_bad=True)
    assert "'rare'" in texts.bad[0] and "rare" not in texts.labels
    with pytest.raises(LmcourseError, match="no words"):
        solve(read_labelled_texts([("…", "a"), ("..", "a"), (".", "b"), (",", "b")]), 10.0)


# --- the model ------------------------------------------------------------------------------------------------------


def test_a_bag_of_words_reads_what_the_baseline_reads():
    """Small letters, apostrophes, single Chinese characters, marks of feeling; and it can be stored."""
    tokenizer = BagTokenizer.train(["Don't GO, 我们走!", "go?"])
    assert tokenizer.words == ["!", "?", "don't", "go", "们", "我", "走"]
    assert tokenizer.encode("Go 走吧") == [4, 7, 0] and tokenizer.decode([4, 0]) == "go <unk>" and tokenizer.unknown("go home") == ["home"]
    again = from_dict(tokenizer.to_dict())
    assert again.encode("go!") == tokenizer.encode("go!") and again.fingerprint == tokenizer.fingerprint


def test_pairs_of_neighbours_belong_to_the_vocabulary():
    """Words and pairs that are known, the pairs numbered on from the words; an unknown word between two parts them."""
    tokenizer = BagTokenizer(["a", "b", "c"], [(1, 2), (3, 3)])
    assert tokenizer.features_size == 6 and tokenizer.features("A b, c") == [1, 2, 3, 4]
    assert tokenizer.features("c c c") == [3, 3, 3, 5, 5] and tokenizer.features("a x b") == [1, 2] and tokenizer.features("x") == []
    again = from_dict(tokenizer.to_dict())
    assert again.features("a b") == [1, 2, 4] and again.fingerprint == tokenizer.fingerprint != BagTokenizer(["a", "b", "c"]).fingerprint
    for pairs, word in (([(1, 2), (1, 2)], "differ"), ([(1, 4)], "ids from 1 to 3"), ([(0, 1)], "ids from 1 to 3")):
        with pytest.raises(LmcourseError, match=word):
            BagTokenizer(["a", "b", "c"], pairs)


@pytest.mark.parametrize("labels", [2, 3])
def test_the_linear_part_is_tf_idf_with_logistic_regression(labels):
    """Would notice any slip on the way from scikit-learn's numbers into tensors: counts, pairs, unknown words, empty texts."""
    rng = random.Random(3)
    words = [*"the a of it is on we go bay sea cat don't".split(), "船", "来", "!"]
    texts = [(" ".join(rng.choices(words, k=rng.randrange(1, 12))) + f" {number % 7}", f"label {number % labels}") for number in range(120)]
    split = read_labelled_texts(texts)
    tokenizer, solved = solve(split, 10.0)
    model = TextClassifier(ClassifierConfig(split.labels, tokenizer.vocab_size, len(tokenizer.pairs)))
    model.set_linear(**solved)
    new = [text for text, _ in split.valid] + ["the the the sea", "unheard words the cat of", "…", "船来了 船来!", "zzz"]
    expected = torch.tensor(counted(split).predict_proba(new), dtype=torch.float)
    found = over(Words(tokenizer, new), model.linear).softmax(1)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_the_linear_part_fits_into_memory(monkeypatch):
    """Many labels times many words: the commonest are kept, and the model is built from these."""
    monkeypatch.setattr(sys.modules["lmcourse.tasks.classify"], "LARGE", 2000)
    texts = read_labelled_texts([(f"{label} word{number} rare{label}{number}", label) for number in range(400) for label in "ab"])
    tokenizer, solved = solve(texts, 10.0)
    assert len(solved["idf"]) <= 1001 and {"a", "b"} <= set(tokenizer.words)


def test_padding_changes_nothing():
    """A text's scores are the same alone and among longer ones, in both parts."""
    texts = ["go", "we go to the sea today", "", "船"]
    tokenizer = BagTokenizer.train(texts)
    torch.manual_seed(0)
    model = TextClassifier(ClassifierConfig(("a", "b"), tokenizer.vocab_size, 0, hidden_size=8)).eval()
    torch.nn.init.normal_(model.output.weight)
    words = Words(tokenizer, texts)
    together = model(words.of(range(4)))
    for number in range(4):
        torch.testing.assert_close(model(words.of([number]))[0], together[number])


def test_the_better_part_leads():
    """The pool trusts the part that is right, more the surer it may be, and never one that is worse than chance."""
    torch.manual_seed(0)
    targets = torch.arange(200) % 4
    right = torch.nn.functional.one_hot(targets, 4).float() + torch.randn(200, 4) * 0.2
    noise = torch.randn(200, 4)
    trust, loss = pooled(right, noise, targets)
    assert trust[0] > 4 and trust[1] < 0.5 and loss < 0.1
    assert pooled(noise, right, targets)[0].argmax() == 1
    assert pooled(noise, -right, targets)[0].max() < 0.3
    few, _ = pooled(right[:2], noise[:2], targets[:2])
    assert few.max() < 4  # two examples are no reason to be sure


def test_a_network_that_misleads_has_no_say():
    """Would notice a pool that is right less often than counted words alone; and one that never lets the network in."""
    model = train_classify(EASY, steps=10, **SMALL)
    validate = Validation(model.model, model.tokenizer, read_labelled_texts(EASY))
    wanted, few = torch.nn.functional.one_hot(validate.targets, 3).float(), torch.arange(9)[:, None] < 3
    # Counted words: six just right, three badly wrong. The network: those three right, the six just wrong.
    validate.linear = torch.where(few, 5 * wanted.roll(1, 1), 0.2 * wanted)
    network = torch.where(few, 4 * wanted, 0.5 * wanted.roll(1, 1))
    assert pooled(validate.linear, network, validate.targets)[0][1] > 0.1  # the loss alone would let it in
    model.model.network = lambda reading: network
    validate(model.model)
    assert float(model.model.trust[1]) == 0.0
    model.model.network = lambda reading: wanted
    validate(model.model)
    assert float(model.model.trust[1]) > 0.1


def test_batches_follow_from_the_step():
    """Every text once a pass, in another company each time, and any step without those before it."""
    words = Words(BagTokenizer.train(text for text, _ in EASY), [text for text, _ in EASY])
    targets = torch.arange(len(EASY))
    batches = LabelBatches(words, targets, 16, seed=1)
    for turn in (0, 3):
        met = torch.cat([batches(turn * len(batches) + step).targets for step in range(len(batches))])
        assert sorted(met.tolist()) == targets.tolist()
    assert torch.equal(LabelBatches(words, targets, 16, seed=1)(7).targets, batches(7).targets)
    assert not torch.equal(batches(0).targets, batches(len(batches)).targets)


# --- training and labelling -----------------------------------------------------------------------------------------


def test_the_network_sees_what_counting_cannot():
    """On labels that hang on the order of words, the pool is far above TF-IDF: would notice a network that does not learn."""
    train, test = ordered(400), ordered(100, seed=1)
    model = train_classify(train, steps=150, hidden_size=16, embedding_size=16, dropout=0.1, learning_rate=0.01, progress=False)
    assert model.scores.accuracy > 0.9 and model.baseline.accuracy < 0.75
    found = classify(model, [text for text, _ in test])
    assert sum(one.label == label for one, (_, label) in zip(found, test, strict=True)) > 90


def test_chinese_without_spaces():
    """Characters and their pairs tell labels apart where nothing parts the words."""
    examples = [(f"{a}{b}{c}", label) for a in "我你他" for c in "吧呢啊了" for b, label in (("坐船", "boat"), ("倒垃圾", "rubbish"), ("唱歌", "event"))]
    model = train_classify(examples, steps=10, **SMALL)
    assert [one.label for one in classify(model, ["大家坐船去", "谁倒垃圾", "明天唱歌吗"])] == ["boat", "rubbish", "event"]


def test_answers_and_abstaining():
    """One text and many, probabilities that sum to one, the limit of confidence, and blank lines."""
    model = train_classify(EASY, steps=20, **SMALL)
    one = classify(model, "the ferry")
    assert one.label == "boat" and one.probability == max(one.probabilities.values()) and list(one.probabilities)[0] == "boat"
    assert sum(one.probabilities.values()) == pytest.approx(1)
    many = classify(model, ["the ferry", " ", "nothing known"])
    assert many[0] == one and (many[1].label, many[1].probability) == (None, 0.0)
    assert classify(model, "nothing known", least=many[2].probability + 0.01).label is None
    assert classify(model, "nothing known", least=many[2].probability - 0.01).label is not None
    with pytest.raises(LmcourseError, match="0 to 1"):
        classify(model, "a", least=2)


def test_stored_resumed_and_loaded(tmp_path, monkeypatch):
    """A run that was stopped and resumed ends with the same bits; the folder labels as the model does; other tasks refuse it."""
    whole = train_classify(EASY, tmp_path / "a", steps=40, seed=5, **SMALL)
    part = {"steps": 40, "seed": 5, **SMALL}

    def stop(*given, **options):
        if given[1] == "last" and given[4]["step"] == 20:
            raise KeyboardInterrupt
        return save(*given, **options)

    save = checkpoint.save
    monkeypatch.setattr(checkpoint, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        train_classify(EASY, tmp_path / "b", **part)
    monkeypatch.undo()
    assert checkpoint.load(tmp_path / "b", "last").training["step"] == 10
    resumed = train_classify(EASY, tmp_path / "b", resume=True, progress=False)
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, resumed.model.state_dict()[name]), name
    assert whole.scores == resumed.scores
    assert classify(tmp_path / "a", "my bin") == classify(whole, "my bin") == classify(str(tmp_path / "b"), "my bin")
    assert "labels" in json.dumps(checkpoint.load(tmp_path / "a").config)
    with pytest.raises(LmcourseError, match="classify"):
        generate(tmp_path / "a")
    with pytest.raises(LmcourseError, match="does not hold the texts"):
        train_classify(EASY[:-1], tmp_path / "a", resume=True, progress=False)
    with pytest.raises(LmcourseError, match="already holds"):
        train_classify(EASY, tmp_path / "a", steps=5, **SMALL)
    with pytest.raises(LmcourseError, match="no classifier"):
        classify("lm-base", "a")
    with pytest.raises(LmcourseError, match="--data"):
        train_classify(out=tmp_path / "c")
