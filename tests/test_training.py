"""The training loop: it learns, it stops when told, and a run in two parts is the run in one part, to the bit."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from lmcourse import checkpoint
from lmcourse.batching import Streams
from lmcourse.errors import LmcourseError
from lmcourse.metrics import token_losses
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.schedules import constant
from lmcourse.tokenizers import CharTokenizer
from lmcourse.training import adamw, fit, fresh_starts, next_token

TEXT = "the cat sat on the mat. " * 40
TOKENIZER = CharTokenizer.train([TEXT])
IDS = torch.tensor(TOKENIZER.encode(TEXT))
TENSORS = ("model", "optimizer", "state", "random", "losses", "norms")


def model_of(seed: int = 0) -> LSTMLanguageModel:
    # Two layers with dropout: the random state matters, and so does the carried state.
    torch.manual_seed(seed)
    return LSTMLanguageModel(LSTMConfig(TOKENIZER.vocab_size, 4, 8, layers=2, dropout=0.2))


def streams() -> Streams:
    return Streams(IDS, batch_size=4, window=8, seed=0)


def loss_of(model) -> float:
    return token_losses(model, IDS[:300], start=1).mean().item()


def run(directory: str | Path | None, steps: int = 40, batches=None, model=None, **options):
    model = model if model is not None else model_of()
    options = {"evaluate": loss_of, "every": 10, "seed": 3, "learning_rate": 0.02, "progress": False, "tokenizer": TOKENIZER, **options}
    return fit(model, batches or streams(), steps=steps, directory=directory, **options), model


def state_of(directory: Path, kind: str = "last") -> dict:
    """All tensors of a checkpoint file, by name."""
    import safetensors.torch

    return safetensors.torch.load_file(directory / f"{kind}.safetensors")


def assert_same_run(a: Path, b: Path) -> None:
    for kind in ("last", "best"):
        one, other = state_of(a, kind), state_of(b, kind)
        assert one.keys() == other.keys()
        for name, tensor in one.items():
            # The checker of the annotations draws from Python's generator: it looks at random items of long lists.
            assert torch.equal(tensor, other[name]) or "random.python" in name, name
    # What must be in it for the comparison to mean something.
    assert all(any(part in name for name in state_of(a)) for part in TENSORS)
    logs = [[json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()] for folder in (a, b)]
    for line in logs[0] + logs[1]:
        line.pop("seconds")
    assert logs[0] == logs[1] and len(logs[0]) == 4


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The run that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole")
    run(folder)
    return folder


class Stop(Exception):
    """Anything that ends a process in the middle of a step."""


def stopping(at: int, how):
    ordinary = streams()

    def batches(step: int):
        if step == at:
            how()
        return ordinary(step)

    return batches


def fail() -> None:
    raise Stop


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_it_learns():
    """A text that repeats itself: the loss starts at that of an undecided model, ln(vocabulary), and falls far below."""
    history, model = run(None, steps=100, model=LSTMLanguageModel(LSTMConfig(TOKENIZER.vocab_size, 8, 32)))
    assert history.stopped == "steps" and history.step == 100 == len(history.norms)
    assert history.losses[0] == pytest.approx(math.log(TOKENIZER.vocab_size), abs=0.5)
    assert loss_of(model) == pytest.approx(history.best.loss, abs=1e-6) and history.best.loss < 1.0
    assert history.tokens == sum(streams()(step).targets.numel() for step in range(100))
    assert not model.training


@pytest.mark.parametrize("at", [20, 27])
def test_resuming_after_a_crash(whole, tmp_path, at):
    """Killed right after a checkpoint or seven steps behind one: those seven are done again, and end the same."""
    with pytest.raises(Stop):
        run(tmp_path, batches=stopping(at, fail))
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2
    history, model = run(tmp_path, model=model_of(seed=99), resume=True, seed=8)
    assert_same_run(whole, tmp_path)
    assert history.step == 40 and len(history.losses) == 40
    assert all(torch.equal(tensor, state_of(whole, "best")[f"model.{name}"]) for name, tensor in model.state_dict().items())


def test_resuming_after_ctrl_c(whole, tmp_path):
    """Ctrl-C ends the run between two steps, keeps the best weights, and leaves a last one that goes on exactly."""
    history, model = run(tmp_path, batches=stopping(26, interrupt))
    assert history.stopped == "interrupted" and history.step == 27
    assert loss_of(model) == pytest.approx(history.best.loss, abs=1e-6)
    assert checkpoint.load(tmp_path, "last").training["step"] == 27
    run(tmp_path, model=model_of(seed=99), resume=True)
    assert_same_run(whole, tmp_path)


def test_ctrl_c_before_the_first_evaluation(tmp_path):
    run(tmp_path, batches=stopping(3, interrupt))
    assert checkpoint.load_model(tmp_path)[0].parameters_count == model_of().parameters_count
    assert not (tmp_path / "best.safetensors").exists()
    history, _ = run(tmp_path, resume=True)
    assert history.step == 40


def test_ctrl_c_at_the_very_end(tmp_path):
    """Whoever pressed it must be told, although there is nothing left to do: a program around this should stop, too."""
    history, _ = run(tmp_path, batches=stopping(39, interrupt))
    assert history.stopped == "interrupted" and history.step == 40
    assert run(tmp_path, resume=True)[0].stopped == "steps"


def test_a_second_ctrl_c_ends_at_once(tmp_path):
    def twice():
        interrupt()
        interrupt()

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, batches=stopping(12, twice))
    assert checkpoint.load(tmp_path, "last").training["step"] == 10
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_resuming_after_kill_in_another_process(whole, tmp_path):
    """kill -9 at step 25, no chance to tidy up; a process of its own, so that nothing in memory can help."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import conftest\n"
        "from test_training import *; run(sys.argv[1], batches=stopping(25, lambda: os.kill(os.getpid(), signal.SIGKILL)))"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path]).returncode == -signal.SIGKILL
    assert checkpoint.load(tmp_path, "last").training["step"] == 20
    run(tmp_path, model=model_of(seed=99), resume=True)
    assert_same_run(whole, tmp_path)


