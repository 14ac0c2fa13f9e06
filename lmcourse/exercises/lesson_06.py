"""Lesson 6's exercises: what tuning costs, what moves in it, and how far its figures can be believed."""

from __future__ import annotations

import inspect
import math
import statistics
from collections.abc import Callable
from random import Random
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lmcourse.exercises.calls import Case, Unfit
from lmcourse.exercises.exercise import exercise
from lmcourse.exercises.inputs import Numbers, PlainDescent, drawn
from lmcourse.exercises.values import arrays

Correction = tuple[Float[Tensor, "rows _"], Float[Tensor, "_ columns"], float]  # LoRA's B and A, and its scale


@exercise(
    lesson=6,
    title="How much of its reading is gone?",
    stars=1,
    points=2,
    cases=lambda: [
        (1.5, 2.0, 3.5),
        Case((2.0, 1.9, 4.0), "nothing was forgotten"),
        Case((1.68, 1.997, 3.366), "section 6.4"),
        Case((1.7, 3.9, 3.3), "worse than fresh weights"),
    ],
    fuzz=lambda random: tuple(round(random.uniform(*ends), 3) for ends in ((1.2, 2.0), (1.5, 2.9), (3.0, 4.5))),
    mistakes=[
        ("a share of what the old text cost before", ("lost / head_start", "lost / before"), "the whole of which a share is asked for is what reading had brought: fresh - before"),
        ("a share of what the old text costs now", ("lost / head_start", "lost / after"), "the whole of which a share is asked for is what reading had brought: fresh - before"),
        ("a share of what fresh weights pay", ("lost / head_start", "lost / fresh"), "fresh weights pay without having read anything; what reading had brought is fresh - before"),
        ("the bits that were lost, not a share", ("return lost / head_start", "return lost"), "divide by what reading had brought: fresh - before"),
        ("the share that is kept", ("return lost / head_start", "return 1 - lost / head_start"), "what is asked for is the share that is gone"),
        ("a share of what is still there", ("fresh - before", "fresh - after"), "the whole is the head start as it was *before* the tuning: fresh - before"),
        ("in per cent", ("return lost / head_start", "return 100 * lost / head_start"), "a share is asked for: a quarter is 0.25"),
        ("never below 0", ("return lost / head_start", "return max(0.0, lost / head_start)"), "old text may have become cheaper, too: the share is then below 0, and should say so"),
        ("never above 1", ("return lost / head_start", "return min(1.0, lost / head_start)"), "a network may end up worse than fresh weights: the share is then above 1, and should say so"),
        ("kept between 0 and 1", ("return lost / head_start", "return min(1.0, max(0.0, lost / head_start))"), "below 0 the old text has become cheaper, above 1 it costs more than with fresh weights: the share should say so"),
        ("cut to a whole number", ("lost / head_start", "lost // head_start"), "divide by /, not by //"),
        ("the share of fresh weights' cost that is reached", ("return lost / head_start", "return after / fresh"), "what it cost before belongs on both sides: (after - before) / (fresh - before)"),
        ("rounded", ("return lost / head_start", "return round(lost / head_start, 2)"), "the share as it is; whoever prints it may round"),
        ("brackets missing", ("return lost / head_start", "return after - before / fresh - before"), "division comes before subtraction: (after - before) / (fresh - before)"),
        ("brackets missing around what is lost", ("return lost / head_start", "return after - before / head_start"), "division comes before subtraction, so both differences stand in brackets"),
        ("brackets missing around what reading had brought", ("return lost / head_start", "return lost / fresh - before"), "division comes before subtraction, so both differences stand in brackets"),
    ],
    hints=(
        "Draw the three figures on a line. A network that has forgotten nothing pays `before`; one that has forgotten all of its reading pays about `fresh`.",
        "Where between `before` and `fresh` does `after` lie? At 0 it stands on the one, at 1 on the other.",
        "Two differences from `before`: what reading had brought, and what tuning took of that. A share is the part, divided by the whole.",
    ),
)  # fmt: skip
def forgotten_share(before: float, after: float, fresh: float) -> float:
    """Which share of what reading had brought is forgotten, from the bits per byte of *old* text.

    ``before`` and ``after`` the tuning, and with ``fresh`` weights that were tuned in the same way.
    """
    lost = after - before  # what is lost
    head_start = fresh - before  # what reading had brought
    return lost / head_start  # the share


