"""Answers to lesson 2's exercises."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from torch.nn.functional import logsigmoid, one_hot


def rows_by_product(ids, above, words):
    return one_hot(ids, words).to(above.dtype).T @ above


def rows_by_index(ids, above, words):
    return torch.zeros(words, above.shape[1]).index_add_(0, ids, above)


def rows_scattered(ids, above, words):
    return torch.zeros(words, above.shape[1]).scatter_add(0, ids[:, None].expand_as(above), above)


def rows_by_autograd(ids, above, words):
    table = torch.zeros(words, above.shape[1], requires_grad=True)
    (table[ids] * above).sum().backward()
    return table.grad


def rows_overwritten(ids, above, words):
    table = torch.zeros(words, above.shape[1])
    for id, gradient in zip(ids, above, strict=True):
        table[id] = gradient
    return table


def rows_indexed_plus(ids, above, words):
    """With an index that holds a word twice, += adds once."""
    table = torch.zeros(words, above.shape[1])
    table[ids] += above
    return table


def rows_meant(ids, above, words):
    counts = torch.bincount(ids, minlength=words).clamp(min=1)
    return rows_by_index(ids, above, words) / counts[:, None]


def rows_over_length(ids, above, words):
    return rows_by_index(ids, above, words) / len(ids)


def rows_of_known(ids, above, words):
    return one_hot(ids).float().T @ above


def rows_of_used_words(ids, above, words):
    return torch.stack([above[ids == id].sum(0) for id in ids.unique()])


def rows_untransposed(ids, above, words):
    return one_hot(ids, words).float() @ above


def rows_forward(ids, above, words):
    """The look-up itself, not the way back."""
    return above[ids]


def rows_of_ones(ids, above, words):
    return torch.bincount(ids, minlength=words).float()[:, None].expand(words, above.shape[1])


def rows_sideways(ids, above, words):
    table = torch.zeros(above.shape[1], words)
    for id, gradient in zip(ids, above, strict=True):
        table[:, id] += gradient
    return table


def rows_of_places(ids, above, words):
    table = torch.zeros(words, above.shape[1])
    for place, id in enumerate(ids):
        table[place % words] += above[id % len(above)]
    return table


def rows_uphill(ids, above, words):
    return -rows_by_index(ids, above, words)


def rows_changed(ids, above, words):
    for place in range(1, len(ids)):
        for before in reversed(range(place)):
            if ids[before] == ids[place]:
                above[place] += above[before]
                break
    table = torch.zeros(words, above.shape[1])
    for id, gradient in zip(ids, above, strict=True):
        table[id] = gradient
    return table


def needed_loop(strengths, share):
    total, kept, number = sum(s * s for s in strengths), 0.0, 0
    while kept / total < share:
        kept += strengths[number] ** 2
        number += 1
    return number


def needed_numpy(strengths, share):
    squares = np.square(strengths).cumsum()
    return int(np.searchsorted(squares, share * squares[-1])) + 1


def needed_torch(strengths, share):
    energy = torch.tensor(strengths, dtype=torch.double) ** 2
    return int((energy.cumsum(0) < share * energy.sum()).sum()) + 1


def needed_unsquared(strengths, share):
    kept = np.cumsum(strengths)
    return int(np.argmax(kept >= share * kept[-1])) + 1


def needed_index(strengths, share):
    kept = np.cumsum(np.square(strengths))
    return int(np.argmax(kept / kept[-1] >= share))


def needed_above(strengths, share):
    kept = np.cumsum(np.square(strengths))
    return int((kept <= share * kept[-1]).sum()) + 1


def needed_last_below(strengths, share):
    kept = np.cumsum(np.square(strengths))
    return int((kept / kept[-1] < share).sum())


def needed_each(strengths, share):
    """How many are as strong as that share of the strongest."""
    return sum(strength >= share * strengths[0] for strength in strengths)


def needed_of_count(strengths, share):
    return math.ceil(share * len(strengths))


def needed_rest(strengths, share):
    squares = np.square(strengths)
    return int(np.argmax(np.cumsum(squares) >= (1 - share) * squares.sum())) + 1


def needed_from_the_end(strengths, share):
    return needed_loop(strengths[::-1], share)


def needed_root(strengths, share):
    """The length kept, not the square of the length."""
    kept = np.sqrt(np.cumsum(np.square(strengths)))
    return int(np.argmax(kept / kept[-1] >= share)) + 1


def needed_array(strengths, share):
    kept = np.cumsum(np.square(strengths))
    return kept / kept[-1]


def needed_amount(strengths, share):
    kept = np.cumsum(np.square(strengths))
    return float(kept[np.argmax(kept / kept[-1] >= share)] / kept[-1])


def needed_absolute(strengths, share):
    kept = np.cumsum(np.square(strengths))
    return int(np.argmax(kept >= share)) + 1


def needed_printed(strengths, share):
    print(needed_loop(strengths, share))


def pairs_sliced(texts, reach):
    pairs = []
    for number, text in enumerate(texts):
        for place, word in enumerate(text):
            far = reach[number][place]
            near = text[max(0, place - far) : place] + text[place + 1 : place + far + 1]
            pairs.extend((word, other) for other in near)
    return pairs


def pairs_compared(texts, reach):
    return [
        (text[i], text[j])
        for text, far in zip(texts, reach, strict=True)
        for i, j in itertools.permutations(range(len(text)), 2)
        if abs(i - j) <= far[i]
    ]


def pairs_stepped(texts, reach):
    found = []
    for number, text in enumerate(texts):
        for i in range(len(text)):
            for step in range(-reach[number][i], reach[number][i] + 1):
                if step and 0 <= i + step < len(text):
                    found.append([text[i], text[i + step]])
    return found


def pairs_negative_slice(texts, reach):
    """At the beginning of a text the slice has a negative start."""
    return [
        (text[i], other)
        for text, far in zip(texts, reach, strict=True)
        for i in range(len(text))
        for other in text[i - far[i] : i] + text[i + 1 : i + far[i] + 1]
    ]


def pairs_short_right(texts, reach):
    return [
        (text[i], text[j])
        for text, far in zip(texts, reach, strict=True)
        for i in range(len(text))
        for j in range(max(0, i - far[i]), min(len(text), i + far[i]))
        if i != j
    ]


def pairs_with_oneself(texts, reach):
    return [
        (text[i], other)
        for text, far in zip(texts, reach, strict=True)
        for i in range(len(text))
        for other in text[max(0, i - far[i]) : i + far[i] + 1]
    ]


def pairs_different_words(texts, reach):
    return [
        (text[i], other)
        for text, far in zip(texts, reach, strict=True)
        for i in range(len(text))
        for other in text[max(0, i - far[i]) : i + far[i] + 1]
        if other != text[i]
    ]


def pairs_of_first_reach(texts, reach):
    """One window for a whole text."""
    return pairs_sliced(texts, [[far[0]] * len(far) for far in reach])


def pairs_only_after(texts, reach):
    return [
        (text[i], other)
        for text, far in zip(texts, reach, strict=True)
        for i in range(len(text))
        for other in text[i + 1 : i + far[i] + 1]
    ]


def pairs_turned(texts, reach):
    return [(other, word) for word, other in pairs_sliced(texts, reach)]


def pairs_across(texts, reach):
    return pairs_sliced([[word for text in texts for word in text]], [[far for one in reach for far in one]])


def pairs_as_set(texts, reach):
    return list(dict.fromkeys(pairs_sliced(texts, reach)))


def pairs_of_the_other(texts, reach):
    """The neighbour's window decides."""
    return [
        (text[i], text[j])
        for text, far in zip(texts, reach, strict=True)
        for i, j in itertools.permutations(range(len(text)), 2)
        if abs(i - j) <= far[j]
    ]


