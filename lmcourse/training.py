"""Training: show the model a batch, measure how wrong it was, nudge every weight, again.

One loop for every lesson: what differs between a language model, a translator and a classifier is only how a batch
turns into a loss, and that is the ``objective``. Around the bare loop stands what practice has found to be needed:
AdamW (Loshchilov & Hutter 2019), gradient clipping (Pascanu, Mikolov & Bengio 2013), a schedule, evaluation on other
text, early stopping (Prechelt 1998), and checkpoints.

A run is a function of its seed. Batches are asked for by the number of the step, and everything else that a step
depends on (weights, optimiser, generators of random numbers, carried state) goes into the ``last`` checkpoint: so a run
that was stopped and resumed ends with the same bits as one that was not (on one machine, with the same versions and the
same number of threads).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lmcourse import checkpoint
from lmcourse.batching import Batch, PairBatch
from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.history import Evaluation, History
from lmcourse.progress import bar, interruptible
from lmcourse.schedules import Schedule, cosine
from lmcourse.tokenizers.base import Tokenizer

Objective = Callable[[nn.Module, Any, Any], tuple[Float[Tensor, ""], int, Any]]
"""``objective(model, batch, state)`` gives the mean loss, over how many targets, and the state to carry on."""


def next_token(model: nn.Module, batch: Batch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective of a language model: cross-entropy of each next token, with the state carried between windows."""
    device = next(model.parameters()).device
    logits, state = model(batch.inputs.to(device), None if batch.first else state)
    loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), batch.targets.to(device).flatten())
    # Detached: gradients end at the window's edge (truncated backpropagation), only the values go on.
    return loss, batch.targets.numel(), tuple(part.detach() for part in state)


def next_target(
    model: nn.Module, batch: PairBatch, state: Any, smoothing: float = 0.1
) -> tuple[Float[Tensor, ""], int, Any]:
    """The objective of a translator: cross-entropy of each target token, given the source and the tokens before it.

    Scores are computed at real places only. **Smoothing** takes this share of the probability wanted for the right token
    and spreads it over all (Szegedy et al. 2016): where several translations are good, none should be certain.
    """
    device = next(model.parameters()).device
    source, inputs, targets, real = (part.to(device) for part in batch)
    features, _ = model.decode(inputs, *model.encode(source))
    logits, targets = model.logits(features[real]).float(), targets[real]
    return nn.functional.cross_entropy(logits, targets, label_smoothing=smoothing), len(targets), None


def fresh_starts(objective: Objective = next_token, share: float = 0.05) -> Objective:
    """``objective``, but at each step this ``share`` of the streams begins anew, with a state of zeros.

    Who always carries the state on has begun only where an epoch begins, a handful of times in a training, and does not
    know how: begun somewhere else, the cell of an LSTM can run away and never come back. Lesson 5 shows it.
    """
    if not 0 <= share <= 1:
        raise LmcourseError(f"The share of streams that begin anew lies between 0 and 1, and {share} does not.")

    def with_fresh_starts(model: nn.Module, batch: Batch, state: Any) -> tuple[Float[Tensor, ""], int, Any]:
        if state is not None:
            kept = torch.rand(state[0].shape[1], 1, device=state[0].device) >= share  # of each stream, in all layers
            state = tuple(part * kept for part in state)
        return objective(model, batch, state)

    return with_fresh_starts


