"""Lesson 2's exercises: from a look-up and its gradient to a bias measured against luck."""

from __future__ import annotations

import itertools
import math
import statistics
from random import Random

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lmcourse.exercises.calls import Case
from lmcourse.exercises.exercise import exercise
from lmcourse.exercises.inputs import drawn


def looked_up(random: Random, places: int, size: int, words: int) -> tuple[Tensor, Tensor, int]:
    ids = [random.randrange(words) for _ in range(places)]
    ids[-1] = ids[0]  # a word that occurs twice
    return torch.tensor(ids), drawn(random, places, size), words


@exercise(
    lesson=2,
    title="The way back through a look-up",
    stars=1,
    points=2,
    cases=lambda: [
        (torch.tensor([2, 0, 2]), torch.tensor([[1.0, 2.0], [3.0, 4.0], [10.0, 20.0]]), 4),
        (torch.tensor([0, 1]), torch.tensor([[0.5], [-1.0]]), 3),
        looked_up(Random(1), 5, 3, 3),
    ],
    fuzz=lambda random: looked_up(random, random.randint(2, 7), random.choice((1, 2, 3, 5)), random.randint(2, 6)),
    forbidden=("torch.Tensor.backward", "torch.autograd.grad"),
    mistakes=[
        ("a word's last gradient in place of their sum", ("+= above[place]", "= above[place]"), "a word that occurs twice adds up two gradients; an assignment keeps one, and so does table[ids] += … in PyTorch"),
        ("a word's gradients averaged", ("return gradient", "return gradient / torch.bincount(ids, minlength=words).clamp(min=1)[:, None]"), "a word that occurs twice adds up two gradients, as every path to one number does"),
        ("divided by the length of the sentence", ("return gradient", "return gradient / len(ids)"), "the gradients of a word's places are added up, and nothing is divided"),
        ("a row for each word up to the largest id alone", ("torch.zeros(words,", "torch.zeros(int(ids.max()) + 1,"), "the table has a row for every word, and words that do not occur get a gradient of 0"),
        ("rows for the words of the sentence alone", ("return gradient", "return gradient[ids.unique()]"), "the table has a row for every word, and words that do not occur get a gradient of 0"),
        ("how often each word occurs", ("+= above[place]", "+= 1"), "each place hands its row of above on to its word's row"),
        ("the look-up once more", ("return gradient", "return above[ids]"), "the way back goes from places to words: the row of above at a place is added to the row of that place's word"),
        ("the first column alone", ("gradient[id] += above[place]", "gradient[id][0] += above[place][0]"), "scatter_add_ adds as many columns as its index has: ids[:, None].expand(-1, size), or index_add_"),
        ("the rows of above read backwards", ("above[place]", "above[-1 - place]"), "place number n of the sentence has row n of above"),
    ],
    hints=(
        "E[ids] copied row ids[n] of E to place n. On the way back, row n of above goes to row ids[n].",
        "Begin with zeros, a row for each word; go through the places and add.",
        "for place, id in enumerate(ids): gradient[id] += above[place]",
    ),
)  # fmt: skip
def embedding_gradient(
    ids: Int[Tensor, " places"], above: Float[Tensor, "places size"], words: int
) -> Float[Tensor, "words size"]:
    """The gradient of an embedding of ``words`` rows, from that of the rows looked up.

    ``ids``: the word at each place; ``above``: the gradient for the row at each place.
    """
    gradient = torch.zeros(words, above.shape[1])  # a row for each word
    for place, id in enumerate(ids):
        gradient[id] += above[place]  # adding up
    return gradient


def a_curve(random: Random) -> tuple[list[float], float]:
    """Falling whole numbers and a share that no sum of their squares hits exactly."""
    strengths = sorted((float(random.randint(1, 9)) for _ in range(random.randint(2, 8))), reverse=True)
    return strengths, random.choice((0.101, 0.203, 0.357, 0.501, 0.639, 0.757, 0.851, 0.903, 0.953, 0.991))


