"""Fine-tuning: LoRA changes nothing until it is trained and can be taken out again; each method moves what it should, and no more."""

from __future__ import annotations

from dataclasses import asdict

import pytest
import torch

from lmcourse import checkpoint
from lmcourse.batching import Streams
from lmcourse.corpus import Document
from lmcourse.errors import LmcourseError
from lmcourse.nn import Adapted, LanguageModelClassifier, LMClassifierConfig, LSTMConfig, LSTMLanguageModel, add_lora
from lmcourse.nn.lm_classifier import Tokens
from lmcourse.nn.lora import factors, load_factors, merge, remove, unmerge
from lmcourse.tasks import classify, finetune, generate, train_classify, tune_lm
from lmcourse.tasks.domain import Mixed
from lmcourse.tasks.finetune import METHODS, RATES, Base, Gradual, TuningRecipe, build, layer_groups, optimizer_for
from lmcourse.tasks.labels import LabelledTexts, few_of
from lmcourse.tokenizers import CharTokenizer

TEXT = "the ferry is late again and the choir sings in the hall while the bins stand in the rain. " * 4
EASY = [(f"{word} {number}", label) for number in range(20) for word, label in (("ferry late", "boat"), ("bins", "rubbish"))]
NEWS = [Document(str(number), f"the council met on day {number} and spoke of the bridge. " * 4) for number in range(60)]
OLD = [Document(str(number), f"the heron sat on stone {number} all morning. " * 4) for number in range(60)]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A small language model in a folder, as train lm leaves one."""
    tokenizer = CharTokenizer.train([TEXT + "0123456789council met spoke bridge heron stone"], 100)
    torch.manual_seed(0)
    model = LSTMLanguageModel(LSTMConfig(tokenizer.vocab_size, 12, 16, layers=2, tied=True)).eval()
    folder = tmp_path_factory.mktemp("base")
    checkpoint.save(folder, "best", model, tokenizer)
    return folder


# --- LoRA -----------------------------------------------------------------------------------------------------------


def trained(model: torch.nn.Module, ids: torch.Tensor, steps: int = 3) -> None:
    """A few steps of what has a gradient."""
    optimizer = torch.optim.SGD([part for part in model.parameters() if part.requires_grad], 1.0)
    for _ in range(steps):
        torch.nn.functional.cross_entropy(model(ids)[0].flatten(0, 1), ids.flatten()).backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.fixture
def pair():
    """A language model and something to read."""
    torch.manual_seed(1)
    return LSTMLanguageModel(LSTMConfig(20, 8, 16, layers=2)).eval(), torch.randint(0, 20, (3, 7))


def test_lora_begins_as_nothing_and_trains_only_its_factors(pair):
    """Would notice factors that do not start at zero, original weights that move, and a fused LSTM that reads stale weights."""
    model, ids = pair
    before, (expected, _) = {name: value.clone() for name, value in model.state_dict().items()}, model(ids)
    add_lora(model, rank=2, layers=["lstm"])
    assert torch.equal(model(ids)[0], expected)
    learning = {name for name, part in model.named_parameters() if part.requires_grad}
    assert len(learning) == 8 and all(".0.a" in name or ".0.b" in name for name in learning)
    assert sum(part.numel() for part in factors(model).values()) == 2 * (64 + 8 + 64 + 16 + 64 + 16 + 64 + 16)
    trained(model, ids)
    assert not torch.allclose(model(ids)[0], expected)
    remove(model)
    assert torch.equal(model(ids)[0], expected) and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_lora_is_what_the_paper_says(pair):
    """W + scale / rank · B · A, in a linear layer and in the recurrent matrices, merged to the last bit of what ran before."""
    model, ids = pair
    weight = model.lstm.weight_hh_l0.detach().clone()
    add_lora(model, rank=2, scale=6.0)
    trained(model, ids)
    found, kept = model(ids)[0], {name: value.clone() for name, value in factors(model).items()}
    torch.testing.assert_close(
        model.lstm.weight_hh_l0, weight + 3 * kept["lstm.weight_hh_l0.b"] @ kept["lstm.weight_hh_l0.a"]
    )
    originals = merge(model)
    assert type(model.lstm) is torch.nn.LSTM and torch.equal(model(ids)[0], found) and not factors(model)
    unmerge(model, originals)
    assert torch.equal(model.lstm.weight_hh_l0, weight)
    add_lora(model, rank=2, scale=6.0)
    load_factors(model, kept)
    assert torch.equal(model(ids)[0], found)


def test_lora_refuses(pair):
    model, _ = pair
    for layers, rank, word in [(["lstmm"], 2, "lstmm"), (["lstm"], 0, "rank"), (["lstm"], 99, "rank")]:
        with pytest.raises(LmcourseError, match=word):
            add_lora(LSTMLanguageModel(LSTMConfig(20, 8, 16)), rank, layers=layers)
    add_lora(model, 2)
    with pytest.raises(LmcourseError, match="already"):
        add_lora(model, 2)
    with pytest.raises(LmcourseError, match="do not fit"):
        load_factors(model, {})
    with pytest.raises(LmcourseError, match="no matrix"):
        unmerge(model, {"lstm.weight": torch.zeros(1)})
    with pytest.raises(LmcourseError, match="no linear"):
        add_lora(torch.nn.Embedding(3, 2))


# --- the head -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pooling", ["layers", "concat", "last", "mean", "max"])
def test_pooling_reads_real_tokens_only(base, pooling):
    """A text's features are the same alone and padded; the parts of concat are last, mean and maximum, those of layers also the embedding's mean."""
    tokenizer = Base.of(base).tokenizer
    config = LMClassifierConfig(("a", "b"), asdict(LSTMConfig(tokenizer.vocab_size, 12, 16)), pooling=pooling)
    model = LanguageModelClassifier(config).eval()
    words = Tokens(tokenizer, ["the", "the choir sings", ""], 0, 400)
    together = model.features(words.of([0, 1, 2]))
    for number in range(3):
        torch.testing.assert_close(model.features(words.of([number]))[0], together[number])
    hidden = model.lm.lstm(model.lm.embedding(words.of([1]).ids))[0][0]
    parts = {"last": hidden[-1], "mean": hidden.mean(0), "max": hidden.amax(0)}
    below = [model.lm.embedding(words.of([1]).ids)[0].mean(0)] if pooling == "layers" else []
    torch.testing.assert_close(together[1], torch.cat([*parts.values(), *below]) if pooling in ("concat", "layers") else parts[pooling])


def test_each_part_of_the_features_is_normalised_by_itself(base):
    """Would notice one norm for all, in which the maxima drown the means: then a part's scale would change the others' say."""
    tokenizer = Base.of(base).tokenizer
    model = LanguageModelClassifier(LMClassifierConfig(("a", "b"), asdict(LSTMConfig(tokenizer.vocab_size, 12, 16)))).eval()
    torch.nn.init.normal_(model.head.weight)
    features = model.features(Tokens(tokenizer, ["the choir sings"], 0, 400).of([0]))
    louder = features.clone()
    louder[:, 32:48] *= 3  # the maxima
    torch.testing.assert_close(model(louder), model(features), atol=1e-3, rtol=1e-3)


def test_the_embedding_has_a_rate_of_its_own(base):
    """With "full" and "scratch", whose last group it is; elsewhere the last group is another, or the paper's rule holds."""
    for method, expected in {"full": 10.0, "scratch": 10.0, "last": 1.0, "frozen": 1.0, "lora": 1.0}.items():
        recipe = TuningRecipe(method=method, learning_rate=1.0)
        model = build(Base.of(base), ("a", "b"), recipe, 0)
        groups = optimizer_for(layer_groups(model, method), recipe, recipe.embedding_rate).param_groups
        assert [group["lr"] for group in groups] == [1.0] * (len(groups) - 1) + [expected], method


