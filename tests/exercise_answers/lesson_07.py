"""Answers to lesson 7's exercises."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter

import numpy as np
import torch


def chain_of_numpy(rows):
    table = np.array(rows, dtype=bool)
    mended = [np.delete(table, link, axis=1).all(axis=1).mean() for link in range(table.shape[1])]
    return float(np.prod(table.mean(axis=0))), float(table.all(axis=1).mean()), int(np.argmax(mended))


def chain_of_faults(rows):
    """Counts the messages that a single link spoils."""
    links, spoiled, whole = len(rows[0]), Counter(), 0
    for row in rows:
        faults = [link for link in range(links) if not row[link]]
        whole += not faults
        if len(faults) == 1:
            spoiled[faults[0]] += 1
    product = 1.0
    for link in range(links):
        product *= sum(row[link] for row in rows) / len(rows)
    return product, whole / len(rows), max(range(links), key=lambda link: spoiled[link])


def chain_of_copies(rows):
    def share(some):
        return sum(min(row) for row in some) / len(some)

    best, at = -1.0, 0
    for link in range(len(rows[0])):
        better = share([[*row[:link], True, *row[link + 1 :]] for row in rows])
        if better > best:
            best, at = better, link
    return math.prod(sum(column) / len(column) for column in zip(*rows, strict=True)), share(rows), at


def chain_weakest(rows):
    """The weakest link is the one to mend."""
    product, share, _ = chain_of_numpy(rows)
    rates = [sum(column) for column in zip(*rows, strict=True)]
    return product, share, rates.index(min(rates))


def chain_weakest_as_bound(rows):
    """A chain is as strong as its weakest link."""
    _, share, mend = chain_of_numpy(rows)
    return min(sum(column) / len(rows) for column in zip(*rows, strict=True)), share, mend


def chain_mean(rows):
    _, share, mend = chain_of_numpy(rows)
    return sum(sum(row) for row in rows) / len(rows) / len(rows[0]), share, mend


def chain_no_difference(rows):
    product, _, mend = chain_of_numpy(rows)
    return product, product, mend


def chain_any(rows):
    product, _, mend = chain_of_numpy(rows)
    return product, sum(any(row) for row in rows) / len(rows), mend


def chain_last(rows):
    """Right is what the last link makes right."""
    product, _, mend = chain_of_numpy(rows)
    return product, sum(row[-1] for row in rows) / len(rows), mend


def chain_by_messages(rows):
    """The product over the rows, not over the columns."""
    _, share, mend = chain_of_numpy(rows)
    return math.prod(sum(row) / len(row) for row in rows), share, mend


def chain_counts(rows):
    product, _, mend = chain_of_numpy(rows)
    return product, sum(all(row) for row in rows), mend


def chain_from_one(rows):
    product, share, mend = chain_of_numpy(rows)
    return product, share, mend + 1


def chain_least_to_gain(rows):
    product, share, _ = chain_of_numpy(rows)
    table = np.array(rows, dtype=bool)
    mended = [np.delete(table, link, axis=1).all(axis=1).mean() for link in range(table.shape[1])]
    return product, share, int(np.argmin(mended))


def chain_last_of_equals(rows):
    product, share, _ = chain_of_numpy(rows)
    table = np.array(rows, dtype=bool)
    mended = [np.delete(table, link, axis=1).all(axis=1).mean() for link in range(table.shape[1])]
    return product, share, len(mended) - 1 - int(np.argmax(mended[::-1]))


def chain_mends_in_place(rows):
    product = math.prod(sum(column) / len(rows) for column in zip(*rows, strict=True))
    share = sum(all(row) for row in rows) / len(rows)
    found = []
    for link in range(len(rows[0])):
        for row in rows:
            row[link] = True
        found.append(sum(all(row) for row in rows))
    return product, share, found.index(max(found))


def chain_faults(rows):
    """The chances of a fault, multiplied."""
    _, share, mend = chain_of_numpy(rows)
    return 1 - math.prod(1 - sum(column) / len(rows) for column in zip(*rows, strict=True)), share, mend


def chain_two(rows):
    return chain_of_numpy(rows)[:2]


def _chain(rows, mend=None, share=None):
    """The right results but one."""
    product, kept, best = chain_of_numpy(rows)
    return product, share(rows) if share else kept, mend(rows) if mend else best


def chain_first_to_fail(rows):
    """Which link is the first that is wrong, most often?"""

    def mend(rows):
        counts = [0] * len(rows[0])
        for row in rows:
            if not all(row):
                counts[row.index(False)] += 1
        return counts.index(max(counts))

    return _chain(rows, mend)


def chain_most_common(rows):
    """Of equals the one that a Counter meets first."""

    def mend(rows):
        counts = Counter(row.index(False) for row in rows if sum(row) == len(row) - 1)
        return counts.most_common(1)[0][0] if counts else 0

    return _chain(rows, mend)


def chain_along_columns(rows):
    """all(0) for all(1)."""
    return _chain(rows, share=lambda rows: np.array(rows).all(0).mean())


def chain_divided_by_links(rows):
    return _chain(rows, share=lambda rows: sum(map(all, rows)) / len(rows[0]))


def chain_percent(rows):
    product, share, mend = chain_of_numpy(rows)
    return 100 * product, 100 * share, mend


def chain_rounded(rows):
    product, share, mend = chain_of_numpy(rows)
    return round(product, 3), round(share, 3), mend


def chain_share_when_mended(rows):
    """What mending brings, not which link."""
    return _chain(
        rows,
        lambda rows: max(sum(all(row[:k] + row[k + 1 :]) for row in rows) for k in range(len(rows[0]))) / len(rows),
    )


def chain_exchanged(rows):
    product, share, mend = chain_of_numpy(rows)
    return share, product, mend


def chain_all_but_the_last(rows):
    """range(links - 1): the last link is never looked at."""
    product = math.prod(sum(column) / len(rows) for column in zip(*rows, strict=True))
    share = sum(map(all, rows)) / len(rows)
    whole = [sum(all(row[:k] + row[k + 1 :]) for row in rows) for k in range(len(rows[0]) - 1)]
    return product, share, whole.index(max(whole))


def nucleus_loops(logits, temperature, p):
    out = torch.zeros_like(logits)
    for row in range(len(logits)):
        chances = torch.softmax(logits[row] / temperature, 0)
        total = 0.0
        for token in sorted(range(len(chances)), key=lambda one: -float(chances[one])):  # noqa: B023
            out[row, token] = chances[token]
            total += float(chances[token])
            if total >= p:
                break
        out[row] /= out[row].sum()
    return out


def nucleus_of_logits(logits, temperature, p):
    scaled = logits / temperature
    order = scaled.argsort(-1, descending=True)
    ranked = scaled.gather(-1, order)
    sums = ranked.softmax(-1).cumsum(-1)
    drop = torch.zeros_like(sums, dtype=torch.bool)
    drop[:, 1:] = sums[:, :-1] >= p
    return scaled.masked_fill(torch.zeros_like(drop).scatter(-1, order, drop), -torch.inf).softmax(-1)


def nucleus_by_threshold(logits, temperature, p):
    """The least chance that is kept, and all that have as much."""
    powers = torch.exp((logits - logits.amax(1, keepdim=True)) / temperature)
    chances = powers / powers.sum(1, keepdim=True)
    ranked = chances.sort(1, descending=True).values
    count = (ranked.cumsum(1) < p).sum(1, keepdim=True).clamp(max=chances.shape[1] - 1)
    kept = torch.where(chances >= ranked.gather(1, count), chances, torch.zeros(()))
    return kept / kept.sum(1, keepdim=True)


def _nucleus(logits, temperature, p, heat=None, keep=None, normal=True, place=True):
    chances = (logits / temperature).softmax(-1) if heat is None else heat(logits, temperature)
    ranked, order = chances.sort(-1, descending=True)
    sums = ranked.cumsum(-1)
    kept = ranked * ((sums - ranked < p) if keep is None else keep(ranked, sums))
    if normal:
        kept = kept / kept.sum(-1, keepdim=True)
    return torch.zeros_like(chances).scatter(-1, order, kept) if place else kept


def nucleus_cold_after(logits, temperature, p):
    """One of the three faults is left."""
    return _nucleus(
        logits,
        temperature,
        p,
        heat=lambda one, heat: one.softmax(-1) / heat / (one.softmax(-1) / heat).sum(-1, keepdim=True),
    )


def nucleus_too_small(logits, temperature, p):
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: sums <= p)


def nucleus_too_small_but_one(logits, temperature, p):
    """Mended so that one is left, and still one too few."""

    def keep(ranked, sums):
        kept = sums <= p
        kept[:, 0] = True
        return kept

    return _nucleus(logits, temperature, p, keep=keep)


def nucleus_misplaced(logits, temperature, p):
    chances = (logits / temperature).softmax(-1)
    ranked = chances.sort(-1, descending=True).values
    kept = chances * (ranked.cumsum(-1) - ranked < p)
    return kept / kept.sum(-1, keepdim=True)


def nucleus_ranked(logits, temperature, p):
    return _nucleus(logits, temperature, p, place=False)


def nucleus_unnormalised(logits, temperature, p):
    return _nucleus(logits, temperature, p, normal=False)


def nucleus_multiplied(logits, temperature, p):
    return _nucleus(logits, temperature, p, heat=lambda one, heat: (one * heat).softmax(-1))


def nucleus_no_heat(logits, temperature, p):
    return _nucleus(logits, temperature, p, heat=lambda one, heat: one.softmax(-1))


def nucleus_over_batch(logits, temperature, p):
    return _nucleus(logits, temperature, p, heat=lambda one, heat: (one / heat).softmax(0))


def nucleus_heat_at_the_end(logits, temperature, p):
    """The nucleus of the plain chances, the temperature on what is left."""
    kept = _nucleus(logits, 1.0, p)
    return torch.where(kept > 0, logits / temperature, torch.tensor(-torch.inf)).softmax(-1)


def nucleus_least(logits, temperature, p):
    """Every token whose own chance is p of the best: another rule."""
    chances = (logits / temperature).softmax(-1)
    kept = chances * (chances >= p * chances.amax(-1, keepdim=True))
    return kept / kept.sum(-1, keepdim=True)


def nucleus_softmax_again(logits, temperature, p):
    return _nucleus(logits, temperature, p, normal=False).softmax(-1)


def nucleus_sum_of_all(logits, temperature, p):
    kept = _nucleus(logits, temperature, p, normal=False)
    return kept / kept.sum()


def nucleus_logits(logits, temperature, p):
    """Logits with minus infinity, as the library's filters have them."""
    kept = _nucleus(logits, temperature, p)
    return (logits / temperature).masked_fill(kept == 0, -torch.inf)