@exercise(
    lesson=2,
    title="Read a curve",
    stars=1,
    points=2,
    cases=lambda: [
        ([3.0, 2.0, 1.0], 0.9),
        Case(([1.0, 1.0, 1.0, 1.0], 0.75), "three keep the share exactly"),
        ([5.0, 5.0, 3.0, 2.0, 1.0, 0.5], 0.5),
        ([2.0, 1.0, 0.0], 1.0),
    ],
    fuzz=a_curve,
    mistakes=[
        ("values not squared", ("strength**2", "strength"), "what a direction keeps of the table is the *square* of its singular value"),
        ("a direction too few", ("1 + sum(", "sum("), "counted from 1: the direction that reaches the share belongs to those that are kept"),
        ("more than the share asked for", ("kept < share", "kept <= share"), "to keep exactly the share is enough"),
        ("more than the share asked for, or all", ("1 + sum(kept < share * sum(squares) for kept in sums)", "min(len(strengths), 1 + sum(kept <= share * sum(squares) for kept in sums))"), "to keep exactly the share is enough"),
        ("the root of what is kept", ("kept < share * sum(squares)", "kept**0.5 < share * sum(squares) ** 0.5"), "the share is one of squares: no root is taken of their sums"),
        ("each direction beside the strongest", ("1 + sum(kept < share * sum(squares) for kept in sums)", "sum(one >= share * strengths[0] for one in strengths)"), "what the first directions keep *together* is compared with the whole"),
        ("that share of the number of directions", ("1 + sum(kept < share * sum(squares) for kept in sums)", "math.ceil(share * len(strengths))"), "the directions are not equally strong; compare sums of squares"),
        ("the share that may be lost", ("share * sum(squares)", "(1 - share) * sum(squares)"), "share is what is to be *kept*"),
        ("the weakest directions first", ("accumulate(squares)", "accumulate(squares[::-1])"), "the strongest are kept first, and they come first"),
        ("sums not compared with the whole", ("share * sum(squares)", "share"), "a share is a part of the whole: divide by the sum of all squares"),
        ("values added and compared with the root of all squares", ("itertools.accumulate(squares)", "itertools.accumulate(strengths)"), ("share * sum(squares)", "share * sum(squares) ** 0.5"), "what is kept is measured in squares: the sum of the first ones' squares beside the sum of all"),
        ("single squares, not their sums", ("itertools.accumulate(squares)", "squares"), "the first n directions keep the sum of their n squares"),
        ("the share that is kept, not the number", ("return 1 + sum(kept < share * sum(squares) for kept in sums)", "return next(kept / sum(squares) for kept in sums if kept >= share * sum(squares))"), "the answer is the number of directions at which the share is reached"),
    ],
    hints=(
        "Square the values. Their sum is the whole; the sum of the first n is what n directions keep.",
        "Go along the sums until one is at least share times the whole. How many values have been added by then?",
        "kept = np.cumsum(np.square(strengths)); the first place where kept >= share * kept[-1], counted from 1",
    ),
)  # fmt: skip
def directions_needed(strengths: list[float], share: float) -> int:
    """How many directions of an SVD keep at least ``share`` of a table, measured in squares.

    ``strengths``: all its singular values, the largest first.
    """
    squares = [strength**2 for strength in strengths]  # the squares
    sums = itertools.accumulate(squares)  # what the first ones keep
    return 1 + sum(kept < share * sum(squares) for kept in sums)  # until the share is reached


def some_texts(random: Random, texts: int, longest: int) -> tuple[list[list[str]], list[list[int]]]:
    lines = [
        [random.choice(("the", "boat", "and", "sea")) for _ in range(random.randint(1, longest))] for _ in range(texts)
    ]
    return lines, [[random.randint(1, 3) for _ in line] for line in lines]


