"""Answers to lesson 6's exercises."""

from __future__ import annotations

import copy
import math
import statistics

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def forgotten_plain(before, after, fresh):
    head_start = fresh - before
    return (after - before) / head_start


def forgotten_from_the_rest(before, after, fresh):
    """What is left of the head start, taken from 1."""
    return 1 - (fresh - after) / (fresh - before)


def forgotten_by_interpolation(before, after, fresh):
    return torch.tensor(after).sub(before).div(fresh - before)


def forgotten_growth(before, after, fresh):
    return (after - before) / before


def forgotten_of_fresh(before, after, fresh):
    return (after - before) / fresh


def forgotten_difference(before, after, fresh):
    return after - before


def forgotten_kept(before, after, fresh):
    return (fresh - after) / (fresh - before)


def forgotten_negative(before, after, fresh):
    return (before - after) / (fresh - before)


def forgotten_of_what_is_left(before, after, fresh):
    return (after - before) / (fresh - after)


def forgotten_percent(before, after, fresh):
    return 100 * (after - before) / (fresh - before)


def forgotten_never_below_zero(before, after, fresh):
    return max(0.0, (after - before) / (fresh - before))


def forgotten_whole(before, after, fresh):
    return (after - before) // (fresh - before)


def forgotten_no_brackets(before, after, fresh):
    return after - before / fresh - before


def forgotten_ratio(before, after, fresh):
    return after / fresh


def forgotten_relative_growths(before, after, fresh):
    return (after / before - 1) / (fresh / before - 1) * before


def forgotten_rounded(before, after, fresh):
    return round((after - before) / (fresh - before), 2)


def forgotten_never_above_one(before, after, fresh):
    return min(1.0, (after - before) / (fresh - before))


def forgotten_clipped(before, after, fresh):
    return float(np.interp(after, [before, fresh], [0, 1]))


def forgotten_first_brackets_missing(before, after, fresh):
    return after - before / (fresh - before)


def forgotten_second_brackets_missing(before, after, fresh):
    return (after - before) / fresh - before


def thawing_plain(step, steps, groups, peak, wait):
    cut = steps // 10
    p = step / cut if step < cut else 1 - (step - cut) / (steps - cut)
    rate = peak * (1 + 31 * p) / 32
    return [rate / 2.6**depth if step >= depth * wait else 0.0 for depth in range(groups)]


def thawing_loops(step, steps, groups, peak, wait):
    up = int(steps / 10)
    if step < up:
        share = step / up
    else:
        share = (steps - step) / (steps - up)
    rates, rate = [], peak / 32 + (peak - peak / 32) * share
    awake = 1 + step // wait
    for depth in range(groups):
        rates.append(rate if depth < awake else 0)
        rate = rate / 2.6
    return rates