def test_texts_that_are_split_already(base, tmp_path):
    """Without validation texts all that is given is learnt from, nothing is scored, and no step is chosen; with some, these are those."""
    few = LabelledTexts(EASY[:8], [], "few")
    result = finetune(base, few, tmp_path / "m", method="full", steps=5, progress=False)
    assert classify(tmp_path / "m", "ferry") == classify(result, "ferry")
    assert (result.held, result.scores, result.baseline) == (0, None, None) and result.history.best.step == 5
    assert "held-out" not in str(result) and set(result.model.config.labels) == {"boat", "rubbish"}
    held = finetune(base, LabelledTexts(EASY[:8], [*EASY[8:12], ("?", "unknown")], "few"), method="frozen", steps=5, progress=False)
    assert held.held == 4
    with pytest.raises(LmcourseError, match="no validation texts"):
        train_classify(few, progress=False)


def test_few_of():
    """Every label before any comes twice, nested, drawn anew by the seed; would notice a draw that is not random."""
    examples = [(f"text {number}", "abc"[number % 3] if number % 5 else "rare") for number in range(60)]
    drawn = few_of(examples, 4, seed=1)
    assert {label for _, label in drawn} == {"a", "b", "c", "rare"}
    assert few_of(examples, 20, seed=1)[:4] == drawn and set(few_of(examples, 99, seed=1)) == set(examples)
    assert few_of(examples, 20, seed=2) != few_of(examples, 20, seed=1)
    with pytest.raises(LmcourseError, match="two examples"):
        few_of(examples, 1)