@exercise(
    lesson=2,
    title="The pairs that skip-gram reads",
    stars=2,
    points=3,
    cases=lambda: [
        ([["two", "rye", "please"]], [[1, 2, 1]]),
        Case(([["very", "very", "cold"]], [[1, 1, 1]]), "a word beside itself"),
        Case(([["she", "cut"], ["it"], ["still", "warm"]], [[2, 1], [3], [1, 2]]), "three texts"),
        ([[*"abcdefg"]], [[1, 3, 2, 1, 3, 2, 3]]),
        some_texts(Random(3), 2, 5),
    ],
    fuzz=lambda random: some_texts(random, random.randint(1, 3), 7),
    mistakes=[
        ("a negative place, which counts from the end", ("max(0, place - far)", "place - far"), "before the first word of a text there is nothing: a window begins at 0 at the earliest"),
        (
            "a slice with a negative beginning",
            ("range(first, last + 1)", "[*range(len(text))[place - far : place], *range(place + 1, last + 1)]"),
            "text[-1:1] is empty, so words near the beginning lose their neighbours: a window begins at 0 at the earliest",
        ),
        ("at the edges it goes on at the other end", ("range(first, last + 1)", "range(place - far, place + far + 1)"), ("(word, text[other])", "(word, text[other % len(text)])"), "a text is no ring: the window ends where the text ends"),
        ("the window one short at the right", ("place + far)", "place + far - 1)"), "a neighbour at distance far belongs to the window, and range stops *before* its end"),
        ("the window one short on both sides", ("far = reach[number][place]", "far = reach[number][place] - 1"), "a neighbour at distance far belongs to the window: ≤, not <"),
        ("a word paired with its own place", (" if other != place", ""), "a place is not its own neighbour"),
        ("equal words left out", ("if other != place", "if text[other] != word"), "compare places, not words: in *very very cold* the two stand together"),
        ("neighbours at the right alone", ("range(first, last + 1)", "range(place + 1, last + 1)"), "a window reaches to both sides"),
        ("neighbours at the left alone", ("range(first, last + 1)", "range(first, place)"), "a window reaches to both sides"),
        ("word and neighbour exchanged", ("(word, text[other])", "(text[other], word)"), "the word whose window it is comes first; the windows differ, so the order matters"),
        ("the neighbour's window decides", ("range(first, last + 1) if other != place", "range(len(text)) if other != place and abs(other - place) <= reach[number][other]"), "the window is that of the word that comes first in the pair"),
        ("the widest window for all", ("reach[number][place]", "max(reach[number])"), "each place has its own entry in reach"),
        ("the first word's window for all", ("reach[number][place]", "reach[number][0]"), "each place has its own entry in reach"),
        (
            "pairs across the end of a text",
            ("enumerate(texts)", "enumerate([sum(texts, [])])"), ("reach[number][place]", "sum(reach, [])[place]"),
            "pairs do not reach from one text into the next",
        ),
        ("each pair once", ("return pairs", "return list(dict.fromkeys(pairs))"), "what stands together twice is learnt from twice: pairs are not made unique"),
        ("the neighbours of a word's first place", ("in enumerate(text)", "in ((text.index(one), one) for one in text)"), "text.index finds a word's first place; enumerate knows where it is now"),
        ("places, not words", ("(word, text[other])", "(place, other)"), "a pair holds two words"),
        ("a list for each text", ("pairs += [", "pairs += [[] for _ in range(1 - len(pairs) + number)]; pairs[-1] += ["), "all pairs stand in one list"),
    ],
    hints=(
        "Three loops: over the texts, over the places of a text, over the places around one.",
        "Around place i with reach r lie the places from max(0, i - r) to min(len(text) - 1, i + r), both included, without i itself.",
        "pairs += [(word, text[j]) for j in range(max(0, i - r), min(len(text), i + r + 1)) if j != i]",
    ),
    equivalent={
        f"the arguments of {name} swapped in: first, last = max(0, place - far), min(len(text) - 1, place + far)": "two numbers have one largest, in any order"
        for name in ("max", "min")
    },
)  # fmt: skip
def skipgram_pairs(texts: list[list[str]], reach: list[list[int]]) -> list[tuple[str, str]]:
    """The pairs (word, neighbour) that skip-gram learns from, in order of the text, the neighbours from left to right.

    ``reach``: for each place of each text the distance up to which that word's neighbours count.
    """
    pairs = []
    for number, text in enumerate(texts):
        for place, word in enumerate(text):
            far = reach[number][place]  # the word's own window
            first, last = max(0, place - far), min(len(text) - 1, place + far)  # the edges
            pairs += [(word, text[other]) for other in range(first, last + 1) if other != place]  # the pairs
    return pairs