def test_resuming_a_finished_run_changes_nothing(whole):
    before = (whole / "last.safetensors").read_bytes()
    history, _ = run(whole, resume=True)
    assert history.step == 40 and history.stopped == "steps"
    assert (whole / "last.safetensors").read_bytes() == before


def test_prolonging(tmp_path):
    """More steps than the run was meant for: it goes on with the rate that a run of 40 has in its middle, to that one's end."""
    run(tmp_path, steps=20)
    history, _ = run(tmp_path, steps=40, resume=True)
    assert history.step == 40 and history.stopped == "steps"
    rates = [evaluation.learning_rate for evaluation in history.evaluations]
    assert rates[2] > 3 * rates[1] and rates[3] == rates[1]


def test_the_seed_decides(whole, tmp_path):
    """Equal seeds give equal runs; another seed drops other values; the caller's random numbers stay untouched."""
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    model = model_of()
    torch.manual_seed(1)
    run(tmp_path / "again", model=model)
    assert torch.equal(torch.rand(1), expected)
    assert_same_run(whole, tmp_path / "again")
    run(tmp_path / "other", seed=4)
    assert not torch.equal(state_of(whole)["training.history.losses"], state_of(tmp_path / "other")["training.history.losses"])


def test_the_best_is_kept_and_patience_ends():
    """Evaluations from a script: the best weights are those of evaluation 2, and after two worse ones it stops."""
    scripted = iter([3.0, 1.0, 2.0, 1.0, 0.5])
    seen = []

    def evaluate(model):
        assert not model.training and not torch.is_grad_enabled()
        seen.append(model.output.weight.detach().clone())
        return next(scripted)

    history, model = run(None, steps=100, evaluate=evaluate, patience=2)
    assert history.stopped == "patience" and history.step == 40
    assert history.best.step == 20 and history.best.loss == 1.0
    assert torch.equal(model.output.weight, seen[1]) and not torch.equal(seen[1], seen[3])


def test_a_run_out_of_patience_stays_ended(tmp_path):
    worse = iter(range(100))
    history, _ = run(tmp_path, steps=100, evaluate=lambda _: float(next(worse)), patience=2)
    assert history.step == 30
    again, _ = run(tmp_path, steps=100, evaluate=lambda _: float(next(worse)), patience=2, resume=True)
    assert again.step == 30 and again.stopped == "patience"


def test_without_evaluation_the_last_weights_stay():
    history, model = run(None, evaluate=None)
    assert [evaluation.loss for evaluation in history.evaluations] == [e.train_loss for e in history.evaluations]
    assert history.evaluations[1].train_loss == pytest.approx(sum(history.losses[10:20]) / 10)


def test_divergence_ends_the_run(tmp_path):
    """A loss that is no number must not be written over a good checkpoint."""

    def objective(model, batch, state):
        loss, tokens, state = next_token(model, batch, state)
        return loss * (float("nan") if batch_number[0] == 15 else 1.0), tokens, state

    batch_number = [0]

    def batches(step):
        batch_number[0] = step
        return streams()(step)

    history, model = run(tmp_path, batches=batches, objective=objective)
    assert history.stopped == "diverged" and history.step == 15
    assert all(parameter.isfinite().all() for parameter in model.parameters())
    assert checkpoint.load(tmp_path, "last").training["step"] == 10


def test_clipping_bounds_the_update():
    """With plain gradient descent at rate 1 the change of the weights is the clipped gradient, of length 0.01."""
    model = model_of()
    before = torch.cat([parameter.detach().flatten().clone() for parameter in model.parameters()])
    history, _ = run(
        None, steps=1, model=model, optimizer=torch.optim.SGD(model.parameters(), lr=1.0), clip=0.01,
        schedule=constant, evaluate=None,
    )  # fmt: skip
    after = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    assert (after - before).norm().item() == pytest.approx(0.01, rel=1e-3)
    assert history.norms[0] > 0.01