def pairs_strictly_inside(texts, reach):
    return [
        (text[i], text[j])
        for text, far in zip(texts, reach, strict=True)
        for i, j in itertools.permutations(range(len(text)), 2)
        if abs(i - j) < far[i]
    ]


def pairs_by_index(texts, reach):
    """Every occurrence of a word gets the neighbours of its first."""
    return [
        (word, other)
        for text, far in zip(texts, reach, strict=True)
        for word in text
        for other in text[max(0, text.index(word) - far[text.index(word)]) : text.index(word)]
        + text[text.index(word) + 1 : text.index(word) + far[text.index(word)] + 1]
    ]


def pairs_of_numbers(texts, reach):
    return [
        (i, j)
        for text, far in zip(texts, reach, strict=True)
        for i, j in itertools.permutations(range(len(text)), 2)
        if abs(i - j) <= far[i]
    ]


def pairs_no_edges(texts, reach):
    return [
        (text[i], text[i + step])
        for text, far in zip(texts, reach, strict=True)
        for i in range(len(text))
        for step in range(-far[i], far[i] + 1)
        if step
    ]


def pairs_around(texts, reach):
    """At the edges it goes on at the other end."""
    return [
        (text[i], text[(i + step) % len(text)])
        for text, far in zip(texts, reach, strict=True)
        for i in range(len(text))
        for step in range(-far[i], far[i] + 1)
        if step
    ]