@pytest.mark.parametrize("method", METHODS)
def test_each_method_moves_what_it_should(base, tmp_path, method):
    """Frozen moves the head only, last also the upper LSTM layer, LoRA nothing of the base, the others all; and the folder labels."""
    result = finetune(base, EASY, tmp_path / "m", method=method, steps=30, seed=1, learning_rate=0.02, progress=False)
    assert result.scores.accuracy == 1.0
    before, after = Base.of(base).model.state_dict(), result.model.lm.state_dict()
    moved = {name.rpartition(".")[2] for name, value in before.items() if not torch.equal(value, after[name])}
    lstm = {f"{kind}_{part}_l{layer}" for kind in ("weight", "bias") for part in ("ih", "hh") for layer in (0, 1)}
    expected = {"frozen": set(), "last": {name for name in lstm if name.endswith("1")}, "lora": {name for name in lstm if "weight" in name}}
    assert moved - {"bias", "weight"} == expected.get(method, lstm)
    assert ("weight" in moved) is (method in ("scratch", "full", "gradual"))  # the embedding
    assert classify(tmp_path / "m", "the ferry") == classify(result, "the ferry")
    assert classify(tmp_path / "m", "ferry late 3").label == "boat"
    if method == "lora":
        weights = checkpoint.load(tmp_path / "m").weights
        assert not any("original" in name or "embedding" in name for name in weights)
        assert sum(value.numel() for value in weights.values()) == 4 * (64 + 12 + 3 * (64 + 16)) + 2 * 60 + 60 * 2 + 2