def nucleus_unlikeliest(logits, temperature, p):
    chances = (logits / temperature).softmax(-1)
    ranked, order = chances.sort(-1)
    kept = ranked * (ranked.cumsum(-1) - ranked < p)
    return torch.zeros_like(chances).scatter(-1, order, kept / kept.sum(-1, keepdim=True))


def nucleus_in_place(logits, temperature, p):
    logits /= temperature
    return _nucleus(logits, 1.0, p)


def nucleus_powers(logits, temperature, p):
    """A chance to the power of 1 / temperature is what the temperature makes of it."""
    powers = logits.softmax(1) ** (1 / temperature)
    likely, order = (powers / powers.sum(1, keepdim=True)).sort(1, descending=True)
    kept = likely * (likely.cumsum(1) - likely < p)
    return (kept / kept.sum(1, keepdim=True)).gather(1, order.argsort(1))


def nucleus_by_counting(logits, temperature, p):
    """NumPy, and the length of each nucleus."""
    powers = np.exp(logits.numpy() / temperature)
    chances = powers / powers.sum(1, keepdims=True)
    out = np.zeros_like(chances)
    for row, some in enumerate(chances):
        order = np.argsort(-some)
        inside = order[: int((np.cumsum(some[order]) < p).sum()) + 1]
        out[row, inside] = some[inside] / some[inside].sum()
    return torch.tensor(out)


def nucleus_until_above(logits, temperature, p):
    """Where p is reached exactly, one more; as in much-copied code that shifts sums > p by one place."""
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: sums - ranked <= p)


def nucleus_below(logits, temperature, p):
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: sums < p)


def nucleus_gathered(logits, temperature, p):
    """gather where scatter belongs."""
    chances = (logits / temperature).softmax(1)
    likely, order = chances.sort(1, descending=True)
    kept = likely * (likely.cumsum(1) - likely < p)
    return (kept / kept.sum(1, keepdim=True)).gather(1, order)


def nucleus_behind(logits, temperature, p):
    """The comparison the wrong way round."""
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: sums >= p)


def nucleus_one_too_many(logits, temperature, p):
    return _nucleus(
        logits,
        temperature,
        p,
        keep=lambda ranked, sums: torch.arange(ranked.shape[1]) <= (sums < p).sum(1, keepdim=True) + 1,
    )


def nucleus_unsorted(logits, temperature, p):
    """Without sort there is nothing to put back."""
    chances = (logits / temperature).softmax(1)
    kept = chances * (chances.cumsum(1) - chances < p)
    return kept / kept.sum(1, keepdim=True)


def nucleus_twice_heated(logits, temperature, p):
    """One line mended, the division of the other left."""
    return _nucleus(logits, temperature, p, heat=lambda one, heat: (one / heat).softmax(-1) / heat)


def nucleus_chances_divided(logits, temperature, p):
    return _nucleus(logits, temperature, p, heat=lambda one, heat: one.softmax(-1) / heat)


def nucleus_softmax_of_chances(logits, temperature, p):
    return _nucleus(logits, temperature, p, heat=lambda one, heat: (one.softmax(-1) / heat).softmax(-1))


def nucleus_of_the_first_row(logits, temperature, p):
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: (sums - ranked < p)[0])


def nucleus_of_the_longest(logits, temperature, p):
    """One length for the whole batch."""
    return _nucleus(
        logits, temperature, p, keep=lambda ranked, sums: torch.arange(ranked.shape[1]) <= (sums < p).sum(1).max()
    )


def nucleus_without_nan(logits, temperature, p):
    """What was no number is painted over."""
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: sums <= p).nan_to_num()


def nucleus_zero_scores(logits, temperature, p):
    kept = _nucleus(logits, temperature, p)
    return (logits / temperature).masked_fill(kept == 0, 0.0).softmax(1)


def nucleus_other_side(logits, temperature, p):
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: sums - ranked < 1 - p)


def nucleus_each_alone(logits, temperature, p):
    return _nucleus(logits, temperature, p, keep=lambda ranked, sums: ranked >= p)


def nucleus_lists(logits, temperature, p):
    """Nested lists."""
    return nucleus_loops(logits, temperature, p).tolist()


def span_loops(starts, ends, none, longest):
    best, span, total = none, None, math.exp(none)
    for first in range(len(starts)):
        for last in range(first, min(first + longest, len(starts))):
            score = float(starts[first] + ends[last])
            total += math.exp(score)
            if score > best:
                best, span = score, (first, last)
    return span, math.exp(best) / total


def span_band(starts, ends, none, longest):
    """A band of the upper triangle."""
    pairs = torch.ones(len(starts), len(starts)).triu().tril(longest - 1).nonzero()
    scores = torch.cat([starts[pairs[:, 0]] + ends[pairs[:, 1]], torch.tensor([none])])
    at = scores.argmax()
    return (None if at == len(pairs) else tuple(pairs[at].tolist())), scores.softmax(0)[at]


def span_dictionary(starts, ends, none, longest):
    scores = {None: none}
    for (first, one), (last, other) in itertools.product(enumerate(starts.tolist()), enumerate(ends.tolist())):
        if 0 <= last - first < longest:
            scores[first, last] = one + other
    top = max(scores, key=scores.get)
    return top, 1 / sum(math.exp(score - scores[top]) for score in scores.values())


def _spans(starts, ends, longest, allowed=None):
    words = range(len(starts))
    return {
        (i, j): float(starts[i] + ends[j])
        for i in words
        for j in words
        if (0 <= j - i < longest if allowed is None else allowed(i, j))
    }


def _likeliest(scores):
    total = sum(map(math.exp, scores.values()))
    top = max(scores, key=scores.get)
    return top, math.exp(scores[top]) / total


def span_separately(starts, ends, none, longest):
    """The likeliest first and the likeliest last word, whatever lies between."""
    first, last = int(starts.argmax()), int(ends.argmax())
    return (first, last), _likeliest(_spans(starts, ends, longest) | {None: none})[1]


def span_two_softmaxes(starts, ends, none, longest):
    span, _ = span_loops(starts, ends, none, longest)
    if span is None:
        return None, span_loops(starts, ends, none, longest)[1]
    return span, starts.softmax(0)[span[0]] * ends.softmax(0)[span[1]]


def span_backwards_too(starts, ends, none, longest):
    return _likeliest(_spans(starts, ends, longest, lambda i, j: abs(j - i) < longest) | {None: none})


def span_one_too_long(starts, ends, none, longest):
    return _likeliest(_spans(starts, ends, longest + 1) | {None: none})


def span_one_too_short(starts, ends, none, longest):
    return _likeliest(_spans(starts, ends, longest, lambda i, j: 0 <= j - i < longest - 1) | {None: none})


def span_any_length(starts, ends, none, longest):
    return _likeliest(_spans(starts, ends, len(starts)) | {None: none})


def span_always_answers(starts, ends, none, longest):
    return _likeliest(_spans(starts, ends, longest))


def span_none_not_in_the_sum(starts, ends, none, longest):
    """No answer is compared by its score, and has no share in the probabilities."""
    spans = _spans(starts, ends, longest)
    span, chance = _likeliest(spans)
    return (span, chance) if spans[span] > none else (None, math.exp(none) / sum(map(math.exp, spans.values())))


