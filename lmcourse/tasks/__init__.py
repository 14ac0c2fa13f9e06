"""The applications, behind one call each."""

from __future__ import annotations

from lmcourse.tasks.generate import generate
from lmcourse.tasks.lm import train_lm
from lmcourse.tasks.translate import train_translate, translate

__all__ = ["generate", "train_lm", "train_translate", "translate"]
