"""Finding text that is there more than once: whole documents, nearly the same documents, and lines of a site.

Duplicates are paid for three times: in computing time, in a model that learns them by heart, and in test figures that
flatter because the test text was in the training text (Lee et al. 2022, "Deduplicating Training Data Makes Language
Models Better"). Near duplicates are found without comparing all pairs: MinHash (Broder 1997) turns a set of word runs
into a short signature that agrees in a place with the probability of the sets' Jaccard similarity, and banding
(locality-sensitive hashing, Indyk & Motwani 1998) files signatures so that similar ones meet. What meets is then
compared exactly, so that nothing is called a duplicate by chance.
"""

from lmcourse.dedup.exact import drop_exact, exact_duplicates, text_key
from lmcourse.dedup.lines import LineCounts, boilerplate_lines, drop_boilerplate, line_pattern, site_of
from lmcourse.dedup.near import NearDuplicates, NearIndex, NearPair, drop_near, jaccard, near_duplicates, shingles

__all__ = [
    "LineCounts",
    "NearDuplicates",
    "NearIndex",
    "NearPair",
    "boilerplate_lines",
    "drop_boilerplate",
    "drop_exact",
    "drop_near",
    "exact_duplicates",
    "jaccard",
    "line_pattern",
    "near_duplicates",
    "shingles",
    "site_of",
    "text_key",
]