def some_counts(random: Random, words: int, contexts: int) -> tuple[Tensor, int]:
    table = [[float(max(0, random.randint(-3, 9))) for _ in range(contexts)] for _ in range(words)]
    table[0][0], table[1][1] = 9.0, 9.0
    if words > 2 and random.random() < 0.3:
        table[2] = [0.0] * contexts  # a word that was never seen in company
    return torch.tensor(table), random.choice((1, 2, 3))


@exercise(
    lesson=2,
    title="The table behind skip-gram",
    stars=2,
    points=4,
    cases=lambda: [
        (torch.tensor([[3.0, 1.0], [0.0, 4.0]]), 1),
        (torch.tensor([[8.0, 1.0, 0.0], [1.0, 5.0, 2.0]]), 2),
        Case((torch.tensor([[6.0, 0.0], [0.0, 0.0], [1.0, 2.0]]), 1), "a word without company"),
        some_counts(Random(2), 5, 3),
    ],
    fuzz=lambda random: some_counts(random, random.randint(2, 5), random.choice((2, 3, 5))),
    mistakes=[
        ("a logarithm to base 2", ("torch.log(", "torch.log2("), ("math.log(negatives)", "math.log2(negatives)"), "log is the natural logarithm here, as σ is made with e"),
        ("base 2 for PMI, base e for the shift", ("torch.log(", "torch.log2("), "log is the natural logarithm throughout"),
        ("k taken off, not log k", ("math.log(negatives)", "negatives"), "PMI is a logarithm, so a factor of k takes log k off it"),
        ("no shift", (" - math.log(negatives)", ""), "log k is taken off before what is negative is set to 0"),
        ("the shift added", ("- math.log(negatives)", "+ math.log(negatives)"), "log k is taken off: more negatives ask for more than chance"),
        ("shifted after the zeros", ("pmi - math.log(negatives)", "pmi"), (".clamp(min=0)", ".clamp(min=0) - math.log(negatives)"), "first the shift, then what is below 0 becomes 0; so nothing is negative in the end"),
        ("the negative part kept", (".clamp(min=0)", ""), "positive PMI: what is below 0 becomes 0"),
        ("the amount of PMI", (".clamp(min=0)", ".abs()"), "what is below 0 becomes 0; its sign is not dropped"),
        ("NaN for a word without company", ("torch.where(counts > 0, shifted, 0.0)", "shifted"), "0 / 0 is NaN, and clamp leaves it so: where the count is 0 the entry is 0"),
        ("chance without one of its three parts", (" / counts.sum()", ""), "chance is count(w) · count(c) / N, and N is the sum of the whole table; with a part left out, next to nothing is above chance"),
        ("a count beside a product of shares", ("/ counts.sum()", "/ counts.sum() ** 2"), "counts are compared with counts, count(w) · count(c) / N, or shares with shares: all three divided by N"),
        ("neighbours' counts to the power of 0.75", ("counts.sum(dim=0)", "counts.sum(dim=0) ** 0.75"), "that power belongs to drawing negatives; chance is counted as it is"),
        ("the logarithm of 1 + the ratio", ("torch.log(counts / chance)", "torch.log1p(counts / chance)"), "PMI is the logarithm of the ratio itself"),
        ("N is the number of entries", ("/ counts.sum()", "/ counts.numel()"), "N is the sum of the whole table"),
        ("words and neighbours exchanged", (".clamp(min=0)", ".clamp(min=0).T"), "rows are words and columns neighbours, in the result as well"),
        ("the ratio without its logarithm", ("torch.log(counts / chance)", "counts / chance"), ("- math.log(negatives)", "/ negatives"), "PMI is the logarithm of that ratio"),
        ("no logarithm, and log k taken off", ("torch.log(counts / chance)", "counts / chance"), "PMI is the logarithm of that ratio"),
        ("1 added to every count", ("words, contexts =", "counts = counts + 1\n    words, contexts ="), "counts stay as they are; where a count is 0 the entry is 0"),
        ("sums of the rows for both", ("counts.sum(dim=0)", "counts.sum(1)"), "a neighbour's count is the sum of its *column*; this table is not symmetric"),
    ],
    hints=(
        "counts.sum(1)[:, None] is count(w) as a column, counts.sum(0) is count(c) as a row; their product has a number for each pair.",
        "PMI = log(counts / chance) with chance = count(w) · count(c) / N. Take math.log(negatives) off, then let nothing be below 0.",
        "torch.where(counts > 0, torch.log(counts / chance) - math.log(negatives), 0.0).clamp(min=0)",
    ),
)  # fmt: skip
def shifted_ppmi(counts: Float[Tensor, "words contexts"], negatives: int) -> Float[Tensor, "words contexts"]:
    """Positive pointwise mutual information, shifted by the logarithm of the number of negatives (Levy & Goldberg 2014).

    It is what skip-gram with ``negatives`` negatives comes close to factorising. Where a count is 0 the entry is 0.
    """
    words, contexts = counts.sum(dim=1)[:, None], counts.sum(dim=0)  # the sums of rows and columns
    chance = words * contexts / counts.sum()  # the count by chance
    pmi = torch.log(counts / chance)  # PMI
    shifted = pmi - math.log(negatives)  # the shift
    return torch.where(counts > 0, shifted, 0.0).clamp(min=0)  # what is not positive becomes 0