def moment(random: Random) -> tuple[int, int, int, float, int]:
    steps, groups, wait = random.randint(10, 120), random.randint(2, 5), random.randint(1, 30)
    step = random.choice((random.randrange(steps), random.randrange(steps // 10), min(steps - 1, wait)))
    return step, steps, groups, random.choice((0.32, 0.01, 0.5)), wait


@exercise(
    lesson=6,
    title="Thawing: a triangle of rates, from the top down",
    stars=2,
    points=4,
    cases=lambda: [
        (0, 100, 3, 0.32, 20),
        Case((5, 100, 1, 0.32, 20), "half way up"),
        Case((10, 100, 3, 0.32, 20), "the triangle's top"),
        Case((20, 100, 3, 0.32, 20), "the second group wakes up"),
        Case((58, 97, 4, 0.5, 29), "steps that 10 does not divide"),
        Case((8, 93, 2, 0.5, 4), "on the way up"),
        Case((99, 100, 5, 0.32, 1), "the last step"),
    ],
    fuzz=moment,
    mistakes=[
        ("rates in the order from the bottom up", ("return [one if step >= depth * wait else 0.0 for depth, one in enumerate(rates)]", "return [one if step >= depth * wait else 0.0 for depth, one in enumerate(rates)][::-1]"), "the head comes first, the layer nearest to the input last"),
        ("the head slowest", ("for depth in range(groups)]", "for depth in range(groups)][::-1]"), "the head has the highest rate, and each group below a lower one"),
        ("each group woken one step late", ("step >= depth * wait", "step > depth * wait"), "group number d learns from step d · wait on, that step included"),
        ("one group more than there should be", ("step >= depth * wait", "step >= (depth - 1) * wait"), "before step `wait` the head learns alone"),
        ("every group woken one wait late", ("step >= depth * wait", "step >= (depth + 1) * wait"), "the head learns from step 0 on: group number d from step d · wait"),
        ("only the newest group learns", ("step >= depth * wait", "depth == min(step // wait, groups - 1)"), "what has been thawed stays so: group d learns in all steps from d · wait on"),
        ("everything learns from the beginning", ("one if step >= depth * wait else 0.0", "one"), "a group that sleeps has the rate 0: group d does until step d · wait"),
        ("what sleeps is left out", ("return [one if step >= depth * wait else 0.0 for depth, one in enumerate(rates)]", "return [one for depth, one in enumerate(rates) if step >= depth * wait]"), "every group has its place in the list; one that sleeps has the rate 0"),
        ("the same rate for all groups", ("rate / 2.6**depth", "rate"), "the rate is divided by 2.6 for each group that one goes down"),
        ("a factor that grows by the same each time", ("rate / 2.6**depth", "rate / (2.6 * max(depth, 1 / 2.6))"), "divided by 2.6 *again* for each group: 2.6 to the power of the depth"),
        ("the head's rate divided as well", ("2.6**depth", "2.6 ** (depth + 1)"), "the head has depth 0: its rate is not divided"),
        ("rates higher towards the input", ("rate / 2.6**depth", "rate * 2.6**depth"), "layers near the input learn *more slowly*: divide"),
        ("from 0 to 0", ("peak * (1 + 31 * share) / 32", "peak * share"), "the triangle stands on a 32nd of the highest rate, and not on 0"),
        ("more than the highest rate", ("1 + 31 * share", "1 + 32 * share"), "at the top the rate is the highest one: (1 + 31) / 32 of it"),
        ("no way down", ("1 - (step - top) / (steps - top)", "1.0"), "from the top the rate goes down, in a straight line, until step `steps`"),
        ("no way up", ("step / top if step < top else 1 - (step - top) / (steps - top)", "1 - step / steps"), "for the first tenth of the steps the rate rises"),
        ("only up", ("step / top if step < top else 1 - (step - top) / (steps - top)", "step / top"), "from the top the rate goes down again"),
        ("a way down as long as all steps", ("(step - top) / (steps - top)", "(step - top) / steps"), "the way down has steps - top steps"),
        ("a way down that begins at step 0", ("(step - top) / (steps - top)", "step / (steps - top)"), "the way down begins at the top: step - top of its steps are gone"),
        ("a way down that goes up", ("1 - (step - top) / (steps - top)", "(step - top) / (steps - top)"), "from the top on the height is 1 *minus* the share of the way down"),
        ("brackets missing in the way down", ("1 - (step - top) / (steps - top)", "1 - (step - top) / steps - top"), "both differences stand in brackets: (step - top) / (steps - top)"),
        ("all brackets missing in the way down", ("1 - (step - top) / (steps - top)", "1 - step - top / steps - top"), "both differences stand in brackets: (step - top) / (steps - top)"),
        ("a way down one step too short", ("(step - top) / (steps - top)", "(step - top) / (steps - top - 1)"), "the way down has steps - top steps: it would end in step `steps`, one after the last"),
        ("a way down that is prolonged to the left", ("step / top if step < top else 1", "1"), "for the first tenth of the steps the height rises: step / top"),
        ("a way up that goes down", ("step / top if", "(top - step) / top if"), "before the top the height is step / top: 0 at first"),
        ("a way up as long as all steps", ("step / top if", "step / steps if"), "the way up has `top` steps: step / top"),
        ("only the triangle divided by 32", ("(1 + 31 * share) / 32", "(1 + 31 * share / 32)"), "the whole sum is divided: (1 + 31 p) / 32, which is 1 at the top"),
        ("no brackets around the sum", ("peak * (1 + 31 * share) / 32", "peak * 1 + 31 * share / 32"), "the whole sum is multiplied and divided: peak * (1 + 31 p) / 32"),
        ("the highest rate forgotten", ("peak * (1 + 31 * share)", "(1 + 31 * share)"), "what is computed so far is a share of the highest rate: times `peak`"),
        ("divided once, and multiplied by the depth", ("rate / 2.6**depth", "rate / 2.6 * depth"), "2.6 to the *power* of the depth: 2.6**depth"),
        ("the rate to the power of the depth", ("rate / 2.6**depth", "(rate / 2.6) ** depth"), "2.6 alone is taken to the power of the depth: rate / 2.6**depth"),
        ("the highest rate for the newest group", ("rate / 2.6**depth", "rate / 2.6 ** (min(groups, step // wait + 1) - 1 - depth)"), "the head keeps the highest rate, however many groups are awake"),
        ("one wait for all groups", ("step >= depth * wait", "step >= wait"), "the head learns from step 0 on, and group number d from step d · wait"),
        ("asleep again after one wait", ("step >= depth * wait", "depth * wait <= step < (depth + 1) * wait"), "what has been thawed stays so: group d learns in all steps from d · wait on"),
        ("awake for one step", ("step >= depth * wait", "step == depth * wait"), "what has been thawed stays so: group d learns in all steps from d · wait on"),
        ("only the head's rate", ("for depth, one in enumerate(rates)]", "for depth, one in enumerate(rates)][:1]"), "every group has its place in the list; a return within the loop ends it after the head"),
        (
            "a triangle of its own for each group",
            ("return [one if step >= depth * wait else 0.0 for depth, one in enumerate(rates)]", "return rates if groups == 1 else [thawing_rates(step - depth * wait, steps, 1, peak, wait)[0] / 2.6**depth if step >= depth * wait else 0.0 for depth in range(groups)]"),
            "there is one triangle, from step 0 on, and a group that wakes up joins in where it stands",
        ),
        (
            "a triangle of its own for each group, as long as what is left",
            ("steps // 10", "max(1, steps // 10)"),
            ("return [one if step >= depth * wait else 0.0 for depth, one in enumerate(rates)]", "return rates if groups == 1 else [thawing_rates(step - depth * wait, steps - depth * wait, 1, peak, wait)[0] / 2.6**depth if step >= depth * wait else 0.0 for depth in range(groups)]"),
            "there is one triangle, from step 0 on, and a group that wakes up joins in where it stands",
        ),
        ("steps counted from 1", ("    top = steps // 10", "    step += 1\n    top = steps // 10"), "steps are counted from 0, here too"),
        ("rounded", ("return [one if", "return [round(one, 4) if"), "the rates as they are; the example is rounded so that it can be read"),
        ("a top that is rounded", ("steps // 10", "round(steps / 10)"), "the top is at steps // 10, a whole number that is never above steps / 10"),
        ("a top that is rounded up", ("steps // 10", "math.ceil(steps / 10)"), "the top is at steps // 10, a whole number that is never above steps / 10"),
        ("a height without fractions", ("step / top if step < top else 1 - (step - top) / (steps - top)", "step // top if step < top else 1 - (step - top) // (steps - top)"), "the height is a share from 0 to 1: / and not //, except for the top itself"),
        ("a top between two steps", ("steps // 10", "steps / 10"), "the top is at a whole step: steps // 10"),
    ],
    hints=(
        "Three parts: how high is the triangle at this step (a share from 0 to 1)? Which rate has the head? Which have the groups below, if they are awake?",
        "With top = steps // 10 the share is step / top before the top, and 1 - (step - top) / (steps - top) from there on. The head's rate is peak * (1 + 31 * share) / 32.",
        "For depth in range(groups): 0.0 before step depth * wait, and from there on the head's rate, divided by 2.6 as often as `depth` says.",
    ),
    equivalent={"< becomes <= in: share = step / top if step < top else 1 - (step - top) / (steps - top)": "at the top both ways give 1"},
)  # fmt: skip
def thawing_rates(step: int, steps: int, groups: int, peak: float, wait: int) -> list[float]:
    """Each group's rate at a step, the head first: slanted triangular, discriminative, gradually unfrozen (Howard & Ruder 2018).

    ``steps`` is 10 or more; one group after the other begins to learn, ``wait`` steps apart.
    """
    top = steps // 10  # where the triangle's top is
    share = step / top if step < top else 1 - (step - top) / (steps - top)  # how high the triangle is
    rate = peak * (1 + 31 * share) / 32  # the head's rate
    rates = [rate / 2.6**depth for depth in range(groups)]  # lower from group to group
    return [one if step >= depth * wait else 0.0 for depth, one in enumerate(rates)]  # which groups are awake


class Small(nn.Module):
    """A body that has learnt something, with dropout, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 5), nn.Dropout(0.5))
        self.head = nn.Linear(5, 2)

    def forward(self, inputs: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch labels"]:
        return self.head(self.body(inputs))


class Watched(PlainDescent):
    """Gradient descent with momentum, so that an optimizer made anew for each batch goes another way; ``seen``: had a step gradients?"""

    def __init__(self, parameters: list[nn.Parameter], rate: float, head: nn.Module, seen: list[bool]) -> None:
        super().__init__(parameters, rate)
        self.velocities = [torch.zeros_like(one) for one in parameters]
        self.watched, self.seen = [*parameters, *head.parameters()], seen

    @torch.no_grad()
    def step(self) -> None:
        self.seen.append(any(one.grad is not None for one in self.watched))
        for parameter, velocity in zip(self.parameters, self.velocities, strict=True):
            if parameter.grad is not None:
                velocity.mul_(0.5).add_(parameter.grad)
                parameter -= self.rate * velocity


def small_tuning(tune: Callable[..., Any], seed: int, labels: int, batches: int, rate: float) -> tuple[Any, ...]:
    """What is returned, how far the body has moved, and the head in the end."""
    torch.random.default_generator.manual_seed(seed)
    model, head = Small(), nn.Linear(5, labels)
    drawn = [*zip(3 * torch.randn(batches, 7, 3), torch.randint(labels, (batches, 7)), strict=True)]
    before = [one.detach().clone() for one in model.body.parameters()]
    seen: list[bool] = []
    losses = tune(model, head, drawn, lambda parameters: Watched(list(parameters), rate, head, seen))
    if inspect.isgenerator(losses):
        raise Unfit(
            "A list is to be returned: a function with yield in it does nothing until it is asked for its items"
        )
    if getattr(model.head, "out_features", 0) != labels:
        raise Unfit("In the end the model that was given carries the new head: model.head = head")
    if not seen:
        raise Unfit("No step was taken: optimizer.step(), with its brackets, belongs to every batch")
    if not any(seen):
        raise Unfit(
            "No step has reached the head, since there were no gradients: first zero_grad(), then loss.backward(), then step()"
        )
    after = model.body.parameters()
    moved = sum((one - old).square().sum().item() for one, old in zip(after, before, strict=True)) ** 0.5
    return losses, moved, model.head.bias.detach(), model.head.weight.detach()


@exercise(
    lesson=6,
    title="Find the faults: a body that should be frozen",
    stars=2,
    points=4,
    cases=lambda: [Case((2, 3, 1, 0.5), "one batch"), Case((5, 4, 3, 0.5), "three batches"), (7, 2, 4, 1.0)],
    fuzz=lambda random: (random.randrange(10_000), random.randint(2, 7), random.randint(2, 3), random.choice((0.3, 0.5, 1.0))),
    drive=small_tuning,
    parts=("the list of losses", "how far the body has moved", "the head's bias", "the head's matrix"),
    given=("an optimizer that holds the old head", "a body that is not frozen", "dropout in the frozen body"),
    mistakes=[
        ("an optimizer that holds the old head", ("    optimizer = make_optimizer(model.parameters())  # what may move\n", ""), ("    model.head = head", "    optimizer = make_optimizer(model.parameters())\n    model.head = head"), "an optimizer keeps the parameters that it was made with: make it when the new head is in its place"),
        ("a body that is not frozen", ("model.body.requires_grad_(False)", "model.body.requires_grad = False"), "a module takes any attribute without a word; requires_grad_(False) is the method that reaches its parameters"),
        ("dropout in the frozen body", ("model.eval()", "model.train()"), "what is frozen says the same about a text every time: eval() turns its dropout off"),
        (
            "dropout in the frozen body, and an optimizer that holds the old head",
            ("    optimizer = make_optimizer(model.parameters())  # what may move\n", ""), ("    model.head = head", "    optimizer = make_optimizer(model.parameters())\n    model.head = head"), ("model.eval()", "model.train()"),
            "eval() turns the dropout of what is frozen off; and the optimizer is made when the new head is in its place",
        ),
        ("a loss that hangs on nothing that may learn", ("model.body.requires_grad_(False)", "model.requires_grad_(False)"), "the body alone is frozen: not the new head, and no torch.no_grad() around it"),
        ("the body learns in place of the head", ("model.body.requires_grad_(False)", "head.requires_grad_(False)"), "the head is what learns, so the optimizer must hold it; the body is what stays, so none of its parameters may ask for a gradient"),
        ("only the body's first layer frozen", ("model.body.requires_grad_(False)", "model.body[0].requires_grad_(False)"), "every parameter of the body stays as it is"),
        ("only the body's first matrix frozen", ("model.body.requires_grad_(False)", "next(model.body.parameters()).requires_grad_(False)"), "every parameter of the body stays as it is"),
        ("only the body's biases frozen", ("model.body.requires_grad_(False)", "[one.requires_grad_(one.ndim > 1) for one in model.body.parameters()]"), "every parameter of the body stays as it is"),
        ("only the body's matrices frozen", ("model.body.requires_grad_(False)", "[one.requires_grad_(one.ndim == 1) for one in model.body.parameters()]"), "every parameter of the body stays as it is, its biases too"),
        ("a head without its bias learning", ("make_optimizer(model.parameters())", "make_optimizer([head.weight])"), "the head has weights and a bias, and both learn"),
        ("gradients of earlier batches still there", ("        optimizer.zero_grad()  # the old gradients\n", ""), "backward adds to the gradients that are there: clear them before each batch"),
        ("an optimizer made anew for each batch", ("    optimizer = make_optimizer(model.parameters())  # what may move\n", ""), ("        optimizer.zero_grad()", "        optimizer = make_optimizer(model.parameters())\n        optimizer.zero_grad()"), "an optimizer remembers earlier steps, as momentum does: it is made once, before the loop"),
        ("the losses and the model", ("    return losses", "    return losses, model"), "the list of losses alone is returned; the model is changed where it stands"),
        ("only the last loss", ("        losses.append(loss.item())", "        losses = [loss.item()]"), "each batch's loss is noted: append belongs into the loop"),
        ("two steps for each batch", ("        loss.backward()", "        loss.backward()\n        optimizer.step()\n        optimizer.zero_grad()\n        cross_entropy(model(inputs), targets).backward()"), "one step for each batch"),
        ("the batches twice", ("in batches:", "in [*batches, *batches]:"), "one step for each batch, and each batch once"),
        ("softmax before cross_entropy", ("cross_entropy(model(inputs), targets)", "cross_entropy(model(inputs).softmax(1), targets)"), "cross_entropy takes the outputs as they are: the softmax is in it"),
        ("a head of its own", ("model.head = head", "model.head = head = type(head)(head.in_features, head.out_features)"), "the head that is given is the one to train"),
        ("returned within the loop", ("    return losses", "        return losses"), "return ends the loop after the first batch: it belongs behind the loop"),
        ("one step for all batches", ("        optimizer.zero_grad()  # the old gradients\n", ""), ("        optimizer.step()  # the step\n", ""), ("    return losses", "    optimizer.step()\n    return losses"), "each batch has a step of its own, within the loop"),
        ("each loss after the step", ("losses.append(loss.item())", "losses.append(cross_entropy(model(inputs), targets).item())"), "the losses are those that the steps are made of, before each step"),
        ("a sum over the batch", ("cross_entropy(model(inputs), targets)", 'cross_entropy(model(inputs), targets, reduction="sum")'), "the loss is the mean over the batch, so that the step does not depend on how many there are"),
    ],
    hints=(
        "Does the new head move at all? Compare head.weight before and after. An optimizer keeps the parameters that it was made with: which were there at that time?",
        "Does the body stay? Look at next(model.body.parameters()).requires_grad behind the first line. To set an attribute of a module says nothing to its parameters.",
        "Does the body say the same about the same text twice? Call model.body(inputs) two times, and think of what train() and eval() do to dropout.",
    ),
    equivalent={"without .item() in: losses.append(loss.item())": "a tensor without axes is a number as well"},
)  # fmt: skip
def tune_head(
    model: nn.Module, head: nn.Module, batches: list[tuple[Tensor, Tensor]], make_optimizer: Callable[..., Any]
) -> list[float]:
    """Put a fresh ``head`` on ``model.body`` and train it alone, one step for each batch; the body stays, without dropout.

    Returns the loss of each batch, before its step.
    """
    model.head = head  # the new head
    model.body.requires_grad_(False)  # the body frozen
    model.eval()  # dropout off
    optimizer = make_optimizer(model.parameters())  # what may move
    losses = []
    for inputs, targets in batches:
        optimizer.zero_grad()  # the old gradients
        loss = cross_entropy(model(inputs), targets)  # the loss
        loss.backward()  # backward
        optimizer.step()  # the step
        losses.append(loss.item())  # what is noted
    return losses


def learning_curve(random: Random) -> tuple[list[int], list[list[float]], float]:
    labels = sorted(random.sample((2, 8, 20, 32, 75, 128, 300, 512, 945, 2000), random.randint(3, 6)))
    height = random.uniform(0.05, 0.4)
    curve = []
    for _ in labels:
        curve.append([round(min(1.0, max(0.0, height + random.uniform(-0.07, 0.07))), 3) for _ in range(3)])
        height += random.choice((-0.08, 0.1, 0.15, 0.2))
    return labels, curve, round(random.uniform(0.1, 0.75), 4)


@exercise(
    lesson=6,
    title="Read a learning curve: a head start, in labels",
    stars=2,
    points=3,
    cases=lambda: [
        ([10, 1000], [[0.2, 0.4], [0.6, 0.8]], 0.5),
        Case(([8, 32], [[0.2, 0.3], [0.4, 0.5]], 0.6), "never reached"),
        Case(([8, 32, 128], [[0.5, 0.5], [0.25, 0.25], [0.75, 0.75]], 0.5), "reached at the left end, and lost again"),
        Case(([8, 32, 128], [[0.6, 0.7], [0.7, 0.8], [0.8, 0.9]], 0.55), "the first count is enough"),
        Case(([8, 32, 128, 512], [[0.25], [0.5], [0.25], [0.75]], 0.5), "reached twice"),
        Case(([8, 32, 128, 512], [[0.2], [0.6], [0.7], [0.3]], 0.5), "reached, and lost in the end"),
        Case(([5, 50, 500], [[0.1, 0.1, 0.4], [0.2, 0.6, 0.7], [0.7, 0.9, 0.8]], 0.6), "three seeds"),
    ],
    fuzz=learning_curve,
    mistakes=[
        ("on a straight axis", ("labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "labels[at - 1] + (labels[at] - labels[at - 1]) * share"), "from 10 to 1,000 the middle is 100 on an axis of logarithms, as in the picture"),
        ("the best seed", ("statistics.mean(some)", "max(some)"), "nobody knows the best seed beforehand: take the mean"),
        ("the worst seed", ("statistics.mean(some)", "min(some)"), "the mean of the seeds is the curve"),
        ("the first seed", ("statistics.mean(some)", "some[0]"), "one seed is chance: take the mean of all"),
        ("the median of the seeds", ("statistics.mean(some)", "statistics.median(some)"), "the mean of the seeds is the curve"),
        ("the next number that was measured", ("labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "labels[at]"), "the curve passes the accuracy before that, somewhere between two counts"),
        ("the last number that is not enough", ("labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "labels[at - 1]"), "the curve passes the accuracy after that, somewhere between two counts"),
        ("half way between two counts", ("** share", "** 0.5"), "how far it is to the next count hangs on the two means: (wanted - left) / (right - left)"),
        ("the share turned round", ("(wanted - means[at - 1])", "(means[at] - wanted)"), "the share is counted from the left: (wanted - left) / (right - left)"),
        ("the last time that it is reached", ("range(1, len(labels))", "range(len(labels) - 1, 0, -1)"), ("if means[at] >= wanted:", "if means[at] >= wanted > means[at - 1]:"), "a curve may dip; what counts is where it gets there *first*"),
        ("where it stays for good", ("means[0] >= wanted", "min(means) >= wanted"), ("if means[at] >= wanted:", "if min(means[at:]) >= wanted:"), "a curve may dip; what counts is where it gets there *first*"),
        ("np.interp over the whole curve", ("    if means[0] >= wanted:", '    return math.exp(__import__("numpy").interp(wanted, means, [math.log(count) for count in labels]))\n    if means[0] >= wanted:'), "np.interp takes a row that rises, and stops at its ends; a learning curve may dip, and may never get there"),
        ("np.interp over the whole curve, on a straight axis", ("    if means[0] >= wanted:", '    return __import__("numpy").interp(wanted, means, labels)\n    if means[0] >= wanted:'), "np.interp takes a row that rises, and stops at its ends; and the axis is one of logarithms"),
        ("the last count where it is never reached", ("return math.inf", "return labels[-1]"), "where no number of labels was enough, the answer is math.inf"),
        ("nothing where it is never reached", ("return math.inf", "return None"), "where no number of labels was enough, the answer is math.inf"),
        ("the place in the list", ("labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "at"), ("return float(labels[0])", "return 0"), "a number of labels is asked for, not a place in the list"),
        ("the logarithm of it", ("labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "math.log(labels[at - 1]) + math.log(labels[at] / labels[at - 1]) * share"), ("return float(labels[0])", "return math.log(labels[0])"), "from the logarithm back to a number: math.exp"),
        ("a whole number", ("(labels[at] / labels[at - 1]) ** share", "(labels[at] / labels[at - 1]) ** share // 1"), "it is a place on an axis, and need not be whole"),
        ("rounded", ("return labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "return round(labels[at - 1] * (labels[at] / labels[at - 1]) ** share)"), "it is a place on an axis, and need not be whole"),
        ("the place before the first, which is the last", ("    if means[0] >= wanted:  # the left end\n        return float(labels[0])\n", ""), ("range(1, len(labels))", "range(len(labels))"), "there is no count before the first, and labels[-1] is the last: if the first is enough, return it"),
        ("given up where the curve ends too low", ("    if means[0] >= wanted:", "    if means[-1] < wanted:\n        return math.inf\n    if means[0] >= wanted:"), "a curve that ends lower may have been there before: every count is looked at"),
        ("given up at the first count that is too low", ("    return math.inf  #", "        return math.inf  #"), "a count that is too low is no reason to stop: math.inf is returned behind the loop, when all have been looked at"),
        ("found, and not returned", ("            return labels[at - 1] *", "            labels[at - 1] *"), "where the curve gets there the place is returned: print shows it, and the loop goes on to the end"),
        ("the last count left out", ("range(1, len(labels))", "range(1, len(labels) - 1)"), "the last count is looked at as well: range(1, len(labels))"),
        ("more than is wanted", ("means[0] >= wanted", "means[0] > wanted"), ("means[at] >= wanted", "means[at] > wanted"), "an accuracy exactly as high as wanted will do: >="),
        ("the line prolonged to the left", ("    if means[0] >= wanted:  # the left end\n        return float(labels[0])\n", ""), "if the first count is enough, return it: to the left of it nothing was measured"),
        ("a way down taken for a way up", ("    if means[0] >= wanted:  # the left end\n        return float(labels[0])\n", ""), ("if means[at] >= wanted:", "if min(means[at - 1 : at + 1]) <= wanted <= max(means[at - 1 : at + 1]):"), "what counts is where the curve gets there from below; and the first count may be enough already"),
        ("the last count that is enough", ("range(1, len(labels))", "range(len(labels) - 1, 0, -1)"), "a curve may dip; what counts is where it gets there *first*: return there, and the loop is at its end"),
        ("the last count that is enough, and never the first", ("    if means[0] >= wanted:", "    if means[0] >= wanted > max(means[1:]):"), ("range(1, len(labels))", "range(len(labels) - 1, 0, -1)"), "a curve may dip; what counts is where it gets there *first*: return there, and the loop is at its end"),
        ("np.interp over the whole curve, the ends looked after", ("    if means[0] >= wanted:", '    if max(means) >= wanted:\n        return math.exp(__import__("numpy").interp(wanted, means, [math.log(count) for count in labels]))\n    if means[0] >= wanted:'), "np.interp takes a row that rises, and a learning curve may dip: give it the two counts between which the curve gets there"),
        ("the first count where it is never reached", ("return math.inf", "return float(labels[0])"), "where no number of labels was enough, the answer is math.inf; np.argmax says 0 there, as if the first were"),
        ("a number below 0 where it is never reached", ("return math.inf", "return -1"), "where no number of labels was enough, the answer is math.inf"),
        ("0 where the first is enough", ("return float(labels[0])", "return 0.0"), "if the first count is enough, that count is returned: labels[0]"),
        ("a mean for a place", ("return float(labels[0])", "return means[0]"), "a number of labels is asked for, not an accuracy: labels[0]"),
        ("np.interp over the whole curve, between the ends", ("    if means[0] >= wanted:", '    if means[0] < wanted <= means[-1]:\n        return math.exp(__import__("numpy").interp(wanted, means, [math.log(count) for count in labels]))\n    if means[0] < wanted:\n        return math.inf\n    if means[0] >= wanted:'), "np.interp takes a row that rises, and a learning curve may dip: give it the two counts between which the curve gets there"),
        ("the sum of the seeds", ("statistics.mean(some)", "sum(some)"), "the curve is the *mean* of the seeds: divide by their number"),
        ("each seed's place by itself", ("    means = [", "    if len(accuracies[0]) > 1:\n        return statistics.mean(labels_to_reach(labels, [[some[seed]] for some in accuracies], wanted) for seed in range(len(accuracies[0])))\n    means = ["), "first the mean of the seeds, at each count; then the place where that curve gets there"),
        ("enough for one seed", ("means[0] >= wanted", "max(accuracies[0]) >= wanted"), ("if means[at] >= wanted:", "if max(accuracies[at]) >= wanted:"), "the curve is the *mean* of the seeds, and it is the curve that must get there"),
        ("a mean over the counts", ("[statistics.mean(some) for some in accuracies]", '__import__("numpy").mean(accuracies, axis=0)'), "each count has a list of its seeds: the mean of each of these lists, so axis 1 of the table"),
        ("a mean over the counts, for each seed", ("for some in accuracies]", "for some in zip(*accuracies)]"), "each count has a list of its seeds: the mean of each of these lists"),
        ("no brackets around the exponent", ("** share", "** (wanted - means[at - 1]) / (means[at] - means[at - 1])"), "** comes before /, so the whole share stands in brackets"),
        ("how many times as many, and not how many", ("return labels[at - 1] * (labels", "return (labels"), "the power says how many times as many as x₁: multiply by that"),
        ("the logarithm of it, between two counts", ("labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "math.log(labels[at - 1]) + math.log(labels[at] / labels[at - 1]) * share"), "from the logarithm back to a number: math.exp"),
        ("rounded up", ("return labels[at - 1] * (labels[at] / labels[at - 1]) ** share", "return math.ceil(labels[at - 1] * (labels[at] / labels[at - 1]) ** share)"), "it is a place on an axis, and need not be whole"),
        ("the left end overlooked", ("means[0] >= wanted", "False"), ("if means[at] >= wanted:", "if means[at] >= wanted > means[at - 1]:"), "the first count may be enough already"),
    ],
    hints=(
        "First the mean of each count's seeds. Which is the first count whose mean is `wanted` or more? If it is the very first one, you are done.",
        "Otherwise the place lies between that count, which is x₂ with the mean y₂, and the one before it, x₁ with y₁. The exponent is the share of the way from y₁ to `wanted`.",
        "A loop over the places from 1 on that returns at the first mean that is enough, with the formula of the task; a return in front of it, one behind it.",
    ),
    equivalent={
        "1 becomes 0 in: for at in range(1, len(labels)):": "place 0 has been looked at before",
        "without float(…) in: return float(labels[0])": "a whole number is a number as well",
    },
)  # fmt: skip
def labels_to_reach(labels: list[int], accuracies: list[list[float]], wanted: float) -> float:
    """With how many labels a learning curve first reaches an accuracy, between two counts on an axis of logarithms.

    ``labels`` rise; ``accuracies`` holds the seeds of each. The first count if that is enough, infinity if none is.
    """
    means = [statistics.mean(some) for some in accuracies]  # the mean over the seeds
    if means[0] >= wanted:  # the left end
        return float(labels[0])
    for at in range(1, len(labels)):  # the counts from left to right
        if means[at] >= wanted:  # the first that is enough
            share = (wanted - means[at - 1]) / (means[at] - means[at - 1])  # the share of the way to it
            return labels[at - 1] * (labels[at] / labels[at - 1]) ** share  # the place on an axis of logarithms
    return math.inf  # where it is never reached


def answers_drawn(random: Random) -> tuple[list[float], list[bool], float]:
    sure = [round(random.uniform(0.2, 1.0), random.choice((1, 1, 2))) for _ in range(random.randint(4, 12))]
    right = [random.random() < one for one in sure]
    return sure, right, random.choice((0.5, 0.75, 0.63, 0.83))


@exercise(
    lesson=6,
    title="Answer only when sure enough: where is the bar?",
    stars=2,
    points=4,
    cases=lambda: [
        ([0.9, 0.6], [True, False], 0.75),
        Case(([0.8, 0.8, 0.4], [True, False, True], 0.75), "two that are equally sure"),
        Case(([0.8, 0.4, 0.8], [False, True, True], 0.75), "two that are equally sure, apart"),
        Case(([0.95, 0.8, 0.7, 0.6, 0.3], [False, True, True, True, False], 0.75), "the surest is wrong"),
        Case(([0.3, 0.2], [True, True], 0.9), "hesitant, and right"),
        Case(([0.9, 0.8, 0.7], [True, False, True], 0.7), "two of three right, and 0.7 wanted"),
        Case(([0.8] * 18 + [0.7], [True] * 18 + [False], 0.95), "18 of 19 right, and 0.95 wanted"),
    ],
    fuzz=answers_drawn,
    parts=("the bar", "the share that is answered"),
    mistakes=[
        ("stopped at the first bar that is too low", ("sorted(set(confidences))", "sorted(set(confidences), reverse=True)"), ("        if share >= wanted:  # enough of it is right\n            return bar, len(hits) / len(right)  # the bar, and how much is answered\n    return math.inf, 0.0", "        if share < wanted:\n            break\n        best = bar, len(hits) / len(right)\n    return best"), ("    for bar, hits", "    best = math.inf, 0.0\n    for bar, hits"), "one wrong answer among the surest is no reason to stop: lower bars may be good enough again"),
        ("the highest bar that will do", ("sorted(set(confidences))", "sorted(set(confidences), reverse=True)"), "of all bars that will do the *lowest* is asked for, since it leaves most texts answered"),
        ("answers at the bar left out", ("sure >= bar]", "sure > bar] or [False]"), ("len(hits) / len(right)", "sum(sure > bar for sure in confidences) / len(right)"), "an answer exactly as sure as the bar is given, too: >="),
        ("answers at the bar left out, until none is left", ("sure >= bar]", "sure > bar]"), ("[sum(hits) / len(hits) for hits in answered]", "[0.0 for hits in answered]"), ("if share >= wanted", "if sum(hits) / len(hits) >= wanted"), "an answer exactly as sure as the bar is given, too: >="),
        ("more than is wanted", ("share >= wanted", "share > wanted"), "a share that is exactly as high as wanted will do: >="),
        ("the bar and the share exchanged", ("return bar, len(hits) / len(right)", "return len(hits) / len(right), bar"), ("return math.inf, 0.0", "return 0.0, math.inf"), "the bar comes first, then the share that is answered"),
        ("the last bar in the order of the texts", ("    bars = ", "    best = math.inf, 0.0\n    bars = "), ("sorted(set(confidences))", "confidences"), ("            return bar, len(hits) / len(right)", "            best = bar, len(hits) / len(right)"), ("return math.inf, 0.0", "return best"), "the lowest bar is asked for: try them in rising order, sorted(…), and return the first that will do"),
        ("all right answers among those given", ("sum(hits) / len(hits)", "sum(hits) / sum(right)"), "of the *given* answers a share is to be right: divide by their number, and not by that of all right answers"),
        ("the bar with the highest share", ("    bars = ", "    best, most = (math.inf, 0.0), 0.0\n    bars = "), ("if share >= wanted:", "if share >= wanted and share > most:"), ("            return bar, len(hits) / len(right)", "            best, most = (bar, len(hits) / len(right)), share"), ("return math.inf, 0.0", "return best"), "the share need not be as high as it can be: the lowest bar with which it is `wanted` or more"),
        ("one answer not counted", ("return bar, len(hits) / len(right)", "return bar, (len(hits) - 1) / len(right)"), "the answer at the bar is given, too: all of them, divided by the number of texts"),
        ("rounded before it is compared", ("share >= wanted", "round(share, 2) >= wanted"), "18 of 19 is less than 0.95: compare the share as it is"),
        ("rounded to tenths before it is compared", ("share >= wanted", "round(share, 1) >= wanted"), "2 of 3 is less than 0.7: compare the share as it is"),
        ("the lowest bar or none", ("sum(hits) / len(hits)", "sum(hits) / len(right)"), "if that one is too low the next is tried: return infinity behind the loop, not in it; and what must be high is the share of the *given* answers that are right, hits divided by them and not by all texts"),
        ("each confidence by itself", ("if sure >= bar]", "if sure == bar]"), ("len(hits) / len(right)", "sum(sure >= bar for sure in confidences) / len(right)"), "with a bar all answers are given that are as sure *or surer*"),
        ("the confidence believed", ("sum(hits) / len(hits) for hits in answered", "statistics.mean(sure for sure in confidences if sure >= bar) for bar in bars"), "how often it is right, and not how sure it is, says whether a bar will do"),
        ("the wanted share taken for the bar", ("return bar, len(hits) / len(right)", "return wanted, sum(sure >= wanted for sure in confidences) / len(right)"), ("share >= wanted", "True"), "0.9 means nine right in ten only for a classifier that is calibrated; try the bars, and count"),
        ("the wanted share as the only bar", ("sorted(set(confidences))", "[wanted]"), ("/ len(hits)", "/ max(1, len(hits))"), "0.9 means nine right in ten only for a classifier that is calibrated; try the confidences as bars, and count"),
        ("a bar that must be as high as the share", ("share >= wanted", "min(share, bar) >= wanted"), "0.9 means nine right in ten only for a classifier that is calibrated; a lower bar may do as well"),
        ("the share that is right, not the share answered", ("return bar, len(hits) / len(right)", "return bar, share"), "the second item is how many of all texts are answered"),
        ("a number of answers, not a share", ("return bar, len(hits) / len(right)", "return bar, len(hits)"), "the second item is a share of all texts: divide by their number"),
        ("the share left without an answer", ("return bar, len(hits) / len(right)", "return bar, 1 - len(hits) / len(right)"), "the second item is the share that *is* answered"),
        ("a bar of 1 where none will do", ("return math.inf, 0.0", "return 1.0, 0.0"), "a confidence of 1.0 would still pass a bar of 1; where none will do, the bar is math.inf"),
        ("a bar of 0 where none will do", ("return math.inf, 0.0", "return 0.0, 0.0"), "a bar of 0 lets everything pass; where none will do, the bar is math.inf"),
        ("the highest confidence where none will do", ("return math.inf, 0.0", "return bar, len(hits) / len(right)"), "where no bar will do, nothing is answered: (math.inf, 0.0)"),
        ("the highest confidence not tried", ("sorted(set(confidences))", "sorted(set(confidences))[:-1]"), "the highest confidence is a bar, too"),
        ("the lowest confidence not tried", ("sorted(set(confidences))", "sorted(set(confidences))[1:]"), "the lowest confidence is a bar, too: with it everything is answered"),
        ("bars in the order of the texts", ("sorted(set(confidences))", "[*dict.fromkeys(confidences)]"), "the lowest bar is asked for: try them in rising order, sorted(…)"),
        ("bars in the order of a set", ("sorted(set(confidences))", "[*set(confidences)]"), "a set has no order that one could rely on: sorted(set(…))"),
        ("confidences sorted, and the answers left as they were", ("    bars = ", "    confidences = sorted(confidences)\n    bars = "), "each confidence belongs to its answer: sort both together, or only the bars"),
        ("confidences sorted, and the answers counted from a place on", ("sorted(set(confidences))", "sorted(confidences)"), ("[[hit for sure, hit in pairs if sure >= bar] for bar in bars]", "[right[at:] for at in range(len(bars))]"), "each confidence belongs to its answer: sort both together, or only the bars"),
        ("confidences sorted from the highest, and the answers left as they were", ("    bars = ", "    confidences = sorted(confidences, reverse=True)\n    bars = "), "each confidence belongs to its answer: sort both together, or only the bars"),
        ("the bars halved", ("zip(bars, answered, shares, strict=True)", "[*zip(bars, answered, shares, strict=True)][__import__('bisect').bisect_left(shares, wanted) :]"), "the share that is right may fall where the bar rises, so no half of the bars can be left out: try all"),
        (
            "answers that are equally sure, torn apart",
            ("    bars = sorted(set(confidences))", "    order = sorted(zip(confidences, right), reverse=True)\n    bars = [sure for sure, _ in order][::-1]"), ("[[hit for sure, hit in pairs if sure >= bar] for bar in bars]", "[[hit for _, hit in order[: count + 1]] for count in range(len(order))][::-1]"),
            "with a bar of 0.8 *all* answers with 0.8 are given, the wrong ones too",
        ),
        (
            "answers that are equally sure, torn apart from the first on",
            ("    bars = sorted(set(confidences))", "    order = sorted(zip(confidences, right), key=lambda pair: -pair[0])\n    bars = [sure for sure, _ in order][::-1]"), ("[[hit for sure, hit in pairs if sure >= bar] for bar in bars]", "[[hit for _, hit in order[: count + 1]] for count in range(len(order))][::-1]"),
            "with a bar of 0.8 *all* answers with 0.8 are given, the wrong ones too",
        ),
        (
            "answers that are equally sure, one after the other",
            ("    bars = sorted(set(confidences))", "    order = sorted(zip(confidences, right), key=lambda pair: pair[0])\n    bars = [sure for sure, _ in order]"), ("[[hit for sure, hit in pairs if sure >= bar] for bar in bars]", "[[hit for _, hit in order[at:]] for at in range(len(order))]"),
            "with a bar of 0.8 *all* answers with 0.8 are given, the wrong ones too",
        ),
        ("bars on a grid of tenths", ("sorted(set(confidences))", "[0.1 * tenth for tenth in range(11)]"), ("/ len(hits)", "/ max(1, len(hits))"), "only the confidences themselves need to be tried; a grid misses what lies between"),
        ("bars from 0 on", ("sorted(set(confidences))", "[0.0, *sorted(set(confidences))]"), "the bar is to be one of the confidences; 0 lets as much pass as the lowest of them"),
        ("only right answers' confidences as bars", ("sorted(set(confidences))", "sorted({sure for sure, hit in zip(confidences, right) if hit})"), "the lowest bar that will do may be the confidence of a wrong answer"),
        ("the share on the wrong side of the bar", ("if sure >= bar]", "if sure <= bar]"), "what is answered lies at the bar or above it"),
    ],
    hints=(
        "Only the confidences themselves need to be tried as bars. For each: which answers are given, and which share of those is right?",
        "Go through sorted(set(confidences)) from the lowest up; the first bar with which enough is right is the one. Equal confidences come together of themselves that way.",
        "For each bar the list of the hits among the answers that are as sure or surer; their share is sum(hits) / len(hits). The first bar whose share is enough is returned, and behind the loop what holds where none is.",
    ),
    equivalent={
        "without set(…) in: bars = sorted(set(confidences))": "the same bar, tried twice, says the same",
        **{
            f"{what} in: {line}": "there are as many of both"
            for what in ("zip without strict", "True becomes False")
            for line in (
                "pairs = list(zip(confidences, right, strict=True))",
                "for bar, hits, share in zip(bars, answered, shares, strict=True):",
            )
        },
    },
)  # fmt: skip
def sure_enough(confidences: list[float], right: list[bool], wanted: float) -> tuple[float, float]:
    """The lowest bar with which a share ``wanted`` of the given answers is right (Chow 1970), and the share of texts answered.

    A text is answered if its confidence is the bar or more. Infinity and 0 if no confidence will do as a bar.
    """
    bars = sorted(set(confidences))  # the bars, the lowest first
    pairs = list(zip(confidences, right, strict=True))
    answered = [[hit for sure, hit in pairs if sure >= bar] for bar in bars]  # what is answered with each
    shares = [sum(hits) / len(hits) for hits in answered]  # which share of that is right
    for bar, hits, share in zip(bars, answered, shares, strict=True):
        if share >= wanted:  # enough of it is right
            return bar, len(hits) / len(right)  # the bar, and how much is answered
    return math.inf, 0.0  # where none will do


def product_of(
    mix: Callable[..., Any], corrections: list[Correction], shares: list[float], rank: int, scale: float
) -> Numbers:
    """What the factors add to W: many factors have the same product."""
    found = mix(corrections, shares, rank, scale)
    (rows, _), (_, columns) = corrections[0][0].shape, corrections[0][1].shape
    if found is None:
        raise Unfit("Nothing is returned: print shows B and A, return B, A hands them back")
    if not isinstance(found, list | tuple) or len(found) != 2:
        many = isinstance(found, list | tuple) and all(isinstance(one, list | tuple) for one in found)
        raise Unfit(
            "One pair is asked for, for all corrections together"
            if many
            else "Two tensors are to be returned, B and A, and not their product"
        )
    if not all(map(arrays, found)):
        raise Unfit("One pair of tensors is to be returned, B and A, for all corrections together")
    shapes = [tuple(one.shape) for one in found]
    if shapes != [(rows, rank), (rank, columns)]:
        if shapes == [(rank, columns), (rows, rank)]:
            raise Unfit("B comes first, then A")
        raise Unfit(
            f"At rank {rank} B has the shape {(rows, rank)} and A {(rank, columns)} here; they come as {shapes[0]} and {shapes[1]}"
        )
    B, A = (torch.as_tensor(one).to(torch.float32) for one in found)
    return scale / rank * B @ A


def corrections_drawn(
    random: Random, rows: int, columns: int, ranks: list[int], rank: int, scale: float
) -> tuple[Any, ...]:
    made = [(drawn(random, rows, own), drawn(random, own, columns), random.choice((1.0, 4.0, 8.0))) for own in ranks]
    return made, [random.choice((1.0, 0.5, -0.4, 2.0)) for _ in ranks], rank, scale


@exercise(
    lesson=6,
    title="Several corrections in one pair of factors",
    stars=3,
    points=5,
    cases=lambda: [
        ([(torch.tensor([[1.0], [0.0]]), torch.tensor([[3.0, 0.0]]), 1.0), (torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0, 2.0]]), 1.0)], [1.0, 1.0], 2, 4.0),
        Case(corrections_drawn(Random(3), 3, 4, [2], 1, 2.0), "one correction, in fewer numbers"),
        Case(corrections_drawn(Random(4), 5, 4, [3, 1], 2, 8.0), "two ranks"),
        Case(corrections_drawn(Random(8), 4, 7, [1, 1], 3, 8.0), "more rank than is needed"),
    ],
    fuzz=lambda random: corrections_drawn(random, (rows := random.randint(4, 6)), rows + random.randint(1, 2), [random.randint(1, 3) for _ in range(random.randint(1, 3))], random.randint(1, 4), random.choice((2.0, 6.0, 8.0))),
    drive=product_of,
    tolerance=1e-4,
    mistakes=[
        ("the factors mixed by themselves", ("sum(share * own / B.shape[1] * B @ A for share, (B, A, own) in pairs)", "sum(share * own / B.shape[1] * B for share, (B, A, own) in pairs) @ sum(A for _, A, _ in corrections)"), "(B₁ + B₂)(A₁ + A₂) also holds B₁A₂ and B₂A₁, which nobody trained: add the products"),
        (
            "the factors filled up with zeros, and mixed by themselves",
            ("sum(share * own / B.shape[1] * B @ A for share, (B, A, own) in pairs)", "sum(nn.functional.pad(share * own / B.shape[1] * B, (0, 9 - B.shape[1])) for share, (B, A, own) in pairs) @ sum(nn.functional.pad(A, (0, 0, 0, 9 - len(A))) for _, A, _ in corrections)"),
            "(B₁ + B₂)(A₁ + A₂) also holds B₁A₂ and B₂A₁, which nobody trained: add the products",
        ),
        (
            "stacked factors, cut off",
            ("B = U[:, :rank] * S[:rank] * rank", "B = nn.functional.pad(torch.cat([share * own / B.shape[1] * B for share, (B, A, own) in zip(shares, corrections, strict=True)], 1), (0, rank))[:, :rank] * rank"),
            ("return B, V[:rank]", "return B, nn.functional.pad(torch.cat([A for _, A, _ in corrections]), (0, 0, 0, rank))[:rank]"),
            "side by side the factors say the sum exactly, at all ranks together; what to leave out of it is said by the singular values, not by the order",
        ),
        ("neither the new scale nor the new rank", (" * rank / scale", ""), "whoever uses the pair multiplies by scale / rank: divide by that beforehand"),
        ("the new rank forgotten", (" * rank / scale", " / scale"), "whoever uses the pair multiplies by scale / rank: divide by both parts of that beforehand"),
        ("the new scale forgotten", (" * rank / scale", " * rank"), "whoever uses the pair multiplies by scale / rank: divide by both parts of that beforehand"),
        ("multiplied by scale / rank", (" * rank / scale", " * scale / rank"), "whoever uses the pair multiplies by scale / rank: *divide* by that beforehand"),
        ("the corrections' own scales and ranks forgotten", ("share * own / B.shape[1] * B", "share * B"), "each correction is s/k B A, with its own scale and its own rank"),
        ("the corrections' own ranks forgotten", ("share * own / B.shape[1] * B", "share * own * B"), "each correction is s/k B A: divide by its own rank, the number of B's columns"),
        ("the corrections' own scales forgotten", ("share * own / B.shape[1] * B", "share / B.shape[1] * B"), "each correction is s/k B A, with its own scale"),
        ("the new rank in place of the corrections' own", ("own / B.shape[1]", "own / rank"), "each correction is divided by the rank that it was trained with, the number of B's columns"),
        ("the number of rows taken for a correction's rank", ("B.shape[1]", "B.shape[0]"), "a correction's rank is the number of B's columns"),
        ("the number of columns taken for a correction's rank", ("B.shape[1]", "A.shape[1]"), "a correction's rank is the number of B's columns, and of A's rows"),
        (
            "stacked factors, cut off without filling up",
            ("B = U[:, :rank] * S[:rank] * rank", "B = torch.cat([share * own / B.shape[1] * B for share, (B, A, own) in zip(shares, corrections, strict=True)], 1)[:, :rank] * rank"),
            ("return B, V[:rank]", "return B, torch.cat([A for _, A, _ in corrections])[:rank]"),
            "side by side the factors say the sum exactly, at all ranks together; what to leave out of it is said by the singular values, not by the order",
        ),
        ("the shares ignored", ("share * own", "own"), "each correction counts with its share"),
        ("the shares divided by their sum", ("share * own", "share / sum(shares) * own"), "the shares are taken as they are; they need not sum to 1"),
        ("no singular values", ("U[:, :rank] * S[:rank]", "U[:, :rank]"), "a direction comes with its strength: U S V, the singular values S in one of the factors"),
        ("the singular values in both factors", ("return B, V[:rank]", "return B, S[:rank, None] * V[:rank]"), "the singular values belong into one of the factors, or their roots into both"),
        ("the roots of the singular values in one factor", ("* S[:rank]", "* S[:rank].sqrt()"), "the singular values belong into one of the factors, or their roots into both"),
        ("the scale taken out of both factors", ("return B, V[:rank]", "return B, V[:rank] * rank / scale"), "scale / rank is multiplied once, and divided by once"),
        ("the weakest directions", ("U[:, :rank] * S[:rank]", "U[:, -rank:] * S[-rank:]"), ("return B, V[:rank]", "return B, V[-rank:]"), "singular values come with the largest first: keep the first `rank` of them"),
        ("V transposed once too often", ("return B, V[:rank]", "return B, V.T[:rank]"), "torch.linalg.svd returns V transposed already, so its *rows* are the directions (torch.svd does not)"),
        ("the columns of V", ("return B, V[:rank]", "return B, V[:, :rank]"), "torch.linalg.svd returns V transposed already, so its *rows* are the directions: V[:rank]"),
        ("nothing cut off", ("U[:, :rank] * S[:rank]", "U * S"), ("return B, V[:rank]", "return B, V"), "the pair has `rank` columns and rows: the first ones of U, S and V"),
        ("one direction too many", ("U[:, :rank] * S[:rank]", "U[:, : rank + 1] * S[: rank + 1]"), ("return B, V[:rank]", "return B, V[: rank + 1]"), "the pair has `rank` columns and rows: U[:, :rank] leaves out the one with the number `rank`"),
        ("the rank of the sum in place of the new one", (" * rank / scale", " * min(rank, int(torch.linalg.matrix_rank(total))) / scale"), "whoever uses the pair multiplies by scale / rank, with the rank that was asked for"),
        ("the share of the first correction forgotten", ("    total = sum(", "    pairs = [*zip([1.0, *shares[1:]], corrections)]\n    total = sum("), "each correction counts with its share, the first one too"),
        ("one direction too few", ("U[:, :rank] * S[:rank]", "U[:, :rank] * torch.where(torch.arange(rank) < rank - 1, S[:rank], 0 * S[:rank])"), "all of the first `rank` directions are kept"),
        ("the new scale in place of the corrections' own", ("share * own", "share * scale"), "each correction was trained with a scale of its own, the last item of its tuple"),
        ("a scale divided without fractions", (" * rank / scale", " / (scale // rank)"), "scale / rank is divided by, and need not be whole: / and not //"),
        ("the corrections' scales divided without fractions", ("share * own / B.shape[1] * B", "share * (own // B.shape[1]) * B"), "s/k need not be whole: / and not //"),
        ("the number of corrections taken for their rank", ("B.shape[1]", "len(corrections)"), "a correction's rank is the number of B's columns"),
        ("the mean of the corrections", ("share * own", "share / len(corrections) * own"), "the corrections are added, each with its share; nothing is divided by their number"),
        ("shares without their signs", ("share * own", "abs(share) * own"), "a share may be negative: what it belongs to is taken away"),
        ("negative shares left out", ("share * own", "max(0.0, share) * own"), "a share may be negative: what it belongs to is taken away"),
        ("each share counted twice", ("share * own", "share**2 * own"), "a share belongs to one of the two factors, or to their product, but not to both"),
        ("each correction cut by itself", ("share * own / B.shape[1] * B @ A for", "(lambda U, S, V: (U[:, :rank] * S[:rank]) @ V[:rank])(*torch.linalg.svd(share * own / B.shape[1] * B @ A, full_matrices=False)) for"), "what is small in one correction may be large in the sum: add first, and cut once"),
        ("the factors added by themselves", ("return B, V[:rank]", "return sum(share * B for share, (B, _, _) in zip(shares, corrections)), sum(share * A for share, (_, A, _) in zip(shares, corrections))"), "(B₁ + B₂)(A₁ + A₂) also holds B₁A₂ and B₂A₁, which nobody trained: add the products"),
        ("the factors added by themselves, with their scales", ("return B, V[:rank]", "return sum(share * own / B.shape[1] * B for share, (B, _, own) in zip(shares, corrections)) * rank / scale, sum(A for _, A, _ in corrections)"), "(B₁ + B₂)(A₁ + A₂) also holds B₁A₂ and B₂A₁, which nobody trained: add the products"),
        ("all corrections side by side", ("B = U[:, :rank] * S[:rank] * rank / scale", "B = torch.cat([share * own / B.shape[1] * B for share, (B, A, own) in zip(shares, corrections, strict=True)], 1) * rank / scale"), ("return B, V[:rank]", "return B, torch.cat([A for _, A, _ in corrections])"), "side by side the factors say the sum exactly, at all ranks together; the pair has `rank` columns, and the singular values say what to keep"),
        ("only the last correction", ("zip(shares, corrections, strict=True)", "zip(shares[-1:], corrections[-1:], strict=True)"), "all corrections are added: total += in the loop, and not total ="),
        ("only the first correction", ("zip(shares, corrections, strict=True)", "zip(shares[:1], corrections[:1], strict=True)"), "all corrections are added, each with its share"),
    ],
    hints=(
        "What all corrections together add to W is a sum of products, Σ share · s/k · B A, and never a product of sums. Form that matrix first.",
        "torch.linalg.svd(total, full_matrices=False) returns U, S and V (transposed already), the strongest directions first; U[:, :rank] * S[:rank] times V[:rank] is the nearest matrix of that rank (lesson 2). Then think of the factor scale / rank with which the new pair will be used.",
        "The first `rank` columns of U, each times its singular value, are one factor, the first `rank` rows of V the other. One of them is divided by what the pair will be multiplied with.",
    ),
    equivalent={
        **{
            f"{what} in: pairs = zip(shares, corrections, strict=True)": "there are as many of both"
            for what in ("zip without strict", "True becomes False")
        },
        **{
            f"{what} in: U, S, V = torch.linalg.svd(total, full_matrices=False)": "the first directions are the same"
            for what in ("svd without full_matrices", "False becomes True")
        },
    },
)  # fmt: skip
def mixed_lora(
    corrections: list[Correction], shares: list[float], rank: int, scale: float
) -> tuple[Float[Tensor, "rows rank"], Float[Tensor, "rank columns"]]:
    """One pair of LoRA factors for several corrections, each with its share: the nearest there is of this rank (Eckart & Young 1936).

    ``corrections``: B, A and scale of each, whose rank is the number of B's columns. The pair will be used with ``scale``.
    """
    pairs = zip(shares, corrections, strict=True)  # each with its share
    total = sum(share * own / B.shape[1] * B @ A for share, (B, A, own) in pairs)  # what all add
    U, S, V = torch.linalg.svd(total, full_matrices=False)  # its directions
    B = U[:, :rank] * S[:rank] * rank / scale  # the left factor, with the strengths
    return B, V[:rank]  # the right factor
