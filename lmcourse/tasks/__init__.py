"""The applications, behind one call each."""

from __future__ import annotations

from lmcourse.tasks.classify import classify, train_classify
from lmcourse.tasks.domain import tune_lm
from lmcourse.tasks.finetune import finetune
from lmcourse.tasks.generate import generate
from lmcourse.tasks.lm import train_lm
from lmcourse.tasks.translate import train_translate, translate

__all__ = ["classify", "finetune", "generate", "train_classify", "train_lm", "train_translate", "translate", "tune_lm"]
