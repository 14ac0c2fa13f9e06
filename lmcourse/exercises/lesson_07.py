"""Lesson 7's exercises: links of a chain, daring, beams, spans, searching, and the price of silence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import torch
from jaxtyping import Float
from torch import Tensor

from lmcourse.exercises.calls import Case
from lmcourse.exercises.exercise import exercise


def chain_rows(random: Random, messages: int, links: int) -> tuple[list[list[bool]]]:
    """Messages that are easy or hard for every link, so that faults come together."""
    rates = [random.uniform(0.4, 0.95) for _ in range(links)]
    rows = []
    for _ in range(messages):
        ease = random.choice((-0.3, 0.1, 0.3))
        rows.append([random.random() < rate + ease for rate in rates])
    return (rows,)


YES, NO = True, False
CHAINS = [
    Case(([[YES, YES], [YES, NO], [NO, NO], [YES, YES]],), "the task's example"),
    Case(([[YES], [NO], [YES]],), "a chain of one link"),
    Case(([[NO, NO, YES], [NO, NO, YES], [NO, YES, NO], [YES, YES, NO], [YES, YES, YES]],), "the weakest link fails only where another fails"),
    Case(([[NO, YES, YES], [YES, NO, YES], [YES, YES, YES], [YES, YES, NO]],), "three links that help equally"),
    Case(([[NO, NO], [NO, NO]],), "nothing is right"),
]


@exercise(
    lesson=7,
    title="Predict, then measure: which link to mend",
    stars=1,
    points=3,
    cases=lambda: CHAINS,
    fuzz=lambda random: chain_rows(random, random.randint(3, 9), random.randint(2, 5)),
    parts=("product", "share", "mend"),
    mistakes=[
        ("the weakest link is mended", ("all(row[:link] + row[link + 1 :])", "not row[link]"), "the link whose mending makes most messages right; a weak one may fail only where others fail too"),
        ("a chain is as good as its weakest link", ("math.prod(sum(link)", "min(sum(link)"), "if faults fall independently, the accuracies are multiplied"),
        ("the mean of the accuracies", ("math.prod(sum(link) / len(rows) for link in links)", "sum(sum(link) / len(rows) for link in links) / len(links)"), "if faults fall independently, the accuracies are multiplied"),
        ("a product over the messages", ("math.prod(sum(link) / len(rows) for link in links)", "math.prod(sum(row) / len(row) for row in rows)"), "an accuracy is a link's: the share of messages, a column, in which it is right"),
        ("the share is not counted but taken for the product", ("sum(all(row) for row in rows) / len(rows)", "product"), "count the messages in which every link is right"),
        ("the chances of a fault are multiplied", ("math.prod(sum(link) / len(rows) for link in links)", "1 - math.prod(1 - sum(link) / len(rows) for link in links)"), "that is the chance that at least one link is right; all of them must be"),
        ("one right link is enough", ("sum(all(row) for row in rows)", "sum(any(row) for row in rows)"), "a reply is right if *every* link is: all, not any"),
        ("only the last link counts", ("sum(all(row) for row in rows)", "sum(row[-1] for row in rows)"), "these are the links alone, with true input; a reply is right if every one of them is"),
        ("a number of messages", ("sum(all(row) for row in rows) / len(rows)", "sum(all(row) for row in rows)"), "a share lies between 0 and 1: divide by the number of messages"),
        ("links counted from 1", ("whole.index(max(whole))", "whole.index(max(whole)) + 1"), "the first link is number 0"),
        ("the link that helps least", ("whole.index(max(whole))", "whole.index(min(whole))"), "the link whose mending makes the *most* messages right"),
        ("the last of equals", ("whole.index(max(whole))", "len(whole) - 1 - whole[::-1].index(max(whole))"), "of links that help equally, the first"),
        ("all links up to this one are mended", ("all(row[:link] + row[link + 1 :])", "all(row[link + 1 :])"), "one link is mended, the others stay as they are: begin each time with the rows as they came"),
        ("the link that is the first to be wrong is mended", ("all(row[:link] + row[link + 1 :])", "all(row[:link]) and not row[link]"), "a link behind it may be wrong in the same message, which is then not saved: all the *others* must be right"),
        ("of equals the one that a message shows first", ("whole.index(max(whole))", "max((link for row in rows for link in range(len(row)) if not row[link] and sum(row) == len(row) - 1), key=whole.__getitem__, default=0)"), "of links that help equally, the first *link*; a Counter's most_common takes the one that was met first"),
        ("the share of links that are never wrong", ("sum(all(row) for row in rows) / len(rows)", "sum(all(link) for link in links) / len(links)"), "the share of *messages* in which every link is right: all(…) goes along a row"),
        ("the share divided by the number of links", ("sum(all(row) for row in rows) / len(rows)", "sum(all(row) for row in rows) / len(links)"), "divide by the number of messages, len(rows)"),
        ("the share with the link mended, not its number", ("whole.index(max(whole))", "max(whole) / len(rows)"), "mend is the number of the link"),
        ("percent", ("return product, share,", "return 100 * product, 100 * share,"), "both lie between 0 and 1"),
        ("rounded to two places", ("return product, share,", "return round(product, 2), round(share, 2),"), "numbers are returned as they are, and rounded where they are printed"),
        ("rounded to three places", ("return product, share,", "return round(product, 3), round(share, 3),"), "numbers are returned as they are, and rounded where they are printed"),
    ],
    hints=(
        "A row is a message, a column a link: [row[k] for row in rows] is column k. The product needs columns, the share needs rows.",
        "A link that is mended is right in every message. So look at each row without it: are all the others right?",
        "whole = [sum(all(row[:k] + row[k + 1:]) for row in rows) for k in range(number of links)]; the link is whole.index(max(whole)).",
    ),
    equivalent={
        f"0 becomes {row} in: links = [[row[link] for row in rows] for link in range(len(rows[0]))]": "all rows are equally long" for row in (1, -1)
    },
)  # fmt: skip
def chain_of_links(rows: list[list[bool]]) -> tuple[float, float, int]:
    """What a chain's links promise together, what they keep, and which one to mend first.

    ``rows`` has a row for each message: is each link right, given true input? Returned are the product of the links' accuracies, the share of
    messages in which all links are right, and the number of the link whose mending would raise that share most (of equals, the first).
    """
    links = [[row[link] for row in rows] for link in range(len(rows[0]))]  # a column for each link
    product = math.prod(sum(link) / len(rows) for link in links)  # the product of the accuracies
    share = sum(all(row) for row in rows) / len(rows)  # the share in which every link is right
    whole = [sum(all(row[:link] + row[link + 1 :]) for row in rows) for link in range(len(links))]  # one link mended
    mend = whole.index(max(whole))  # the link to mend
    return product, share, mend


def nucleus_inputs(random: Random, batch: int, words: int) -> tuple[Tensor, float, float]:
    """No two scores of a row are the same, so that their order is not left to a sorting rule."""
    logits = torch.tensor([[one / 10 for one in random.sample(range(-30, 31), words)] for _ in range(batch)])
    return logits, random.choice((0.5, 0.7, 1.0, 1.5, 3.0)), round(random.uniform(0.2, 0.98), 3)


@exercise(
    lesson=7,
    title="Find the faults: a writer that no setting makes more daring",
    stars=2,
    points=4,
    cases=lambda: [
        Case((torch.tensor([[2.0, 5.0, 3.0]]).log(), 1.0, 0.6), "the task's example"),
        Case((torch.tensor([[2.0, 5.0, 3.0]]).log(), 0.5, 0.9), "the same, less daring"),
        Case((torch.tensor([[0.0, 3.0]]), 1.0, 0.5), "the likeliest token alone is more than p"),
        Case((torch.tensor([[2.0, 1.0, 1.0]]).log(), 1.0, 0.5), "the likeliest token alone is just p"),
        nucleus_inputs(Random(3), 2, 3),
        nucleus_inputs(Random(5), 3, 5),
    ],
    fuzz=lambda random: nucleus_inputs(random, random.randint(1, 4), random.randint(2, 7)),
    given=("the temperature has no effect", "the token that crosses p is dropped", "chances in the order of their size"),
    forbidden=("lmcourse.decoding.top_p", "lmcourse.decoding.adjusted"),
    mistakes=[
        ("the temperature has no effect", ("(logits / temperature).softmax(1)", "torch.nn.functional.normalize(logits.softmax(1) / temperature, p=1, dim=1)"), "divided by a number and brought to a sum of 1 again, chances are what they were; the temperature divides the scores, before the softmax"),
        ("the token that crosses p is dropped", ("sums - likely < p", "sums <= p"), "the nucleus must reach p: a token stays if those *before* it have less than p together"),
        ("the token that crosses p is dropped, unless it is the first", ("likely * (sums - likely < p)", "likely * ((sums <= p) | (likely == likely.amax(1, keepdim=True)))"), "the nucleus must reach p: every token stays if those *before* it have less than p together"),
        ("chances in the order of their size", ("chances.scatter(1, order, kept)", "kept"), "sorting moved the chances; each goes back to the place of its token"),
        ("the places of the sorted chances are kept in the unsorted ones", ("likely * (sums - likely < p)", "chances * (sums - likely < p)"), ("chances.scatter(1, order, kept)", "kept"), "what was found out about the sorted chances must go back to the places of their tokens"),
        ("the chances do not add up to 1", ("kept / kept.sum(1, keepdim=True)", "kept"), "what was cut off is missing: divide by the sum of what is left"),
        ("divided by the sum of the whole batch", ("kept.sum(1, keepdim=True)", "kept.sum()"), "each row adds up to 1 by itself: sum over axis 1, keepdim=True"),
        ("scores times the temperature", ("logits / temperature", "logits * temperature"), "a high temperature makes the scores more alike: divide by it"),
        ("softmax over the batch", ("softmax(1)", "softmax(0)"), "the words are the last axis"),
        ("the nucleus before the temperature", ("chances = (logits / temperature).softmax(1)", "chances = logits.softmax(1)"), ("kept = kept / kept.sum(1, keepdim=True)", "kept = (kept > 0) * likely ** (1 / temperature)\n    kept = kept / kept.sum(1, keepdim=True)"), "the temperature comes first; p looks at the chances that it leaves"),
        ("the unlikeliest are kept", ("descending=True", "descending=False"), "the fewest tokens that reach p are the likeliest ones"),
        ("a second softmax", ("kept / kept.sum(1, keepdim=True)", "kept.softmax(1)"), "these are chances already, and exp(0) is 1: divide by the sum of what is left"),
        ("scores with minus infinity", ("return chances.scatter(1, order, kept)", "return (logits / temperature).masked_fill(chances.scatter(1, order, kept) == 0, -torch.inf)"), "chances are asked for: those that are kept, divided by their sum"),
        ("tokens that have at least p of the best one's chance", ("likely * (sums - likely < p)", "likely * (likely >= p * likely.amax(1, keepdim=True))"), "top-p looks at what the tokens have *together*, likeliest first"),
        ("one more where p is reached exactly", ("sums - likely < p", "sums - likely <= p"), "a sum that is p has reached it: what comes behind it goes"),
        ("gathered by the order", ("chances.scatter(1, order, kept)", "kept.gather(1, order)"), "order says from where each sorted chance came, and there it goes: scatter; gather would need order.argsort(1)"),
        ("the tokens behind the nucleus are kept", ("sums - likely < p", "sums >= p"), "the likeliest ones stay: a token is in the nucleus if those before it have less than p together"),
        ("one token too many", ("sums - likely < p", "(sums - likely).roll(1, 1).index_fill(1, torch.tensor([0]), 0.0) < p"), "the nucleus ends with the token that reaches p"),
        ("the sums run over unsorted chances", ("chances.sort(1, descending=True)", "(chances, torch.arange(chances.shape[1]).expand_as(chances))"), "the *fewest* tokens that reach p are found when the likeliest come first"),
        ("the chances are divided by the temperature once more", ("(logits / temperature).softmax(1)", "(logits / temperature).softmax(1) / temperature"), "the temperature divides the scores, once; chances that add up to 1 are compared with p"),
        ("the temperature divides the chances", ("(logits / temperature).softmax(1)", "logits.softmax(1) / temperature"), "the temperature divides the scores, before the softmax; divided chances do not add up to 1, and p means something else"),
        ("a softmax of chances", ("(logits / temperature).softmax(1)", "(logits.softmax(1) / temperature).softmax(1)"), "one softmax, of the scores divided by the temperature"),
        ("the first row's nucleus for all", ("(sums - likely < p)", "(sums - likely < p)[:1]"), "each row has a nucleus of its own"),
        ("the largest nucleus of the batch for all", ("(sums - likely < p)", "(sums - likely < p).any(0)"), "each row has a nucleus of its own"),
        ("what is no number becomes 0", ("sums - likely < p", "sums <= p"), ("kept / kept.sum(1, keepdim=True)", "(kept / kept.sum(1, keepdim=True)).nan_to_num()"), "0 / 0 came of a row in which nothing was kept: the token that crosses p belongs to the nucleus, even if it is the first"),
        ("what is cut off gets the score 0", ("return chances.scatter(1, order, kept)", "return (logits / temperature).masked_fill(chances.scatter(1, order, kept) == 0, 0.0).softmax(1)"), "0 is a score like any other; only -inf has the chance 0"),
        ("1 - p in place of p", ("likely < p", "likely < 1 - p"), "the nucleus has at least p together"),
        ("the tokens that have p alone", ("likely * (sums - likely < p)", "likely * (likely >= p)"), "top-p looks at what the tokens have *together*, likeliest first"),
        ("the token that reaches p is dropped", ("sums - likely < p", "sums < p"), "the nucleus must reach p: a token stays if those *before* it have less than p together"),
        ("a softmax with the temperature at the end", ("(logits / temperature).softmax(1)", "logits.softmax(1)"), ("kept / kept.sum(1, keepdim=True)", "(kept / kept.sum(1, keepdim=True) / temperature).softmax(1)"), "the temperature comes first, and divides scores; p looks at the chances that it leaves"),
    ],
    hints=(
        "Try scores whose chances you know, torch.tensor([[2., 5., 3.]]).log(). Does another temperature change anything? Which token gets which chance? And with p = 0.4?",
        "A temperature divides scores, not chances. A token belongs to the nucleus if the sum of those before it is less than p. What is sorted must go back.",
        "chances = (logits / temperature).softmax(1); keep where sums - likely < p; at the end chances.scatter(1, order, kept).",
    ),
)  # fmt: skip
def nucleus_chances(logits: Float[Tensor, "batch words"], temperature: float, p: float) -> Float[Tensor, "batch words"]:
    """The chances from which the next token is drawn: temperature first, then top-p (Holtzman et al. 2020).

    Only the fewest likeliest tokens that reach ``p`` together keep a chance; the chances of each row add up to 1.
    """
    chances = (logits / temperature).softmax(1)  # the temperature
    likely, order = chances.sort(1, descending=True)  # the likeliest first
    sums = likely.cumsum(1)  # the running sums
    kept = likely * (sums - likely < p)  # the nucleus
    kept = kept / kept.sum(1, keepdim=True)  # the sum of 1
    return chances.scatter(1, order, kept)  # each chance at its token's place


def span_inputs(random: Random, words: int) -> tuple[Tensor, Tensor, float, int]:
    starts, ends = (torch.tensor([round(random.gauss(0, 1.5), 2) for _ in range(words)]) for _ in range(2))
    return starts, ends, round(random.gauss(2, 1.5), 2), random.randint(1, max(1, words - 1))


@exercise(
    lesson=7,
    title="From scores to an answer",
    stars=2,
    points=4,
    cases=lambda: [
        Case((torch.tensor([2.0, 0.0, 1.0]), torch.tensor([0.0, 1.0, 2.5]), 1.0, 2), "the task's example"),
        Case((torch.tensor([0.0, 2.0]), torch.tensor([2.0, 0.0]), 0.5, 2), "the best end stands before the best beginning"),
        Case((torch.tensor([1.0, -0.5]), torch.tensor([0.5, 0.0]), 3.0, 1), "no answer has the highest score"),
        Case((torch.tensor([1.0]), torch.tensor([1.0]), -1.0, 4), "one word"),
        Case((torch.tensor([-3.0, -1.0]), torch.tensor([-1.0, -2.0]), -6.0, 2), "all scores are below 0"),
        span_inputs(Random(2), 4),
        span_inputs(Random(9), 7),
    ],
    fuzz=lambda random: span_inputs(random, random.choice((2, 3, 5, 6, 9))),
    parts=("span", "probability"),
    mistakes=[
        ("first and last word chosen separately", ("best = int(chances.argmax())", "best = words * int(starts.argmax()) + int(ends.argmax())"), ("return None if best == words**2 else divmod(best, words), chances[best]", "return divmod(best, words), chances.max()"), "choose the pair: its two scores added up, among the pairs that are allowed"),
        ("spans that end before they begin", ("(length >= 1)", "(length >= 2 - longest)"), "the last word is not before the first: last ≥ first"),
        ("one word too many", ("length <= longest", "length <= longest + 1"), "from first to last there are last - first + 1 words"),
        ("one word too few", ("length <= longest", "length < longest"), "from first to last there are last - first + 1 words, and longest of them are allowed"),
        ("no longest length", (" & (length <= longest)", ""), "spans of more than longest words are left out"),
        ("no single words", ("length >= 1", "length >= 2"), "first and last may be the same word"),
        ("it always answers", ("torch.tensor([none])", "torch.tensor([-torch.inf])"), "no answer is one of the possibilities, with the score none"),
        ("no answer has no share in the sum", ("chances = every.softmax(0)", "chances = every.exp() / scores.exp().sum()"), "the probabilities of all possibilities add up to 1, that of no answer included"),
        ("forbidden pairs have a share in the sum", ("chances = every.softmax(0)", "chances = torch.where(every > -torch.inf, torch.cat([(starts[:, None] + ends).flatten(), every[-1:]]).softmax(0), 0.0)"), "pairs that are not allowed get the score -inf before the softmax"),
        ("forbidden pairs get the score 0", ("~allowed, -torch.inf", "~allowed, 0.0"), "0 is a score like any other; only -inf gives the probability 0"),
        ("the product of two probabilities", ("chances[best]", "chances[best] if best == words**2 else starts.softmax(0)[best // words] * ends.softmax(0)[best % words]"), "one softmax, over all pairs that are allowed and no answer; two of their own give chances to pairs that are not allowed"),
        ("the last word is excluded", ("divmod(best, words)", "(best // words, best % words + 1)"), "the second number is that of the last word itself"),
        ("scores multiplied", ("starts[:, None] + ends", "starts[:, None] * ends"), "scores are like logarithms: add them up"),
        ("first and last exchanged", ("starts[:, None] + ends", "ends[:, None] + starts"), "starts says how well a word would be the first, ends how well the last"),
        ("the score", ("chances[best]", "every[best]"), "a probability is asked for: softmax over all possibilities"),
        ("the last word after the first word was chosen", ("best = int(chances.argmax())", "best = int((chances[:-1].view(words, words) * (starts == starts.max())[:, None]).argmax())\n    best = best if every[best] > none else words**2"), "the best pair need not begin with the best first word: compare all pairs"),
        ("no answer is returned without its probability", ("return None if best == words**2 else divmod(best, words), chances[best]", "return None if best == words**2 else (divmod(best, words), chances[best])"), "two results there too: return (None, probability)"),
        ("three results", ("return None if best == words**2 else divmod(best, words), chances[best]", "return *(divmod(best, words) if best < words**2 else (None, None)), chances[best]"), "two results: ((i, j), probability), or (None, probability)"),
        ("the best score begins at 0", ("best = int(chances.argmax())", "best = int(chances.argmax()) if every.max() > 0 else words**2"), ("chances[best]", "(chances[best] if every.max() > 0 else 1 / every.exp().sum())"), "all scores may be below 0: begin with none, or with -inf"),
        ("spans that end anywhere before they begin", ("(length >= 1) & ", ""), "the last word is not before the first: i ≤ j"),
        ("the last word is one of the first words of the passage", ("length <= longest", "place < longest"), "the length is counted from the first word of the span: range(i, min(i + longest, words))"),
        ("it always answers, though no answer has its share", ("best = int(chances.argmax())", "best = int(chances[:-1].argmax())"), "where no answer is the likeliest of all, the result is None, with its probability"),
        ("no answer has the probability of a span", ("chances[best]", "chances[:-1].max()"), "the probability is that of what is returned, of no answer as well"),
        ("no answer must be likelier than all else together", ("best = int(chances.argmax())", "best = words**2 if chances[-1] > 0.5 else int(chances[:-1].argmax())"), "the likeliest possibility is returned: no answer has only to beat each span"),
        ("a probability is compared with the score of no answer", ("best = int(chances.argmax())", "best = int(chances[:-1].argmax())\n    best = best if chances[best] > none else words**2"), "scores are compared with scores, probabilities with probabilities"),
        ("no answer is counted once for each word", ("chances = every.softmax(0)", "chances = every.exp() / (scores.exp().sum() + words * math.exp(none))"), "no answer is one possibility: its exponential stands once in the sum"),
        ("no answer stands first, and the places are not shifted", ("divmod(best, words)", "divmod(best + 1, words)"), "with no answer in front every span stands one place further on: divmod(place - 1, words)"),
        ("the place is divided by the longest length", ("divmod(best, words)", "divmod(best, longest)"), "a row of the table has as many places as there are words: divmod(place, words)"),
        ("words counted from 1", ("divmod(best, words)", "tuple(one + 1 for one in divmod(best, words))"), "the first word is number 0"),
        ("the span (0, 0) is taken for no answer", ("None if best == words**2", "None if best in (0, words**2)"), "the first word alone is an answer too: ask whether there is one, not whether a number is 0"),
        ("a softmax for each first word", ("chances = every.softmax(0)", "chances = torch.cat([scores.softmax(1).flatten(), torch.zeros(1)])"), "one softmax, over all pairs that are allowed and no answer"),
        ("a softmax of the first words and one of the last", ("(starts[:, None] + ends)", "(starts.log_softmax(0)[:, None] + ends.log_softmax(0))"), "one softmax, over all sums of scores and none: none belongs to the scores as they came"),
        ("scores divided by their sum", ("chances[best]", "every[best] / every[every > -torch.inf].sum()"), "a softmax divides the *exponential* of a score by the sum of all exponentials"),
        ("the logarithm of the probability", ("chances[best]", "chances[best].log()"), "a probability is asked for: between 0 and 1"),
    ],
    hints=(
        "How many possibilities are there for three words and a longest length of 2? Five spans, and no answer. Give each its score.",
        "starts[:, None] + ends is a table: row first, column last. Put -inf where last < first or last - first + 1 > longest.",
        "Flatten the table, append none, softmax over all; the place of the largest, divmod(place, words), is (first, last), and the last place is no answer.",
    ),
    equivalent={
        "0 becomes -1 in: chances = every.softmax(0)": "the possibilities have one axis",
        'only the left side in: ) -> tuple[tuple[int, int] | None, Float[Tensor, ""]]:': "an annotation",
    },
)  # fmt: skip
def best_span(
    starts: Float[Tensor, " words"], ends: Float[Tensor, " words"], none: float, longest: int
) -> tuple[tuple[int, int] | None, Float[Tensor, ""]]:
    """The likeliest answer in a passage, as (first word, last word), or None for no answer; and its probability.

    The score of a span is that of its first word as a first one plus that of its last as a last one; it has at most ``longest`` words.
    """
    words = len(starts)
    place = torch.arange(words)
    length = place - place[:, None] + 1  # how long a span is
    allowed = (length >= 1) & (length <= longest)  # which spans are allowed
    scores = (starts[:, None] + ends).masked_fill(~allowed, -torch.inf)  # the spans' scores
    every = torch.cat([scores.flatten(), torch.tensor([none])])  # no answer
    chances = every.softmax(0)  # the probabilities
    best = int(chances.argmax())  # the likeliest
    return None if best == words**2 else divmod(best, words), chances[best]  # the answer, and how probable it is


TOWN = ("ferry", "quay", "pump", "mayor", "bus", "the")


def search_inputs(random: Random, passages: int, longest: int) -> tuple[list[str], list[list[str]], float, float]:
    weights = (1, 1, 1, 2, 2, 5)
    texts = [random.choices(TOWN, weights, k=random.randint(1, longest)) for _ in range(passages)]
    question = random.choices((*TOWN, "heron"), k=random.randint(1, 4))
    return question, texts, random.choice((0.8, 1.2, 1.6, 2.0)), random.choice((0.25, 0.5, 0.75))


@exercise(
    lesson=7,
    title="BM25, for all passages at once",
    stars=2,
    points=3,
    cases=lambda: [
        Case((["ferry"], [["the", "ferry"], ["the", "quay"]], 1.2, 0.5), "the task's example"),
        Case((["ferry"], [["ferry", "ferry", "the", "ferry"], ["ferry", "quay"], ["quay"]], 1.2, 0.5), "a word said three times"),
        Case((["the", "the", "heron"], [["the"], ["the", "pump", "the"], ["mayor", "the", "bus"], ["bus"]], 1.6, 0.75), "a word said twice in the question, and one in no passage"),
        Case((["ferry"], [["ferryman", "the"], ["the", "ferry", "quay"], ["quay"]], 1.2, 0.75), "a word inside of another"),
        search_inputs(Random(4), 4, 6),
    ],
    fuzz=lambda random: search_inputs(random, random.randint(2, 7), 9),
    big=lambda: Case(([*TOWN], search_inputs(Random(1), 400, 8)[1], 1.2, 0.5), "400 passages"),
    slower=20.0,
    forbidden=("lmcourse.retrieval.BM25",),
    mistakes=[
        ("n counts how often, not in how many passages", ("sum(word in count for count in counts)", "sum(count[word] for count in counts)"), "n is the number of passages in which the word occurs"),
        ("a rarity without the 1", ("math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))", "math.log((len(passages) - n + 0.5) / (n + 0.5))"), "add 1 inside the logarithm: without it a word of more than half of the passages is worth less than nothing"),
        ("the plain rarity ln(N / n)", ("math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))", "math.log(len(passages) / max(n, 1))"), "the rarity here is ln(1 + (N - n + 0.5) / (n + 0.5))"),
        ("every word is equally rare", ("math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))", "1.0"), "a shared word counts the more, the fewer passages have it"),
        ("a word said again counts in full", ("times * (k1 + 1) / (times + k1 * bracket)", "times"), "a word said again counts ever less: c stands above and below the line"),
        ("how long a passage is makes no difference", ("bracket = 1 - b + b * len(passage) / average", "bracket = 1"), "a long passage must have more of a word: 1 - b + b · length / average"),
        ("without the factor k1 + 1", ("times * (k1 + 1) / ", "times / "), "above the line stands c (k1 + 1)"),
        ("k1 multiplies only the first half of the bracket", ("k1 * bracket", "(k1 * (1 - b) + b * len(passage) / average)"), "k1 multiplies the whole bracket"),
        ("long passages are favoured", ("b * len(passage) / average", "b * average / len(passage)"), "length / average, not the other way round: below the line a long passage counts for more"),
        ("k1 and b exchanged", ("bracket = 1 - b + b * len(passage) / average", "bracket = 1 - k1 + k1 * len(passage) / average"), ("times * (k1 + 1) / (times + k1 * bracket)", "times * (b + 1) / (times + b * relative)"), "k1 says how soon repetition stops counting, b how much the length matters"),
        ("each different word of the question once", ("for word in question:  # the sum", "for word in dict.fromkeys(question):  # the sum"), "the sum goes over the question's words; one that stands there twice counts twice"),
        ("a word is there or not", ("times = count[word]", "times = min(1, count[word])"), "c is how often the word occurs in the passage"),
        ("the length is the number of different words", ("len(passage) / average", "len(count) / average"), ("sum(map(len, passages))", "sum(map(len, counts))"), "a passage's length is the number of its words, repeated ones included"),
        ("c is a share of the passage", ("times = count[word]", "times = count[word] / len(passage)"), "c is a number of occurrences; the length has its own place in the bracket"),
        ("the number of shared words", ("scores.append(score)", "scores.append(len(set(question) & set(passage)))"), "every shared word has its own worth: rare words count more"),
        ("the rarity upside down", ("1 + (len(passages) - n + 0.5) / (n + 0.5)", "1 + (n + 0.5) / (len(passages) - n + 0.5)"), "N - n + 0.5 stands above n + 0.5: the fewer passages have a word, the more it is worth"),
        ("only 0.5 stands above the line of the rarity", ("1 + (len(passages) - n + 0.5) / (n + 0.5)", "1 + len(passages) - n + 0.5 / (n + 0.5)"), "N - n + 0.5 stands above the line: it needs brackets"),
        ("a logarithm to base 10", ("math.log(1 +", "math.log10(1 +"), "ln is the natural logarithm, math.log"),
        ("N counts words", ("len(passages) - n + 0.5", "sum(map(len, passages)) - n + 0.5"), "N is the number of passages"),
        ("only the last word of the question counts", ("score += rarity", "score = rarity"), "the words are added up: score += …, beginning with 0 for each passage"),
        ("the score is not set back to 0", ("scores = []\n", "scores = []\n    score = 0.0\n"), ("        score = 0.0\n", ""), "each passage begins with 0; else it keeps what those before it have"),
        ("only the last passage's score", ("scores.append(score)", "scores = [score]"), "a score for each passage: the list begins empty before the loop, and not in it"),
        ("b and 1 - b exchanged", ("bracket = 1 - b + b * len(passage) / average", "bracket = b + (1 - b) * len(passage) / average"), "b belongs to the length, 1 - b to what is the same for all"),
        ("c times k1, and 1 more", ("times * (k1 + 1)", "(times * k1 + 1)"), "above the line c multiplies the whole sum: c · (k1 + 1)"),
        ("the whole bracket is divided by the mean length", ("k1 * bracket", "k1 * (1 - b + b * len(passage)) / average"), "only the length is divided by the mean length"),
        ("the longest length in place of the mean", ("sum(map(len, passages)) / len(passages)", "max(map(len, passages))"), "A is the mean length of all passages"),
        ("the length in letters", ("len(passage) / average", "len(''.join(passage)) / average"), ("sum(map(len, passages))", "sum(len(''.join(passage)) for passage in passages)"), "a passage's length is the number of its words"),
        ("a word inside of another counts", ("times = count[word]", "times = ' '.join(passage).count(word)"), ("sum(word in count for count in counts)", "sum(word in ' '.join(passage) for passage in passages)"), "a passage is a list of words: ask the list, for a text also finds the ferry in the ferryman"),
        ("a word said twice in the question counts four times", ("score += rarity[word]", "score += question.count(word) * rarity[word]"), "the sum meets it twice already"),
        ("the sum goes over the passage's words", ("for word in question:  # the sum", "for word in (one for one in passage if one in rarity):  # the sum"), "the sum goes over the question's words; how often the passage has one, c says"),
        ("c is counted in the question", ("times = count[word]", "times = question.count(word)"), "c is how often the word occurs in the passage"),
        ("sorted, the best first", ("return scores", "return sorted(scores, reverse=True)"), "a score for each passage, in the order of the passages"),
        ("c counts a word inside of another", ("times = count[word]", "times = ' '.join(passage).count(word)"), "a passage is a list of words: ask the list, for a text also finds the ferry in the ferryman"),
    ],
    hints=(
        "Two things are needed for each word of the question: how rare it is (once, over all passages), and how much it is worth in a passage.",
        "collections.Counter(passage) counts a passage's words. n is the number of passages whose Counter has the word; the average length is the same for all.",
        "rarity[w] = math.log(1 + (N - n + 0.5) / (n + 0.5)) first; then sum(rarity[w] * c[w] * (k1 + 1) / (c[w] + k1 * (1 - b + b * len(passage) / average)) for w in question) for each passage.",
    ),
    equivalent={
        f"{what} in: for passage, count in zip(passages, counts, strict=True):": "there is a count for each passage"
        for what in ("zip without strict", "True becomes False")
    },
)  # fmt: skip
def bm25_scores(question: list[str], passages: list[list[str]], k1: float, b: float) -> list[float]:
    """How well each passage fits a question, by the words that they share (BM25; Robertson & Walker 1994)."""
    counts = [Counter(passage) for passage in passages]  # how often a word occurs
    average = sum(map(len, passages)) / len(passages)  # the average length
    rarity = {}
    for word in question:
        n = sum(word in count for count in counts)  # in how many passages a word occurs
        rarity[word] = math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))  # the rarity
    scores = []
    for passage, count in zip(passages, counts, strict=True):
        bracket = 1 - b + b * len(passage) / average  # the bracket with the length
        score = 0.0
        for word in question:  # the sum over the question's words
            times = count[word]  # how often a word occurs
            score += rarity[word] * times * (k1 + 1) / (times + k1 * bracket)  # what a word is worth
        scores.append(score)
    return scores


Sure = list[tuple[float, bool]]  # for each message: how sure, and whether right
Price = int | float


def sure_rows(random: Random, count: int) -> Sure:
    """Confidences that can more or less be believed, some of them equal."""
    rows = [(round(random.uniform(0.3, 1.0), 1 + (random.random() < 0.6)), random.random()) for _ in range(count)]
    return [(sure, luck < sure**1.5) for sure, luck in rows]


def limit_inputs(random: Random, valid: int, test: int) -> tuple[Sure, Sure, int, int]:
    return sure_rows(random, valid), sure_rows(random, test), random.choice((2, 3, 5, 8)), random.choice((1, 1, 2, 3))


@exercise(
    lesson=7,
    title="The price of silence",
    stars=2,
    points=4,
    cases=lambda: [
        Case(([(0.9, YES), (0.4, NO)], [(0.8, YES), (0.3, NO), (0.95, NO)], 5, 1), "the task's example"),
        Case(([(0.9, NO), (0.6, YES), (0.5, NO)], [(0.95, YES), (0.2, NO)], 8, 1), "its surest answer is wrong"),
        Case(([(0.9, YES), (0.7, NO), (0.6, YES)], [(0.7, YES), (0.65, YES), (0.9, NO), (0.5, NO)], 2, 1), "two limits cost the same"),
        Case(([(0.8, YES), (0.8, NO), (0.8, YES), (0.4, NO)], [(0.8, YES), (0.5, NO)], 3, 2), "three are equally sure"),
        Case(([(0.9, NO)], [(0.95, YES), (0.2, NO)], 1, 1), "to answer costs as much as to hand on"),
        Case(([(0.8, NO), (0.8, YES)], [(0.9, NO), (0.7, YES)], 5, 1), "of two that are equally sure one is wrong"),
        Case(([(0.7, NO), (0.6, YES), (0.9, YES), (0.5, NO)], [(0.65, YES), (0.95, NO), (0.55, NO)], 2, 1), "two limits cost the same, in no order"),
        limit_inputs(Random(8), 7, 4),
    ],
    fuzz=lambda random: limit_inputs(random, random.randint(3, 12), random.randint(1, 8)),
    parts=("limit", "cost"),
    mistakes=[
        ("the limit is chosen on the test part", ("limit: total(valid, limit)", "limit: total(test, limit)"), ("for sure, _ in valid", "for sure, _ in test"), "a limit is fitted, like weights: it is chosen on the validation part, and the test part only measures"),
        ("the test part chooses among the limits of the validation part", ("limit: total(valid, limit)", "limit: total(test, limit)"), "a limit is fitted, like weights: it is chosen on the validation part, and the test part only measures"),
        ("the cost on the validation part", ("total(test, limit) / len(test)", "total(valid, limit) / len(valid)"), "on the part where it was chosen a limit looks better than it is; the cost is measured on the test part"),
        ("it may never be silent altogether", (" + [math.inf]", ""), "if every limit costs more than handing on all messages, the limit is math.inf"),
        ("the highest of equally good limits", ("min(limits,", "min(reversed(limits),"), "of limits that cost the same, the lowest: it answers more"),
        ("what is exactly as sure as the limit is handed on", ("if sure >= limit", "if sure > limit"), "an answer is given where the confidence is the limit or more"),
        ("handing on costs nothing", ("else person for", "else 0 for"), "each message that goes to a person costs `person`"),
        ("the sum of all costs", ("total(test, limit) / len(test)", "total(test, limit)"), "the cost of *one* message: divide by the number of messages"),
        ("right answers cost, wrong ones do not", ("0 if right else wrong", "wrong if right else 0"), "a right answer costs nothing"),
        ("the two prices exchanged", ("(0 if right else wrong) if sure >= limit else person", "(0 if right else person) if sure >= limit else wrong"), "a wrong answer costs `wrong`, a message that is handed on costs `person`"),
        ("wrong answers cost even where they are not given", ("(0 if right else wrong) if sure >= limit else person", "(0 if right else wrong) + (person if sure < limit else 0)"), "below the limit nothing is answered, so nothing is answered wrongly"),
        ("the limit of a formula", ("min(limits, key=lambda limit: total(valid, limit))", "1 - person / wrong"), "1 - person / wrong would be right for a confidence that is exactly as often right as it says; here it is measured on the validation part"),
        ("the first limit with which nineteen of twenty are right", ("min(limits, key=lambda limit: total(valid, limit))", "next((one for one in limits[:-1] if sum(right for sure, right in valid if sure >= one) >= 0.95 * sum(sure >= one for sure, _ in valid)), 1.0)"), "that was the lesson's wish; here the two prices decide, and it is the cost that must be lowest"),
        ("the limits of a grid", ("sorted({sure for sure, _ in valid}) + [math.inf]", "[tenth / 10 for tenth in range(11)]"), "between two limits of a grid there may be several messages; try the confidences that occur, and math.inf"),
        ("per answer, not per message", ("total(test, limit) / len(test)", "total(test, limit) / max(1, sum(sure >= limit for sure, _ in test))"), "the cost of one *message*: divide by the number of all, handed on or not"),
        ("the lowest cost of one answer", ("limit: total(valid, limit)", "limit: total(valid, limit) / max(1, sum(sure >= limit for sure, _ in valid))"), "the whole cost of the validation part decides; it has the same number of messages for every limit"),
        ("of equals the first in the order of valid", ("sorted({sure for sure, _ in valid})", "[sure for sure, _ in valid]"), "of limits that cost the same, the lowest: sort them first"),
        ("of equals the last in the order of valid", ("min(limits,", "min([math.inf, *(sure for sure, _ in reversed(valid))],"), "of limits that cost the same, the lowest: sort them, and take the first"),
        ("the highest confidence of equally good ones", ("sorted({sure for sure, _ in valid})", "sorted({sure for sure, _ in valid}, reverse=True)"), "of limits that cost the same, the lowest: it answers more"),
        ("all is handed on if that costs no more", ("min(limits,", "min([math.inf, *limits],"), "of limits that cost the same, the lowest, and math.inf is the highest"),
        ("equally sure messages are parted", ("min(limits, key=lambda limit: total(valid, limit))", "(lambda rows: [*(sure for sure, _ in rows), math.inf][min(range(len(rows) + 1), key=lambda many: many * person + sum(0 if right else wrong for _, right in rows[many:]))])(sorted(valid))"), "a limit answers all that are as sure, or none of them: their costs count together"),
        ("limits of the test part are tried as well", ("for sure, _ in valid", "for sure, _ in valid + test"), "a limit is chosen on the validation part: its confidences, and math.inf"),
        ("only limits at which an answer is right", ("for sure, _ in valid", "for sure, right in valid if right"), "all confidences of the validation part are tried; one at a wrong answer may cost as little, and be lower"),
        ("a limit of 0 is tried as well", ("limits = sorted(", "limits = [0.0] + sorted("), "the confidences that occur in valid, and math.inf: the lowest of them answers all of valid already"),
        ("1 in place of infinity", ("[math.inf]", "[1.0]"), "who is wholly sure has the confidence 1; only with math.inf is everything handed on"),
        ("the limits of a fine grid", ("sorted({sure for sure, _ in valid})", "[one / 100 for one in range(101)]"), "the limit is one of the confidences in valid, or math.inf"),
        ("limits between two confidences", ("+ [math.inf]", "+ [math.inf]\n    limits = [limits[0], *((one + two) / 2 for one, two in zip(limits[:-2], limits[1:-1], strict=True)), math.inf]"), "the limit is one of the confidences in valid, or math.inf"),
        ("the dearest limit", ("min(limits, key=lambda limit: total(valid, limit))", "max(limits, key=lambda limit: (total(valid, limit), limit))"), "the lowest cost is the best: min"),
        ("the lowest cost taken for the limit", ("min(limits, key=lambda limit: total(valid, limit))", "min(total(valid, limit) for limit in limits)"), "the limit *with* the lowest cost: min(limits, key=…)"),
        ("the lowest limit of all", ("min(limits, key=lambda limit: total(valid, limit))", "limits[0]"), "costs are compared; if they are added up, each limit begins with 0"),
        ("all of test is handed on", ("total(test, limit) / len(test)", "total(test, math.inf) / len(test)"), "the cost on test is that of the limit that was chosen; the variable of a loop holds the last one tried"),
        ("right answers cost as much as a person", ("(0 if right else wrong) if sure >= limit else person", "wrong if sure >= limit and not right else person"), "a right answer costs nothing: else person belongs to those below the limit alone"),
        ("of those handed on only wrong ones cost", ("(0 if right else wrong) if sure >= limit else person", "0 if right else wrong if sure >= limit else person"), "who hands a message on does not know whether the answer would have been right: each costs `person`"),
        ("of those handed on only right ones cost", ("(0 if right else wrong) if sure >= limit else person", "(0 if right else wrong) if sure >= limit else person * right"), "who hands a message on does not know whether the answer would have been right: each costs `person`"),
        ("the confidences are believed", ("(0 if right else wrong) if", "(1 - sure) * wrong if"), "whether an answer is right is known here: count, for a confidence may promise too much"),
        ("confidence and right or wrong exchanged", ("for sure, right in rows", "for right, sure in rows"), "first how sure, then whether right"),
        ("what is exactly as sure is handed on in test", ("total(test, limit) / len(test)", "sum((0 if right else wrong) if sure > limit else person for sure, right in test) / len(test)"), "an answer is given where the confidence is the limit or more, in both parts"),
        ("divided by the number of validation messages", ("total(test, limit) / len(test)", "total(test, limit) / len(valid)"), "the mean cost of a message of test: divide by their number"),
        ("per answer, and 0 where there is none", ("total(test, limit) / len(test)", "(lambda many: total(test, limit) / many if many else 0)(sum(sure >= limit for sure, _ in test))"), "the cost of one *message*: divide by the number of all, handed on or not"),
        ("the largest share of right answers", ("min(limits, key=lambda limit: total(valid, limit))", "max(limits[:-1], key=lambda limit: sum(right for sure, right in valid if sure >= limit) / sum(sure >= limit for sure, _ in valid))"), "the two prices decide: a limit that answers hardly anything is seldom wrong, and dear"),
        ("the lowest limit at which an answer is right", ("min(limits, key=lambda limit: total(valid, limit))", "min((sure for sure, right in valid if right), default=math.inf)"), "the two prices decide: the limit with the lowest whole cost on the validation part"),
        ("rounded to two places", ("return limit, cost", "return limit, round(cost, 2)"), "numbers are returned as they are, and rounded where they are printed"),
        ("rounded to three places", ("return limit, cost", "return limit, round(cost, 3)"), "numbers are returned as they are, and rounded where they are printed"),
    ],
    hints=(
        "Write a function first: what do these messages cost with this limit? Everything else is asking it.",
        "Which limits need to be tried? Between two neighbouring confidences nothing changes: the confidences of the validation part, and math.inf.",
        "limits = sorted({sure for sure, _ in valid}) + [math.inf]; min(limits, key=…) takes the first of equals, here the lowest.",
    ),
)  # fmt: skip
def cheapest_limit(valid: Sure, test: Sure, wrong: Price, person: Price) -> tuple[float, float]:
    """The limit of confidence that costs least on ``valid``, and what a message of ``test`` costs with it, on average.

    ``valid`` and ``test``: for each message a confidence, and whether the answer is right. A wrong answer costs ``wrong``, a message that
    is handed on to a person ``person``. The limit is a confidence of ``valid``, or infinity: always handed on. Of equals the lowest.
    """

    def total(rows: Sure, limit: float) -> Price:
        return sum((0 if right else wrong) if sure >= limit else person for sure, right in rows)  # what messages cost

    limits = sorted({sure for sure, _ in valid}) + [math.inf]  # the limits that are tried
    limit = min(limits, key=lambda limit: total(valid, limit))  # the cheapest limit
    cost = total(test, limit) / len(test)  # the cost of a message
    return limit, cost


EXAMPLE = {None: (0.1, 0.5, 0.4), 1: (0.4, 0.35, 0.25), 2: (0.9, 0.06, 0.04)}  # no two are the same: ties have no order
SELDOM = {None: (0.05, 0.4, 0.55), 1: (0.06, 0.9, 0.04), 2: (0.05, 0.35, 0.6)}  # an end is unlikely everywhere


class Steps:
    """The log-probabilities of the next token after any beginning: a small model, drawn, or given by its last token.

    In the drawn ones ``end`` is unlikely at first, and likelier the longer the beginning is.
    """

    def __init__(self, tokens: int, seed: int, end: int = 0, given: dict[int | None, Sequence[float]] | None = None) -> None:
        self.tokens, self.seed, self.end, self.given = tokens, seed, end, given or {}

    def __call__(self, ids: Sequence[int]) -> list[float]:
        """The log-probabilities of all tokens after ``ids``."""
        ids = [int(one) for one in ids]
        chances = self.given.get(ids[-1] if ids else None)
        if chances is None:
            random = Random(f"{self.seed} {ids}")
            chances = [math.exp(random.gauss(0, 1.3)) for _ in range(self.tokens)]
            chances[self.end] *= 0.05 + 0.3 * len(ids)
        return [math.log(one / sum(chances)) for one in chances]

    def __repr__(self) -> str:
        if not self.given:
            return f"Steps({self.tokens}, {self.seed}, {self.end})"  # so that a learner can make it again
        return "the task's step" if self.given == EXAMPLE else "Steps(3, 0, given=SELDOM)"


def beam_inputs(random: Random) -> tuple[Callable[..., list[float]], int, int, int, float]:
    tokens = random.randint(2, 5)
    end, penalty = random.randrange(tokens), random.choice((0.0, 0.6, 1.0, 2.0, 4.0))
    return Steps(tokens, random.randrange(1000), end), random.randint(1, 5), random.randint(2, 7), end, penalty


@exercise(
    lesson=7,
    title="A beam with a length penalty",
    stars=3,
    points=5,
    cases=lambda: [
        Case((Steps(3, 0, given=EXAMPLE), 2, 3, 0, 1.0), "the task's example"),
        Case((Steps(3, 0, given=EXAMPLE), 1, 3, 0, 1.0), "a beam of 1"),
        Case((Steps(3, 0, given=SELDOM), 2, 2, 0, 1.0), "nothing ends in time"),
        *(Case((Steps(4, seed, end), width, 6, end, penalty)) for seed, width, end, penalty in ((1, 3, 0, 0.0), (2, 3, 3, 4.0), (5, 2, 1, 2.0), (7, 4, 2, 1.0), (11, 2, 0, 0.6))),
        Case((Steps(4, 4, 2), 3, 6, 2, 1.0), "some end early"),
        Case((Steps(4, 2, 2), 4, 6, 2, 4.0), "two end in one round"),
        *(beam_inputs(Random(seed)) for seed in range(8)),
    ],
    fuzz=beam_inputs,
    mistakes=[
        ("a beam of 1, whatever the width", (")[:width]", ")[:1]"), "the `width` best continuations stay, not only the best"),
        ("no length penalty", ("one[0] / ((5 + len(one[1])) / 6) ** penalty", "one[0]"), "what has ended is compared by sum / ((5 + n) / 6) ** penalty"),
        ("multiplied by the length penalty", ("one[0] / ((5", "one[0] * ((5"), "the sum is negative: divided by a larger number it comes nearer to 0, and longer sentences win"),
        ("the length without the end", ("(5 + len(one[1]))", "(5 + len(one[1]) - 1)"), "n counts the tokens with `end`"),
        ("the penalty is no exponent", ("/ 6) ** penalty", "/ 6) * penalty"), "the penalty is an exponent: with 0 there is none, for any number to the power of 0 is 1"),
        ("a reward for each token", ("one[0] / ((5 + len(one[1])) / 6) ** penalty", "one[0] + penalty * len(one[1])"), "another way to make a beam write more; here the sum is divided by ((5 + n) / 6) ** penalty"),
        ("the sum chooses", ("max(done or going, key=score)", "max(done or going)"), "what has ended is compared by its score, and not by the sum alone"),
        ("probabilities in place of their logarithms", ("(total + more, [*ids, token])", "(total * math.exp(more), [*ids, token])"), ("[(0.0, [])]", "[(1.0, [])]"), "step gives log-probabilities, and the length penalty is made for them: add them up"),
        ("what has ended is continued", ("going = [one for one in best if one[1][-1] != end]", "going = best"), ("done += [one for one in best if one[1][-1] == end]", "done += []"), ("[token for token in best[1] if token != end]", "best[1][: [*best[1], end].index(end)]"), "after `end` a sentence is put aside with the score that it has, and its words cost nothing more"),
        ("divided by the length to the power of the penalty", ("((5 + len(one[1])) / 6) ** penalty", "len(one[1]) ** penalty"), "here the sum is divided by ((5 + n) / 6) ** penalty"),
        ("the first that ends is taken", ("while going and", "while going and not done and"), "a sentence that ends later may have the better score: go on until nothing goes on, or `longest` is reached"),
        ("the last step instead of the sum", ("(total + more, [*ids, token])", "(more, [*ids, token])"), "the log-probability of a beginning is the sum over its tokens"),
        ("log-probabilities multiplied", ("(total + more, [*ids, token])", "(total * more, [*ids, token])"), ("[(0.0, [])]", "[(1.0, [])]"), "probabilities are multiplied, their logarithms are added"),
        ("the unlikeliest stay", ("key=lambda one: -one[0]", "key=lambda one: one[0]"), "a log-probability is negative, and the one nearest to 0 is the likeliest"),
        ("the end is part of the answer", ("[token for token in best[1] if token != end]", "best[1]"), "the result is without `end`"),
        ("one token too many", ("< longest", "<= longest"), "`longest` rounds, one token in each, `end` included"),
        ("one token too few", ("< longest", "< longest - 1"), "`longest` rounds, one token in each, `end` included"),
        ("sentences that have not ended compete", ("done or going", "done + going"), "what has not ended counts only if nothing has"),
        ("the length of the longest for all", ("(5 + len(one[1]))", "(5 + longest)"), "n is the sentence's own number of tokens"),
        ("the sum in place of the score", (", score(best)", ", best[0]"), "the second result is the score, the sum divided by ((5 + n) / 6) ** penalty"),
        ("each beginning has one child", ("for total, ids in going for token, more in enumerate(step(ids))", "for total, ids in going for token, more in sorted(enumerate(step(ids)), key=lambda one: -one[1])[: 1 if ids else None]"), "two of the best continuations may come from the same beginning: compare all of them together"),
        ("twice as many continuations are looked at", (")[:width]", ")[: 2 * width]"), ("going = [one for one in best if one[1][-1] != end]", "going = [one for one in best if one[1][-1] != end][:width]"), "that is the library's way; here the `width` best of *all* continuations stay, those that have ended among them"),
        ("what has ended takes no place in the beam", ("key=lambda one: -one[0])[:width]", "key=lambda one: -one[0])"), ("going = [one for one in best if one[1][-1] != end]", "going = [one for one in best if one[1][-1] != end][:width]"), "the `width` best of *all* continuations stay, those that have ended among them"),
        ("the width best of each beginning", ("sorted(grown, key=lambda one: -one[0])[:width]", "[one for total, ids in going for one in sorted([(total + more, [*ids, token]) for token, more in enumerate(step(ids))], key=lambda one: -one[0])[:width]]"), "the continuations of all beginnings are compared, and `width` of them stay altogether"),
        ("one place too many in the beam", (")[:width]", ")[: width + 1]"), "`width` continuations stay"),
        ("what has ended narrows the beam for good", (")[:width]", ")[: max(0, width - len(done))]"), "what ends takes one of this round's places; the next round keeps `width` again"),
        ("what has ended keeps its place in the beam", ("enumerate(step(ids))]", "enumerate(step(ids))] + done"), ("done += [one", "done = [one"), "what has ended is put aside: in later rounds it takes no place, and nothing pushes it out"),
        ("what has ended goes on as well", ("going = [one for one in best if one[1][-1] != end]", "going = best"), ("[token for token in best[1] if token != end]", "(best[1][:-1] if best[1][-1] == end else best[1])"), "only what has not ended is continued"),
        ("a list changes while a loop runs over it", ("done += [one for one in best if one[1][-1] == end]", "going = best"), ("going = [one for one in best if one[1][-1] != end]", "[(done.append(one), going.remove(one)) for one in going if one[1][-1] == end]"), "behind an item that is removed, the next one is skipped: make two new lists"),
        ("it is over when `width` have ended", ("while going and", "while going and len(done) < width and"), "it is over when nothing goes on, or after `longest` rounds"),
        ("it is over when the best that has ended is ahead", ("while going and", "while going and not (done and max(map(score, done)) >= max(map(score, going))) and"), "what goes on may still overtake it, for the penalty divides long sentences by more: go on to the end"),
        ("what ends in the last round does not count", ("done or going", "[one for one in done if len(one[1]) < longest] or best"), "what ends in the last round has ended: put it aside before the loop is left"),
        ("something must have ended", ("done or going", "done"), "if nothing has ended, the best of what goes on is taken"),
        ("the empty sentence is left out", ("enumerate(step(ids))]", "enumerate(step(ids)) if ids or token != end]"), "`end` may be the first token too"),
        ("the last token is always taken off", ("[token for token in best[1] if token != end]", "best[1][:-1]"), "a sentence that has not ended has no `end` to be taken off"),
        ("the end is not counted", ("(5 + len(one[1]))", "(5 + sum(token != end for token in one[1]))"), "n counts the tokens with `end`, where there is one"),
        ("one token more is counted where nothing has ended", ("(5 + len(one[1]))", "(5 + len(one[1]) + (one[1][-1] != end))"), "without an `end`, n is the number of tokens that are there"),
        ("the penalty is the exponent of the 6 alone", ("((5 + len(one[1])) / 6) ** penalty", "((5 + len(one[1])) / 6**penalty)"), "the whole quotient has the exponent: ((5 + n) / 6) ** penalty"),
        ("divided by 5 + n, and by 6 with the exponent", ("/ ((5 + len(one[1])) / 6) ** penalty", "/ (5 + len(one[1])) / 6**penalty"), "the whole quotient has the exponent, and the sum is divided by it: sum / ((5 + n) / 6) ** penalty"),
        ("only n is divided by 6", ("((5 + len(one[1])) / 6)", "(5 + len(one[1]) / 6)"), "5 + n is divided by 6: it needs brackets"),
        ("what has not ended has no penalty", (", score(best)", ", score(best) if done else best[0]"), "its score is divided too, with its own n"),
        ("the sum grows from one continuation to the next", ("(total + more, [*ids, token])", "(total + sum(step(ids)[: token + 1]), [*ids, token])"), "each continuation begins with the sum of its beginning: do not change that inside the loop"),
        ("all continuations share one list", ("(total + more, [*ids, token])", "(total + more, ids.append(token) or ids)"), ("while going and len(going[0][1]) < longest:", "for _ in range(longest):"), "append changes the list that the others hold as well: make a new one, [*ids, token]"),
        ("step is given the last token alone", ("enumerate(step(ids))", "enumerate(step(ids[-1:]))"), "step gets the whole beginning: what comes next may depend on all of it"),
        ("it begins with the end", ("[(0.0, [])]", "[(0.0, [end])]"), ("len(going[0][1]) < longest", "len(going[0][1]) <= longest"), "the beginning is an empty list at first"),
        ("the end is always token 0", ("one[1][-1] == end", "one[1][-1] == 0"), ("one[1][-1] != end", "one[1][-1] != 0"), ("token != end", "token != 0"), "which token ends a sentence, the argument `end` says"),
        ("only what ended in the last round is kept", ("done += [one", "done = [one"), "what has ended is added to what ended before: +="),
        ("all beginnings go on", (")[:width]", ")"), "only the `width` likeliest of all continuations stay"),
        ("None if nothing has ended", ("best = max(done or going, key=score)", "if not done:\n        return None\n    best = max(done, key=score)"), "if nothing has ended, the best of what goes on is taken"),
    ],
    hints=(
        "Keep two lists: what goes on, as pairs (sum, ids), at first only (0.0, []); and what has ended.",
        "In each round build all continuations of all that goes on, sort them by their sums, and keep `width`. Then part them: does the last token equal end?",
        "The score of (total, ids) is total / ((5 + len(ids)) / 6) ** penalty, and max(done or going, key=score) is the one. Take the end off its ids, if it has ended.",
    ),
    parts=("ids", "score"),
    equivalent={"0 becomes -1 in: while going and len(going[0][1]) < longest:": "all that goes on is equally long"},
)  # fmt: skip
def beam_search(
    step: Callable[[list[int]], list[float]], width: int, longest: int, end: int, penalty: float
) -> tuple[list[int], float]:
    """The best sentence that a beam finds, without ``end``, and its score (length penalty: Wu et al. 2016).

    ``step(ids)`` gives the log-probabilities of all tokens after a beginning. Each round keeps the ``width`` likeliest of all continuations.
    """

    def score(one: tuple[float, list[int]]) -> float:
        return one[0] / ((5 + len(one[1])) / 6) ** penalty  # the length penalty

    going: list[tuple[float, list[int]]] = [(0.0, [])]
    done: list[tuple[float, list[int]]] = []
    while going and len(going[0][1]) < longest:  # the rounds
        grown = [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]  # all continuations
        best = sorted(grown, key=lambda one: -one[0])[:width]  # the likeliest of them
        done += [one for one in best if one[1][-1] == end]  # what has ended
        going = [one for one in best if one[1][-1] != end]  # what goes on
    best = max(done or going, key=score)  # the best of what has ended
    return [token for token in best[1] if token != end], score(best)  # without the end, and its score
