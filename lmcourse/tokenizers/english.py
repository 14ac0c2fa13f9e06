"""What is known of English words without learning: the commonest, those of time, place and number, and which share a stem.

Short lists and one rule, for what must work without training: a reader by shared words, a search by rare ones, and what a
trained reader is told of each word beside its vector.
"""

from __future__ import annotations

import re

COMMON = frozenset(
    "a an the and or but of to in on at by for from with as is are was were be been do does did has have had it its he "
    "his him she her they them their this that these those there than then so not who whom whose what which when where "
    "why how many much".split()
)
PLACE = frozenset("in at on to near behind under above beside outside inside into from between along over".split())
TIME = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
    "october november december morning afternoon evening night noon midnight today yesterday tomorrow week month year "
    "spring summer autumn winter past o'clock hour minutes after before until since".split()
)
NUMBER = frozenset(
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand half dozen".split()
)


def stem(word: str) -> str:
    """A word in lower case without the endings that grammar adds: "opened" and "opens" share a stem."""
    word = re.sub(r"['’]s?$", "", word.lower())
    return re.sub(r"(ing|ed|es|s)$", "", word) if len(word) > 4 else word
