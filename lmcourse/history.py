"""What happened in a training run: the curves that one looks at, and why it ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import torch


@dataclass
class Evaluation:
    """One line of a run's log. Losses in nats per target; ``train_loss`` is the mean since the line before."""

    step: int
    loss: float
    train_loss: float
    learning_rate: float
    tokens: int  # targets seen since the run began
    seconds: float


@dataclass
class History:
    """What happened in a run: ``losses`` and gradient ``norms`` (before clipping) of each step, and the evaluations.

    ``stopped`` says why it ended: "steps" (all done), "patience" (no longer improving), "interrupted" (Ctrl-C), or
    "diverged" (the loss was no longer a number), or "solved" (there were no steps).
    """

    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0.0
    stopped: str = ""

    @property
    def step(self) -> int:
        """How many steps have been made."""
        return len(self.losses)

    @property
    def best(self) -> Evaluation | None:
        """The evaluation with the lowest loss; of equals, the first."""
        return min(self.evaluations, key=lambda evaluation: evaluation.loss, default=None)

    @property
    def stale(self) -> int:
        """How many evaluations in a row have brought nothing better."""
        return len(self.evaluations) - 1 - self.evaluations.index(self.best) if self.best else 0

    def to_dict(self) -> dict[str, Any]:
        """As plain data for a checkpoint; the two long lists as tensors, which keep them exact and small."""
        lists = {name: torch.tensor(getattr(self, name)) for name in ("losses", "norms")}
        return {**vars(self), **lists, "evaluations": [asdict(evaluation) for evaluation in self.evaluations]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> History:
        """The inverse of :meth:`to_dict`."""
        lists = {name: data[name].tolist() for name in ("losses", "norms")}
        return cls(**{**data, **lists, "evaluations": [Evaluation(**line) for line in data["evaluations"]]})