def a_step(random: Random, words: int, size: int, negatives: int) -> tuple[Tensor, Tensor, int, int, list[int], float]:
    noise = [random.randrange(words) for _ in range(negatives)]
    return (
        drawn(random, words, size),
        drawn(random, words, size),
        random.randrange(words),
        random.randrange(words),
        noise,
        0.5,
    )


@exercise(
    lesson=2,
    title="Find the faults",
    stars=3,
    points=5,
    cases=lambda: [
        (torch.tensor([[1.0], [2.0]]), torch.tensor([[0.5], [1.0]]), 0, 1, [0], 0.1),
        (*a_step(Random(1), 4, 2, 2)[:2], 3, 0, [1, 2], 0.5),
        Case((*a_step(Random(2), 4, 3, 2)[:2], 0, 1, [2, 2, 3], 0.5), "a negative that is drawn twice"),
        Case((*a_step(Random(3), 3, 2, 2)[:2], 1, 2, [2, 0], 0.5), "a negative that is the neighbour itself"),
        a_step(Random(4), 5, 3, 5),
    ],
    fuzz=lambda random: a_step(random, random.randint(2, 6), random.choice((1, 2, 3, 5)), random.randint(1, 5)),
    given=("the word moves before the others are nudged", "a negative drawn twice is nudged once"),
    parts=("W", "C"),
    mistakes=[
        ("the word moves before the others are nudged", ("w, c, n = W[word]", "w, c, n = new_W[word]"), "all gradients are those of the *old* vectors; new_W[word] is a view of the table, and changes with it"),
        (
            "a negative drawn twice is nudged once",
            ("new_C.index_add_(0, torch.tensor(negatives), fooled[:, None] * w, alpha=-rate)", "new_C[negatives] -= rate * fooled[:, None] * w"),
            "with an index that holds a row twice, -= works once; a word that occurs twice adds up two gradients",
        ),
        (
            "neighbour and negatives nudged by one index",
            ("new_C[neighbour] -= rate * believed * w", "pass"),
            ("new_C.index_add_(0, torch.tensor(negatives), fooled[:, None] * w, alpha=-rate)", "new_C[[neighbour, *negatives]] -= rate * torch.cat([believed[None], fooled])[:, None] * w"),
            "with an index that holds a row twice, -= works once; a word that occurs twice adds up two gradients",
        ),
        (
            "equal negatives made one",
            ("    w, c, n", "    negatives = list(dict.fromkeys(negatives))\n    w, c, n"),
            "a word that is drawn twice counts twice, for the word's vector and for its own",
        ),
        (
            "negatives that are the neighbour left out",
            ("    w, c, n", "    negatives = [one for one in negatives if one != neighbour]\n    w, c, n"),
            ("torch.tensor(negatives)", "torch.tensor(negatives, dtype=torch.long)"),
            "the loss of the task has a term for every negative, whichever word it is",
        ),
        (
            "each nudge sees what the one before has done",
            ("    return new_W, new_C", "    new_W, new_C = W.clone(), C.clone()\n    for other, label in [(neighbour, 1), *((one, 0) for one in negatives)]:\n        w, c = new_W[word].clone(), new_C[other].clone()\n        error = torch.sigmoid(w @ c) - label\n        new_W[word] -= rate * error * c\n        new_C[other] -= rate * error * w\n    return new_W, new_C"),
            "one step is one gradient: all errors are taken at the *old* vectors",
        ),
        ("the neighbour's vector stays", ("new_C[neighbour] -= rate * believed * w", "pass"), "the neighbour's row moves as well: its gradient is (σ(w·c) − 1) · w"),
        ("the negatives' vectors stay", ("new_C.index_add_(0, torch.tensor(negatives), fooled[:, None] * w, alpha=-rate)", "pass"), "the negatives' rows move as well: the gradient of each is σ(w·n) · w"),
        (
            "the table C stays",
            ("new_C[neighbour] -= rate * believed * w", "pass"), ("new_C.index_add_(0, torch.tensor(negatives), fooled[:, None] * w, alpha=-rate)", "pass"),
            "the loss depends on all three kinds of vectors, so neighbour and negatives move as well",
        ),
        ("the table W stays", ("new_W[word] -= rate * (believed * c + fooled @ n)", "pass"), "the word's row moves by −rate times (σ(w·c) − 1) · c + Σ σ(w·n) · n"),
        (
            "uphill",
            ("new_W[word] -=", "new_W[word] +="), ("new_C[neighbour] -=", "new_C[neighbour] +="), ("alpha=-rate", "alpha=rate"),
            "a nudge goes *against* the gradient: minus",
        ),
        ("the negatives drawn near", ("torch.sigmoid(n @ w)", "torch.sigmoid(n @ w) - 1"), "a negative's error is σ(w·n): it is to be 0"),
        ("the neighbour pushed away", ("torch.sigmoid(w @ c) - 1", "torch.sigmoid(w @ c)"), "the true pair's error is σ(w·c) − 1: it is to be 1"),
        ("σ(−w·n) as a negative's error", ("torch.sigmoid(n @ w)", "torch.sigmoid(-n @ w)"), "the loss has σ(−w·n), and its derivative is σ(w·n)"),
        ("the mean over the negatives", ("torch.sigmoid(n @ w)", "torch.sigmoid(n @ w) / len(negatives)"), "every negative has a term of its own in the loss: a sum"),
        ("negatives looked up among the words", ("C[negatives]", "W[negatives]"), "negatives stand as neighbours: their vectors are rows of C"),
        ("products without σ", ("torch.sigmoid(w @ c) - 1, torch.sigmoid(n @ w)", "w @ c - 1, n @ w"), "an error is a probability minus what it is to be: σ(w·c) − 1 and σ(w·n)"),
        ("one negative alone", ("    w, c, n", "    negatives = negatives[:1]\n    w, c, n"), "every negative of the list has a term in the loss"),
    ],
    hints=(
        "Make a small case and compare with autograd: W and C with requires_grad_(), the loss of the task, backward(). The result must be W − rate · W.grad and C − rate · C.grad. Try negatives [1, 2], then [2, 2].",
        "In new_W[word] -= … the row changes, and whatever is a view of it: what is w after that line? And what does x = torch.zeros(3); x[[1, 1]] += 1 leave in x?",
        "Take w from W, not from new_W. And for the negatives: new_C.index_add_(0, torch.tensor(negatives), fooled[:, None] * w, alpha=-rate), or a loop.",
    ),
    equivalent={"sides swapped in: believed, fooled = torch.sigmoid(w @ c) - 1, torch.sigmoid(n @ w)": "the product of two vectors has no order"},
)  # fmt: skip
def skipgram_step(
    W: Float[Tensor, "words size"],
    C: Float[Tensor, "words size"],
    word: int,
    neighbour: int,
    negatives: list[int],
    rate: float,
) -> tuple[Float[Tensor, "words size"], Float[Tensor, "words size"]]:
    """Both tables after one nudge of size ``rate`` against the gradient of −log σ(w·c) − Σ log σ(−w·n).

    ``W`` holds the words' vectors, ``C`` their vectors as neighbours; every item of ``negatives`` has a term of its own.
    """
    new_W, new_C = W.clone(), C.clone()
    w, c, n = W[word], C[neighbour], C[negatives]  # the old vectors
    believed, fooled = torch.sigmoid(w @ c) - 1, torch.sigmoid(n @ w)  # the errors
    new_W[word] -= rate * (believed * c + fooled @ n)  # the word's nudge
    new_C[neighbour] -= rate * believed * w  # the neighbour's nudge
    new_C.index_add_(0, torch.tensor(negatives), fooled[:, None] * w, alpha=-rate)  # the negatives' nudges
    return new_W, new_C