def pairs_grouped(texts, reach):
    return [pairs_sliced([text], [far]) for text, far in zip(texts, reach, strict=True)]


def ppmi_of_shares(counts, negatives):
    p = counts / counts.sum()
    both = torch.outer(p.sum(1), p.sum(0))
    pmi = torch.where(p > 0, (p / both).log(), -torch.inf)
    return (pmi - math.log(negatives)).clamp(min=0)


def ppmi_of_logs(counts, negatives):
    word, context, N = counts.sum(1, keepdim=True), counts.sum(0, keepdim=True), counts.sum()
    shifted = counts.log() + N.log() - word.log() - context.log() - math.log(negatives)
    return torch.nan_to_num(shifted, nan=0.0, neginf=0.0).relu()


def ppmi_by_loops(counts, negatives):
    table = torch.zeros_like(counts)
    for w in range(counts.shape[0]):
        for c in range(counts.shape[1]):
            if counts[w, c] > 0:
                chance = float(counts[w].sum() * counts[:, c].sum() / counts.sum())
                table[w, c] = max(0.0, math.log(float(counts[w, c]) / chance) - math.log(negatives))
    return table


def _chance(counts):
    return counts.sum(1, keepdim=True) * counts.sum(0, keepdim=True) / counts.sum()


def ppmi_in_bits(counts, negatives):
    table = torch.log2(counts / _chance(counts)) - math.log2(negatives)
    return table.nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def ppmi_whole_shift(counts, negatives):
    table = torch.log(counts / _chance(counts)) - negatives
    return table.nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def ppmi_unshifted(counts, negatives):
    return torch.log(counts / _chance(counts)).nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def ppmi_shift_added(counts, negatives):
    table = torch.log(counts / _chance(counts)) + math.log(negatives)
    return table.nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def ppmi_shifted_after(counts, negatives):
    return torch.log(counts / _chance(counts)).nan_to_num(nan=0.0, neginf=0.0).clamp(min=0) - math.log(negatives)


def ppmi_not_positive(counts, negatives):
    table = torch.log(counts / _chance(counts)) - math.log(negatives)
    return torch.where(counts > 0, table, torch.tensor(0.0))


def ppmi_bare_log(counts, negatives):
    """The chance of an empty row is 0, and 0 / 0 is NaN."""
    return (torch.log(counts / _chance(counts)) - math.log(negatives)).clamp(min=0)


def ppmi_without_total(counts, negatives):
    table = torch.log(counts / (counts.sum(1, keepdim=True) * counts.sum(0, keepdim=True))) - math.log(negatives)
    return table.nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def ppmi_rows_twice(counts, negatives):
    """As if the table were symmetric."""
    word = counts.sum(1)
    table = torch.log(counts * counts.sum() / (word[:, None] * word)) - math.log(negatives)
    return table.nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def ppmi_axes(counts, negatives):
    table = torch.log(counts * counts.sum() / (counts.sum(0) * counts.sum(1)[:, None])) - math.log(negatives)
    return table.nan_to_num(nan=0.0, neginf=0.0).clamp(min=0).T


