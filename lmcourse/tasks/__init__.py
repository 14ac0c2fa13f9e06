"""The applications, behind one call each."""

from __future__ import annotations

from lmcourse.tasks.answer import train_answer
from lmcourse.tasks.asking import answer, ask
from lmcourse.tasks.classify import classify, train_classify
from lmcourse.tasks.crosslingual import classify_through, train_joint
from lmcourse.tasks.domain import tune_lm
from lmcourse.tasks.finetune import finetune
from lmcourse.tasks.generate import generate
from lmcourse.tasks.lm import train_lm
from lmcourse.tasks.translate import train_translate, translate

__all__ = [
    "answer", "ask", "classify", "classify_through", "finetune", "generate", "train_answer", "train_classify",
    "train_joint", "train_lm", "train_translate",
    "translate", "tune_lm",
]  # fmt: skip