def adamw(model: nn.Module, learning_rate: float, weight_decay: float = 0.01) -> torch.optim.AdamW:
    """AdamW; weight decay pulls at matrices only, not at biases and scales."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=learning_rate, betas=(0.9, 0.95), fused=True)


def fit(
    model: nn.Module,
    batches: Callable[[int], Any],
    objective: Objective = next_token,
    *,
    steps: int,
    learning_rate: float = 8e-3,
    optimizer: torch.optim.Optimizer | None = None,
    schedule: Schedule = cosine,
    clip: float = 1.0,
    precision: str = "float32",
    evaluate: Callable[[nn.Module], float] | None = None,
    every: int = 250,
    patience: int | None = None,
    seed: int | None = None,
    directory: str | Path | None = None,
    tokenizer: Tokenizer | None = None,
    notes: dict[str, Any] | None = None,
    resume: bool = False,
    progress: bool = True,
) -> History:
    """Train ``model`` in place for ``steps`` steps; it ends with its best weights, in evaluation mode.

    - ``batches(step)`` gives the batch of a step, ``objective`` its loss. Each parameter group's own learning rate
      (``learning_rate`` in the default AdamW) is multiplied by ``schedule(step, steps)``; a gradient longer than
      ``clip`` is shortened to it. ``precision="bfloat16"`` computes in mixed precision.
    - ``evaluate(model)`` gives the loss that counts, asked every ``every`` steps and at the end. The weights for which
      it was lowest are kept. After ``patience`` evaluations in a row without a new best, the run stops.
    - ``directory`` receives ``best.safetensors`` and ``last.safetensors`` (with ``tokenizer`` and ``notes``) at every
      evaluation, and ``log.jsonl``. With ``resume``, the run goes on from ``last``; with more ``steps`` than it was
      meant for it is prolonged, from here on with the schedule of a run of that many.
    - Ctrl-C ends the run after the step at hand, in good order; a second one, at once. A ``seed`` makes the run
      repeatable and leaves the caller's random numbers alone.
    """
    if precision not in ("float32", "bfloat16"):
        raise LmcourseError(f"precision is float32 or bfloat16, not {precision!r}.")
    if steps < 1 or every < 1:
        raise LmcourseError(f"Training needs steps and every of at least 1, not {steps} and {every}.")
    if resume and directory is None:
        raise LmcourseError("To resume a run its folder is needed; give directory=…")
    if directory is not None and not resume:
        checkpoint.refuse_if_used(directory)
    optimizer = optimizer if optimizer is not None else adamw(model, learning_rate)
    run = _Run(model, optimizer, steps, evaluate, directory, tokenizer, notes or {})
    with checkpoint.random_numbers(seed), interruptible() as interrupted:
        if resume:
            run.restore()
        history, start = run.history, time.perf_counter() - run.history.seconds
        with bar(history.step, steps, progress) as show:
            while not history.stopped:
                batch, factor = batches(history.step), schedule(history.step, steps)
                tokens, loss = run.step(batch, objective, factor, clip, precision)
                history.seconds = time.perf_counter() - start
                show(tokens, loss)
                if not history.stopped and (history.step % every == 0 or history.step == steps):
                    run.assess(patience)
                if not history.stopped and interrupted.is_set():
                    history.stopped = "interrupted"
                    run.keep("last")
        if interrupted.is_set():  # also when the run came to its end in the same moment
            history.stopped = "interrupted"
    if run.best is not None:
        model.load_state_dict(run.best)
    model.eval()
    return history


@dataclass
class _Run:
    """What changes while ``fit`` runs, and what is done with it."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    steps: int
    evaluate: Callable[[nn.Module], float] | None
    directory: str | Path | None
    tokenizer: Tokenizer | None
    notes: dict[str, Any]
    history: History = field(default_factory=History)
    state: Any = None  # carried from one batch to the next
    best: dict[str, Tensor] | None = None

    def __post_init__(self) -> None:
        self.peaks = [group["lr"] for group in self.optimizer.param_groups]
        self.parameters = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    def step(self, batch: Any, objective: Objective, factor: float, clip: float, precision: str) -> tuple[int, float]:
        """One step of training: forward, backward, update. Returns how many targets there were, and the loss."""
        for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
            group["lr"] = peak * factor
        self.model.train()
        with torch.autocast(self.parameters[0].device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            loss, tokens, state = objective(self.model, batch, self.state)
        value = loss.item()
        if not math.isfinite(value):
            self.history.stopped = "diverged"
            return tokens, value
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.state = state
        self.history.losses.append(value)
        self.history.norms.append(norm.item())
        self.history.tokens += tokens
        return tokens, value

    def assess(self, patience: int | None) -> None:
        """Evaluate, remember the weights if they are the best so far, decide whether to go on, and save."""
        history = self.history
        recent = history.losses[history.evaluations[-1].step if history.evaluations else 0 :]
        train_loss = sum(recent) / len(recent)
        loss = train_loss
        if self.evaluate is not None:
            self.model.eval()
            with torch.no_grad():
                loss = float(self.evaluate(self.model))
        if not math.isfinite(loss):
            history.stopped = "diverged"
            return
        rate = self.optimizer.param_groups[0]["lr"]
        history.evaluations.append(Evaluation(history.step, loss, train_loss, rate, history.tokens, history.seconds))
        if history.step >= self.steps:
            history.stopped = "steps"
        elif patience is not None and history.stale >= patience:
            history.stopped = "patience"
        if self.evaluate is not None and history.stale == 0:
            self.best = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
            self.keep("best")
        self.keep("last")

    def keep(self, kind: str) -> None:
        """Write a checkpoint: the best needs the weights only, the last all that a resumed run must know."""
        if self.directory is None:
            return
        record = {"step": self.history.step, "steps": self.steps, "notes": self.notes}
        if kind == "last":
            record |= {"history": self.history.to_dict(), "optimizer": self.optimizer.state_dict(), "peaks": self.peaks}
            record |= {"state": self.state, "random": checkpoint.random_state()}
            log = "".join(f"{json.dumps(line)}\n" for line in record["history"]["evaluations"])
            write_atomic(Path(self.directory, "log.jsonl"), log.encode())
        checkpoint.save(self.directory, kind, self.model, self.tokenizer, record)

    def restore(self) -> None:
        """Become the run that wrote the last checkpoint."""
        last = checkpoint.load(self.directory, "last")
        record = last.training
        try:
            self.model.load_state_dict(last.weights)
            self.optimizer.load_state_dict(record["optimizer"])
        except (RuntimeError, ValueError, KeyError) as error:
            raise LmcourseError(
                f"{last.path} belongs to another model or optimizer; resume with the same settings as the run was started with."
            ) from error
        with checkpoint.well_formed(last.path):
            checkpoint.set_random_state(record["random"])
            self.history = History.from_dict(record["history"])
            self.peaks, self.state = record["peaks"], record["state"]
        if self.evaluate is not None and self.history.evaluations:
            self.best = checkpoint.load(self.directory, "best").weights
        if not (self.history.stopped == "patience" and self.steps <= record["steps"]):
            self.history.stopped = "steps" if self.history.step >= self.steps else ""