def span_all_pairs_in_the_sum(starts, ends, none, longest):
    """The softmax before the rules."""
    span, _ = span_loops(starts, ends, none, longest)
    every = _spans(starts, ends, longest, lambda i, j: True) | {None: none}
    return span, math.exp(every[span]) / sum(map(math.exp, every.values()))


def span_end_excluded(starts, ends, none, longest):
    """As a slice: the place after the last word."""
    span, chance = span_loops(starts, ends, none, longest)
    return span and (span[0], span[1] + 1), chance


def span_no_single_words(starts, ends, none, longest):
    return _likeliest(_spans(starts, ends, longest, lambda i, j: 0 < j - i < longest) | {None: none})


def span_masked_with_zero(starts, ends, none, longest):
    every = {
        (i, j): float(starts[i] + ends[j]) if 0 <= j - i < longest else 0.0
        for i in range(len(starts))
        for j in range(len(ends))
    }
    return _likeliest(every | {None: none})


def span_score(starts, ends, none, longest):
    span, _ = span_loops(starts, ends, none, longest)
    return span, none if span is None else float(starts[span[0]] + ends[span[1]])


def span_product_of_scores(starts, ends, none, longest):
    words = range(len(starts))
    return _likeliest(
        {(i, j): float(starts[i] * ends[j]) for i in words for j in words if 0 <= j - i < longest} | {None: none}
    )


def span_empty_pair(starts, ends, none, longest):
    span, chance = span_loops(starts, ends, none, longest)
    return span or (), chance


def span_swapped(starts, ends, none, longest):
    return span_loops(ends, starts, none, longest)


def span_first_word_decides(starts, ends, none, longest):
    """The likeliest first word; the best last one behind it."""
    first = int(starts.argmax())
    last = first + int(ends[first : first + longest].argmax())
    scores = _spans(starts, ends, longest) | {None: none}
    span = (first, last) if scores[first, last] > none else None
    return span, math.exp(scores[span]) / sum(map(math.exp, scores.values()))


def span_none_alone(starts, ends, none, longest):
    """No answer, and no probability."""
    span, chance = span_loops(starts, ends, none, longest)
    if span is None:
        return None
    return span, chance


def span_three_results(starts, ends, none, longest):
    span, chance = span_loops(starts, ends, none, longest)
    return (*(span or (None, None)), chance)


def span_from_zero(starts, ends, none, longest):
    """Nothing below 0 is ever the best."""
    best, at, total = 0, None, math.exp(none)
    for i in range(len(starts)):
        for j in range(i, min(len(ends), i + longest)):
            score = float(starts[i] + ends[j])
            total += math.exp(score)
            if score > best:
                best, at = score, (i, j)
    if none > best:
        best, at = none, None
    return at, math.exp(best) / total


def span_no_order(starts, ends, none, longest):
    """j - i + 1 <= longest, and no more."""
    return _likeliest(_spans(starts, ends, longest, lambda i, j: j - i + 1 <= longest) | {None: none})


def span_first_words_only(starts, ends, none, longest):
    """range(i, min(words, longest))"""
    return _likeliest(_spans(starts, ends, longest, lambda i, j: i <= j < longest) | {None: none})


def span_never_silent(starts, ends, none, longest):
    """No answer is in the sum, and never the answer."""
    scores = _spans(starts, ends, longest)
    top = max(scores, key=scores.get)
    return top, math.exp(scores[top]) / (sum(map(math.exp, scores.values())) + math.exp(none))


def span_probability_of_the_span(starts, ends, none, longest):
    span, chance = span_never_silent(starts, ends, none, longest)
    return (span if float(starts[span[0]] + ends[span[1]]) >= none else None), chance


def span_more_than_half(starts, ends, none, longest):
    """No answer if that is likelier than everything else."""
    total = sum(map(math.exp, _spans(starts, ends, longest).values())) + math.exp(none)
    if math.exp(none) / total > 0.5:
        return None, math.exp(none) / total
    return span_never_silent(starts, ends, none, longest)


def span_probability_against_score(starts, ends, none, longest):
    span, chance = span_never_silent(starts, ends, none, longest)
    total = sum(map(math.exp, _spans(starts, ends, longest).values())) + math.exp(none)
    return (span, chance) if chance > none else (None, math.exp(none) / total)


def span_none_for_each_word(starts, ends, none, longest):
    span, _ = span_loops(starts, ends, none, longest)
    scores = _spans(starts, ends, longest)
    total = sum(map(math.exp, scores.values())) + len(starts) * math.exp(none)
    return span, math.exp((scores | {None: none})[span]) / total


def _flat(starts, ends, none, longest, place, first=False):
    words = len(starts)
    scores = (
        (starts[:, None] + ends)
        .masked_fill(~torch.ones(words, words).triu().tril(longest - 1).bool(), -math.inf)
        .flatten()
    )
    empty = torch.tensor([float(none)])
    chances = torch.cat([empty, scores] if first else [scores, empty]).softmax(0)
    at = int(chances.argmax())
    return (None if at == (0 if first else words**2) else place(at, words)), chances[at]


def span_none_in_front(starts, ends, none, longest):
    """No answer is number 0, and the others stand one further on."""
    return _flat(starts, ends, none, longest, divmod, first=True)


def span_by_longest(starts, ends, none, longest):
    return _flat(starts, ends, none, longest, lambda at, words: divmod(at, longest))


def span_from_one(starts, ends, none, longest):
    return _flat(starts, ends, none, longest, lambda at, words: (at // words + 1, at % words + 1))


def span_falsy(starts, ends, none, longest):
    """(0, 0) counts as nothing."""
    return _flat(starts, ends, none, longest, lambda at, words: divmod(at, words) if at else None)


def span_softmax_of_rows(starts, ends, none, longest):
    words = len(starts)
    table = (starts[:, None] + ends).masked_fill(~torch.ones(words, words).triu().tril(longest - 1).bool(), -math.inf)
    chances = table.softmax(1)
    return divmod(int(chances.argmax()), words), chances.max()


def span_of_log_softmaxes(starts, ends, none, longest):
    return span_loops(starts.log_softmax(0), ends.log_softmax(0), none, longest)


def span_shares_of_scores(starts, ends, none, longest):
    scores = _spans(starts, ends, longest) | {None: none}
    top = max(scores, key=scores.get)
    return top, scores[top] / sum(scores.values())


def span_log_probability(starts, ends, none, longest):
    span, chance = span_loops(starts, ends, none, longest)
    return span, math.log(chance)


def span_exchanged(starts, ends, none, longest):
    return span_loops(starts, ends, none, longest)[::-1]


def bm25_counters(question, passages, k1, b):
    counts = [Counter(passage) for passage in passages]
    average = sum(map(len, passages)) / len(passages)
    scores = [0.0] * len(passages)
    for word in question:
        having = [number for number, count in enumerate(counts) if word in count]
        rarity = math.log(1 + (len(passages) - len(having) + 0.5) / (len(having) + 0.5))
        for number in having:
            times = counts[number][word]
            scores[number] += rarity * times * (k1 + 1) / (times + k1 * (1 - b + b * len(passages[number]) / average))
    return scores


def bm25_arrays(question, passages, k1, b):
    times = np.array([[passage.count(word) for word in question] for passage in passages], dtype=float)
    lengths = np.array([len(passage) for passage in passages])
    having = (times > 0).sum(0)
    rarity = np.log1p((len(passages) - having + 0.5) / (having + 0.5))
    relative = 1 - b + b * lengths / lengths.mean()
    return (rarity * times * (k1 + 1) / (times + k1 * relative[:, None])).sum(1).tolist()


def bm25_quotients(question, passages, k1, b):
    number, average = len(passages), np.mean([len(passage) for passage in passages])
    having = {word: sum(word in passage for passage in passages) for word in set(question)}
    rarity = {word: math.log((number + 1) / (n + 0.5)) for word, n in having.items()}

    def score(passage):
        norm = k1 * ((1 - b) + b * len(passage) / average)
        return math.fsum(
            rarity[word] * (k1 + 1) / (1 + norm / passage.count(word)) for word in question if word in passage
        )

    return [score(passage) for passage in passages]


def _bm25(question, passages, k1, b, rarity=None, worth=None, lengths=None, words=None):
    counts = [Counter(passage) for passage in passages]
    lengths = [len(passage) for passage in passages] if lengths is None else lengths
    average = sum(lengths) / len(lengths)
    total = len(passages)

    def rare(word):
        n = sum(word in count for count in counts)
        return (
            math.log(1 + (total - n + 0.5) / (n + 0.5))
            if rarity is None
            else rarity(total, n, sum(count[word] for count in counts))
        )

    rarities = {word: rare(word) for word in question}
    worth = worth or (lambda c, relative: c * (k1 + 1) / (c + k1 * (1 - b + b * relative)))
    return [
        sum(rarities[word] * worth(count[word], length / average) for word in (words or list)(question) if count[word])
        for count, length in zip(counts, lengths, strict=True)
    ]


def bm25_by_occurrences(question, passages, k1, b):
    """n counts how often, not in how many."""
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log(1 + (total - times + 0.5) / (times + 0.5)))


def bm25_classic_rarity(question, passages, k1, b):
    """Robertson's own logarithm, which can be negative."""
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log((total - n + 0.5) / (n + 0.5)))