def ppmi_unlogged(counts, negatives):
    return (counts / _chance(counts) / negatives).nan_to_num(nan=0.0)


def ppmi_plus_one(counts, negatives):
    """One added to every count, so that no logarithm of 0 is met."""
    more = counts + 1
    return (torch.log(more / _chance(more)) - math.log(negatives)).clamp(min=0)


def ppmi_absolute(counts, negatives):
    table = torch.log(counts / _chance(counts)) - math.log(negatives)
    return table.nan_to_num(nan=0.0, neginf=0.0).abs()


def ppmi_of_rows(counts, negatives):
    """The share of a word's own company, its neighbours not weighed."""
    table = torch.log(counts / counts.sum(1, keepdim=True)) - math.log(negatives)
    return table.nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def ppmi_in_place(counts, negatives):
    chance = _chance(counts)
    counts /= chance * negatives
    return counts.log_().nan_to_num(nan=0.0, neginf=0.0).clamp(min=0)


def step_autograd(W, C, word, neighbour, negatives, rate):
    W, C = W.clone().requires_grad_(), C.clone().requires_grad_()
    loss = -logsigmoid(W[word] @ C[neighbour])
    for n in negatives:
        loss = loss - logsigmoid(-(W[word] @ C[n]))
    down_W, down_C = torch.autograd.grad(loss, (W, C))
    return (W - rate * down_W).detach(), (C - rate * down_C).detach()


def step_rows(W, C, word, neighbour, negatives, rate):
    new_W, new_C = W.clone(), C.clone()
    for other, label in [(neighbour, 1.0), *((n, 0.0) for n in negatives)]:
        error = torch.sigmoid(W[word] @ C[other]) - label
        new_W[word] -= rate * error * C[other]
        new_C[other] -= rate * error * W[word]
    return new_W, new_C


def step_stacked(W, C, word, neighbour, negatives, rate):
    others = torch.tensor([neighbour, *negatives])
    labels = torch.tensor([1.0] + [0.0] * len(negatives))
    errors = torch.sigmoid(C[others] @ W[word]) - labels
    new_W = W.clone()
    new_W[word] = W[word] - rate * errors @ C[others]
    return new_W, C.index_add(0, others, errors[:, None] * W[word], alpha=-rate)


def _step(W, C, word, neighbour, negatives, rate, true=lambda x: torch.sigmoid(x) - 1, false=torch.sigmoid):
    new_W, new_C = W.clone(), C.clone()
    for other, error in [(neighbour, true), *((n, false) for n in negatives)]:
        wrong = error(W[word] @ C[other])
        new_W[word] -= rate * wrong * C[other]
        new_C[other] -= rate * wrong * W[word]
    return new_W, new_C


def step_word_first(W, C, word, neighbour, negatives, rate):
    """The first fault found: repeated negatives add up; but the word has moved when the others are."""
    W, C = W.clone(), C.clone()
    w, c, n = W[word], C[neighbour], C[negatives]
    believed, fooled = torch.sigmoid(w @ c) - 1, torch.sigmoid(n @ w)
    W[word] -= rate * (believed * c + fooled @ n)
    C.index_add_(
        0, torch.tensor([neighbour, *negatives]), torch.cat([believed[None], fooled])[:, None] * w, alpha=-rate
    )
    return W, C


def step_repeats_lost(W, C, word, neighbour, negatives, rate):
    """The second fault found: the word's old vector is kept; but of a negative that is drawn twice one nudge is lost."""
    w, c, n = W[word], C[neighbour], C[negatives]
    believed, fooled = torch.sigmoid(w @ c) - 1, torch.sigmoid(n @ w)
    new_W, new_C = W.clone(), C.clone()
    new_W[word] -= rate * (believed * c + fooled @ n)
    new_C[neighbour] -= rate * believed * w
    new_C[negatives] -= rate * fooled[:, None] * w
    return new_W, new_C


