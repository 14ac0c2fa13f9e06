"""What does a training cost? Arithmetic, from this laptop to a cluster.

Nearly all the work of these models is matrix products. A matrix with n numbers, applied to one token, is n multiplications
and n additions: 2n floating-point operations (FLOPs) forward, and twice that backward, once for the gradient of what went
in and once for the gradient of the matrix. So a token costs 6 operations for each number that it meets in a matrix, and
a training **C ≈ 6 N D** for N parameters and D tokens (Kaplan et al. 2020, "Scaling Laws for Neural Language Models").
An embedding that is looked up costs nothing; tied to the output layer, it is a matrix there.

Machines are given by what they promise for dense products in bfloat16, and **utilisation** is the share of that which a
training really uses (Chowdhery et al. 2022): a third to a half on well-fed GPUs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lmcourse.errors import LmcourseError
from lmcourse.nn import LSTMConfig, Seq2SeqConfig

BACKWARD = 2  # times the forward pass
UTILISATION = 0.4  # of a GPU's promise, as in large published runs
# FLOPs a second, dense, bfloat16, from the makers' data sheets (NVIDIA 2020 and 2022).
A100, H100 = 312e12, 989e12


@dataclass(frozen=True)
class PublishedRun:
    """A training that has been published: its size, its text, and where that stands."""

    parameters: int | float
    tokens: int | float
    source: str

    @property
    def flops(self) -> float:
        """6 N D."""
        return 6 * self.parameters * self.tokens


PUBLISHED: Mapping[str, PublishedRun] = {
    "GPT-3": PublishedRun(175e9, 300e9, "Brown et al. 2020"),
    "Chinchilla": PublishedRun(70e9, 1.4e12, "Hoffmann et al. 2022"),
    "Llama 3 405B": PublishedRun(405e9, 15.6e12, "Dubey et al. 2024"),
}


def lstm_products(inputs: int, hidden: int, layers: int = 1, directions: int = 1) -> int:
    """Multiplications of one token's way through an LSTM: four gates, each from the input and from the state.

    ``hidden`` is the width of one direction; further layers read the outputs of all directions.
    """
    first = 4 * hidden * (inputs + hidden)
    further = 4 * hidden * (directions * hidden + hidden)
    return directions * (first + (layers - 1) * further)


def products(config: LSTMConfig | Seq2SeqConfig, source: int = 0, target: int = 1) -> int:
    """Multiplications in the forward pass of ``target`` tokens, which for a translator answer ``source`` tokens."""
    if isinstance(config, LSTMConfig):
        return target * _language_model(config)
    if source < 1 or target < 1:
        raise LmcourseError(f"A translator reads and writes at least one token, not {source} and {target}.")
    embedding, encoder, decoder = config.embedding_size, config.encoder_size, config.decoder_size
    directions = 1 + config.bidirectional
    read = lstm_products(embedding, encoder // directions, config.layers, directions)
    write = lstm_products(embedding * (1 if config.context == "none" else 2), decoder, config.layers)
    once = 2 * config.layers * encoder * decoder  # the bridge
    if config.context != "none":
        once += encoder * embedding
    if config.context == "feeding":  # what attention saw goes into the next step
        write += encoder * embedding
    if config.residual:
        read += embedding * encoder
        write += 0 if embedding == decoder else embedding * decoder
    if config.attention:
        read += encoder * decoder
        write += source * (decoder + encoder)  # how well each place fits, and the mean of the places
    write += embedding * (decoder + encoder if config.attention else decoder)
    write += embedding * (config.outputs or config.vocab_size)
    return source * read + once + target * write


def training_flops(config: LSTMConfig | Seq2SeqConfig, source: int = 0, target: int = 1) -> float:
    """Floating-point operations to learn from so many tokens once: a multiplication and an addition for each product,
    forward and twice as much backward."""
    return 2.0 * (1 + BACKWARD) * products(config, source, target)


def seconds(flops: int | float, peak: int | float, machines: int | float = 1, utilisation: int | float = UTILISATION) -> float:
    """How long ``flops`` take on so many ``machines`` of which each promises ``peak`` FLOPs a second."""
    if min(flops, peak, machines) <= 0 or not 0 < utilisation <= 1:
        raise LmcourseError("Work, speed and machines are above 0, and utilisation is at most 1; correct what is not.")
    return flops / (peak * machines * utilisation)


def spoken(seconds: int | float) -> str:
    """A time in the unit that people would say it in: ``spoken(7200)`` is "2 hours"."""
    if seconds < 0.1:
        return "under 0.1 seconds"
    name, count = "second", float(seconds)
    for longer, many in (("minute", 60), ("hour", 60), ("day", 24), ("year", 365.25)):
        if round(count, 1) < many:
            break
        name, count = longer, count / many
    told = f"{count:,.0f}" if count >= 10 else f"{count:.1f}".removesuffix(".0")
    return f"{told} {name}{'s' * (told != '1')}"


def _language_model(config: LSTMConfig) -> int:
    """Multiplications for one token."""
    lstm = lstm_products(config.embedding_size, config.hidden_size, config.layers)
    if not config.tied:
        return lstm + config.hidden_size * config.vocab_size
    between = 0 if config.hidden_size == config.embedding_size else config.hidden_size * config.embedding_size
    return lstm + between + config.embedding_size * config.vocab_size