def bm25_plain_rarity(question, passages, k1, b):
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log(total / n) if n else 0.0)


def bm25_in_bits(question, passages, k1, b):
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log2(1 + (total - n + 0.5) / (n + 0.5)))


def bm25_no_rarity(question, passages, k1, b):
    return _bm25(question, passages, k1, b, lambda total, n, times: 1.0)


def bm25_shared_words(question, passages, k1, b):
    return [len(set(question) & set(passage)) for passage in passages]


def bm25_tf_idf(question, passages, k1, b):
    return _bm25(question, passages, k1, b, worth=lambda c, relative: c)


def bm25_no_length(question, passages, k1, b):
    return _bm25(question, passages, k1, b, worth=lambda c, relative: c * (k1 + 1) / (c + k1))


def bm25_no_factor(question, passages, k1, b):
    return _bm25(question, passages, k1, b, worth=lambda c, relative: c / (c + k1 * (1 - b + b * relative)))


def bm25_bracket(question, passages, k1, b):
    """k1 multiplies only the first summand of the bracket."""
    return _bm25(question, passages, k1, b, worth=lambda c, relative: c * (k1 + 1) / (c + k1 * (1 - b) + b * relative))


def bm25_long_ones_favoured(question, passages, k1, b):
    return _bm25(question, passages, k1, b, worth=lambda c, relative: c * (k1 + 1) / (c + k1 * (1 - b + b / relative)))


def bm25_different_words(question, passages, k1, b):
    return _bm25(question, passages, k1, b, words=set)


def bm25_once_or_not(question, passages, k1, b):
    return _bm25(question, passages, k1, b, worth=lambda c, relative: (k1 + 1) / (1 + k1 * (1 - b + b * relative)))


def bm25_length_of_kinds(question, passages, k1, b):
    return _bm25(question, passages, k1, b, lengths=[len(set(passage)) for passage in passages])


def bm25_share_of_words(question, passages, k1, b):
    """c is the share of the passage, as in some kinds of TF-IDF."""
    scores = []
    average = sum(map(len, passages)) / len(passages)
    for passage in passages:
        score = 0.0
        for word in question:
            n = sum(word in one for one in passages)
            c = passage.count(word) / len(passage)
            score += (
                math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))
                * c
                * (k1 + 1)
                / (c + k1 * (1 - b + b * len(passage) / average))
            )
        scores.append(score)
    return scores


def bm25_best(question, passages, k1, b):
    scores = bm25_counters(question, passages, k1, b)
    return scores.index(max(scores))


def bm25_of_the_whole(question, passages, k1, b):
    return sum(bm25_counters(question, passages, k1, b))


def bm25_slow(question, passages, k1, b):
    """How rare a word is, worked out for each passage anew."""
    scores = []
    for passage in passages:
        score = 0.0
        for word in question:
            n = sum(1 for one in passages if word in one)
            average = sum(len(one) for one in passages) / len(passages)
            c = passage.count(word)
            score += (
                math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))
                * c
                * (k1 + 1)
                / (c + k1 * (1 - b + b * len(passage) / average))
            )
        scores.append(score)
    return scores


def bm25_upside_down(question, passages, k1, b):
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log(1 + (n + 0.5) / (total - n + 0.5)))


def bm25_no_bracket(question, passages, k1, b):
    """The line above the fraction without brackets."""
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log(1 + total - n + 0.5 / (n + 0.5)))


def bm25_base_10(question, passages, k1, b):
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log10(1 + (total - n + 0.5) / (n + 0.5)))


def bm25_all_words(question, passages, k1, b):
    """N is the number of words."""
    words = sum(map(len, passages))
    return _bm25(question, passages, k1, b, lambda total, n, times: math.log(1 + (words - n + 0.5) / (n + 0.5)))


def _by_loops(question, passages, k1, b, reset=True, add=True, fresh=False):
    counts, scores, score = [Counter(passage) for passage in passages], [], 0.0
    rarity = {word: math.log((len(passages) + 1) / (sum(word in count for count in counts) + 0.5)) for word in question}
    average = sum(map(len, passages)) / len(passages)
    for passage, count in zip(passages, counts, strict=True):
        if reset:
            score = 0.0
        if fresh:
            scores = []
        for word in question:
            worth = rarity[word] * count[word] * (k1 + 1) / (count[word] + k1 * (1 - b + b * len(passage) / average))
            score = score + worth if add else worth
        scores.append(score)
    return scores


def bm25_assigned(question, passages, k1, b):
    """= in place of +="""
    return _by_loops(question, passages, k1, b, add=False)


def bm25_never_reset(question, passages, k1, b):
    return _by_loops(question, passages, k1, b, reset=False)


def bm25_list_inside(question, passages, k1, b):
    """The list is made anew for each passage."""
    return _by_loops(question, passages, k1, b, fresh=True)


def bm25_b_exchanged(question, passages, k1, b):
    return _bm25(
        question, passages, k1, b, worth=lambda c, relative: c * (k1 + 1) / (c + k1 * (b + (1 - b) * relative))
    )


def bm25_one_more(question, passages, k1, b):
    """c k1 + 1 for c (k1 + 1)."""
    counts = [Counter(passage) for passage in passages]
    average = sum(map(len, passages)) / len(passages)
    rarity = {word: math.log((len(passages) + 1) / (sum(word in count for count in counts) + 0.5)) for word in question}
    return [
        sum(rarity[w] * (count[w] * k1 + 1) / (count[w] + k1 * (1 - b + b * len(passage) / average)) for w in question)
        for passage, count in zip(passages, counts, strict=True)
    ]


def bm25_all_divided(question, passages, k1, b):
    average = sum(map(len, passages)) / len(passages)
    return _bm25(
        question,
        passages,
        k1,
        b,
        worth=lambda c, relative: c * (k1 + 1) / (c + k1 * (1 - b + b * relative * average) / average),
    )


def bm25_longest(question, passages, k1, b):
    scale = sum(map(len, passages)) / len(passages) / max(map(len, passages))
    return _bm25(
        question, passages, k1, b, worth=lambda c, relative: c * (k1 + 1) / (c + k1 * (1 - b + b * relative * scale))
    )


def bm25_letters(question, passages, k1, b):
    return _bm25(question, passages, k1, b, lengths=[len("".join(passage)) for passage in passages])


def bm25_in_texts(question, passages, k1, b):
    """The ferry is found in the ferryman."""
    texts = [" ".join(passage) for passage in passages]
    average = sum(map(len, passages)) / len(passages)
    rarity = {word: math.log((len(texts) + 1) / (sum(word in text for text in texts) + 0.5)) for word in question}
    return [
        sum(
            rarity[w] * text.count(w) * (k1 + 1) / (text.count(w) + k1 * (1 - b + b * len(passage) / average))
            for w in question
        )
        for passage, text in zip(passages, texts, strict=True)
    ]


def bm25_counted_in_texts(question, passages, k1, b):
    """The same for c alone."""
    texts = [" ".join(passage) for passage in passages]
    average = sum(map(len, passages)) / len(passages)
    rarity = {
        word: math.log((len(texts) + 1) / (sum(word in passage for passage in passages) + 0.5)) for word in question
    }
    return [
        sum(
            rarity[w] * text.count(w) * (k1 + 1) / (text.count(w) + k1 * (1 - b + b * len(passage) / average))
            for w in question
        )
        for passage, text in zip(passages, texts, strict=True)
    ]


def bm25_squared(question, passages, k1, b):
    """A repeated word of the question is counted, and met, twice."""
    asked = Counter(question)
    return bm25_counters([word for word in question for _ in range(asked[word])], passages, k1, b)


def bm25_over_the_passage(question, passages, k1, b):
    counts = [Counter(passage) for passage in passages]
    average = sum(map(len, passages)) / len(passages)
    rarity = {word: math.log((len(passages) + 1) / (sum(word in count for count in counts) + 0.5)) for word in question}
    return [
        sum(
            rarity[w] * c[w] * (k1 + 1) / (c[w] + k1 * (1 - b + b * len(passage) / average))
            for w in passage
            if w in rarity
        )
        for passage, c in zip(passages, counts, strict=True)
    ]


def bm25_sorted(question, passages, k1, b):
    return sorted(bm25_counters(question, passages, k1, b), reverse=True)


def bm25_array(question, passages, k1, b):
    """An array, not a list."""
    return np.array(bm25_counters(question, passages, k1, b))


def limit_loops(valid, test, wrong, person):
    def cost(rows, limit):
        total = 0
        for sure, right in rows:
            if sure < limit:
                total += person
            elif not right:
                total += wrong
        return total

    best = None
    for limit in [*sorted({sure for sure, _ in valid}), math.inf]:
        if best is None or cost(valid, limit) < cost(valid, best):
            best = limit
    return best, cost(test, best) / len(test)


