"""Is the right text among those that were found? Recall at k, the share of questions for which it is one of the first k."""

from __future__ import annotations

from collections.abc import Sequence

from lmcourse.errors import LmcourseError


def recall_at_k(found: Sequence[Sequence[str]], wanted: Sequence[str], k: int) -> float:
    """The share of the questions whose ``wanted`` text is one of the first ``k`` found, 0 to 1."""
    if len(found) != len(wanted) or not wanted or k < 1:
        raise LmcourseError(
            f"{len(found):,} searches for {len(wanted):,} texts, the first {k} of each; give one search for each text, and a k of at least 1."
        )
    return sum(one in ids[:k] for ids, one in zip(found, wanted, strict=True)) / len(wanted)