def step_context_forgotten(W, C, word, neighbour, negatives, rate):
    new_W, _ = _step(W, C, word, neighbour, negatives, rate)
    return new_W, C


def step_negatives_stay(W, C, word, neighbour, negatives, rate):
    new_W, _ = _step(W, C, word, neighbour, negatives, rate)
    new_C = C.clone()
    new_C[neighbour] -= rate * (torch.sigmoid(W[word] @ C[neighbour]) - 1) * W[word]
    return new_W, new_C


def step_uphill(W, C, word, neighbour, negatives, rate):
    return _step(W, C, word, neighbour, negatives, -rate)


def step_pulls_negatives(W, C, word, neighbour, negatives, rate):
    return _step(W, C, word, neighbour, negatives, rate, false=lambda x: torch.sigmoid(x) - 1)


def step_no_label(W, C, word, neighbour, negatives, rate):
    return _step(W, C, word, neighbour, negatives, rate, true=torch.sigmoid)


def step_negative_sigma(W, C, word, neighbour, negatives, rate):
    """The loss has σ(−w·n), so the gradient was given it, too."""
    return _step(W, C, word, neighbour, negatives, rate, false=lambda x: torch.sigmoid(-x))


def step_of_means(W, C, word, neighbour, negatives, rate):
    w, c, n = W[word], C[neighbour], C[negatives]
    believed, fooled = torch.sigmoid(w @ c) - 1, torch.sigmoid(n @ w) / len(negatives)
    others = torch.tensor([neighbour, *negatives])
    new_W = W.clone()
    new_W[word] = w - rate * (believed * c + fooled @ n)
    return new_W, C.index_add(0, others, torch.cat([believed[None], fooled])[:, None] * w, alpha=-rate)


def step_one_after_the_other(W, C, word, neighbour, negatives, rate):
    """Each nudge sees what the one before has done."""
    W, C = W.clone(), C.clone()
    for other, label in [(neighbour, 1.0), *((n, 0.0) for n in negatives)]:
        w, c = W[word].clone(), C[other].clone()
        error = torch.sigmoid(w @ c) - label
        W[word] -= rate * error * c
        C[other] -= rate * error * w
    return W, C


def step_first_negative(W, C, word, neighbour, negatives, rate):
    return _step(W, C, word, neighbour, negatives[:1], rate)


def step_noise_from_words(W, C, word, neighbour, negatives, rate):
    """The negatives' vectors are taken from the words' table."""
    new_W, new_C = W.clone(), C.clone()
    for table, other, label in [(C, neighbour, 1.0), *((W, n, 0.0) for n in negatives)]:
        error = torch.sigmoid(W[word] @ table[other]) - label
        new_W[word] -= rate * error * table[other]
        new_C[other] -= rate * error * W[word]
    return new_W, new_C


def step_without_sigma(W, C, word, neighbour, negatives, rate):
    return _step(W, C, word, neighbour, negatives, rate, true=lambda x: x - 1, false=lambda x: x)


def step_unique(W, C, word, neighbour, negatives, rate):
    return _step(W, C, word, neighbour, list(dict.fromkeys(negatives)), rate)


def step_true_left_out(W, C, word, neighbour, negatives, rate):
    return _step(W, C, word, neighbour, [n for n in negatives if n != neighbour], rate)


def step_in_place(W, C, word, neighbour, negatives, rate):
    new_W, new_C = _step(W, C, word, neighbour, negatives, rate)
    W.copy_(new_W)
    C.copy_(new_C)
    return W, C


def luck_by_choices(lean, she):
    def apart(chosen):
        inside = [lean[at] for at in chosen]
        outside = [lean[at] for at in range(len(lean)) if at not in chosen]
        return sum(inside) / len(inside) - sum(outside) / len(outside)

    ways = [apart(chosen) for chosen in itertools.combinations(range(len(lean)), sum(she))]
    true = apart([at for at, one in enumerate(she) if one])
    return sum(way >= true for way in ways) / len(ways)


