"""Lesson 1's exercises: bytes, honest scores, copies and where they hide, and pieces of words."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from itertools import combinations, pairwise
from random import Random

import numpy as np
from jaxtyping import Int

from lmcourse.exercises.calls import Case
from lmcourse.exercises.exercise import exercise

Signatures = Int[np.ndarray, "pages numbers"]


@exercise(
    lesson=1,
    title="Predict, then measure: a page that was read wrongly",
    stars=1,
    points=2,
    cases=lambda: [()],
    parts=("the first number (characters)", "the second number (bytes)", "the third number (characters after the wrong guess)", "the last number (bytes after it)"),
    mistakes=[
        ("every character is one byte", ("3 * chinese + 2 * accented + plain", "characters"), ("2 * (3 * chinese + 2 * accented) + plain", "characters"), "only the 128 characters of ASCII are one byte in UTF-8; é is two, 柳 is three"),
        ("a Chinese character is two bytes", ("= 3 * chinese", "= 2 * chinese"), ("(3 * chinese", "(2 * chinese"), "in UTF-8 a Chinese character is three bytes"),
        ("a Chinese character is four bytes", ("= 3 * chinese", "= 4 * chinese"), ("(3 * chinese", "(4 * chinese"), "in UTF-8 a Chinese character is three bytes; four are for emoji and rare signs"),
        ("é is one byte", ("2 * accented + plain  # the bytes", "accented + plain"), ("2 * accented)", "accented)"), "in UTF-8 only ASCII is one byte, and é is not in it: it is two"),
        ("spaces do not count", ("accented, plain = 2, 3, 6", "accented, plain = 2, 3, 4"), "a space is a character and a byte like any other"),
        ("the wrong guess changes no number", ("misread = stored", "misread = characters"), ("2 * (3 * chinese + 2 * accented) + plain", "stored"), "Latin-1 reads every byte as a character of its own, so there are as many characters as there were bytes"),
        ("the wrong guess changes the bytes alone", ("misread = stored", "misread = characters"), "Latin-1 reads every byte as a character of its own, so there are as many characters as there were bytes"),
        ("what was misread is stored in as many bytes as before", ("2 * (3 * chinese + 2 * accented) + plain", "misread"), "characters such as Ã and ¿ are not in ASCII, so each of them is two bytes in UTF-8"),
        ("what was misread is stored in two bytes each", ("2 * (3 * chinese + 2 * accented) + plain", "2 * misread"), "letters and spaces were read rightly, and stay one byte each; the others are two"),
        ("two bytes for every character", ("3 * chinese + 2 * accented + plain", "2 * characters"), ("2 * (3 * chinese + 2 * accented) + plain", "2 * misread"), "UTF-8 takes one byte for a letter of ASCII, two for é and three for 柳"),
    ],
    hints=(
        "Make three groups: Chinese characters, letters with an accent, all others (spaces too). How many bytes is one of each?",
        "Read as Latin-1, each byte becomes one character. Those that came from 柳, 湾 and é are outside of ASCII, and so two bytes in UTF-8.",
        "2, 3 and 6 characters of 3, 2 and 1 bytes; then as many characters as these bytes; then 2 · (2 · 3 + 3 · 2) + 6 bytes. Measure with .encode(\"utf-8\") and .decode(\"latin-1\").",
    ),
)  # fmt: skip
def decoded_wrongly() -> tuple[int, int, int, int]:
    """How large “柳湾 Café Été” is, in four numbers.

    Its characters; its bytes in UTF-8; the characters once these bytes have been read as Latin-1; the bytes of those in UTF-8.
    """
    chinese, accented, plain = 2, 3, 6  # the three groups of characters
    characters = chinese + accented + plain  # the characters
    stored = 3 * chinese + 2 * accented + plain  # the bytes
    misread = stored  # the characters after the wrong guess
    again = 2 * (3 * chinese + 2 * accented) + plain  # the bytes after the wrong guess
    return characters, stored, misread, again


def examined_text(random: Random) -> tuple[float, int, str]:
    pieces = ("the ferry", "渡船", "café", " leaves", "早上", ".", "é", "sea")
    text = "".join(random.choice(pieces) for _ in range(random.randint(1, 5)))
    return round(random.uniform(0.2, 6), 3), random.randint(1, 9), text


@exercise(
    lesson=1,
    title="A score that two tokenizers can share",
    stars=1,
    points=2,
    cases=lambda: [(1.3863, 2, "boat"), (2.0, 3, "sea, sea"), (3.5, 4, "柳湾")],
    fuzz=examined_text,
    mistakes=[
        ("nats, not bits", (" / math.log(2)", ""), "a nat is 1.44 bits: divide by ln 2"),
        ("times ln 2", (" / math.log(2)", " * math.log(2)"), "a nat is 1.44 bits, so there are more bits than nats: divide by ln 2"),
        ("per character", ("len(text.encode())", "len(text)"), "count bytes: 柳 is one character and three bytes in UTF-8"),
        ("per token", ("return bits * tokens / len(text.encode())", "return bits"), "the loss is the mean over tokens; all the bits of the text, divided by its bytes, are wanted"),
        ("one token's bits for the whole text", ("bits * tokens /", "bits /"), "the loss is the mean over tokens: times their number, it is that of the text"),
        ("the whole text", ("bits * tokens / len(text.encode())", "bits * tokens"), "per byte: divide by the number of bytes"),
        ("bytes and tokens exchanged", ("bits * tokens / len(text.encode())", "bits * len(text.encode()) / tokens"), "bits of the text = bits per token times tokens; per byte: divided by its bytes"),
        ("the logarithm of the loss", ("loss / math.log(2)", "math.log2(loss)"), "the loss is a logarithm already; a change of its base is a division by ln 2"),
        ("the perplexity", ("loss / math.log(2)", "math.exp(loss)"), "the perplexity is no number of bits; a loss in nats, divided by ln 2, is one"),
        ("whole tokens per byte", ("bits * tokens / len(text.encode())", "bits * (tokens // len(text.encode()))"), "// cuts off what stands after the point; divide by /"),
        ("whole bits per byte", ("bits * tokens / len(text.encode())", "bits * tokens // len(text.encode())"), "// cuts off what stands after the point; divide by /"),
        ("whole bits per token", ("loss / math.log(2)", "loss // math.log(2)"), "// cuts off what stands after the point; divide by /"),
        ("per word", ("len(text.encode())", "len(text.split())"), "count the bytes of the text, not its words"),
        ("per bit", ("len(text.encode())", "(8 * len(text.encode()))"), "per byte: divide by the number of bytes, not by that of their bits"),
        ("rounded", ("return bits * tokens / len(text.encode())", "return round(bits * tokens / len(text.encode()), 2)"), "return the number as it is; rounding is for printing"),
        ("the logarithm to base 10", ("math.log(2)", "math.log10(2)"), "nats become bits by dividing by the natural logarithm of 2"),
    ],
    hints=(
        "How many bits does the model need for one token, how many for the whole text, how many for each of its bytes?",
        "Nats become bits by dividing by math.log(2). The loss is a mean over the tokens. text.encode() gives the bytes.",
        "loss / math.log(2) * tokens / len(text.encode())",
    ),
)  # fmt: skip
def bits_per_byte(loss: float, tokens: int, text: str) -> float:
    """Bits per byte of ``text``, which a tokenizer cut into ``tokens`` tokens, if ``loss`` is the mean of their losses, in nats."""
    bits = loss / math.log(2)  # from nats to bits
    return bits * tokens / len(text.encode())  # from tokens to bytes


def judged_pairs(random: Random) -> tuple[list[tuple[float, bool]], int]:
    while True:
        levels = [round(random.random(), 1) for _ in range(random.randint(2, 9))]
        pairs = [(level, random.random() < 0.2 + 0.6 * level) for level in levels]
        right = sum(ok for _, ok in pairs)
        real = right + random.randint(0, 3)
        scores = [
            Fraction(2 * sum(ok for s, ok in pairs if s >= level), sum(s >= level for s in levels) + real)
            for level in set(levels)
            if real
        ]
        if right and scores.count(max(scores)) == 1:  # of two equally good thresholds rounding would choose
            return pairs, real


@exercise(
    lesson=1,
    title="Where to draw the line",
    stars=2,
    points=3,
    cases=lambda: [
        ([(0.9, True), (0.4, False)], 1),
        ([(0.9, False), (0.7, True), (0.6, True), (0.2, False)], 2),
        ([(0.3, True), (0.8, True), (0.5, False), (0.5, True), (0.1, False)], 5),
        ([(0.2, True), (0.6, False), (0.6, True), (0.4, False), (0.3, False)], 2),
    ],
    fuzz=judged_pairs,
    parts=("the threshold", "F1"),
    forbidden=("sklearn.metrics.f1_score", "sklearn.metrics.precision_recall_curve"),
    mistakes=[
        ("a pair at the threshold does not count as found", ("similarity >= threshold", "similarity > threshold"), ("right / len(found)", "right / max(1, len(found))"), "a pair whose similarity equals the threshold is found: >="),
        ("pairs below the threshold found", ("similarity >= threshold", "similarity <= threshold"), "a pair is found if it is at least as similar as the threshold says"),
        ("the plain mean of precision and recall", ("2 * precision * recall / (precision + recall)", "(precision + recall) / 2"), "F1 leans to the lower of the two: twice the product, divided by the sum"),
        ("F1 without its 2", ("2 * precision", "precision"), "twice the product of precision and recall, divided by their sum: if both are 1, F1 is 1"),
        ("the product of precision and recall", ("2 * precision * recall / (precision + recall)", "precision * recall"), "twice the product, divided by the sum of the two"),
        ("the highest precision", ("2 * precision * recall / (precision + recall)", "precision"), "the highest precision is had by finding next to nothing; F1 asks for recall as well"),
        ("the highest recall", ("2 * precision * recall / (precision + recall)", "recall"), "the highest recall is had by finding all; F1 asks for precision as well"),
        ("recall of the listed pairs alone", ("right / real", "right / sum(ok for _, ok in pairs)"), "copies that no search listed were missed, too: recall is divided by real"),
        ("precision of all listed pairs", ("right / len(found)", "right / len(pairs)"), "precision is the share of right ones among those found at this threshold"),
        ("F1 first", ("return threshold, f1", "return f1, threshold"), "the threshold comes first, then its F1"),
        ("the lowest F1", ("max(scored)", "min(scored)"), "the higher F1, the better"),
        ("the share of pairs judged rightly", ("2 * precision * recall / (precision + recall) if right else 0.0", "sum((similarity >= threshold) == ok for similarity, ok in pairs) / len(pairs)"), "that is accuracy, and it forgets the copies that are not listed; F1 is wanted"),
        (
            "pairs of one similarity taken one by one, right ones first",
            ("for threshold in {similarity for similarity, _ in pairs}:", "for many, (threshold, _) in enumerate(sorted(pairs, reverse=True), 1):"),
            ("[ok for similarity, ok in pairs if similarity >= threshold]", "[ok for _, ok in sorted(pairs, reverse=True)[:many]]"),
            "a threshold finds all pairs that are as similar as it says, or none: equal similarities are not parted",
        ),
        (
            "pairs of one similarity taken one by one, as they come",
            ("for threshold in {similarity for similarity, _ in pairs}:", "for many, (threshold, _) in enumerate(sorted(pairs, key=lambda pair: -pair[0]), 1):"),
            ("[ok for similarity, ok in pairs if similarity >= threshold]", "[ok for _, ok in sorted(pairs, key=lambda pair: -pair[0])[:many]]"),
            "a threshold finds all pairs that are as similar as it says, or none: equal similarities are not parted",
        ),
        ("0.5 in every case", ("{similarity for similarity, _ in pairs}", "[0.5]"), ("right / len(found)", "right / max(1, len(found))"), "each similarity that occurs is tried as a threshold, and the best is kept"),
        (
            "the share of pairs judged rightly, at the first of the best",
            ("2 * precision * recall / (precision + recall) if right else 0.0", "sum((similarity >= threshold) == ok for similarity, ok in pairs) / len(pairs)"),
            ("{similarity for similarity, _ in pairs}", "[similarity for similarity, _ in pairs]"),
            ("max(scored)", "max(scored, key=lambda one: one[0])"),
            "that is accuracy, and it forgets the copies that are not listed; F1 is wanted",
        ),
        ("the highest threshold that finds a right pair", ("scored.append((f1, threshold))", "scored.append((f1, threshold)) if right else None"), ("f1, threshold = max(scored)", "f1, threshold = max(scored, key=lambda one: one[1])"), "compare F1 at every threshold, and take the highest F1"),
    ],
    hints=(
        "Try each similarity that occurs as a threshold: which pairs are found then, and how many of these are right?",
        "right = sum of the True ones among the found; precision = right / found; recall = right / real; if right is 0, so is F1.",
        "Collect (2 * precision * recall / (precision + recall), threshold) for each; max of these has the best first.",
    ),
)  # fmt: skip
def best_threshold(pairs: list[tuple[float, bool]], real: int) -> tuple[float, float]:
    """Of the similarities in ``pairs``, the one that is the best threshold, and its F1.

    ``pairs`` holds each pair that a search listed: its similarity, and whether it really is one text twice. ``real`` is the
    number of such pairs in all; some may not be listed.
    """
    scored = []
    for threshold in {similarity for similarity, _ in pairs}:  # the thresholds to try
        found = [ok for similarity, ok in pairs if similarity >= threshold]  # the pairs found
        right = sum(found)
        precision, recall = right / len(found), right / real  # precision and recall
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0  # F1
        scored.append((f1, threshold))
    f1, threshold = max(scored)  # the best threshold
    return threshold, f1


def copied_pages(random: Random) -> tuple[int, list[tuple[int, int]], list[int]]:
    count = random.randint(3, 9)
    pairs = [tuple(random.sample(range(count), 2)) for _ in range(random.randint(1, count - 1))]
    return count, pairs, random.sample(range(count), random.randint(1, 2))


@exercise(
    lesson=1,
    title="Find the faults: a training set that holds the exam",
    stars=2,
    points=4,
    cases=lambda: [
        Case((3, [(0, 1)], [0]), "one copy"),
        Case((3, [(1, 2)], [2]), "the test page stands second"),
        Case((4, [(0, 1), (1, 2)], [0]), "a copy of a copy"),
        Case((5, [(2, 3), (1, 2), (0, 1)], [0]), "copies of copies, the last one first"),
        Case((4, [(1, 2)], [3]), "copies, none of a test page"),
        Case((7, [(5, 6), (4, 5), (3, 4), (2, 3), (1, 2)], [6, 0]), "a long chain"),
        Case((7, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], [5]), "a long chain, told from its other end"),
        Case((5, [(4, 2), (3, 1)], [1, 4]), "two test pages"),
        Case((24, [(page, page + 1) for page in reversed(range(23))], [0]), "a very long chain, the last pair first"),
    ],
    fuzz=copied_pages,
    given=("a pair read in one direction", "one look at the pairs"),
    mistakes=[
        ("a pair read in one direction", ("first in leaked or second in leaked", "first in leaked"), "if either of a pair is a copy of the exam, so is the other"),
        ("a pair read from its second to its first", ("first in leaked or second in leaked", "second in leaked"), "if either of a pair is a copy of the exam, so is the other"),
        ("one look at the pairs", ("while len(leaked) > before", "if len(leaked) > before"), "a pair that told nothing at first may tell something once its other page has turned out to be a copy: look again until nothing new is found"),
        ("one look there and one back", ("while len(leaked) > before:", "for pairs in (pairs, pairs[::-1]):"), "a chain of copies may wind to and fro: look again until nothing new is found"),
        ("one look at the pairs in order", ("while len(leaked) > before:", "for pairs in (sorted(pairs),):"), "no order of the pairs makes one look enough: look again until nothing new is found"),
        ("two looks at the pairs", ("while len(leaked) > before", "for _ in range(2)"), "a chain of copies may be longer: look again until nothing new is found"),
        ("copies of test pages, and not their copies", ("first in leaked or second in leaked", "first in test or second in test"), "a copy of a copy still holds what the exam asks"),
        ("only the test pages are left out", ("if page not in leaked", "if page not in test"), "the copies of a test page must go as well"),
        ("the test pages are trained on", ("if page not in leaked", "if page not in leaked or page in test"), "the test pages themselves are no training pages"),
        ("every page that has a copy is left out", ("if first in leaked or second in leaked:", "if True:"), "copies among training pages may stay; only those of test pages go"),
        ("the pages that leak", ("if page not in leaked", "if page in leaked"), "asked for are the pages that can be trained on"),
        ("pages counted from 1", ("range(count)", "range(1, count + 1)"), "the pages are numbered from 0 to count - 1"),
    ],
    hints=(
        "Draw the pages as dots and the pairs as lines: which dots can be reached from a test page? Then try the function on (3, [(1, 2)], [2]).",
        "A pair has no direction. And what a pair tells can depend on a pair that stands further down the list: try (4, [(1, 2), (0, 1)], [0]).",
        "Go through all pairs again and again, as long as leaked grows; if first or second is in leaked, add both.",
    ),
    equivalent={
        f"1 becomes {other} in: leaked, before = set(test), -1": "any number below that of the test pages lets the search begin"
        for other in (0, 2)
    },
)  # fmt: skip
def training_pages(count: int, pairs: list[tuple[int, int]], test: list[int]) -> list[int]:
    """Of the pages 0 to ``count`` - 1 those to train on: not in ``test``, and not a copy of a page in it, however many copies between."""
    leaked, before = set(test), -1
    while len(leaked) > before:  # the search for copies of copies
        before = len(leaked)
        for first, second in pairs:
            if first in leaked or second in leaked:  # a pair, either way round
                leaked |= {first, second}
    return [page for page in range(count) if page not in leaked]  # the pages that are left


def signatures_drawn(random: Random, pages: int, bands: int, rows: int, numbers: int = 3) -> tuple[Signatures, int]:
    drawn = [[random.randrange(numbers) for _ in range(bands * rows)] for _ in range(pages)]
    for _ in range(pages // 2):  # some copies of a part
        band = random.randrange(bands)
        one, other = random.sample(drawn, 2)
        one[band * rows : (band + 1) * rows] = other[band * rows : (band + 1) * rows]
    return np.array(drawn), rows


@exercise(
    lesson=1,
    title="Near duplicates without comparing all pairs",
    stars=2,
    points=4,
    cases=lambda: [
        Case((np.array([[1, 2, 7, 8], [1, 2, 5, 6], [1, 3, 7, 6]]), 2), "two pages agree in their first band"),
        Case((np.array([[1, 2, 3, 4], [3, 4, 1, 2], [1, 4, 3, 2]]), 2), "the same numbers in other bands"),
        Case((np.array([[5, 1, 2, 6], [7, 1, 2, 8], [9, 3, 4, 9]]), 2), "equal numbers across a border"),
        Case((np.array([[5, 6, 0, 0], [7, 8, 0, 0], [9, 9, 0, 0]]), 2), "three pages agree in their last band"),
        Case((np.array([[1, 2, 1, 2], [2, 1, 2, 1], [1, 2, 1, 2], [0, 3, 3, 0]]), 2), "the same numbers in another order, and a copy"),
        Case((np.array([[1, 2, 3, 4, 5, 6], [1, 2, 9, 9, 5, 6], [1, 2, 3, 0, 0, 7]]), 3), "two bands of three"),
        signatures_drawn(Random(7), 7, 2, 3, 2),
    ],
    fuzz=lambda random: signatures_drawn(random, random.randint(3, 7), random.randint(1, 4), random.randint(1, 3)),
    big=lambda: Case(signatures_drawn(Random(1), 250, 2, 3, 60), "250 pages"),
    slower=30.0,
    slow="No two pages need to be compared: a dictionary brings those together that have a band's numbers, and pairs are made within a bucket.",
    forbidden=("lmcourse.dedup.near_duplicates", "lmcourse.near_duplicates"),
    mistakes=[
        (
            "the same buckets for all bands",
            ("    for start in range(0, signatures.shape[1], rows):  # the bands\n        buckets = defaultdict(list)\n", "    buckets = defaultdict(list)\n    for start in range(0, signatures.shape[1], rows):\n"),
            "each band has buckets of its own: equal numbers in different bands mean nothing",
        ),
        (
            "one set of buckets for all bands",
            ("    for start in range(0, signatures.shape[1], rows):  # the bands\n        buckets = defaultdict(list)\n", "    buckets = defaultdict(list)\n    for start in range(0, signatures.shape[1], rows):\n"),
            ("return sorted(pairs)", "return [(i, j) for i, j in sorted(pairs) if i != j]"),
            "each band has buckets of its own: equal numbers in different bands mean nothing",
        ),
        (
            "one set of buckets for all bands, looked through upwards",
            ("    for start in range(0, signatures.shape[1], rows):  # the bands\n        buckets = defaultdict(list)\n", "    buckets = defaultdict(list)\n    for start in range(0, signatures.shape[1], rows):\n"),
            ("combinations(places, 2)", "combinations(sorted(set(places)), 2)"),
            "each band has buckets of its own, or its number in the key: equal numbers in different bands mean nothing",
        ),
        (
            "one set of buckets for all bands, filled page by page",
            ("    for start in range(0, signatures.shape[1], rows):  # the bands\n        buckets = defaultdict(list)\n", "    buckets = defaultdict(list)\n    for start in range(0, signatures.shape[1], rows):\n"),
            ("combinations(places, 2)", "combinations(sorted(places), 2)"),
            "each band has buckets of its own, or its number in the key: equal numbers in different bands mean nothing",
        ),
        ("as many bands as rows says", ("range(0, signatures.shape[1], rows)", "range(0, rows * rows, rows)"), "rows is how many numbers a band has; there are signatures.shape[1] // rows bands"),
        ("a band begins at its number", ("range(0, signatures.shape[1], rows)", "range(signatures.shape[1] // rows)"), "band number k begins at k * rows"),
        ("bands that overlap", ("range(0, signatures.shape[1], rows)", "range(signatures.shape[1] - rows + 1)"), "the bands lie side by side: the next begins rows numbers further on"),
        ("one equal number is enough", ("pairs = set()", "pairs, rows = set(), 1"), "all numbers of a band must agree"),
        ("all numbers must agree", ("pairs = set()", "pairs, rows = set(), signatures.shape[1]"), "one band in which all numbers agree is enough"),
        ("rows taken for the number of bands", ("pairs = set()", "pairs, rows = set(), signatures.shape[1] // rows"), "a band is as wide as rows says; there are as many as rows fits into the length of a signature"),
        ("the last band is left out", ("range(0, signatures.shape[1], rows)", "range(0, signatures.shape[1] - rows, rows)"), "range stops before its end: range(0, size, rows) has the band that begins at size - rows, too"),
        ("only the first band", ("range(0, signatures.shape[1], rows)", "[0]"), "every band is looked at; to agree in any of them makes a pair"),
        ("a band's numbers in any order", ("tuple(signature[start : start + rows])", "frozenset(signature[start : start + rows])"), "the numbers must agree place by place, so the key keeps their order: a tuple"),
        ("a band's sum as its key", ("tuple(signature[start : start + rows])", "sum(signature[start : start + rows])"), "different numbers may have one sum; the key is all of the band's numbers: a tuple"),
        ("neighbours in a bucket alone", ("combinations(places, 2)", "zip(places, places[1:])"), "every two pages of a bucket are a pair, the first and the third, too"),
        ("each page with itself", ("pairs.update(combinations(places, 2))", "pairs.update((i, j) for i in places for j in places if i <= j)"), "a pair is of two different pages"),
        ("the larger number first", ("pairs.update(combinations(places, 2))", "pairs.update((j, i) for i, j in combinations(places, 2))"), "each pair is wanted once, the smaller number first"),
        ("each pair both ways round", ("pairs.update(combinations(places, 2))", "pairs.update((i, j) for i in places for j in places if i != j)"), "each pair is wanted once, the smaller number first"),
        ("the buckets, not the pairs", ("pairs = set()", "pairs = []"), ("pairs.update(combinations(places, 2))", "pairs += [places] if len(places) > 1 else []"), ("sorted(pairs)", "pairs"), "every two pages of a bucket are a pair: a bucket of three pages is three pairs"),
        ("the buckets in order, not the pairs", ("pairs.update(combinations(places, 2))", "pairs.add(tuple(places)) if len(places) > 1 else None"), "every two pages of a bucket are a pair: a bucket of three pages is three pairs"),
        ("a pair listed once for each band", ("pairs = set()", "pairs = []"), ("pairs.update(", "pairs.extend("), "two pages may agree in several bands; the pair is listed once, so collect pairs in a set"),
    ],
    hints=(
        "For each band: a dictionary from the band's numbers to the pages that have them. What stands in one list together is alike.",
        "A row of an array cannot be a dictionary's key; tuple(…) of it can. A pair may be found in several bands: collect pairs in a set, and sort at the end.",
        "for start in range(0, size, rows): buckets = defaultdict(list); buckets[tuple(signature[start : start + rows])].append(page); then itertools.combinations(pages, 2) of each list.",
    ),
    equivalent={"without .tolist() in: for place, signature in enumerate(signatures.tolist()):": "NumPy's whole numbers are keys like Python's"},
)  # fmt: skip
def candidate_pairs(signatures: Signatures, rows: int) -> list[tuple[int, int]]:
    """Pairs of pages (i, j), i < j, in ascending order, that agree in at least one **band** of ``rows`` numbers (Indyk & Motwani 1998).

    ``signatures`` has a row for each page; the bands lie side by side, and ``rows`` divides the number of columns.
    """
    pairs = set()
    for start in range(0, signatures.shape[1], rows):  # the bands
        buckets = defaultdict(list)
        for place, signature in enumerate(signatures.tolist()):
            buckets[tuple(signature[start : start + rows])].append(place)  # the bucket of a page
        for places in buckets.values():
            pairs.update(combinations(places, 2))  # the pairs of a bucket
    return sorted(pairs)  # each pair once, in order


TOY = [("i", "s"), ("is", "h"), ("f", "ish"), ("i", "n"), ("in", "g")]  # the first four are the lesson's


def words_and_merges(random: Random) -> tuple[str, list[tuple[str, str]], float, int]:
    tokens, merges = ["a", "b"], []
    for _ in range(random.randint(2, 6)):
        pair = random.choice(tokens), random.choice(tokens)
        if pair not in merges and "".join(pair) not in tokens:
            merges.append(pair)
            tokens.append("".join(pair))
    word = "".join(random.choice(tokens[:2]) for _ in range(random.randint(1, 9)))
    return word, merges, random.choice((0.0, 0.3, 0.6)), random.randrange(100)


@exercise(
    lesson=1,
    title="Byte-pair encoding with dropout",
    stars=3,
    points=5,
    cases=lambda: [
        Case(("fish", TOY[:2], 0.0, 0), "p is 0: nothing sits out"),
        Case(("fish", TOY[:2], 1.0, 0), "p is 1: everything sits out"),
        Case(("abc", [("b", "c"), ("a", "b")], 0.0, 0), "the earlier merge is further right"),
        Case(("aaaab", [("a", "a"), ("a", "b")], 0.0, 0), "places that overlap"),
        Case(("ab", [("a", "b")], 0.5, 0), "one place, one draw, 0.64"),
        Case(("ab", [("a", "b")], 0.7, 0), "one place, one draw, 0.64"),
        Case(("isish", TOY[:2], 0.3, 4), "a few sit out"),
        Case(("isisis", TOY[:1], 0.5, 4), "one pair in three places"),
        Case(("isis", TOY[:1], 0.5, 8), "the draws of the second round are new"),
        Case(("wishing", TOY, 0.5, 4), "about half sit out"),
        Case(("x", TOY[:2], 0.5, 0), "a single character"),
    ],
    fuzz=words_and_merges,
    forbidden=("lmcourse.BPETokenizer", "lmcourse.tokenizers.BPETokenizer"),
    mistakes=[
        ("the leftmost place first", ("min(fitting)", "min(fitting, key=lambda one: one[1])"), "of the places left, the one whose merge was learnt *earliest* is merged; left goes before right only among equals"),
        ("the merge learnt last first", ("min(fitting)", "max(fitting)"), "the merge learnt earliest comes first: the lowest number in the list"),
        ("of equal places the rightmost first", ("min(fitting)", "min(fitting, key=lambda one: (one[0], -one[1]))"), "of equal merges the leftmost goes first"),
        ("dropout turned round", ("rng.random() >= p", "rng.random() < p"), "a place sits out if its draw is *below* p, so that p = 0 drops nothing"),
        ("no dropout", (" and rng.random() >= p", ""), "each place whose pair is in the list needs a draw, and sits out if that is below p"),
        ("a draw for every place", ("pair in merges and rng.random() >= p", "rng.random() >= p and pair in merges"), "only a place whose pair is in the list gets a draw"),
        (
            "the draws in the order of the merges",
            ("enumerate(pairwise(tokens)):  # the places", "sorted(enumerate(pairwise(tokens)), key=lambda one: (merges.index(one[1]) if one[1] in merges else len(merges), one[0])):"),
            "the draws go from left to right over the places, and only then the earliest merge is chosen",
        ),
        (
            "another round when every place has sat out",
            ("            return tokens  # the end", "            if p == 1 or not any(pair in merges for pair in pairwise(tokens)):\n                return tokens\n            continue"),
            "if every place sits out the tokens are done; there is no other round",
        ),
        ("one draw for a whole round", ("        fitting = []\n", "        fitting, draw = [], rng.random()\n"), ("rng.random() >= p", "draw >= p"), "each place has a draw of its own"),
        ("the generator made anew in each round", ("        fitting = []\n", "        fitting, rng = [], np.random.default_rng(seed)\n"), "make the generator once, before the loop; made again, it repeats its draws"),
        ("one merge alone", ("    while True:", "    for _ in range(1):"), ("return tokens  # the end", "break"), ("# the merge", "\n    return tokens"), "go on, round after round, until no place is left"),
        (
            "all places of the chosen pair merged at once",
            (
                "        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]",
                "        old, pair, tokens = tokens, (tokens[place], tokens[place + 1]), []\n        while old:\n"
                "            many = 2 if tuple(old[:2]) == pair else 1\n            tokens, old = [*tokens, ''.join(old[:many])], old[many:]",
            ),
            "one place is merged in a round; the others of the same pair may sit out in the next",
        ),
        ("each merge drawn once, not each place", ("    while True:", "    merges = [pair for pair in merges if rng.random() >= p]\n    while True:"), (" and rng.random() >= p", ""), "the draws are made for places, and anew in every round: a pair may be merged here and stay apart there"),
        (
            "merge after merge, with a draw for each place",
            ("    while True:", "    for pair in merges:\n        place = 0\n        while place < len(tokens) - 1:\n            if (tokens[place], tokens[place + 1]) == pair and rng.random() >= p:\n"
             "                tokens[place : place + 2] = [''.join(pair)]\n            place += 1\n    return tokens\n    while True:"),
            "in every round *all* places whose pair is in merges get a draw, one place is merged, and then all draws are made anew: a place that sat out may be merged later",
        ),
        (
            "merge after merge, each as often as it gets through",
            ("    while True:", "    for pair in merges:\n        while places := [at for at, two in enumerate(pairwise(tokens)) if two == pair and rng.random() >= p]:\n"
             "            tokens[places[0] : places[0] + 2] = [''.join(pair)]\n    return tokens\n    while True:"),
            "in every round *all* places whose pair is in merges get a draw, one place is merged, and then the places of all merges are looked at again",
        ),
        (
            "draws for the places of the earliest merge alone",
            ("enumerate(pairwise(tokens)):  # the places", "enumerate(pairwise(tokens)):\n            if pair != min(pairwise(tokens), key=lambda two: merges.index(two) if two in merges else len(merges)):\n                continue"),
            "all places whose pair is in merges get a draw; of those that do not sit out the earliest merge is chosen",
        ),
        ("a merge that was used is used up", ("_, place = min", "rank, place = min"), ("[tokens[place] + tokens[place + 1]]", "[''.join(merges.pop(rank))]"), "a merge may be needed again, in another place of the word"),
        ("Python's random numbers", ("np.random.default_rng(seed)", "Random(seed)"), "the draws are those of np.random.default_rng(seed)"),
        ("the last token is never part of a pair", ("pairwise(tokens)", "pairwise(tokens[:-1])"), "the last pair is the last token but one with the last: zip(tokens, tokens[1:])"),
    ],
    hints=(
        "First without dropout: in each round, of all places whose pair is in merges, take the one with the lowest merges.index(pair), merge it, and look again.",
        "Then: a place comes into question only if `pair in merges and rng.random() >= p`. Make rng once, before the loop.",
        "In each round collect (merges.index(pair), place); if there is none, return tokens; else min of them says where: tokens[place : place + 2] = [tokens[place] + tokens[place + 1]].",
    ),
    equivalent={">= becomes > in: if pair in merges and rng.random() >= p:": "a draw is never exactly p"},
)  # fmt: skip
def bpe_dropout(word: str, merges: list[tuple[str, str]], p: float, seed: int) -> list[str]:
    """The tokens of ``word`` by ``merges``, in the order learnt, where each place sits a round out with probability ``p``.

    BPE dropout (Provilkov, Emelianenko & Voita 2020). In every round each place whose pair is in ``merges`` gets one draw, from
    left to right; of those that do not sit out, the one whose merge was learnt earliest is merged, of equals the leftmost.
    """
    rng, tokens = np.random.default_rng(seed), list(word)
    while True:
        fitting = []
        for place, pair in enumerate(pairwise(tokens)):  # the places
            if pair in merges and rng.random() >= p:  # the draws
                fitting.append((merges.index(pair), place))
        if not fitting:
            return tokens  # the end
        _, place = min(fitting)  # the choice of a place
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]  # the merge