def test_the_schedule_multiplies_each_groups_rate():
    model = model_of()
    optimizer = torch.optim.SGD(
        [{"params": [model.embedding.weight], "lr": 0.5}, {"params": [model.output.weight], "lr": 0.1}], lr=1.0
    )
    run(None, steps=4, model=model, optimizer=optimizer, schedule=lambda step, steps: 1 - step / steps, evaluate=None)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.125, 0.025])


def test_weight_decay_spares_biases():
    groups = adamw(model_of(), 0.1, weight_decay=0.3).param_groups
    assert [(group["weight_decay"], {p.dim() for p in group["params"]}) for group in groups] == [(0.3, {2}), (0.0, {1})]


def test_the_objective_carries_the_state():
    """Within an epoch a window continues the one before it; where streams begin, no state is carried into them."""
    model = model_of().eval()
    first, second = streams()(0), streams()(1)
    _, tokens, state = next_token(model, first, None)
    assert tokens == first.targets.numel() and not any(part.requires_grad for part in state)
    carried, fresh = next_token(model, second, state)[0], next_token(model, second, None)[0]
    assert not torch.equal(carried, fresh)
    again = second._replace(first=True)
    assert torch.equal(next_token(model, again, state)[0], fresh)


def test_mixed_precision_learns():
    history, model = run(None, steps=60, precision="bfloat16")
    assert history.best.loss < 2.0
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    exact, _ = run(None, steps=60)
    assert exact.losses[5] != history.losses[5]  # it really computes in another precision


def test_in_a_thread_of_its_own():
    """Signals belong to the main thread; elsewhere training works without them."""
    results = []
    thread = threading.Thread(target=lambda: results.append(run(None, steps=5)[0]))
    thread.start()
    thread.join()
    assert results[0].stopped == "steps"


def test_the_bar_says_what_one_wants_to_know(capsys):
    run(None, steps=20, progress=True)
    shown = capsys.readouterr().err
    assert all(word in shown for word in ("100%", "step 20 of 20", "left", "loss ", "tokens/s"))


def test_what_does_not_fit_is_refused(whole, tmp_path):
    """One sentence each: another model, a folder in use, nothing to resume, no folder, impossible numbers."""
    other = LSTMLanguageModel(LSTMConfig(TOKENIZER.vocab_size, 4, 9, layers=2))
    before = (whole / "last.safetensors").read_bytes()
    for options, word in [
        ({"directory": whole, "resume": True, "model": other}, "another model"),
        ({"directory": whole}, "already holds a model"),
        ({"directory": tmp_path, "resume": True}, "no checkpoint"),
        ({"directory": None, "resume": True}, "folder"),
        ({"directory": None, "steps": 0}, "steps"),
        ({"directory": None, "precision": "float8"}, "precision"),
    ]:
        with pytest.raises(LmcourseError, match=word) as error:
            run(**options)
        assert "\n" not in str(error.value)
    assert (whole / "last.safetensors").read_bytes() == before and not list(tmp_path.iterdir())


def test_a_full_disk_in_the_middle_of_training(tmp_path, monkeypatch):
    """The second saving fails: one sentence, and the first checkpoint is still there and goes on."""
    import errno

    def fill():
        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("lmcourse.files.os.fsync", full)

    with pytest.raises(LmcourseError, match="space"):
        run(tmp_path, batches=stopping(15, fill))
    monkeypatch.undo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.safetensors", "last.safetensors", "log.jsonl"]
    assert checkpoint.load(tmp_path, "last").training["step"] == 10
    assert run(tmp_path, resume=True)[0].step == 40


def test_fresh_starts_forget_whole_streams_and_as_many_as_asked():
    """Would notice a state forgotten in part (one layer, the hidden state alone), or in no stream or all of them."""
    seen = []

    def objective(model, batch, state):
        seen.append(state)
        return next_token(model, batch, state)

    model, batch = model_of(), streams()(1)
    state = tuple(torch.ones(2, 4, 8) for _ in range(2))
    torch.manual_seed(0)
    for _ in range(100):
        fresh_starts(objective, 0.25)(model, batch, state)
    kept = torch.stack([torch.stack(parts) for parts in seen])  # time, hidden and cell, layer, stream, place
    whole = kept.flatten(1, 2).movedim(2, 1).flatten(2)
    assert (whole == whole[..., :1]).all()  # all of a stream's numbers share its fate
    assert 0.65 < kept.mean() < 0.85
    assert all((part == 1).all() for part in state)  # the caller's own is left alone
    fresh_starts(objective)(model, batch, None)
    assert seen[-1] is None
    with pytest.raises(LmcourseError, match="between 0 and 1"):
        fresh_starts(share=2.0)