def limit_of_numpy(valid, test, wrong, person):
    sure, right = np.array([one for one, _ in valid]), np.array([bool(other) for _, other in valid])
    limits = np.append(np.unique(sure), np.inf)
    costs = [np.where(sure >= limit, wrong * ~right, person).sum() for limit in limits]
    limit = float(limits[int(np.argmin(costs))])
    return limit, float(np.mean([(0 if right else wrong) if sure >= limit else person for sure, right in test]))


def limit_by_steps(valid, test, wrong, person):
    """From silence downwards: each answer more saves a person, or costs a mistake."""
    cost = least = person * len(valid)
    limit = math.inf
    rows = sorted(valid, reverse=True)
    for at, (sure, right) in enumerate(rows):
        cost += -person if right else wrong - person
        last = at + 1 == len(rows) or rows[at + 1][0] != sure
        if last and cost <= least + 1e-9:
            limit, least = sure, min(cost, least)
    answered = [right for sure, right in test if sure >= limit]
    return limit, ((len(test) - len(answered)) * person + answered.count(False) * wrong) / len(test)


def _limit(valid, test, wrong, person, chosen=None, cost=None, silence=True, last=False):
    def price(rows, limit):
        return sum((0 if right else wrong) if sure >= limit else person for sure, right in rows) / len(rows)

    price = cost or price
    limits = [*sorted({sure for sure, _ in (chosen or valid)}), *([math.inf] if silence else [])]
    return min(reversed(limits) if last else limits, key=lambda limit: price(chosen or valid, limit)), price


def limit_on_test(valid, test, wrong, person):
    limit, price = _limit(valid, test, wrong, person, chosen=test)
    return limit, price(test, limit)


def limit_reports_valid(valid, test, wrong, person):
    limit, price = _limit(valid, test, wrong, person)
    return limit, price(valid, limit)


def limit_never_silent(valid, test, wrong, person):
    limit, price = _limit(valid, test, wrong, person, silence=False)
    return limit, price(test, limit)


def limit_highest_of_equals(valid, test, wrong, person):
    limit, price = _limit(valid, test, wrong, person, last=True)
    return limit, price(test, limit)


def limit_above_only(valid, test, wrong, person):
    """An answer must be surer than the limit."""

    def price(rows, limit):
        return sum((0 if right else wrong) if sure > limit else person for sure, right in rows) / len(rows)

    limit, _ = _limit(valid, test, wrong, person, cost=price)
    return limit, price(test, limit)


def limit_silence_is_free(valid, test, wrong, person):
    def price(rows, limit):
        return sum(wrong for sure, right in rows if sure >= limit and not right) / len(rows)

    limit, _ = _limit(valid, test, wrong, person, cost=price)
    return limit, price(test, limit)


def limit_sum(valid, test, wrong, person):
    limit, price = _limit(valid, test, wrong, person)
    return limit, price(test, limit) * len(test)


def limit_of_the_answered(valid, test, wrong, person):
    """The cost of an answer, not of a message."""

    def price(rows, limit):
        answered = [right for sure, right in rows if sure >= limit]
        return sum(wrong for right in answered if not right) / len(answered) + person if answered else person

    limit, _ = _limit(valid, test, wrong, person, cost=price)
    return limit, price(test, limit)


def limit_by_formula(valid, test, wrong, person):
    """Chow's rule, if a confidence could be believed."""
    limit = 1 - person / wrong
    return limit, sum((0 if right else wrong) if sure >= limit else person for sure, right in test) / len(test)


def limit_nineteen_of_twenty(valid, test, wrong, person):
    """The lesson's rule."""
    fine = [
        limit
        for limit in sorted({sure for sure, _ in valid})
        if np.mean([right for sure, right in valid if sure >= limit]) >= 0.95
    ]
    limit = fine[0] if fine else 1.0
    return limit, sum((0 if right else wrong) if sure >= limit else person for sure, right in test) / len(test)


def limit_right_ones_cost(valid, test, wrong, person):
    """right means a fault."""

    def price(rows, limit):
        return sum((wrong if right else 0) if sure >= limit else person for sure, right in rows) / len(rows)

    limit, _ = _limit(valid, test, wrong, person, cost=price)
    return limit, price(test, limit)


def limit_prices_exchanged(valid, test, wrong, person):
    return limit_loops(valid, test, person, wrong)


def limit_all_wrong_ones_cost(valid, test, wrong, person):
    """A wrong answer costs, also where it was not given."""

    def price(rows, limit):
        return sum((0 if right else wrong) + (person if sure < limit else 0) for sure, right in rows) / len(rows)

    limit, _ = _limit(valid, test, wrong, person, cost=price)
    return limit, price(test, limit)


def limit_tenths(valid, test, wrong, person):
    """Limits of a grid."""

    def price(rows, limit):
        return sum((0 if right else wrong) if sure >= limit else person for sure, right in rows) / len(rows)

    limit = min([n / 10 for n in range(11)], key=lambda one: price(valid, one))
    return limit, price(test, limit)


def limit_sorts(valid, test, wrong, person):
    valid.sort()
    return limit_loops(valid, test, wrong, person)


def limit_alone(valid, test, wrong, person):
    return limit_loops(valid, test, wrong, person)[0]


def limit_of_pairs(valid, test, wrong, person):
    """min of pairs: the lowest cost, and of equals the lowest limit."""

    def cost(rows, limit):
        return sum(wrong * (not right) if sure >= limit else person for sure, right in rows)

    limit = min((cost(valid, limit), limit) for limit in [*(sure for sure, _ in valid), math.inf])[1]
    return limit, cost(test, limit) / len(test)


def _priced(price, valid, test, wrong, person, limits=None):
    """Another price of one message, for the choice and for the result."""

    def cost(rows, limit):
        return sum(price(sure, right, limit, wrong, person) for sure, right in rows)

    limit = min(limits or [*sorted({sure for sure, _ in valid}), math.inf], key=lambda one: cost(valid, one))
    return limit, cost(test, limit) / len(test)


def _price(sure, right, limit, wrong, person):
    return (0 if right else wrong) if sure >= limit else person


def limit_infinity_first(valid, test, wrong, person):
    return _priced(_price, valid, test, wrong, person, [math.inf, *sorted(sure for sure, _ in valid)])


def limit_as_they_come(valid, test, wrong, person):
    """Of equals the first, unsorted."""
    return _priced(_price, valid, test, wrong, person, [*(sure for sure, _ in valid), math.inf])


def limit_in_a_dictionary(valid, test, wrong, person):
    """A later limit of the same cost takes the place of the one before."""
    limits = {}
    for limit in [*(sure for sure, _ in valid), math.inf]:
        limits[sum(_price(sure, right, limit, wrong, person) for sure, right in valid)] = limit
    limit = limits[min(limits)]
    return limit, sum(_price(sure, right, limit, wrong, person) for sure, right in test) / len(test)


def limit_downwards(valid, test, wrong, person):
    return _priced(_price, valid, test, wrong, person, [*sorted({sure for sure, _ in valid}, reverse=True), math.inf])


def limit_parts_equals(valid, test, wrong, person):
    """A sweep that stops between two that are equally sure."""
    rows = sorted(valid)
    now = sum(wrong for _, right in rows if not right)
    best, limit = now, rows[0][0]
    for at, (_, right) in enumerate(rows):
        now += person - (0 if right else wrong)
        if now < best:
            best, limit = now, rows[at + 1][0] if at + 1 < len(rows) else math.inf
    return limit, sum(_price(sure, right, limit, wrong, person) for sure, right in test) / len(test)


def limit_of_both_parts(valid, test, wrong, person):
    return _priced(_price, valid, test, wrong, person, [*sorted({sure for sure, _ in valid + test}), math.inf])


def limit_of_right_ones(valid, test, wrong, person):
    return _priced(_price, valid, test, wrong, person, [*sorted({sure for sure, right in valid if right}), math.inf])


def limit_zero_too(valid, test, wrong, person):
    return _priced(_price, valid, test, wrong, person, [0.0, *sorted({sure for sure, _ in valid}), math.inf])


def limit_one_for_infinity(valid, test, wrong, person):
    return _priced(_price, valid, test, wrong, person, [*sorted({sure for sure, _ in valid}), 1.0])


def limit_hundredths(valid, test, wrong, person):
    return _priced(_price, valid, test, wrong, person, [*(n / 100 for n in range(101)), math.inf])


def limit_between(valid, test, wrong, person):
    sures = sorted({sure for sure, _ in valid})
    between = [(one + two) / 2 for one, two in itertools.pairwise(sures)]
    return _priced(_price, valid, test, wrong, person, [sures[0], *between, math.inf])


def limit_dearest(valid, test, wrong, person):
    pairs = (
        (sum(_price(sure, right, limit, wrong, person) for sure, right in valid), limit)
        for limit in [*(one for one, _ in valid), math.inf]
    )
    limit = max(pairs)[1]
    return limit, sum(_price(sure, right, limit, wrong, person) for sure, right in test) / len(test)