def some_jobs(random: Random, jobs: int) -> tuple[list[float], list[bool]]:
    """Leanings in quarters, so that sums are exact and ties occur."""
    chosen = set(random.sample(range(jobs), random.randint(1, jobs - 1)))
    lean = [random.randint(-4, 4) / 4 + 0.5 * (at in chosen) for at in range(jobs)]
    return lean, [at in chosen for at in range(jobs)]


@exercise(
    lesson=2,
    title="Bias, or luck?",
    stars=3,
    points=4,
    cases=lambda: [
        ([0.5, 0.25, -0.25], [True, False, False]),
        Case(([0.5, 0.5, -0.25, 0.0], [True, False, True, False]), "a tie"),
        Case(([-0.25, 0.5, 0.25, 0.75], [True, False, False, True]), "a difference near 0"),
        ([0.5, 0.75, -0.5, 0.25, -0.25], [True, True, False, False, False]),
    ],
    fuzz=lambda random: some_jobs(random, random.randint(3, 7)),
    big=lambda: Case(some_jobs(Random(5), 12), "twelve jobs"),
    slow="The order of the jobs on a side changes no mean: choose the places (itertools.combinations), and do not order the jobs.",
    mistakes=[
        ("only ways that are better than the plan", ("way >= true", "way > true"), "*at least* as large: the plan itself is one of the ways, so the answer is never 0"),
        ("the ways with a smaller difference", ("way >= true", "way < true"), "luck is the share that does as well as the plan, or better: ≥"),
        ("the ways with at most that difference", ("way >= true", "way <= true"), "luck is the share that does as well as the plan, or better: ≥; and the mean of the *she* jobs comes first"),
        ("both directions", ("way >= true", "abs(way) >= abs(true)"), "asked is how often luck leans *as the plan does*: the sign counts"),
        ("a number of ways, not a share", (" / len(ways)", ""), "divide by how many ways there are"),
        ("in per cent", ("return sum(", "return 100 * sum("), "a share lies between 0 and 1"),
        ("the plan is not one of the ways", ("sum(way >= true for way in ways) / len(ways)", "(sum(way >= true for way in ways) - 1) / (len(ways) - 1)"), "all ways count, and the plan is one of them"),
        ("one added above and below", ("sum(way >= true for way in ways) / len(ways)", "(sum(way >= true for way in ways) + 1) / (len(ways) + 1)"), "that corrects for orders drawn at random; here every way is counted, the plan among them"),
        ("the difference itself", ("return sum(way >= true for way in ways) / len(ways)", "return true"), "the difference is the score; asked is how often luck reaches it"),
        ("equal differences counted once", ("ways = [apart(chosen) for chosen in itertools.combinations(jobs, sum(she))]", "ways = {apart(chosen) for chosen in itertools.combinations(jobs, sum(she))}"), "each way counts, also if another one has the same difference"),
        ("equal leanings taken for one", ("for chosen in itertools.combinations(jobs, sum(she))]", "for chosen in {tuple(lean[at] for at in some): some for some in itertools.combinations(jobs, sum(she))}.values()]"), "a way is a choice of jobs; two that lean equally are still two"),
        ("groups of every size", ("in itertools.combinations(jobs, sum(she))]", "in (some for size in jobs[1:] for some in itertools.combinations(jobs, size))]"), "each way has as many *she* jobs as the plan"),
        ("half of the jobs, whatever the plan says", ("combinations(jobs, sum(she))", "combinations(jobs, len(lean) // 2)"), "each way has as many *she* jobs as the plan"),
        ("as many as the plan gives to he", ("combinations(jobs, sum(she))", "combinations(jobs, len(she) - sum(she))"), "each way has as many *she* jobs as the plan"),
        ("half of the jobs, compared by sums", ("combinations(jobs, sum(she))", "combinations(jobs, len(lean) // 2)"), ("statistics.fmean(hers) - statistics.fmean(others)", "sum(hers)"), "each way has as many *she* jobs as the plan"),
        ("a job chosen more than once", ("combinations(jobs", "combinations_with_replacement(jobs"), ("statistics.fmean(hers) - statistics.fmean(others)", "sum(hers)"), "a way is a choice of *different* jobs: itertools.combinations"),
        ("medians", ("statistics.fmean(hers) - statistics.fmean(others)", "statistics.median(hers) - statistics.median(others)"), "the two sides are compared by their means"),
    ],
    hints=(
        "Nothing is drawn at random: itertools.combinations(range(n), k) gives every way to choose k of n places.",
        "Write a function that says how far the means lie apart for chosen places. Call it for the plan's places, and for every way to choose as many.",
        "sum(apart(chosen) >= true for chosen in combinations(range(n), sum(she))), divided by how many ways there are",
    ),
    equivalent={"only the left side in: return statistics.fmean(hers) - statistics.fmean(others)": "as many jobs on each side: the difference grows with the mean of one"},
)  # fmt: skip
def luck(lean: list[float], she: list[bool]) -> float:
    """How often luck alone ties the leanings to a plan as well as the plan does: an exact permutation test (Fisher 1935).

    Of all ways to choose as many jobs as are True in ``she``, the share whose mean leaning, minus the mean of the other jobs,
    is at least that of the plan. As a test of word vectors: Caliskan, Bryson & Narayanan 2017.
    """
    jobs = range(len(lean))

    def apart(chosen: tuple[int, ...]) -> float:
        hers, others = [lean[at] for at in chosen], [lean[at] for at in jobs if at not in chosen]  # the two sides
        return statistics.fmean(hers) - statistics.fmean(others)  # the difference of the means

    ways = [apart(chosen) for chosen in itertools.combinations(jobs, sum(she))]  # all ways to choose as many
    true = apart(tuple(at for at in jobs if she[at]))  # the plan's own difference
    return sum(way >= true for way in ways) / len(ways)  # the share that does as well