def luck_by_sums(lean, she):
    """With as many on each side, the difference grows with the sum of one side."""
    true = sum(value for value, one in zip(lean, she, strict=True) if one)
    sums = [sum(chosen) for chosen in itertools.combinations(lean, sum(she))]
    return len([total for total in sums if total >= true]) / len(sums)


def luck_by_table(lean, she):
    lean, n, k = np.array(lean), len(lean), sum(she)
    chosen = np.array([[at in way for at in range(n)] for way in itertools.combinations(range(n), k)])
    apart = chosen @ lean / k - ~chosen @ lean / (n - k)
    true = lean[np.array(she)].mean() - lean[~np.array(she)].mean()
    return float((apart >= true).mean())


def _ways(lean, she):
    n = len(lean)
    for chosen in itertools.combinations(range(n), sum(she)):
        yield (np.mean([lean[at] for at in chosen]) - np.mean([lean[at] for at in range(n) if at not in chosen]))


def _true(lean, she):
    return np.mean([v for v, one in zip(lean, she, strict=True) if one]) - np.mean(
        [v for v, one in zip(lean, she, strict=True) if not one]
    )


def luck_strictly(lean, she):
    return float(np.mean([way > _true(lean, she) for way in _ways(lean, she)]))


def luck_below(lean, she):
    return float(np.mean([way < _true(lean, she) for way in _ways(lean, she)]))


def luck_at_most(lean, she):
    return float(np.mean([way <= _true(lean, she) for way in _ways(lean, she)]))


def luck_both_sides(lean, she):
    return float(np.mean([abs(way) >= abs(_true(lean, she)) for way in _ways(lean, she)]))


def luck_number(lean, she):
    return sum(way >= _true(lean, she) for way in _ways(lean, she))


def luck_of_others(lean, she):
    """The true split is not counted as one of the ways."""
    ways = [way >= _true(lean, she) for way in _ways(lean, she)]
    return (sum(ways) - 1) / (len(ways) - 1)


def luck_plus_one(lean, she):
    """The correction for drawn orders, where the true one is not among them."""
    ways = [way >= _true(lean, she) for way in _ways(lean, she)]
    return (sum(ways) + 1) / (len(ways) + 1)


def luck_difference(lean, she):
    return float(_true(lean, she))


def luck_of_medians(lean, she):
    jobs = range(len(lean))

    def apart(chosen):
        return np.median([lean[at] for at in chosen]) - np.median([lean[at] for at in jobs if at not in chosen])

    true = apart([at for at in jobs if she[at]])
    return float(np.mean([apart(way) >= true for way in itertools.combinations(jobs, sum(she))]))


def luck_any_size(lean, she):
    """Every way to call some jobs hers, however many."""
    n, true, found = len(lean), _true(lean, she), []
    for chosen in itertools.product((True, False), repeat=n):
        if 0 < sum(chosen) < n:
            found.append(_true(lean, chosen) >= true)
    return float(np.mean(found))


def luck_with_repeats(lean, she):
    true = sum(v for v, one in zip(lean, she, strict=True) if one)
    sums = [sum(way) for way in itertools.combinations_with_replacement(lean, sum(she))]
    return float(np.mean([way >= true for way in sums]))