def limit_is_its_cost(valid, test, wrong, person):
    limits = [*sorted(sure for sure, _ in valid), math.inf]
    limit = min(sum(_price(sure, right, limit, wrong, person) for sure, right in valid) for limit in limits)
    return limit, sum(_price(sure, right, limit, wrong, person) for sure, right in test) / len(test)


def limit_cost_not_reset(valid, test, wrong, person):
    best, at, cost = math.inf, None, 0
    for limit in [*sorted(sure for sure, _ in valid), math.inf]:
        cost += sum(_price(sure, right, limit, wrong, person) for sure, right in valid)
        if cost < best:
            best, at = cost, limit
    return at, sum(_price(sure, right, at, wrong, person) for sure, right in test) / len(test)


def limit_last_of_the_loop(valid, test, wrong, person):
    """The loop's variable, used behind the loop."""
    best, at = math.inf, None
    for limit in [*sorted(sure for sure, _ in valid), math.inf]:
        cost = sum(_price(sure, right, limit, wrong, person) for sure, right in valid)
        if cost < best:
            best, at = cost, limit
    return at, sum(_price(sure, right, limit, wrong, person) for sure, right in test) / len(test)


def limit_else_person(valid, test, wrong, person):
    """else: a right answer too is paid as a person is."""
    return _priced(
        lambda sure, right, limit, wrong, person: wrong if sure >= limit and not right else person,
        valid,
        test,
        wrong,
        person,
    )


def limit_wrong_ones_handed_on(valid, test, wrong, person):
    return _priced(
        lambda sure, right, limit, wrong, person: 0 if right else (wrong if sure >= limit else person),
        valid,
        test,
        wrong,
        person,
    )


def limit_right_ones_handed_on(valid, test, wrong, person):
    def price(sure, right, limit, wrong, person):
        if sure >= limit and not right:
            return wrong
        return person if sure < limit and right else 0

    return _priced(price, valid, test, wrong, person)


def limit_believes(valid, test, wrong, person):
    """The confidence is taken for the chance of being right."""
    return _priced(
        lambda sure, right, limit, wrong, person: (1 - sure) * wrong if sure >= limit else person,
        valid,
        test,
        wrong,
        person,
    )


def limit_unpacked_the_other_way(valid, test, wrong, person):
    return _priced(
        lambda right, sure, limit, wrong, person: _price(sure, right, limit, wrong, person), valid, test, wrong, person
    )


def limit_above_in_test(valid, test, wrong, person):
    limit, _ = limit_loops(valid, test, wrong, person)
    return limit, sum((0 if right else wrong) if sure > limit else person for sure, right in test) / len(test)


def limit_by_valid(valid, test, wrong, person):
    """The cost on test, divided by the number of the others."""
    limit, cost = limit_loops(valid, test, wrong, person)
    return limit, cost * len(test) / len(valid)


def limit_per_answer(valid, test, wrong, person):
    limit, cost = limit_loops(valid, test, wrong, person)
    many = sum(sure >= limit for sure, _ in test)
    return limit, cost * len(test) / many if many else 0


def limit_most_accurate(valid, test, wrong, person):
    def share(limit):
        answered = [right for sure, right in valid if sure >= limit]
        return sum(answered) / len(answered)

    limit = max(sorted(sure for sure, _ in valid), key=share)
    return limit, sum(_price(sure, right, limit, wrong, person) for sure, right in test) / len(test)


def limit_exchanged(valid, test, wrong, person):
    return limit_loops(valid, test, wrong, person)[::-1]


def beam_of_heaps(step, width, longest, end, penalty):
    alive, finished = {(): 0.0}, []
    for length in range(1, longest + 1):
        grown = {
            (*ids, token): total + more for ids, total in alive.items() for token, more in enumerate(step(list(ids)))
        }
        alive = {}
        for ids in heapq.nlargest(width, grown, key=grown.get):
            if ids[-1] == end:
                finished.append((grown[ids] / ((5 + length) / 6) ** penalty, list(ids[:-1])))
            else:
                alive[ids] = grown[ids]
        if not alive:
            break
    if not finished:
        finished = [(total / ((5 + longest) / 6) ** penalty, list(ids)) for ids, total in alive.items()]
    return max(finished)[::-1]


def beam_of_lists(step, width, longest, end, penalty):
    beams, best, best_score = [([], 0.0)], None, -math.inf
    while beams and len(beams[0][0]) < longest:
        candidates = []
        for ids, total in beams:
            for token, more in enumerate(step(ids)):
                candidates.append((ids + [token], total + more))
        candidates.sort(key=lambda one: one[1], reverse=True)
        beams = []
        for ids, total in candidates[:width]:
            if ids[-1] != end:
                beams.append((ids, total))
                continue
            score = total * (6 / (5 + len(ids))) ** penalty
            if score > best_score:
                best, best_score = ids[:-1], score
    if best is None:
        return beams[0][0], beams[0][1] * (6 / (5 + longest)) ** penalty
    return best, best_score


