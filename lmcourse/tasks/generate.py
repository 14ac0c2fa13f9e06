"""Writing text with a trained language model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from torch import nn

from lmcourse.checkpoint import load_model
from lmcourse.decoding import as_text, sample, start_id
from lmcourse.errors import LmcourseError
from lmcourse.tasks.lm import Trained
from lmcourse.tokenizers.base import Tokenizer


def generate(
    model: str | Path | Trained | tuple[nn.Module, Tokenizer],
    prompt: str = "",
    tokens: int = 200,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    stream: bool = False,
) -> str | Iterator[str]:
    """Continue ``prompt`` with up to ``tokens`` tokens: the prompt and what follows as one string.

    ``model`` is the folder of a trained model, what ``train_lm`` returned, or a model and its tokenizer. With ``stream`` the result is an iterator
    over what follows the prompt, in pieces of whole characters, each as soon as it is written. An empty prompt is
    taken for the beginning of a line. Tokens without text of their own (unknown, special) are never chosen, but
    ``<eos>``, where the tokenizer has it, ends the text. The filters are described in :mod:`lmcourse.decoding`.

    A prompt with pieces that the tokenizer does not know is refused: the model could not tell them apart.
    """
    if isinstance(model, Trained):
        model = model.model, model.tokenizer
    model, tokenizer = load_model(model) if isinstance(model, str | Path) else model
    if unknown := tokenizer.unknown(prompt):
        shown = ", ".join(map(repr, unknown[:5])) + (" …" if len(unknown) > 5 else "")
        raise LmcourseError(
            f"The model's vocabulary lacks {shown}; leave that out of the prompt, or train on text in which it occurs."
        )
    ids = [start_id(tokenizer), *tokenizer.encode(prompt)]
    stop = tokenizer.special_tokens.get("<eos>")
    forbidden = {tokenizer.unk_id, *tokenizer.special_tokens.values()} - {None, stop}
    following = sample(
        model, ids, tokens, heat=temperature, k=top_k, p=top_p, seed=seed, forbidden=forbidden, stop=stop
    )  # fmt: skip
    pieces = as_text(following, tokenizer, before=ids)
    return pieces if stream else prompt + "".join(pieces)