def thawing_numpy(step, steps, groups, peak, wait):
    rate = peak * float(np.interp(step, [0, steps // 10, steps], [1 / 32, 1, 1 / 32]))
    depth = np.arange(groups)
    return list(np.where(depth * wait <= step, rate * 2.6 ** (-depth.astype(float)), 0.0))


def _thawing(step, steps, groups, peak, wait, share=None, low=32, decay=2.6, awake=None):
    cut = steps // 10
    p = (step / cut if step < cut else 1 - (step - cut) / (steps - cut)) if share is None else share
    rate = peak * (1 + p * (low - 1)) / low
    awake = awake or (lambda depth: step >= depth * wait)
    return [rate / decay**depth if awake(depth) else 0.0 for depth in range(groups)]


def thawing_top_slowest(step, steps, groups, peak, wait):
    rates = _thawing(step, steps, groups, peak, wait, awake=lambda depth: True)
    return [rate if step >= depth * wait else 0.0 for depth, rate in enumerate(rates[::-1])]


def thawing_from_below(step, steps, groups, peak, wait):
    return thawing_plain(step, steps, groups, peak, wait)[::-1]


def thawing_one_late(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, awake=lambda depth: step > depth * wait)


def thawing_one_group_more(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, awake=lambda depth: step >= (depth - 1) * wait)


def thawing_only_the_newest(step, steps, groups, peak, wait):
    """One group at a time, the others frozen again."""
    now = min(step // wait, groups - 1)
    return _thawing(step, steps, groups, peak, wait, awake=lambda depth: depth == now)


def thawing_all_at_once(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, awake=lambda depth: True)


def thawing_same_rate(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, decay=1.0)


def thawing_linear_in_depth(step, steps, groups, peak, wait):
    rates = _thawing(step, steps, groups, peak, wait, decay=1.0)
    return [rates[0], *(rate / (2.6 * depth) for depth, rate in enumerate(rates[1:], 1))]


def thawing_head_lowered_too(step, steps, groups, peak, wait):
    return [rate / 2.6 for rate in thawing_plain(step, steps, groups, peak, wait)]


def thawing_to_zero(step, steps, groups, peak, wait):
    cut = steps // 10
    p = step / cut if step < cut else 1 - (step - cut) / (steps - cut)
    return [peak * p / 2.6**depth if step >= depth * wait else 0.0 for depth in range(groups)]


def thawing_no_fall(step, steps, groups, peak, wait):
    cut = steps // 10
    return _thawing(step, steps, groups, peak, wait, share=step / cut if step < cut else 1.0)


def thawing_no_rise(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, share=1 - step / steps)


def thawing_only_rise(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, share=step / (steps // 10))


def thawing_fall_over_all_steps(step, steps, groups, peak, wait):
    cut = steps // 10
    return _thawing(step, steps, groups, peak, wait, share=step / cut if step < cut else 1 - (step - cut) / steps)


def thawing_fall_from_the_beginning(step, steps, groups, peak, wait):
    cut = steps // 10
    return _thawing(step, steps, groups, peak, wait, share=step / cut if step < cut else 1 - step / (steps - cut))


def thawing_cut_not_whole(step, steps, groups, peak, wait):
    cut = steps / 10
    return _thawing(
        step, steps, groups, peak, wait, share=step / cut if step < cut else 1 - (step - cut) / (steps - cut)
    )


def thawing_factor_of_32_twice(step, steps, groups, peak, wait):
    cut = steps // 10
    p = step / cut if step < cut else 1 - (step - cut) / (steps - cut)
    return [peak * (1 + 32 * p) / 32 / 2.6**depth if step >= depth * wait else 0.0 for depth in range(groups)]


def thawing_whole_heights(step, steps, groups, peak, wait):
    cut = steps // 10
    return _thawing(
        step, steps, groups, peak, wait, share=step // cut if step < cut else 1 - (step - cut) // (steps - cut)
    )


def thawing_counted_from_one(step, steps, groups, peak, wait):
    rate = thawing_plain(step, steps, 1, peak, wait)[0]
    return [rate / 2.6**depth if step >= depth * wait else 0.0 for depth in range(1, groups + 1)]


def thawing_without_the_frozen(step, steps, groups, peak, wait):
    return [rate for rate in thawing_plain(step, steps, groups, peak, wait) if rate > 0]


def thawing_schedule_from_waking(step, steps, groups, peak, wait):
    """Every group begins its own schedule when it wakes up."""
    rates = []
    for depth in range(groups):
        own = step - depth * wait
        rates.append(_thawing(own, steps, 1, peak, wait)[0] / 2.6**depth if own >= 0 else 0.0)
    return rates


def _thawing_by(step, steps, groups, peak, wait, share=None, rate=None, top=None):
    """With a height, a head's rate or a top of one's own."""
    top = steps // 10 if top is None else top
    p = (step / top if step < top else 1 - (step - top) / (steps - top)) if share is None else share(step, steps, top)
    head = peak * (1 + 31 * p) / 32 if rate is None else rate(peak, p)
    return [head / 2.6**depth if step >= depth * wait else 0.0 for depth in range(groups)]


def thawing_way_down_without_one_minus(*given):
    return _thawing_by(*given, share=lambda t, n, c: t / c if t < c else (t - c) / (n - c))


def thawing_way_down_without_brackets(*given):
    return _thawing_by(*given, share=lambda t, n, c: t / c if t < c else 1 - (t - c) / n - c)


def thawing_only_the_formula_of_the_way_down(*given):
    return _thawing_by(*given, share=lambda t, n, c: 1 - (t - c) / (n - c))


def thawing_way_up_turned(*given):
    return _thawing_by(*given, share=lambda t, n, c: (c - t) / c if t < c else 1 - (t - c) / (n - c))


def thawing_last_step_at_the_bottom(*given):
    return _thawing_by(*given, share=lambda t, n, c: t / c if t < c else 1 - (t - c) / (n - c - 1))


def thawing_one_added_outside(*given):
    return _thawing_by(*given, rate=lambda peak, p: peak * (1 + 31 * p / 32))


def thawing_sum_without_brackets(*given):
    return _thawing_by(*given, rate=lambda peak, p: peak * 1 + 31 * p / 32)


def thawing_no_peak(*given):
    return _thawing_by(*given, rate=lambda peak, p: (1 + 31 * p) / 32)


def thawing_top_rounded(step, steps, *rest):
    return _thawing_by(step, steps, *rest, top=round(steps / 10))


def thawing_top_rounded_up(step, steps, *rest):
    return _thawing_by(step, steps, *rest, top=math.ceil(steps / 10))


def thawing_times_the_depth(step, steps, groups, peak, wait):
    rate = _thawing_by(step, steps, 1, peak, wait)[0]
    return [rate / 2.6 * depth if step >= depth * wait else 0.0 for depth in range(groups)]


def thawing_one_wait_for_all(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, awake=lambda depth: step >= wait)


def thawing_asleep_again(step, steps, groups, peak, wait):
    return _thawing(step, steps, groups, peak, wait, awake=lambda depth: depth * wait <= step < (depth + 1) * wait)


def thawing_returned_in_the_loop(step, steps, groups, peak, wait):
    rate, rates = _thawing_by(step, steps, 1, peak, wait)[0], []
    for depth in range(groups):
        rates.append(rate / 2.6**depth if step >= depth * wait else 0.0)
        return rates


def thawing_schedule_of_what_is_left(step, steps, groups, peak, wait):
    rates = []
    for depth in range(groups):
        own, left = step - depth * wait, steps - depth * wait
        awake = own >= 0
        rates.append(_thawing_by(own, left, 1, peak, wait, top=max(left // 10, 1))[0] / 2.6**depth if awake else 0.0)
    return rates


def thawing_rounded(*given):
    return [round(rate, 4) for rate in _thawing_by(*given)]


def thawing_false_for_asleep(step, steps, groups, peak, wait):
    rate = _thawing_by(step, steps, 1, peak, wait)[0]
    return [step >= depth * wait and rate / 2.6**depth for depth in range(groups)]


def head_plain(model, head, batches, make_optimizer):
    model.head = head
    model.body.requires_grad_(False)
    optimizer = make_optimizer(head.parameters())
    model.eval()
    losses = []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def head_on_features(model, head, batches, make_optimizer):
    """The body makes features, without a graph."""
    model.body.eval()
    optimizer, losses = make_optimizer(list(head.parameters())), []
    for inputs, targets in batches:
        with torch.no_grad():
            features = model.body(inputs)
        optimizer.zero_grad()
        loss = F.cross_entropy(head(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    model.head = head
    return losses


def head_by_parameters(model, head, batches, make_optimizer):
    model.head = head
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("head.")
    optimizer = make_optimizer([one for one in model.parameters() if one.requires_grad])
    losses = []
    for inputs, targets in batches:
        model.train()
        model.body.eval()
        loss = -model(inputs).log_softmax(1)[torch.arange(len(targets)), targets].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().item())
    return losses


def _head(model, head, batches, make_optimizer, freeze, mode, chosen=None, clear=True, after=False, reduction="mean"):
    model.head = head
    freeze(model)
    optimizer = make_optimizer(chosen(model) if chosen else model.parameters())
    mode(model)
    losses = []
    for inputs, targets in batches:
        if clear:
            optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets, reduction=reduction)
        loss.backward()
        optimizer.step()
        losses.append((F.cross_entropy(model(inputs), targets) if after else loss).item())
    return losses


def _frozen(model):
    model.body.requires_grad_(False)


def _evaluating(model):
    model.eval()


def head_only_the_optimizer_mended(model, head, batches, make_optimizer):
    return _head(
        model, head, batches, make_optimizer, lambda model: setattr(model.body, "requires_grad", False), nn.Module.train
    )


def head_only_the_body_mended(model, head, batches, make_optimizer):
    optimizer = make_optimizer(model.parameters())
    return _head(model, head, batches, lambda _: optimizer, _frozen, nn.Module.train)


def head_only_the_dropout_mended(model, head, batches, make_optimizer):
    optimizer = make_optimizer(model.parameters())
    return _head(model, head, batches, lambda _: optimizer, lambda model: None, _evaluating)


def head_dropout_left(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, _frozen, nn.Module.train)


def head_body_moves(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, lambda model: None, _evaluating)


def head_optimizer_of_the_old(model, head, batches, make_optimizer):
    optimizer = make_optimizer(model.parameters())
    return _head(model, head, batches, lambda _: optimizer, _frozen, _evaluating)


def head_wrong_prefix(model, head, batches, make_optimizer):
    """No name begins so, and nothing is frozen."""

    def freeze(model):
        for name, parameter in model.named_parameters():
            if name.startswith("lstm"):
                parameter.requires_grad = False

    return _head(model, head, batches, make_optimizer, freeze, _evaluating)


def head_only_biases_frozen(model, head, batches, make_optimizer):
    def freeze(model):
        for name, parameter in model.body.named_parameters():
            if "bias" in name:
                parameter.requires_grad_(False)

    return _head(model, head, batches, make_optimizer, freeze, _evaluating)


def head_only_first_layer_frozen(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, lambda model: model.body[0].requires_grad_(False), _evaluating)


def head_everything_frozen(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, lambda model: model.requires_grad_(False), _evaluating)


def head_drawn_anew(model, head, batches, make_optimizer):
    return _head(model, nn.Linear(head.in_features, head.out_features), batches, make_optimizer, _frozen, _evaluating)


def head_gradients_kept(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, _frozen, _evaluating, clear=False)


def head_loss_after_the_step(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, _frozen, _evaluating, after=True)


def head_only_weight(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, _frozen, _evaluating, chosen=lambda model: [model.head.weight])


def head_body_trained(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, lambda model: model.head.requires_grad_(False), _evaluating)


def head_no_grad_around(model, head, batches, make_optimizer):
    model.head = head
    optimizer, losses = make_optimizer(model.head.parameters()), []
    for inputs, targets in batches:
        with torch.no_grad():
            loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def head_mean_loss(model, head, batches, make_optimizer):
    losses = head_plain(model, head, batches, make_optimizer)
    return sum(losses) / len(losses)


def head_not_put_on(model, head, batches, make_optimizer):
    """A copy is tuned; the model that was given stays as it is."""
    return head_plain(copy.deepcopy(model), head, batches, make_optimizer)


def head_summed(model, head, batches, make_optimizer):
    return _head(model, head, batches, make_optimizer, _frozen, _evaluating, reduction="sum")


def _head_ready(model, head, make_optimizer):
    model.head = head
    model.body.requires_grad_(False)
    model.eval()
    return make_optimizer(head.parameters())


def head_optimizer_in_the_loop(model, head, batches, make_optimizer):
    _head_ready(model, head, make_optimizer)
    losses = []
    for inputs, targets in batches:
        optimizer = make_optimizer(head.parameters())
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def head_no_backward(model, head, batches, make_optimizer):
    optimizer, losses = _head_ready(model, head, make_optimizer), []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        optimizer.step()
        losses.append(loss.item())
    return losses


def head_no_step(model, head, batches, make_optimizer):
    optimizer, losses = _head_ready(model, head, make_optimizer), []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step  # noqa: B018
        losses.append(loss.item())
    return losses


def head_cleared_after_backward(model, head, batches, make_optimizer):
    optimizer, losses = _head_ready(model, head, make_optimizer), []
    for inputs, targets in batches:
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        losses.append(loss.item())
    return losses


def head_step_before_backward(model, head, batches, make_optimizer):
    optimizer, losses = _head_ready(model, head, make_optimizer), []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        optimizer.step()
        loss.backward()
        losses.append(loss.item())
    return losses


def head_yields(model, head, batches, make_optimizer):
    optimizer = _head_ready(model, head, make_optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        yield loss.item()


def head_returned_in_the_loop(model, head, batches, make_optimizer):
    optimizer, losses = _head_ready(model, head, make_optimizer), []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        return losses


def head_only_the_last_loss(model, head, batches, make_optimizer):
    return head_plain(model, head, batches, make_optimizer)[-1:]


def head_softmax_first(model, head, batches, make_optimizer):
    optimizer, losses = _head_ready(model, head, make_optimizer), []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs).softmax(-1), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def reach_plain(labels, accuracies, wanted):
    means = [sum(some) / len(some) for some in accuracies]
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] >= wanted:
            share = (wanted - means[at - 1]) / (means[at] - means[at - 1])
            return labels[at - 1] * (labels[at] / labels[at - 1]) ** share
    return math.inf


def reach_numpy(labels, accuracies, wanted):
    means = np.array([np.mean(some) for some in accuracies])
    there = np.flatnonzero(means >= wanted)
    if not len(there):
        return float("inf")
    at = there[0]
    if at == 0:
        return float(labels[0])
    return float(np.exp(np.interp(wanted, means[at - 1 : at + 1], np.log(labels[at - 1 : at + 1]))))


def reach_pairs(labels, accuracies, wanted):
    """Segment by segment, in logarithms to base 2."""
    curve = [(math.log2(number), statistics.fmean(some)) for number, some in zip(labels, accuracies, strict=True)]
    (x, y), *rest = curve
    if y >= wanted:
        return 2**x
    for u, v in rest:
        if v >= wanted:
            return 2 ** (x + (u - x) * (wanted - y) / (v - y))
        x, y = u, v
    return np.inf


def _reach(labels, means, wanted, axis=math.log, back=math.exp, beyond=math.inf, below=None):
    if means[0] >= wanted:
        return labels[0] if below is None else below
    for at in range(1, len(means)):
        if means[at] >= wanted:
            share = (wanted - means[at - 1]) / (means[at] - means[at - 1])
            return back(axis(labels[at - 1]) + share * (axis(labels[at]) - axis(labels[at - 1])))
    return beyond


def _means(accuracies):
    return [sum(some) / len(some) for some in accuracies]


def reach_straight(labels, accuracies, wanted):
    return _reach(labels, _means(accuracies), wanted, axis=float, back=float)


def reach_best_seed(labels, accuracies, wanted):
    return _reach(labels, [max(some) for some in accuracies], wanted)


def reach_worst_seed(labels, accuracies, wanted):
    return _reach(labels, [min(some) for some in accuracies], wanted)


def reach_first_seed(labels, accuracies, wanted):
    return _reach(labels, [some[0] for some in accuracies], wanted)


def reach_median(labels, accuracies, wanted):
    return _reach(labels, [statistics.median(some) for some in accuracies], wanted)


def reach_measured(labels, accuracies, wanted):
    return next((number for number, mean in zip(labels, _means(accuracies), strict=True) if mean >= wanted), math.inf)


def reach_place(labels, accuracies, wanted):
    return next((at for at, mean in enumerate(_means(accuracies)) if mean >= wanted), math.inf)


def reach_logarithm(labels, accuracies, wanted):
    return _reach(labels, _means(accuracies), wanted, back=float, below=math.log(labels[0]))


def reach_last_crossing(labels, accuracies, wanted):
    means = _means(accuracies)
    below = [at for at, mean in enumerate(means) if mean < wanted]
    if not below:
        return labels[0]
    if below[-1] == len(means) - 1:
        return math.inf
    return _reach(labels[below[-1] :], means[below[-1] :], wanted)


def reach_none(labels, accuracies, wanted):
    return _reach(labels, _means(accuracies), wanted, beyond=None)


def reach_last_count(labels, accuracies, wanted):
    return _reach(labels, _means(accuracies), wanted, beyond=labels[-1])


def reach_interp(labels, accuracies, wanted):
    return float(np.interp(wanted, _means(accuracies), labels))


def reach_interp_logs(labels, accuracies, wanted):
    """np.interp wants a curve that rises, and stops at its ends."""
    return math.exp(np.interp(wanted, _means(accuracies), np.log(labels)))


def reach_share_turned(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] >= wanted:
            share = (means[at] - wanted) / (means[at] - means[at - 1])
            return labels[at - 1] * (labels[at] / labels[at - 1]) ** share
    return math.inf


def reach_place_before_the_first(labels, accuracies, wanted):
    """At place 0 it takes the last count for the one before."""
    means = _means(accuracies)
    for at in range(len(labels)):
        if means[at] >= wanted:
            share = (wanted - means[at - 1]) / (means[at] - means[at - 1])
            return labels[at - 1] * (labels[at] / labels[at - 1]) ** share
    return math.inf


def reach_from_the_second(labels, accuracies, wanted):
    means = _means(accuracies)
    for x1, x2, y1, y2 in zip(labels, labels[1:], means, means[1:], strict=False):
        if y1 <= wanted <= y2:
            return x1 * (x2 / x1) ** ((wanted - y1) / (y2 - y1))
    return math.inf


def reach_whole(labels, accuracies, wanted):
    found = reach_plain(labels, accuracies, wanted)
    return found if found == math.inf else round(found)


def reach_half_way(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] >= wanted:
        return labels[0]
    return next(
        (math.sqrt(labels[at - 1] * labels[at]) for at in range(1, len(means)) if means[at] >= wanted), math.inf
    )


def _between(x1, x2, y1, y2, wanted):
    return x1 * (x2 / x1) ** ((wanted - y1) / (y2 - y1))


def reach_end_too_low(labels, accuracies, wanted):
    return math.inf if _means(accuracies)[-1] < wanted else reach_plain(labels, accuracies, wanted)


def reach_gives_up_in_the_loop(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] >= wanted:
            return _between(labels[at - 1], labels[at], means[at - 1], means[at], wanted)
        else:
            return math.inf


def reach_printed(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] >= wanted:
            print(_between(labels[at - 1], labels[at], means[at - 1], means[at], wanted))
    return math.inf


def reach_last_count_left_out(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] >= wanted:
        return labels[0]
    for at in range(len(means) - 2):
        if means[at + 1] >= wanted:
            return _between(labels[at], labels[at + 1], means[at], means[at + 1], wanted)
    return math.inf


def reach_without_the_first(labels, accuracies, wanted):
    means = _means(accuracies)
    for at in range(1, len(means)):
        if means[at] >= wanted:
            return _between(labels[at - 1], labels[at], means[at - 1], means[at], wanted)
    return math.inf


def reach_crossing_either_way(labels, accuracies, wanted):
    means = _means(accuracies)
    for at in range(1, len(means)):
        if min(means[at - 1], means[at]) <= wanted <= max(means[at - 1], means[at]):
            return _between(labels[at - 1], labels[at], means[at - 1], means[at], wanted)
    return math.inf


def reach_more_than_wanted(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] > wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] > wanted:
            return _between(labels[at - 1], labels[at], means[at - 1], means[at], wanted)
    return math.inf


def reach_exponent_without_brackets(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] >= wanted:
            x1, x2, y1, y2 = labels[at - 1], labels[at], means[at - 1], means[at]
            return x1 * (x2 / x1) ** (wanted - y1) / (y2 - y1)
    return math.inf


def reach_without_the_count_before(labels, accuracies, wanted):
    means = _means(accuracies)
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] >= wanted:
            x1, x2, y1, y2 = labels[at - 1], labels[at], means[at - 1], means[at]
            return (x2 / x1) ** ((wanted - y1) / (y2 - y1))
    return math.inf


def reach_no_exp(labels, accuracies, wanted):
    return _reach(labels, _means(accuracies), wanted, back=float)


def reach_rounded_up(labels, accuracies, wanted):
    found = reach_plain(labels, accuracies, wanted)
    return found if found == math.inf else math.ceil(found)


def reach_last_that_is_enough(labels, accuracies, wanted):
    means, found = _means(accuracies), math.inf
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(means)):
        if means[at] >= wanted:
            found = _between(labels[at - 1], labels[at], means[at - 1], means[at], wanted)
    return found


def reach_argmax(labels, accuracies, wanted):
    means = np.mean(accuracies, axis=1)
    at = int(np.argmax(means >= wanted))
    return labels[0] if at == 0 else _between(labels[at - 1], labels[at], means[at - 1], means[at], wanted)


def reach_each_seed(labels, accuracies, wanted):
    seeds = zip(*accuracies, strict=True)
    return statistics.mean(reach_plain(labels, [[one] for one in seed], wanted) for seed in seeds)


def reach_sums(labels, accuracies, wanted):
    return _reach(labels, [sum(some) for some in accuracies], wanted)


def reach_other_axis(labels, accuracies, wanted):
    means = np.mean(accuracies, axis=0)
    if means[0] >= wanted:
        return labels[0]
    for at in range(1, len(labels)):
        if means[at] >= wanted:
            return _between(labels[at - 1], labels[at], means[at - 1], means[at], wanted)
    return math.inf


def sure_sorted(confidences, right, wanted):
    best = (math.inf, 0.0)
    for bar in sorted(set(confidences), reverse=True):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if sum(hits) / len(hits) >= wanted:
            best = (bar, len(hits) / len(right))
    return best


def sure_numpy(confidences, right, wanted):
    sure, hit = np.array(confidences), np.array(right)
    for bar in np.unique(sure):
        if hit[sure >= bar].mean() >= wanted:
            return float(bar), float((sure >= bar).mean())
    return np.inf, 0.0


def sure_cumulative(confidences, right, wanted):
    """Once through the sorted answers, ending a group only where the confidence changes."""
    order = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    hits, best = 0, (math.inf, 0.0)
    for count, (sure, hit) in enumerate(order, 1):
        hits += hit
        if count < len(order) and order[count][0] == sure:
            continue
        if hits / count >= wanted:
            best = (sure, count / len(order))
    return best


def sure_stops_early(confidences, right, wanted):
    best = (math.inf, 0.0)
    for bar in sorted(set(confidences), reverse=True):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if sum(hits) / len(hits) < wanted:
            break
        best = (bar, len(hits) / len(right))
    return best


def sure_highest_bar(confidences, right, wanted):
    for bar in sorted(set(confidences), reverse=True):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if sum(hits) / len(hits) >= wanted:
            return bar, len(hits) / len(right)
    return math.inf, 0.0


def sure_strictly_above(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure > bar]
        if hits and sum(hits) / len(hits) >= wanted:
            return bar, len(hits) / len(right)
    return math.inf, 0.0


def sure_more_than_wanted(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if sum(hits) / len(hits) > wanted:
            return bar, len(hits) / len(right)
    return math.inf, 0.0


def sure_share_of_all(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if sum(hits) / len(right) >= wanted:
            return bar, len(hits) / len(right)
    return math.inf, 0.0


def sure_ties_torn(confidences, right, wanted):
    order = sorted(zip(confidences, right, strict=True), reverse=True)
    best = (math.inf, 0.0)
    for count in range(1, len(order) + 1):
        if sum(hit for _, hit in order[:count]) / count >= wanted:
            best = (order[count - 1][0], count / len(order))
    return best


def sure_ties_one_by_one(confidences, right, wanted):
    order = sorted(range(len(confidences)), key=lambda at: confidences[at])
    for place, at in enumerate(order):
        rest = [right[one] for one in order[place:]]
        if sum(rest) / len(rest) >= wanted:
            return confidences[at], len(rest) / len(order)
    return math.inf, 0.0


def sure_trusts_the_confidence(confidences, right, wanted):
    """As if 0.9 were right nine times in ten."""
    return wanted, sum(sure >= wanted for sure in confidences) / len(confidences)


def sure_each_bar_alone(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure == bar]
        if sum(hits) / len(hits) >= wanted:
            return bar, sum(sure >= bar for sure in confidences) / len(right)
    return math.inf, 0.0


def sure_mean_confidence(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        kept = [sure for sure in confidences if sure >= bar]
        if sum(kept) / len(kept) >= wanted:
            return bar, len(kept) / len(right)
    return math.inf, 0.0


def sure_share_right(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if sum(hits) / len(hits) >= wanted:
            return bar, sum(hits) / len(hits)
    return math.inf, 0.0


def sure_count(confidences, right, wanted):
    bar, share = sure_sorted(confidences, right, wanted)
    return bar, round(share * len(right))


def sure_none_is_one(confidences, right, wanted):
    bar, share = sure_sorted(confidences, right, wanted)
    return (1.0, 0.0) if bar == math.inf else (bar, share)


def sure_raises_at_none(confidences, right, wanted):
    bars = [
        bar
        for bar in set(confidences)
        if np.mean([hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]) >= wanted
    ]
    return min(bars), sum(sure >= min(bars) for sure in confidences) / len(right)


def sure_grid(confidences, right, wanted):
    for bar in np.arange(0, 1.01, 0.1):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if hits and sum(hits) / len(hits) >= wanted:
            return float(bar), len(hits) / len(right)
    return math.inf, 0.0


def sure_sorts_in_place(confidences, right, wanted):
    found = sure_sorted(confidences, right, wanted)
    confidences.sort()
    return found


def sure_bar_only(confidences, right, wanted):
    return sure_sorted(confidences, right, wanted)[0]


def _sure(bars, confidences, right, wanted, none=(math.inf, 0.0)):
    for bar in bars:
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if hits and sum(hits) / len(hits) >= wanted:
            return bar, len(hits) / len(right)
    return none


def sure_rounded(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if round(sum(hits) / len(hits), 2) >= wanted:
            return bar, len(hits) / len(right)
    return math.inf, 0.0


def sure_rounded_to_tenths(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if round(sum(hits) / len(hits), 1) >= wanted:
            return bar, len(hits) / len(right)
    return math.inf, 0.0


def sure_gives_up_in_the_loop(confidences, right, wanted):
    for bar in sorted(set(confidences)):
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]
        if sum(hits) / len(hits) >= wanted:
            return bar, len(hits) / len(right)
        else:
            return math.inf, 0.0


def sure_highest_not_tried(confidences, right, wanted):
    return _sure(sorted(set(confidences))[:-1], confidences, right, wanted)


def sure_lowest_not_tried(confidences, right, wanted):
    return _sure(sorted(set(confidences))[1:], confidences, right, wanted)


def sure_unsorted(confidences, right, wanted):
    return _sure(confidences, confidences, right, wanted)


def sure_set_unsorted(confidences, right, wanted):
    return _sure(set(confidences), confidences, right, wanted)


def sure_exchanged(confidences, right, wanted):
    return sure_sorted(confidences, right, wanted)[::-1]


def sure_wanted_as_bar(confidences, right, wanted):
    return _sure([wanted], confidences, right, wanted)


def sure_sorted_without_the_answers(confidences, right, wanted):
    ordered = sorted(confidences)
    return _sure(ordered, ordered, right, wanted)


def sure_sliced_without_the_answers(confidences, right, wanted):
    for at, bar in enumerate(sorted(confidences)):
        hits = right[at:]
        if sum(hits) / len(hits) >= wanted:
            return bar, len(hits) / len(right)
    return math.inf, 0.0


def sure_argsort(confidences, right, wanted):
    order = np.argsort(-np.array(confidences), kind="stable")
    shares = np.cumsum(np.array(right)[order]) / np.arange(1, len(right) + 1)
    good = np.flatnonzero(shares >= wanted)
    return (confidences[order[good[-1]]], (good[-1] + 1) / len(right)) if len(good) else (math.inf, 0.0)


def sure_halved(confidences, right, wanted):
    bars = sorted(set(confidences))
    low, high = 0, len(bars)
    while low < high:
        middle = (low + high) // 2
        hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bars[middle]]
        if sum(hits) / len(hits) >= wanted:
            high = middle
        else:
            low = middle + 1
    if low == len(bars):
        return math.inf, 0.0
    return bars[low], sum(sure >= bars[low] for sure in confidences) / len(right)


def lora_svd(corrections, shares, rank, scale):
    total = sum(share * own / B.shape[1] * B @ A for share, (B, A, own) in zip(shares, corrections, strict=True))
    U, S, V = torch.linalg.svd(total, full_matrices=False)
    return U[:, :rank] * S[:rank] * (rank / scale), V[:rank]


def lora_projection(corrections, shares, rank, scale):
    """Onto the strongest directions of the columns: B is orthonormal, A holds the rest."""
    total = torch.zeros(corrections[0][0].shape[0], corrections[0][1].shape[1])
    for share, (B, A, own) in zip(shares, corrections, strict=True):
        total = total + share * (own / A.shape[0]) * (B @ A)
    values, vectors = torch.linalg.eigh((total @ total.T).double())
    B = vectors[:, -rank:].float()
    return B, B.T @ total * rank / scale


def lora_thin(corrections, shares, rank, scale):
    """Without a matrix as large as W: stacked factors, two QRs, and the SVD of what is small."""
    B = torch.cat([share * own / b.shape[1] * b for share, (b, _, own) in zip(shares, corrections, strict=True)], 1)
    A = torch.cat([a for _, a, _ in corrections], 0)
    (P, L), (Q, R) = torch.linalg.qr(B), torch.linalg.qr(A.T)
    U, S, V = torch.linalg.svd(L @ R.T)
    k = min(rank, len(S))
    root = (S[:k] * rank / scale).sqrt()
    b, a = P @ U[:, :k] * root, root[:, None] * (V[:k] @ Q.T)
    return F.pad(b, (0, rank - k)), F.pad(a, (0, 0, 0, rank - k))


def _total(corrections, shares, factor=lambda own, B: own / B.shape[1]):
    return sum(share * factor(own, B) * B @ A for share, (B, A, own) in zip(shares, corrections, strict=True))


def _cut(total, rank, factor):
    U, S, V = torch.linalg.svd(total, full_matrices=False)
    return U[:, :rank] * S[:rank] * factor, V[:rank]


def lora_factors_mixed(corrections, shares, rank, scale):
    """The factors mixed by themselves: their product has parts that nobody asked for."""
    B = sum(
        share * own / b.shape[1] * F.pad(b, (0, 9 - b.shape[1]))
        for share, (b, _, own) in zip(shares, corrections, strict=True)
    )
    A = sum(F.pad(a, (0, 0, 0, 9 - len(a))) for _, a, _ in corrections)
    return _cut(B @ A, rank, rank / scale)


def lora_factors_added(corrections, shares, rank, scale):
    """As it would be done at one rank for all."""
    B = sum(share * own / b.shape[1] * b for share, (b, _, own) in zip(shares, corrections, strict=True))
    return _cut(B @ sum(a for _, a, _ in corrections), rank, rank / scale)


def lora_scale_forgotten(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares), rank, 1.0)


def lora_rank_forgotten(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares), rank, 1 / scale)


def lora_scale_multiplied(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares), rank, scale / rank)


def lora_own_scales_ignored(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares, lambda own, B: 1.0), rank, rank / scale)


def lora_own_ranks_ignored(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares, lambda own, B: own), rank, rank / scale)


def lora_new_rank_for_all(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares, lambda own, B: own / rank), rank, rank / scale)


def lora_shares_ignored(corrections, shares, rank, scale):
    return _cut(_total(corrections, [1.0] * len(shares)), rank, rank / scale)


def lora_shares_normalised(corrections, shares, rank, scale):
    return _cut(_total(corrections, [share / sum(shares) for share in shares]), rank, rank / scale)


def lora_no_singular_values(corrections, shares, rank, scale):
    U, S, V = torch.linalg.svd(_total(corrections, shares), full_matrices=False)
    return U[:, :rank] * rank / scale, V[:rank]


def lora_values_twice(corrections, shares, rank, scale):
    U, S, V = torch.linalg.svd(_total(corrections, shares), full_matrices=False)
    return U[:, :rank] * S[:rank] * rank / scale, S[:rank, None] * V[:rank]


def lora_scaled_twice(corrections, shares, rank, scale):
    U, S, V = torch.linalg.svd(_total(corrections, shares), full_matrices=False)
    return U[:, :rank] * S[:rank] * rank / scale, V[:rank] * rank / scale


def lora_weakest(corrections, shares, rank, scale):
    U, S, V = torch.linalg.svd(_total(corrections, shares), full_matrices=False)
    return U[:, -rank:] * S[-rank:] * rank / scale, V[-rank:]


def lora_v_not_transposed(corrections, shares, rank, scale):
    U, S, V = torch.linalg.svd(_total(corrections, shares), full_matrices=False)
    return U[:, :rank] * S[:rank] * rank / scale, V[:, :rank].T


def lora_stacked(corrections, shares, rank, scale):
    B = torch.cat([share * own / b.shape[1] * b for share, (b, _, own) in zip(shares, corrections, strict=True)], 1)
    return B * rank / scale, torch.cat([a for _, a, _ in corrections], 0)


def lora_stacked_and_cut(corrections, shares, rank, scale):
    B, A = lora_stacked(corrections, shares, rank, scale)
    B, A = F.pad(B, (0, rank)), F.pad(A, (0, 0, 0, rank))
    return B[:, :rank], A[:rank]


def lora_turned(corrections, shares, rank, scale):
    B, A = lora_svd(corrections, shares, rank, scale)
    return A, B


def lora_product(corrections, shares, rank, scale):
    B, A = lora_svd(corrections, shares, rank, scale)
    return scale / rank * B @ A


def lora_numpy(corrections, shares, rank, scale):
    """A pair of arrays is as good as one of tensors."""
    total = _total(corrections, shares).numpy()
    U, S, V = np.linalg.svd(total, full_matrices=False)
    return U[:, :rank] * S[:rank] * (rank / scale), V[:rank]


def lora_printed(corrections, shares, rank, scale):
    B, A = lora_svd(corrections, shares, rank, scale)
    print(B, A)


def lora_list_of_pairs(corrections, shares, rank, scale):
    return [lora_svd([one], [share], rank, scale) for one, share in zip(corrections, shares, strict=True)]


def lora_v_transposed_again(corrections, shares, rank, scale):
    U, S, V = torch.linalg.svd(_total(corrections, shares), full_matrices=False)
    return U[:, :rank] * S[:rank] * rank / scale, V.T[:rank]


def lora_torch_svd(corrections, shares, rank, scale):
    """The older function returns V, and not its transpose."""
    U, S, V = torch.svd(_total(corrections, shares))
    return U[:, :rank] * S[:rank] * rank / scale, V[:rank]


def lora_new_scale_for_all(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares, lambda own, B: scale / B.shape[1]), rank, rank / scale)


def lora_whole_factor(corrections, shares, rank, scale):
    U, S, V = torch.linalg.svd(_total(corrections, shares), full_matrices=False)
    return U[:, :rank] * S[:rank] / (scale // rank), V[:rank]


def lora_own_whole_factor(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares, lambda own, B: own // B.shape[1]), rank, rank / scale)


def lora_last_only(corrections, shares, rank, scale):
    for share, (B, A, own) in zip(shares, corrections, strict=True):
        total = share * own / B.shape[1] * B @ A
    return _cut(total, rank, rank / scale)


def lora_mean(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares) / len(corrections), rank, rank / scale)


def lora_number_for_rank(corrections, shares, rank, scale):
    return _cut(_total(corrections, shares, lambda own, B: own / len(corrections)), rank, rank / scale)


def lora_cut_first(corrections, shares, rank, scale):
    """Each correction is cut to the new rank before they are added."""
    total = 0
    for share, one in zip(shares, corrections, strict=True):
        B, A = _cut(_total([one], [share]), rank, 1.0)
        total = total + B @ A
    return _cut(total, rank, rank / scale)


def lora_without_signs(corrections, shares, rank, scale):
    return _cut(_total(corrections, [abs(share) for share in shares]), rank, rank / scale)


def lora_bs_and_as(corrections, shares, rank, scale):
    B = sum(share * B for share, (B, _, _) in zip(shares, corrections, strict=True))
    A = sum(share * A for share, (_, A, _) in zip(shares, corrections, strict=True))
    return B, A


def lora_bs_and_as_scaled(corrections, shares, rank, scale):
    B = sum(share * own / B.shape[1] * B for share, (B, _, own) in zip(shares, corrections, strict=True))
    return B * rank / scale, sum(A for _, A, _ in corrections)


RIGHT = {
    "forgotten_share": [forgotten_plain, forgotten_from_the_rest, forgotten_by_interpolation],
    "thawing_rates": [thawing_plain, thawing_loops, thawing_numpy],
    "tune_head": [head_plain, head_on_features, head_by_parameters],
    "labels_to_reach": [reach_plain, reach_numpy, reach_pairs],
    "sure_enough": [sure_sorted, sure_numpy, sure_cumulative],
    "mixed_lora": [lora_svd, lora_projection, lora_thin, lora_numpy],
}
WRONG = {
    "forgotten_share": [
        forgotten_growth, forgotten_of_fresh, forgotten_difference, forgotten_kept, forgotten_negative, forgotten_of_what_is_left,
        forgotten_percent, forgotten_never_below_zero, forgotten_whole, forgotten_no_brackets, forgotten_ratio,
        forgotten_relative_growths, forgotten_rounded,
        forgotten_never_above_one, forgotten_clipped, forgotten_first_brackets_missing, forgotten_second_brackets_missing,
    ],
    "thawing_rates": [
        thawing_top_slowest, thawing_from_below, thawing_one_late, thawing_one_group_more, thawing_only_the_newest, thawing_all_at_once,
        thawing_same_rate, thawing_linear_in_depth, thawing_head_lowered_too, thawing_to_zero, thawing_no_fall, thawing_no_rise,
        thawing_only_rise, thawing_fall_over_all_steps, thawing_fall_from_the_beginning, thawing_cut_not_whole,
        thawing_whole_heights, thawing_counted_from_one, thawing_factor_of_32_twice, thawing_without_the_frozen, thawing_schedule_from_waking,
        thawing_way_down_without_one_minus, thawing_way_down_without_brackets, thawing_only_the_formula_of_the_way_down,
        thawing_way_up_turned, thawing_last_step_at_the_bottom, thawing_one_added_outside, thawing_sum_without_brackets,
        thawing_no_peak, thawing_top_rounded, thawing_top_rounded_up, thawing_times_the_depth, thawing_one_wait_for_all,
        thawing_asleep_again, thawing_returned_in_the_loop, thawing_schedule_of_what_is_left, thawing_rounded,
        thawing_false_for_asleep,
    ],
    "tune_head": [
        head_only_the_optimizer_mended, head_only_the_body_mended, head_only_the_dropout_mended, head_dropout_left, head_body_moves, head_optimizer_of_the_old, head_wrong_prefix,
        head_only_biases_frozen, head_only_first_layer_frozen, head_everything_frozen, head_drawn_anew, head_gradients_kept,
        head_loss_after_the_step, head_only_weight, head_body_trained, head_no_grad_around, head_mean_loss, head_not_put_on, head_summed,
        head_optimizer_in_the_loop, head_no_backward, head_no_step, head_cleared_after_backward, head_step_before_backward,
        head_yields, head_returned_in_the_loop, head_only_the_last_loss, head_softmax_first,
    ],
    "labels_to_reach": [
        reach_straight, reach_best_seed, reach_worst_seed, reach_first_seed, reach_median, reach_measured, reach_place, reach_logarithm,
        reach_last_crossing, reach_none, reach_last_count, reach_interp, reach_interp_logs, reach_share_turned, reach_whole, reach_half_way,
        reach_place_before_the_first, reach_from_the_second,
        reach_end_too_low, reach_gives_up_in_the_loop, reach_printed, reach_last_count_left_out, reach_without_the_first,
        reach_crossing_either_way, reach_more_than_wanted, reach_exponent_without_brackets, reach_without_the_count_before,
        reach_no_exp, reach_rounded_up, reach_last_that_is_enough, reach_argmax, reach_each_seed, reach_sums, reach_other_axis,
    ],
    "sure_enough": [
        sure_stops_early, sure_highest_bar, sure_strictly_above, sure_more_than_wanted, sure_share_of_all, sure_ties_torn, sure_ties_one_by_one,
        sure_trusts_the_confidence, sure_each_bar_alone, sure_mean_confidence, sure_share_right, sure_count, sure_none_is_one,
        sure_raises_at_none, sure_grid, sure_sorts_in_place, sure_bar_only,
        sure_rounded, sure_rounded_to_tenths, sure_gives_up_in_the_loop, sure_highest_not_tried, sure_lowest_not_tried,
        sure_unsorted, sure_set_unsorted, sure_exchanged, sure_wanted_as_bar, sure_sorted_without_the_answers,
        sure_sliced_without_the_answers, sure_argsort, sure_halved,
    ],
    "mixed_lora": [
        lora_factors_mixed, lora_factors_added, lora_scale_forgotten, lora_rank_forgotten, lora_scale_multiplied, lora_own_scales_ignored,
        lora_own_ranks_ignored, lora_new_rank_for_all, lora_shares_ignored, lora_shares_normalised, lora_no_singular_values,
        lora_values_twice, lora_scaled_twice, lora_weakest, lora_v_not_transposed, lora_stacked, lora_stacked_and_cut, lora_turned,
        lora_product,
        lora_printed, lora_list_of_pairs, lora_v_transposed_again, lora_torch_svd, lora_new_scale_for_all, lora_whole_factor,
        lora_own_whole_factor, lora_last_only, lora_mean, lora_number_for_rank, lora_cut_first, lora_without_signs,
        lora_bs_and_as, lora_bs_and_as_scaled,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "thawing_rates": {
        "< becomes <= in: p = step / cut if step < cut else 1 - (step - cut) / (steps - cut)": "at the top both ways give 1"
    },
    "tune_head": {
        **{
            f"{what} in: model.body.requires_grad_(False)": "the optimizer holds the head alone; what else could move costs only time"
            for what in ("the line is left out", "without requires_grad_(…)", "False becomes True")
        },
        "without .item() in: losses.append(loss.item())": "a tensor without axes is a number as well",
    },
    "labels_to_reach": {"1 becomes 0 in: for at in range(1, len(means)):": "place 0 has been looked at before"},
    "sure_enough": {
        "without set(…) in: for bar in sorted(set(confidences), reverse=True):": "the same bar, tried twice, says the same",
        **{
            f"{what} in: hits = [hit for sure, hit in zip(confidences, right, strict=True) if sure >= bar]": "there are as many of both"
            for what in ("zip without strict", "True becomes False")
        },
    },
    "mixed_lora": {
        **{
            f"{what} in: U, S, V = torch.linalg.svd(total, full_matrices=False)": "the first directions are the same"
            for what in ("svd without full_matrices", "False becomes True")
        },
        **{
            f"{what} in: total = sum(share * own / B.shape[1] * B @ A for share, (B, A, own) in zip(shares, corrections, strict=True))": "there are as many of both"
            for what in ("zip without strict", "True becomes False")
        },
    },
}
