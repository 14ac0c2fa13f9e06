"""Where do the seconds go? A stretch of work under PyTorch's profiler, added up by kinds of operation.

Guesses about what is slow are mostly wrong (Knuth 1974: "premature optimization"), so one measures before one changes
anything. The profiler notes when each operation of PyTorch begins and ends; what it spends in itself, without the
operations that it calls, is its own time. A training step has a hundred operations, and a table of a hundred lines says
little: here they are added up into the few kinds that one can do something about.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Kind → what the names of its operations begin with, after "aten::"; the first kind that fits counts.
KINDS: Mapping[str, str] = {
    "LSTM, backward": r"mkldnn_rnn_layer_backward|_thnn_fused_lstm_cell_backward|(Mkldnn|Thnn)\w*Backward",
    "LSTM, forward": r"mkldnn_rnn_layer|_thnn_fused_lstm_cell|lstm|_cudnn_rnn",
    "matrix products": r"mm|addmm|bmm|baddbmm|linear|matmul|mkldnn_linear|mkl_linear|addmv|mv|dot",
    "softmax and loss": r"_?log_softmax|_?softmax|nll_loss|cross_entropy",
    "optimizer": r"_fused_|_foreach_|lerp|addcmul|addcdiv|Optimizer|sqrt",
    "clipping": r"linalg_vector_norm|_?norm|clamp",
    "dropout": r"bernoulli|native_dropout|dropout",
    "embedding": r"embedding|index|gather|scatter|nonzero",
    "moving and filling": r"copy|fill|zero|clone|cat|stack|contiguous|empty|to\b|_to_copy|select_backward|slice_backward|constant_pad",
}
OTHER = "everything else"


@dataclass(frozen=True)
class Profile:
    """``seconds`` by kind of operation, most first, and how many ``calls`` of operations there were."""

    seconds: Mapping[str, float]
    calls: int

    @property
    def shares(self) -> dict[str, float]:
        """Each kind's part of the whole; they add up to 1."""
        whole = sum(self.seconds.values())
        return {kind: part / whole for kind, part in self.seconds.items()}


def profile(work: Callable[[], Any]) -> Profile:
    """Do ``work`` once under PyTorch's profiler. (Let it run once before: the first time allocates.)

    The processor's operations are counted. Under the profiler everything takes somewhat longer, short operations most of
    all: the shares are what counts.
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "9")  # or it greets on stderr
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiler

    with profiler(activities=[ProfilerActivity.CPU], acc_events=True) as trace:
        work()
    seconds: dict[str, float] = {}
    events = trace.key_averages()
    for event in events:
        kind = kind_of(event.key)
        seconds[kind] = seconds.get(kind, 0.0) + event.self_cpu_time_total / 1e6
    order = sorted(seconds, key=lambda kind: (kind == OTHER, -seconds[kind]))
    return Profile({kind: seconds[kind] for kind in order}, sum(event.count for event in events if event.key.startswith("aten::")))


def kind_of(operation: str) -> str:
    """The kind of an operation, by its name: ``aten::addmm`` is a matrix product."""
    name = operation.removeprefix("autograd::engine::evaluate_function: ").removeprefix("aten::")
    return next((kind for kind, pattern in KINDS.items() if re.match(pattern, name)), OTHER)
