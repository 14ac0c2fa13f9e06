"""Cleaning text: plain functions on text, the steps made of them, and how well they did."""

from lmcourse.cleaning.filters import (
    LIMITS,
    language_fault,
    language_of,
    length_fault,
    quality,
    quality_fault,
    word_count,
)
from lmcourse.cleaning.html import html_to_text, looks_like_html
from lmcourse.cleaning.judges import Score
from lmcourse.cleaning.naive import c4_fault, fold_to_ascii, mask_numbers_naively, strip_tags_naively
from lmcourse.cleaning.personal import Found, luhn, mask_personal
from lmcourse.cleaning.report import Report, Result, StepReport, table
from lmcourse.cleaning.score import Scores, score, score_step
from lmcourse.cleaning.step import Step
from lmcourse.cleaning.text import normalise, repair, settle, tidy, unescape
from lmcourse.cleaning.wikitext import strip_wikitext

__all__ = [
    "LIMITS",
    "Found",
    "Report",
    "Result",
    "Score",
    "Scores",
    "Step",
    "StepReport",
    "c4_fault",
    "fold_to_ascii",
    "html_to_text",
    "language_fault",
    "language_of",
    "length_fault",
    "looks_like_html",
    "luhn",
    "mask_numbers_naively",
    "mask_personal",
    "normalise",
    "quality",
    "quality_fault",
    "repair",
    "score",
    "score_step",
    "settle",
    "strip_tags_naively",
    "strip_wikitext",
    "table",
    "tidy",
    "unescape",
    "word_count",
]