def luck_of_half(lean, she):
    true = sum(v for v, one in zip(lean, she, strict=True) if one)
    return float(np.mean([sum(way) >= true for way in itertools.combinations(lean, len(lean) // 2)]))


def luck_all_orders(lean, she):
    """Right, and far too slow: every order in place of every choice."""
    true, found = _true(lean, she), []
    for order in itertools.permutations(lean):
        found.append(_true(order, she) >= true)
    return float(np.mean(found))


def luck_drawn(lean, she):
    dice = np.random.default_rng(0)
    return float(np.mean([_true(dice.permutation(lean), she) >= _true(lean, she) for _ in range(200)]))


def luck_of_distinct(lean, she):
    ways = set(_ways(lean, she))
    return sum(way >= _true(lean, she) for way in ways) / len(ways)


def luck_percent(lean, she):
    return 100 * luck_by_sums(lean, she)


def luck_he_minus_she(lean, she):
    return float(np.mean([-way >= -_true(lean, she) for way in _ways(lean, she)]))


def rows_first_column(ids, above, words):
    """scatter_add_ with an index that has one column."""
    return torch.zeros(words, above.shape[1]).scatter_add_(0, ids[:, None], above)


def rows_by_id(ids, above, words):
    gradient = torch.zeros(words, above.shape[1])
    for id in ids:
        gradient[id] += above[id]
    return gradient


def needed_root_of_all(strengths, share):
    """The length of all values as the whole, and the values themselves as its parts."""
    whole, kept = sum(one**2 for one in strengths) ** 0.5, 0.0
    for number, one in enumerate(strengths, 1):
        kept += one
        if kept >= share * whole:
            return number


def needed_side_right(strengths, share):
    kept = np.cumsum(np.square(strengths))
    return int(np.searchsorted(kept / kept[-1], share, side="right")) + 1


def pairs_widest(texts, reach):
    pairs = []
    for text, far in zip(texts, reach, strict=True):
        for i, word in enumerate(text):
            pairs += [(word, text[j]) for j in range(len(text)) if j != i and abs(j - i) <= max(far)]
    return pairs


def pairs_of_slices(texts, reach):
    """The neighbours as a slice, with the word itself and without the last."""
    pairs = []
    for text, far in zip(texts, reach, strict=True):
        for i, word in enumerate(text):
            pairs += [(word, other) for other in text[max(0, i - far[i]) : i + far[i]]]
    return pairs


def pairs_drawn(texts, reach):
    """The lesson's windows, whose reach is drawn."""
    pairs = []
    for text, far in zip(texts, reach, strict=True):
        for i, word in enumerate(text):
            now = np.random.default_rng().integers(1, far[i] + 1)
            pairs += [(word, text[j]) for j in range(max(0, i - now), min(len(text), i + now + 1)) if j != i]
    return pairs


def pairs_nearest_first(texts, reach):
    pairs = []
    for text, far in zip(texts, reach, strict=True):
        for i, word in enumerate(text):
            for step in range(1, far[i] + 1):
                pairs += [(word, text[j]) for j in (i - step, i + step) if 0 <= j < len(text)]
    return pairs


def ppmi_shift_in_chance(counts, negatives):
    chance = negatives * counts.sum(1, keepdim=True) * counts.sum(0) / counts.sum()
    return torch.where(counts > 0, torch.log(counts / chance), 0.0)


def luck_drawn_anew(lean, she):
    dice = np.random.default_rng()
    return float(np.mean([_true(dice.permutation(lean), she) >= _true(lean, she) for _ in range(200)]))


def needed_until_above(strengths, share):
    kept, number = 0.0, 0
    for one in strengths:
        kept, number = kept + one**2, number + 1
        if kept > share * sum(other**2 for other in strengths):
            break
    return number


def ppmi_count_beside_shares(counts, negatives):
    words, contexts = counts.sum(1, keepdim=True) / counts.sum(), counts.sum(0) / counts.sum()
    return torch.where(counts > 0, torch.log(counts / (words * contexts)) - math.log(negatives), 0.0).clamp(min=0)


def ppmi_of_rare_neighbours(counts, negatives):
    """The power with which negatives are drawn."""
    chance = counts.sum(1, keepdim=True) * counts.sum(0) ** 0.75 / counts.sum()
    return torch.where(counts > 0, torch.log(counts / chance) - math.log(negatives), 0.0).clamp(min=0)


def step_by_one_index(W, C, word, neighbour, negatives, rate):
    new_W, new_C, rows = W.clone(), C.clone(), [neighbour, *negatives]
    errors = torch.sigmoid(C[rows] @ W[word]) - torch.tensor([1.0] + [0.0] * len(negatives))
    new_W[word] -= rate * errors @ C[rows]
    new_C[rows] -= rate * errors[:, None] * W[word]
    return new_W, new_C


def luck_of_different_leanings(lean, she):
    """The ways as a set of leanings: two jobs that lean equally are one."""
    ways = set(itertools.combinations(lean, sum(she)))
    true = sum(one for one, hers in zip(lean, she, strict=True) if hers)
    return sum(sum(way) >= true for way in ways) / len(ways)


RIGHT = {
    "embedding_gradient": [rows_by_product, rows_by_index, rows_scattered],
    "directions_needed": [needed_loop, needed_numpy, needed_torch],
    "skipgram_pairs": [pairs_sliced, pairs_compared, pairs_stepped],
    "shifted_ppmi": [ppmi_of_shares, ppmi_of_logs, ppmi_by_loops],
    "skipgram_step": [step_rows, step_autograd, step_stacked],
    "luck": [luck_by_choices, luck_by_sums, luck_by_table],
}
WRONG = {
    "embedding_gradient": [
        rows_overwritten, rows_indexed_plus, rows_meant, rows_over_length, rows_of_known, rows_of_used_words, rows_untransposed,
        rows_forward, rows_of_ones, rows_sideways, rows_of_places, rows_uphill, rows_changed, rows_by_autograd,
        rows_first_column, rows_by_id,
    ],
    "directions_needed": [
        needed_unsquared, needed_index, needed_above, needed_last_below, needed_each, needed_of_count, needed_rest, needed_from_the_end,
        needed_root, needed_array, needed_amount, needed_absolute, needed_printed,
        needed_root_of_all, needed_side_right,
        needed_until_above,
    ],
    "skipgram_pairs": [
        pairs_negative_slice, pairs_short_right, pairs_with_oneself, pairs_different_words, pairs_of_first_reach, pairs_only_after,
        pairs_turned, pairs_across, pairs_as_set, pairs_of_the_other, pairs_strictly_inside, pairs_by_index, pairs_of_numbers,
        pairs_no_edges, pairs_around, pairs_grouped,
        pairs_widest, pairs_of_slices, pairs_drawn, pairs_nearest_first,
    ],
    "shifted_ppmi": [
        ppmi_in_bits, ppmi_whole_shift, ppmi_unshifted, ppmi_shift_added, ppmi_shifted_after, ppmi_not_positive, ppmi_bare_log,
        ppmi_without_total, ppmi_rows_twice, ppmi_axes, ppmi_unlogged, ppmi_plus_one, ppmi_absolute, ppmi_of_rows, ppmi_in_place,
        ppmi_shift_in_chance,
        ppmi_count_beside_shares, ppmi_of_rare_neighbours,
    ],
    "skipgram_step": [
        step_word_first, step_repeats_lost, step_context_forgotten, step_negatives_stay, step_uphill, step_pulls_negatives, step_no_label,
        step_negative_sigma, step_of_means, step_one_after_the_other, step_first_negative, step_noise_from_words, step_without_sigma,
        step_unique, step_true_left_out, step_in_place,
        step_by_one_index,
    ],
    "luck": [
        luck_strictly, luck_below, luck_at_most, luck_both_sides, luck_number, luck_of_others, luck_plus_one, luck_difference,
        luck_of_medians, luck_any_size, luck_with_repeats, luck_of_half, luck_all_orders, luck_drawn, luck_of_distinct, luck_percent,
        luck_he_minus_she,
        luck_drawn_anew,
        luck_of_different_leanings,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "skipgram_pairs": {
        "the arguments of max swapped in: near = text[max(0, place - far) : place] + text[place + 1 : place + far + 1]": "two numbers have one largest, in any order",
    },
    "skipgram_step": {
        "sides swapped in: error = torch.sigmoid(W[word] @ C[other]) - label": "the product of two vectors has no order",
    },
    "luck": {
        f"{what} in: return sum(inside) / len(inside) - sum(outside) / len(outside)": "as many jobs on each side: it grows with the sum of one"
        for what in ("only the left side", "/ becomes *", "/ becomes //")
    },
}
