"""Writing text with a trained language model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

from lmcourse.beam import beam_search
from lmcourse.decoding import as_text, sample, start_id
from lmcourse.errors import LmcourseError
from lmcourse.nn.continuer import Continuer
from lmcourse.tasks.asking import refuse_reader
from lmcourse.tasks.domain import Tuned
from lmcourse.tasks.lm import Trained
from lmcourse.tasks.runs import model_of
from lmcourse.tasks.texts import END, checked_writer, genre_ids
from lmcourse.tokenizers.base import Tokenizer


def generate(
    model: str | Path | Trained | Tuned | tuple[nn.Module, Tokenizer],
    prompt: str = "",
    tokens: int = 200,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    stream: bool = False,
    genre: str | None = None,
    beam: int = 1,
    penalty: float = 1.0,
) -> str | Iterator[str]:
    """Continue ``prompt`` with up to ``tokens`` tokens: the prompt and what follows as one string.

    ``model`` is the name of a shipped model (:mod:`lmcourse.models`), the folder of a trained one, what ``train_lm``
    or ``tune_lm`` returned, or a model and its tokenizer. With ``stream`` the result is an iterator over what follows the
    prompt, in pieces of whole characters, each as soon as it is written. An empty prompt is taken for the beginning of a line. Tokens without text of their own (unknown, special) are never chosen, but
    ``<eos>``, where the tokenizer has it, ends the text. The filters are described in :mod:`lmcourse.decoding`.

    A model that was trained on genres (:mod:`lmcourse.tasks.texts`) writes in the ``genre`` asked for, or in one that it
    draws itself.

    With a ``beam`` of 2 or more nothing is drawn: the likeliest whole text is looked for, as :mod:`lmcourse.beam` does it
    with its length ``penalty``; temperature, top-k and top-p then have no say.

    A prompt with pieces that the tokenizer does not know is refused: the model could not tell them apart.
    """
    if beam < 1:
        raise LmcourseError(f"A beam keeps at least one beginning, not {beam}; 1 draws or takes token by token.")
    model, tokenizer = model_of(model)
    refuse_reader(model)
    checked_writer(model, tokenizer)
    if unknown := tokenizer.unknown(prompt):
        shown = ", ".join(map(repr, unknown[:5])) + (" …" if len(unknown) > 5 else "")
        raise LmcourseError(
            f"The model's vocabulary lacks {shown}; leave that out of the prompt, or train on text in which it occurs."
        )
    stop = tokenizer.special_tokens.get(END)
    forbidden = {tokenizer.unk_id, *tokenizer.special_tokens.values()} - {None, stop}
    ids = [start_id(tokenizer), *_genre(model, tokenizer, genre, seed), *tokenizer.encode(prompt)]
    if beam > 1:
        following = _likeliest(model, ids, tokens, beam, penalty, sorted(forbidden), stop)
    else:
        following = sample(
            model, ids, tokens, heat=temperature, k=top_k, p=top_p, seed=seed, forbidden=forbidden, stop=stop
        )  # fmt: skip
    pieces = as_text(following, tokenizer, before=ids)
    return pieces if stream else prompt + "".join(pieces)


def _likeliest(
    model: nn.Module, ids: list[int], tokens: int, beam: int, penalty: float, forbidden: list[int], stop: int | None
) -> Iterator[int]:
    """What follows ``ids``, found by a beam. Without a ``stop`` nothing ends a text but its length: no token is -1."""
    source, end = torch.tensor([ids[:-1]], dtype=torch.long), -1 if stop is None else stop
    (found,) = beam_search(
        Continuer(model), source, ids[-1], end, width=beam, longest=tokens, penalty=penalty, forbidden=forbidden
    )  # fmt: skip
    return iter(found)


def _genre(model: nn.Module, tokenizer: Tokenizer, genre: str | None, seed: int | None) -> list[int]:
    """The token that a text of this genre begins with, if the model knows genres; None is drawn by the model."""
    known = genre_ids(tokenizer)
    if genre is not None and genre not in known:
        listed = f"choose one of: {', '.join(known)}" if known else "it was trained on texts without genres, so leave it out"
        raise LmcourseError(f"The model knows no genre {genre!r}; {listed}.")
    if genre is not None:
        return [known[genre]]
    others = set(range(tokenizer.vocab_size)) - set(known.values())
    return list(sample(model, [start_id(tokenizer)], 1, seed=seed, forbidden=others)) if known else []