def beam_of_tensors(step, width, longest, end, penalty):
    rows, sums, found = [[]], torch.zeros(1, dtype=torch.double), []
    for length in range(1, longest + 1):
        steps = torch.tensor([step(row) for row in rows], dtype=torch.double)
        totals = (sums[:, None] + steps).flatten()
        values, places = totals.topk(min(width, len(totals)))
        divisor = ((5 + length) / 6) ** penalty
        grown = [[*rows[place // steps.shape[1]], int(place % steps.shape[1])] for place in places]
        found += [(float(v) / divisor, g[:-1]) for v, g in zip(values, grown, strict=True) if g[-1] == end]
        on = [n for n, g in enumerate(grown) if g[-1] != end]
        rows, sums = [grown[n] for n in on], values[on]
        if not rows:
            break
    score, ids = max(found) if found else (float(sums[0]) / divisor, rows[0])
    return ids, score


def _wu(total, length, penalty):
    return total / ((5 + length) / 6) ** penalty


def _beam(step, width, longest, end, penalty, score=_wu, stay=None, stop=None, first=0.0, add=None, on=None):
    going, done = [(first, [])], []
    for _ in range(longest):
        grown = [
            (add(total, more) if add else total + more, [*ids, token])
            for total, ids in going
            for token, more in enumerate(step(ids))
        ]
        best = sorted(grown, key=stay or (lambda one: -one[0]))[:width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end][:on]
        if not going or (stop and stop(done)):
            break
    found = max(done or going, key=lambda one: score(one[0], len(one[1]), penalty))
    return [token for token in found[1] if token != end], score(found[0], len(found[1]), penalty)


def beam_greedy(step, width, longest, end, penalty):
    return _beam(step, 1, longest, end, penalty)


def beam_no_penalty(step, width, longest, end, penalty):
    return _beam(step, width, longest, end, penalty, score=lambda total, length, penalty: total)


def beam_penalty_multiplied(step, width, longest, end, penalty):
    return _beam(
        step, width, longest, end, penalty, score=lambda total, length, penalty: total * ((5 + length) / 6) ** penalty
    )


def beam_mean(step, width, longest, end, penalty):
    """The mean over the tokens: another penalty."""
    return _beam(step, width, longest, end, penalty, score=lambda total, length, penalty: total / length**penalty)


def beam_length_without_end(step, width, longest, end, penalty):
    return _beam(
        step, width, longest, end, penalty, score=lambda total, length, penalty: total / ((4 + length) / 6) ** penalty
    )


def beam_penalty_as_factor(step, width, longest, end, penalty):
    """The penalty is no exponent."""
    return _beam(
        step, width, longest, end, penalty, score=lambda total, length, penalty: total / ((5 + length) / 6 * penalty)
    )


def beam_penalty_added(step, width, longest, end, penalty):
    """A reward for each token: another way to make a beam like long sentences."""
    return _beam(step, width, longest, end, penalty, score=lambda total, length, penalty: total + penalty * length)


def beam_first_end(step, width, longest, end, penalty):
    """It stops as soon as one has ended."""
    return _beam(step, width, longest, end, penalty, stop=bool)


def beam_likeliest_last_step(step, width, longest, end, penalty):
    """The last step's log-probability, not the sum."""
    return _beam(step, width, longest, end, penalty, add=lambda total, more: more)


def beam_products(step, width, longest, end, penalty):
    """Log-probabilities multiplied, as probabilities are."""
    return _beam(step, width, longest, end, penalty, first=1.0, add=lambda total, more: total * more)


def beam_of_probabilities(step, width, longest, end, penalty):
    """Back to probabilities, which are multiplied."""
    return _beam(step, width, longest, end, penalty, first=1.0, add=lambda total, more: total * math.exp(more))


def beam_unlikeliest(step, width, longest, end, penalty):
    return _beam(step, width, longest, end, penalty, stay=lambda one: one[0])


def beam_each_by_itself(step, width, longest, end, penalty):
    """Each beginning keeps its own best continuation."""
    going = sorted([(more, [token]) for token, more in enumerate(step([]))], reverse=True)[:width]
    done = [one for one in going if one[1][-1] == end]
    going = [one for one in going if one[1][-1] != end]
    for _ in range(longest - 1):
        grown = []
        for total, ids in going:
            steps = step(ids)
            token = max(range(len(steps)), key=steps.__getitem__)
            grown.append((total + steps[token], [*ids, token]))
        done += [one for one in grown if one[1][-1] == end]
        going = [one for one in grown if one[1][-1] != end]
    found = max(done or going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return [token for token in found[1] if token != end], _wu(found[0], len(found[1]), penalty)


def beam_keeps_end(step, width, longest, end, penalty):
    going, done = [(0.0, [])], []
    for _ in range(longest):
        grown = [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]
        best = sorted(grown, reverse=True)[:width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end]
    total, ids = max(done or going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return ids, _wu(total, len(ids), penalty)


def beam_no_end(step, width, longest, end, penalty):
    """What has ended is continued, and cut afterwards."""
    going = [(0.0, [])]
    for _ in range(longest):
        grown = [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]
        going = sorted(grown, reverse=True)[:width]
    total, best = max(going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return best[: best.index(end)] if end in best else best, _wu(total, len(best), penalty)


def beam_unfinished_compete(step, width, longest, end, penalty):
    """What is cut off at the end is compared with what has ended."""
    going, done = [(0.0, [])], []
    for _ in range(longest):
        grown = [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]
        best = sorted(grown, reverse=True)[:width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end]
    total, ids = max(done + going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return ids[:-1] if ids[-1] == end else ids, _wu(total, len(ids), penalty)


def beam_one_too_long(step, width, longest, end, penalty):
    return _beam(step, width, longest + 1, end, penalty)


def beam_none_if_endless(step, width, longest, end, penalty):
    going, done = [(0.0, [])], []
    for _ in range(longest):
        grown = [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]
        best = sorted(grown, reverse=True)[:width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end]
    if not done:
        return None
    total, ids = max(done, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return ids[:-1], _wu(total, len(ids), penalty)


def beam_best_sum_wins(step, width, longest, end, penalty):
    """The score is only reported; the sum chooses."""
    going, done = [(0.0, [])], []
    for _ in range(longest):
        grown = [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]
        best = sorted(grown, reverse=True)[:width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end]
    total, ids = max(done or going)
    return ids[:-1] if done else ids, _wu(total, len(ids), penalty)


def beam_wide_twice(step, width, longest, end, penalty):
    """As the library does: twice as many candidates, so that width beginnings go on."""
    going, done = [(0.0, [])], []
    for _ in range(longest):
        grown = [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]
        best = sorted(grown, reverse=True)[: 2 * width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end][:width]
    total, ids = max(done or going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return ids[:-1] if ids[-1] == end else ids, _wu(total, len(ids), penalty)


def beam_ids_alone(step, width, longest, end, penalty):
    return beam_of_lists(step, width, longest, end, penalty)[0]


def beam_for_each(step, width, longest, end, penalty):
    """The width best of each beginning."""
    going, done = [(0.0, [])], []
    for _ in range(longest):
        best = []
        for total, ids in going:
            best += sorted(((total + more, [*ids, token]) for token, more in enumerate(step(ids))), reverse=True)[
                :width
            ]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end]
    total, ids = max(done or going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return [token for token in ids if token != end], _wu(total, len(ids), penalty)


def beam_one_wider(step, width, longest, end, penalty):
    return _beam(step, width + 1, longest, end, penalty)


def _rounds(step, width, longest, end, penalty, part=None, over=None, follow=None, size=None, finish=None, score=None):
    """The rounds in one piece, with one of them done in another way."""
    score = score or (lambda one: _wu(one[0], len(one[1]), penalty))
    going, done = [(0.0, [])], []
    for _ in range(longest):
        grown = (
            follow(going)
            if follow
            else [(total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))]
        )
        best = sorted(grown, reverse=True)[: size(done) if size else width]
        if part:
            going, done = part(best, done)
        else:
            done, going = done + [one for one in best if one[1][-1] == end], [one for one in best if one[1][-1] != end]
        if not going or (over and over(done, going, score)):
            break
    best = max(done or going, key=score)
    return finish(best) if finish else [token for token in best[1] if token != end], score(best)


def beam_narrowing(step, width, longest, end, penalty):
    """What has ended keeps a place for good."""
    return _rounds(step, width, longest, end, penalty, size=lambda done: width - len(done))


def beam_ended_stay(step, width, longest, end, penalty):
    """What has ended stays in the beam, and may be pushed out."""
    beam = [(0.0, [])]
    for _ in range(longest):
        grown = []
        for total, ids in beam:
            if ids and ids[-1] == end:
                grown.append((total, ids))
            else:
                grown += [(total + more, [*ids, token]) for token, more in enumerate(step(ids))]
        beam = sorted(grown, reverse=True)[:width]
    done = [one for one in beam if one[1][-1] == end]
    total, ids = max(done or beam, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return [token for token in ids if token != end], _wu(total, len(ids), penalty)


def beam_ended_go_on(step, width, longest, end, penalty):
    """What has ended is put aside, and continued as well."""

    def part(best, done):
        return best, done + [one for one in best if one[1][-1] == end]

    return _rounds(
        step, width, longest, end, penalty, part, finish=lambda one: one[1][:-1] if one[1][-1] == end else one[1]
    )


def beam_removes(step, width, longest, end, penalty):
    """remove, while a loop runs over the list."""

    def part(best, done):
        done = [*done]
        for one in best:
            if one[1][-1] == end:
                done.append(one)
                best.remove(one)
        return best, done

    return _rounds(step, width, longest, end, penalty, part)


def beam_enough_ended(step, width, longest, end, penalty):
    return _rounds(step, width, longest, end, penalty, over=lambda done, going, score: len(done) >= width)


def beam_ahead(step, width, longest, end, penalty):
    return _rounds(
        step,
        width,
        longest,
        end,
        penalty,
        over=lambda done, going, score: done and max(map(score, done)) >= max(map(score, going)),
    )


def beam_last_round_lost(step, width, longest, end, penalty):
    """What ends in the last round is not put aside any more."""
    going, done = [(0.0, [])], []
    for _ in range(longest):
        done += [one for one in going if one[1] and one[1][-1] == end]
        going = [one for one in going if not one[1] or one[1][-1] != end]
        going = sorted(
            ((total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))),
            reverse=True,
        )[:width]
    total, ids = max(done or going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return [token for token in ids if token != end], _wu(total, len(ids), penalty)


def beam_must_end(step, width, longest, end, penalty):
    going, done = [(0.0, [])], []
    for _ in range(longest):
        best = sorted(
            ((total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))),
            reverse=True,
        )[:width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end]
    total, ids = max(done, key=lambda one: _wu(one[0], len(one[1]), penalty))
    return [token for token in ids if token != end], _wu(total, len(ids), penalty)


def beam_never_empty(step, width, longest, end, penalty):
    def follow(going):
        return [
            (total + more, [*ids, token])
            for total, ids in going
            for token, more in enumerate(step(ids))
            if ids or token != end
        ]

    return _rounds(step, width, longest, end, penalty, follow=follow)


def beam_always_shorter(step, width, longest, end, penalty):
    """ids[:-1], though nothing has ended."""
    return _rounds(step, width, longest, end, penalty, finish=lambda one: one[1][:-1])


def beam_end_not_counted(step, width, longest, end, penalty):
    """The end is taken off, and then the tokens are counted."""
    return _rounds(
        step, width, longest, end, penalty, score=lambda one: _wu(one[0], len(one[1]) - (one[1][-1] == end), penalty)
    )


def beam_always_counted(step, width, longest, end, penalty):
    """One more for an end that is not there."""
    return _rounds(
        step, width, longest, end, penalty, score=lambda one: _wu(one[0], len(one[1]) + (one[1][-1] != end), penalty)
    )


def beam_exponent_of_six(step, width, longest, end, penalty):
    return _rounds(step, width, longest, end, penalty, score=lambda one: one[0] / ((5 + len(one[1])) / 6**penalty))


def beam_no_outer_bracket(step, width, longest, end, penalty):
    return _rounds(step, width, longest, end, penalty, score=lambda one: one[0] / (5 + len(one[1])) / 6**penalty)


def beam_no_inner_bracket(step, width, longest, end, penalty):
    return _rounds(step, width, longest, end, penalty, score=lambda one: one[0] / (5 + len(one[1]) / 6) ** penalty)


def beam_sum_if_endless(step, width, longest, end, penalty):
    """What has not ended comes back with its sum."""
    return _rounds(
        step,
        width,
        longest,
        end,
        penalty,
        score=lambda one: _wu(one[0], len(one[1]), penalty) if one[1][-1] == end else one[0],
    )


def beam_sum_grows(step, width, longest, end, penalty):
    """total += more, inside the loop over the tokens."""

    def follow(going):
        grown = []
        for total, ids in going:
            for token, more in enumerate(step(ids)):
                total += more
                grown.append((total, [*ids, token]))
        return grown

    return _rounds(step, width, longest, end, penalty, follow=follow)


def beam_shared_list(step, width, longest, end, penalty):
    """append, to one list for all."""

    def follow(going):
        grown = []
        for total, ids in going:
            for token, more in enumerate(step(ids)):
                ids.append(token)
                grown.append((total + more, ids))
        return grown

    return _rounds(step, width, longest, end, penalty, follow=follow)


def beam_of_last_tokens(step, width, longest, end, penalty):
    return _rounds(lambda ids: step(ids[-1:]), width, longest, end, penalty)


def beam_from_end(step, width, longest, end, penalty):
    """The beginning is not empty."""
    ids, score = [], 0.0
    going, done = [(0.0, [end])], []
    for _ in range(longest):
        best = sorted(
            ((total + more, [*ids, token]) for total, ids in going for token, more in enumerate(step(ids))),
            reverse=True,
        )[:width]
        done += [one for one in best if one[1][-1] == end]
        going = [one for one in best if one[1][-1] != end]
    total, ids = max(done or going, key=lambda one: _wu(one[0], len(one[1]), penalty))
    score = _wu(total, len(ids), penalty)
    return [token for token in ids if token != end], score


def beam_end_is_zero(step, width, longest, end, penalty):
    return _rounds(step, width, longest, 0, penalty)


def beam_last_ended_only(step, width, longest, end, penalty):
    """done = where done += belongs."""
    return _rounds(
        step,
        width,
        longest,
        end,
        penalty,
        lambda best, done: ([one for one in best if one[1][-1] != end], [one for one in best if one[1][-1] == end]),
    )


def beam_exchanged(step, width, longest, end, penalty):
    return beam_of_lists(step, width, longest, end, penalty)[::-1]


RIGHT = {
    "chain_of_links": [chain_of_numpy, chain_of_faults, chain_of_copies],
    "nucleus_chances": [nucleus_loops, nucleus_of_logits, nucleus_by_threshold, nucleus_powers, nucleus_by_counting],
    "best_span": [span_loops, span_band, span_dictionary],
    "bm25_scores": [bm25_counters, bm25_arrays, bm25_quotients],
    "cheapest_limit": [limit_loops, limit_of_numpy, limit_by_steps, limit_of_pairs],
    "beam_search": [beam_of_heaps, beam_of_lists, beam_of_tensors],
}
WRONG = {
    "chain_of_links": [
        chain_weakest, chain_weakest_as_bound, chain_mean, chain_no_difference, chain_any, chain_last, chain_by_messages, chain_counts,
        chain_from_one, chain_least_to_gain, chain_last_of_equals, chain_mends_in_place, chain_faults, chain_two,
        chain_first_to_fail, chain_most_common, chain_along_columns, chain_divided_by_links, chain_percent, chain_rounded,
        chain_share_when_mended, chain_exchanged, chain_all_but_the_last,
    ],
    "nucleus_chances": [
        nucleus_cold_after, nucleus_too_small, nucleus_too_small_but_one, nucleus_misplaced, nucleus_ranked, nucleus_unnormalised,
        nucleus_multiplied, nucleus_no_heat, nucleus_over_batch, nucleus_heat_at_the_end, nucleus_least, nucleus_softmax_again,
        nucleus_sum_of_all, nucleus_logits, nucleus_unlikeliest, nucleus_in_place,
        nucleus_until_above, nucleus_below, nucleus_gathered, nucleus_behind, nucleus_one_too_many, nucleus_unsorted, nucleus_twice_heated,
        nucleus_chances_divided, nucleus_softmax_of_chances, nucleus_of_the_first_row, nucleus_of_the_longest, nucleus_without_nan,
        nucleus_zero_scores, nucleus_other_side, nucleus_each_alone, nucleus_lists,
    ],
    "best_span": [
        span_separately, span_two_softmaxes, span_backwards_too, span_one_too_long, span_one_too_short, span_any_length,
        span_always_answers, span_none_not_in_the_sum, span_all_pairs_in_the_sum, span_end_excluded, span_no_single_words,
        span_masked_with_zero, span_score, span_product_of_scores, span_empty_pair, span_swapped, span_first_word_decides,
        span_none_alone, span_three_results, span_from_zero, span_no_order, span_first_words_only, span_never_silent,
        span_probability_of_the_span, span_more_than_half, span_probability_against_score, span_none_for_each_word, span_none_in_front,
        span_by_longest, span_from_one, span_falsy, span_softmax_of_rows, span_of_log_softmaxes, span_shares_of_scores,
        span_log_probability, span_exchanged,
    ],
    "bm25_scores": [
        bm25_by_occurrences, bm25_classic_rarity, bm25_plain_rarity, bm25_in_bits, bm25_no_rarity, bm25_shared_words, bm25_tf_idf,
        bm25_no_length, bm25_no_factor, bm25_bracket, bm25_long_ones_favoured, bm25_different_words, bm25_once_or_not,
        bm25_length_of_kinds, bm25_share_of_words, bm25_best, bm25_of_the_whole, bm25_slow,
        bm25_upside_down, bm25_no_bracket, bm25_base_10, bm25_all_words, bm25_assigned, bm25_never_reset, bm25_list_inside,
        bm25_b_exchanged, bm25_one_more, bm25_all_divided, bm25_longest, bm25_letters, bm25_in_texts, bm25_counted_in_texts, bm25_squared,
        bm25_over_the_passage, bm25_sorted, bm25_array,
    ],
    "cheapest_limit": [
        limit_on_test, limit_reports_valid, limit_never_silent, limit_highest_of_equals, limit_above_only, limit_silence_is_free, limit_sum,
        limit_of_the_answered, limit_by_formula, limit_nineteen_of_twenty, limit_right_ones_cost, limit_prices_exchanged,
        limit_all_wrong_ones_cost, limit_tenths, limit_sorts, limit_alone,
        limit_infinity_first, limit_as_they_come, limit_in_a_dictionary, limit_downwards, limit_parts_equals, limit_of_both_parts,
        limit_of_right_ones, limit_zero_too, limit_one_for_infinity, limit_hundredths, limit_between, limit_dearest, limit_is_its_cost,
        limit_cost_not_reset, limit_last_of_the_loop, limit_else_person, limit_wrong_ones_handed_on, limit_right_ones_handed_on,
        limit_believes, limit_unpacked_the_other_way, limit_above_in_test, limit_by_valid, limit_per_answer, limit_most_accurate,
        limit_exchanged,
    ],
    "beam_search": [
        beam_greedy, beam_no_penalty, beam_penalty_multiplied, beam_mean, beam_length_without_end, beam_first_end, beam_likeliest_last_step,
        beam_products, beam_unlikeliest, beam_each_by_itself, beam_keeps_end, beam_no_end, beam_unfinished_compete, beam_one_too_long,
        beam_none_if_endless, beam_best_sum_wins, beam_wide_twice, beam_penalty_as_factor, beam_penalty_added, beam_of_probabilities,
        beam_ids_alone,
        beam_for_each, beam_one_wider, beam_narrowing, beam_ended_stay, beam_ended_go_on, beam_removes, beam_enough_ended, beam_ahead,
        beam_last_round_lost, beam_must_end, beam_never_empty, beam_always_shorter, beam_end_not_counted, beam_always_counted,
        beam_exponent_of_six, beam_no_outer_bracket, beam_no_inner_bracket, beam_sum_if_endless, beam_sum_grows, beam_shared_list,
        beam_of_last_tokens, beam_from_end, beam_end_is_zero, beam_last_ended_only, beam_exchanged,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "chain_of_links": {
        "array without dtype in: table = np.array(rows, dtype=bool)": "truth values are an array of truth values",
        "mean becomes sum in: mended = [np.delete(table, link, axis=1).all(axis=1).mean() for link in range(table.shape[1])]": "the largest of the numbers is that of the shares",
        **{
            f"without {kind}(…) in: return float(np.prod(table.mean(axis=0))), float(table.all(axis=1).mean()), int(np.argmax(mended))": "a number is a number"
            for kind in ("float", "int")
        },
    },
    "nucleus_chances": {
        "0 becomes -1 in: chances = torch.softmax(logits[row] / temperature, 0)": "a row has one axis",
        "without float(…) in: total += float(chances[token])": "a number is a number",
        "without float(…) in: for token in sorted(range(len(chances)), key=lambda one: -float(chances[one])):": "a number is a number",
    },
    "best_span": {
        "the arguments of min swapped in: for last in range(first, min(first + longest, len(starts))):": "a minimum has no order",
        "without float(…) in: score = float(starts[first] + ends[last])": "a number is a number",
    },
    "beam_search": {
        "the line is left out in: break": "where nothing goes on, nothing is continued",
        **{
            f"without list(…) in: {line}": "a tuple counts as a list"
            for line in (
                "finished = [(total / ((5 + longest) / 6) ** penalty, list(ids)) for ids, total in alive.items()]",
                "(*ids, token): total + more for ids, total in alive.items() for token, more in enumerate(step(list(ids)))",
                "finished.append((grown[ids] / ((5 + length) / 6) ** penalty, list(ids[:-1])))",
            )
        },
    },
}
