"""Dirt with known truth: clean documents into raw web pages whose every fault is labelled."""

from lmcourse.corpus.dirt.characters import Mend
from lmcourse.corpus.dirt.pages import RATES, Dirty, PageTruth, dirty, word_overlap
from lmcourse.corpus.dirt.personal import Planted

__all__ = ["RATES", "Dirty", "Mend", "PageTruth", "Planted", "dirty", "word_overlap"]