def test_a_resumed_tuning_is_the_same(base, tmp_path, monkeypatch):
    """Stopped in the middle and resumed, LoRA and gradual unfreezing end with the same bits as in one go."""
    for method in ("lora", "gradual"):
        whole = finetune(base, EASY, tmp_path / f"{method}a", method=method, steps=30, progress=False)
        folder = tmp_path / f"{method}b"
        original, calls = checkpoint.save, []

        def stop(*args, original=original, calls=calls, **options):
            path = original(*args, **options)
            calls.append(path)
            if path.name == "last.safetensors" and len(calls) > 3:
                raise KeyboardInterrupt
            return path

        monkeypatch.setattr(checkpoint, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            finetune(base, EASY, folder, method=method, steps=30, progress=False)
        monkeypatch.undo()
        assert checkpoint.load(folder, "last").training["step"] < 30
        resumed = finetune(data=EASY, out=folder, resume=True, progress=False)
        for name, value in whole.model.state_dict().items():
            assert torch.equal(value, resumed.model.state_dict()[name]), name


def test_gradual_unfreezing(base):
    """The head learns first, then layer after layer from the top, each at a lower rate."""
    model = build(Base.of(base), ("a", "b"), TuningRecipe(method="gradual"), 0)
    groups = layer_groups(model, "gradual")
    assert len(groups) == 4 and sum(map(len, groups)) == len(list(model.parameters()))
    rates = [group["lr"] for group in optimizer_for(groups, TuningRecipe(method="gradual", learning_rate=1.0)).param_groups]
    assert rates == pytest.approx([1, 1 / 2.6, 1 / 2.6**2, 1 / 2.6**3])

    class Step:
        step = 0

    objective = Gradual(groups, 10, lambda model, batch, state: (torch.zeros(()), 1, None))
    for step, learning in [(0, 1), (9, 1), (10, 2), (35, 4)]:
        Step.step = step
        objective(model, Step, None)
        assert [all(part.requires_grad for part in group) for group in groups] == [place < learning for place in range(4)]


def test_lora_needs_its_base(base, tmp_path):
    """A checkpoint of changes says so when the model that it changes is gone, or is another one."""
    folder = tmp_path / "base"
    model, tokenizer = checkpoint.load_model(base)
    checkpoint.save(folder, "best", model, tokenizer)
    finetune(folder, EASY, tmp_path / "m", method="lora", steps=3, progress=False)
    with torch.no_grad():
        model.embedding.weight[0, 0] += 1
    checkpoint.save(folder, "best", model, tokenizer)
    with pytest.raises(LmcourseError, match="no longer the model"):
        classify(tmp_path / "m", "a")
    (folder / "best.safetensors").unlink()
    with pytest.raises(LmcourseError, match="not there"):
        classify(tmp_path / "m", "a")


def test_what_cannot_be_tuned_is_refused(base, tmp_path):
    for call, word in [
        (lambda: finetune(base, EASY, method="half"), "gradual"), (lambda: finetune(None, EASY), "Say which"),
        (lambda: finetune("translate-en-zh", EASY), "begins with a language model"), (lambda: tune_lm(base, NEWS, method="frozen"), "frozen"),
        (lambda: tune_lm(base, NEWS, rehearsal=0.2), "--old"), (lambda: tune_lm(base, NEWS, old=OLD, rehearsal=1.0), "rehearsal"),
        (lambda: finetune(base, EASY, rank=4, ranks=3), "ranks"),
    ]:  # fmt: skip
        with pytest.raises(LmcourseError, match=word):
            call()
    assert set(RATES) == set(METHODS)


# --- domains --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_domain_is_learnt_and_the_old_one_measured(base, tmp_path, method):
    """The loss on new text falls, what was before is reported, and the folder is a language model like any other."""
    result = tune_lm(base, NEWS, tmp_path / "m", method=method, old=OLD, rehearsal=0.25, steps=40, learning_rate=0.02, progress=False)
    assert result.new[1].loss < result.new[0].loss - 0.2 and result.old[1].loss < result.old[0].loss
    assert "old" in str(result) and isinstance(result.model, LSTMLanguageModel)
    assert len(result.forgetting) == len(result.history.evaluations)
    assert result.forgetting[-1] == pytest.approx(result.old[1].loss, rel=0.05)  # this text is shorter than what is read
    model, _ = checkpoint.load_model(tmp_path / "m")
    for name, value in result.model.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), name
    assert generate(tmp_path / "m", "the ", tokens=5, seed=1) == generate(result, "the ", tokens=5, seed=1)
    again = tune_lm(base, NEWS, tmp_path / "m", old=OLD, resume=True, steps=50, progress=False)
    assert again.history.step == 50 and len(again.forgetting) == 1  # since it was resumed
    assert tune_lm(base, NEWS, method=method, steps=2, progress=False).forgetting == []


def test_rehearsal_forgets_less(base):
    """The same steps with a half of old text keep the loss on the old lower: would notice old text that is never read."""
    learnt = tune_lm(base, OLD, steps=60, learning_rate=0.02, progress=False)
    losses = [
        tune_lm(learnt, NEWS, old=OLD, rehearsal=share, steps=60, learning_rate=0.02, seed=1, progress=False).old[1].loss
        for share in (0.0, 0.5)
    ]
    assert losses[1] < losses[0] - 0.1


def test_old_and_new_text_alternate():
    """A share of the steps, evenly spread, and each text read in its own order without a gap."""

    batches = Mixed([Streams(torch.arange(100), 1, 1), Streams(torch.arange(100, 200), 1, 1)], 0.25)
    met = [(batch.which, int(batch.window.inputs)) for batch in map(batches, range(12))]
    assert [window for which, window in met if which] == [100, 101, 102]
    assert [window for which, window in met if not which] == list(range(9))
    assert [place for place, (which, _) in enumerate(met) if which] == [3, 7, 11]


def test_an_adapted_model_keeps_only_what_it_trains(base):
    """Would notice a checkpoint of LoRA that holds the whole model."""
    tuned = Base.of(base)
    model = tuned.adapted(LSTMLanguageModel(tuned.model.config), "", TuningRecipe(rank=1), 0)
    assert isinstance(model, Adapted) and set(model.state_dict()) == set(model.trained()) and len(model.trained()) == 8
    with pytest.raises(RuntimeError):
        model.load_state_dict({})
