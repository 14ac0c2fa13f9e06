"""Lesson 5's exercises: what a training costs, where it stops, and what must be kept so that it goes on."""

from __future__ import annotations

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
from lmcourse.exercises.values import copied


@exercise(
    lesson=5,
    title="The largest model that one can afford",
    stars=1,
    points=2,
    cases=lambda: [
        (1.0, 1, 6e11, 0.5, 20.0),
        (24.0, 8, 989e12, 0.4, 20.0),
        (0.5, 1, 50e9, 1.0, 7.0),
        (720.0, 1024, 312e12, 0.38, 45.5),
    ],
    fuzz=lambda random: (round(random.uniform(1, 900), 1), random.randint(2, 20_000), random.choice((50e9, 312e12, 989e12)), round(random.uniform(0.2, 0.6), 2), float(random.randint(3, 90))),
    parts=("the number of parameters", "the number of tokens"),
    mistakes=[
        ("2 operations for each parameter and token", ("(6 *", "(2 *"), "forward takes 2, backward twice as many again: 6 in all"),
        ("4 operations for each parameter and token", ("(6 *", "(4 *"), "forward takes 2, backward twice as many again: 6 in all"),
        ("1 operation for each parameter and token", ("(6 *", "(1 *"), "C is 6 N D"),
        ("the hours taken for seconds", ("hours * 3600", "hours"), "peak is in operations a second, and an hour has 3,600 seconds"),
        ("the hours turned into minutes", ("hours * 3600", "hours * 60"), "peak is in operations a second, and an hour has 3,600 seconds"),
        ("machines at their peak", ("peak * utilisation", "peak"), "of the peak only the share called utilisation is used"),
        ("divided by the utilisation", ("peak * utilisation", "peak / utilisation"), "utilisation is a share of the peak: multiply by it"),
        ("one machine alone", ("machines * peak", "peak"), "every machine adds its operations"),
        ("the tokens for each parameter outside of the root", ("(operations / (6 * tokens_per_parameter)) ** 0.5", "(operations / 6) ** 0.5 / tokens_per_parameter"), "with D = r N the cost is 6 r N²: r stands under the root"),
        ("no root", ("** 0.5", "** 1"), "with D = r N the cost is 6 r N²; to get N from N², take the root"),
        ("as many tokens as parameters", ("(6 * tokens_per_parameter)", "6"), ("parameters * tokens_per_parameter", "parameters"), "D is r N, and so the cost is 6 r N²"),
        ("the tokens left out of the cost", ("(6 * tokens_per_parameter)", "6"), "D is r N, and so the cost is 6 r N²"),
        ("multiplied by the tokens for each parameter", ("(6 * tokens_per_parameter)", "6 * tokens_per_parameter"), "a / b * c is (a / b) · c; the divisor 6 r needs brackets"),
        ("20 tokens for each parameter, whatever is asked for", ("(6 * tokens_per_parameter)", "120"), ("parameters * tokens_per_parameter", "parameters * 20"), "how many tokens come to a parameter is an argument"),
        ("the tokens returned first", ("return parameters, parameters * tokens_per_parameter", "return parameters * tokens_per_parameter, parameters"), "the parameters come first, then the tokens, tokens_per_parameter times as many"),
    ],
    hints=(
        "How many operations can the machines do in that time? And what do N parameters and D tokens cost?",
        "The machines do seconds × machines × peak × utilisation operations. The cost is 6 N D, and D = r N, where r is tokens_per_parameter.",
        "parameters = (operations / (6 * tokens_per_parameter)) ** 0.5, and tokens_per_parameter times as many tokens.",
    ),
    equivalent={"/ becomes // in: parameters = (operations / (6 * tokens_per_parameter)) ** 0.5": "of a number with a dozen digits and more, what is cut off does not count"},
)  # fmt: skip
def affordable_model(
    hours: float, machines: int, peak: float, utilisation: float, tokens_per_parameter: float
) -> tuple[float, float]:
    """How many parameters, and how many tokens, a budget allows if there are so many tokens for each parameter.

    The cost is 6 operations for each parameter and token (Kaplan et al. 2020); 20 tokens for each parameter are what
    Hoffmann et al. (2022) found to be best. ``peak``: operations a second of one machine, ``utilisation``: the share that is used.
    """
    operations = hours * 3600 * machines * peak * utilisation  # the operations that there are
    parameters = (operations / (6 * tokens_per_parameter)) ** 0.5  # the parameters
    return parameters, parameters * tokens_per_parameter  # the tokens


@exercise(
    lesson=5,
    title="Predict, then measure: the floor of label smoothing",
    stars=2,
    points=3,
    cases=lambda: [(0.2, 2), (0.0, 7), (0.1, 1845), (0.5, 5)],
    fuzz=lambda random: (round(random.uniform(0.01, 0.9), 2), random.randint(3, 3000)),
    mistakes=[
        ("the share spread over the other tokens alone", ("other = smoothing / words", "other = smoothing / (words - 1)"), ("1 - smoothing + other", "1 - smoothing"), "smoothing spreads its share over all tokens, the right one too"),
        ("the right token wanted with 1 - s", ("1 - smoothing + other", "1 - smoothing"), "the right token also gets its part of what is spread: 1 - s + s/V; then all sums to 1"),
        ("weighed by s and 1 - s", ("-right * math.log(right)", "-(1 - smoothing) * math.log(right)"), ("(words - 1) * other * math.log(other)", "smoothing * math.log(other)"), "each logarithm is weighed by what is wanted: 1 - s + s/V for the right token, s/V for each of the V - 1 others"),
        ("how far it is from guessing", ("return entropy", "return math.log(words) - entropy"), "the floor is the entropy of what is wanted itself: -Σ q ln q"),
        ("the right token counted among the others", ("(words - 1) * other", "words * other"), "there are V - 1 other tokens"),
        ("one other token", ("(words - 1) * other", "other"), "there are V - 1 other tokens, each wanted with s/V"),
        ("the others taken together as one", ("math.log(other)", "math.log((words - 1) * other)"), "each of the others has a probability of its own, s/V, and ln is taken of that"),
        ("the right token's part alone", ("entropy -= (words - 1) * other * math.log(other)", "pass"), "the others are wanted too: the sum goes over all V tokens"),
        ("-ln of what the right token is wanted with", ("-right * math.log(right)", "-math.log(right)"), ("entropy -= (words - 1) * other * math.log(other)", "pass"), "the loss is a mean over all tokens, weighted by what is wanted: -Σ q ln q"),
        ("-ln(1 - s)", ("-right * math.log(right)", "-math.log(1 - smoothing)"), ("entropy -= (words - 1) * other * math.log(other)", "pass"), "the loss is a mean over all tokens, weighted by what is wanted: -Σ q ln q"),
        ("s ln V", ("return entropy", "return smoothing * math.log(words)"), "at best the model says what is wanted, and the loss is the entropy of that: -Σ q ln q"),
        ("ln V", ("return entropy", "return math.log(words)"), "ln V is where training begins; its floor is the entropy of what is wanted"),
        ("e to the power of it", ("return entropy", "return math.exp(entropy)"), "a loss is asked for, not a perplexity"),
        ("the entropy not weighted", ("-right * math.log(right)", "-math.log(right)"), ("(words - 1) * other * math.log(other)", "(words - 1) * math.log(other)"), "each logarithm is weighted by what the token is wanted with: -Σ q ln q"),
        ("the mean of the logarithms, not weighted", ("-right * math.log(right)", "-math.log(right) / words"), ("(words - 1) * other * math.log(other)", "(words - 1) * math.log(other) / words"), "each logarithm is weighted by what the token is wanted with: -Σ q ln q"),
    ],
    hints=(
        "Write down what is wanted for V = 2 and s = 0.2: 0.9 for the right token and 0.1 for the other. Which probabilities should a model give to lose least?",
        "The loss is lowest where the model says exactly what is wanted; then it is the entropy -Σ q ln q, with q = 1 - s + s/V once and q = s/V for V - 1 tokens.",
        "-right * math.log(right) - (words - 1) * other * math.log(other), and 0 where smoothing is 0.",
    ),
)  # fmt: skip
def smoothing_floor(smoothing: float, words: int) -> float:
    """The lowest mean loss, in nats, that any model can reach with this label smoothing (Szegedy et al. 2016) and so many tokens."""
    other = smoothing / words  # what each other token is wanted with
    right = 1 - smoothing + other  # what the right token is wanted with
    entropy = -right * math.log(right)  # the right token's part of the entropy
    if other > 0:
        entropy -= (words - 1) * other * math.log(other)  # the others' part of the entropy
    return entropy


def small_batches(random: Random, count: int, *shapes: tuple[int, ...], bound: float) -> tuple[Any, ...]:
    parts = [[drawn(random, *shape) for shape in shapes] for _ in range(count)]
    return parts, [random.randint(1, 9) for _ in range(count)], bound


EACH_PART = (
    "[[min(1.0, bound / sum(one.square().sum() for one in part).sqrt()) * one for one in part] for part in parts]"
)


@exercise(
    lesson=5,
    title="One large batch out of small ones",
    stars=2,
    points=4,
    cases=lambda: [
        ([[torch.tensor([9.0]), torch.tensor([0.0])], [torch.tensor([0.0]), torch.tensor([6.0])]], [1, 2], 1.0),
        Case(([[torch.tensor([0.3, 0.1])], [torch.tensor([-0.2, 0.5])]], [3, 1], 10.0), "short enough"),
        Case(([[torch.zeros(2, 3)], [torch.zeros(2, 3)]], [1, 1], 1.0), "a gradient of zeros"),
        small_batches(Random(5), 3, (3, 5), (5,), (1, 2, 3), bound=1.5),
    ],
    fuzz=lambda random: small_batches(random, random.randint(2, 4), (random.randint(1, 5), 3), (random.randint(1, 5),), bound=random.choice((0.5, 1.0, 2.5, 30.0))),
    parts=("the gradient", "the length"),
    forbidden=("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.get_total_norm", "torch.nn.utils.clip_grads_with_norm_"),
    mistakes=[
        ("every part weighs the same", ("count / sum(counts)", "1 / len(counts)"), "a part with more targets weighs more: its share is its count over the sum of the counts"),
        ("the parts added", ("count / sum(counts)", "1.0"), "the parts' gradients are means; the whole batch's is their mean, weighted by the counts"),
        ("the counts divided by how many parts there are", ("count / sum(counts)", "count / len(counts)"), "the weights of a mean sum to 1: divide by the sum of the counts"),
        ("the counts not divided by their sum", ("count / sum(counts)", "float(count)"), "the weights of a mean sum to 1: divide by the sum of the counts"),
        ("each tensor clipped by itself", ("factor * one for one in whole", "min(1.0, bound / one.norm()) * one for one in whole"), "one length over all tensors and one factor for all, so that the direction stays"),
        ("each number clipped by itself", ("factor * one for one in whole", "one.clamp(-bound, bound) for one in whole"), "one factor for all numbers, so that the direction stays"),
        ("each part clipped before they are added", ("zip(*parts, strict=True)", f"zip(*{EACH_PART}, strict=True)"), "clip once, when the whole batch's gradient is there; parts that are longer than it would lose their weight"),
        ("clipped to the length 1", ("min(1.0, bound / norm)", "1 / norm if norm > bound else 1.0"), "a gradient longer than the bound is multiplied by bound / length"),
        ("a short gradient made longer", ("min(1.0, bound / norm)", "bound / norm"), "a gradient shorter than the bound stays as it is: the factor is at most 1"),
        ("a short gradient made longer, except one of zeros", ("min(1.0, bound / norm)", "bound / norm if norm > 0 else 1.0"), "a gradient shorter than the bound stays as it is: the factor is at most 1"),
        ("the length after clipping", ("return [factor * one for one in whole], norm", "return [factor * one for one in whole], factor * norm"), "the length before clipping is asked for: it is what one looks at in a curve"),
        ("the tensors' lengths added", ("sum(one.square().sum() for one in whole).sqrt()", "sum(one.norm() for one in whole)"), "the length is the root of the sum of *all* squares; the squares of the tensors' lengths add up, not the lengths"),
        ("no root", (".sqrt()", ""), "the length is the root of the sum of the squares"),
        ("the sizes added, not the squares", ("sum(one.square().sum() for one in whole).sqrt()", "sum(one.abs().sum() for one in whole)"), "the length is the root of the sum of the squares"),
        ("the length of the longest tensor", ("sum(one.square().sum() for one in whole).sqrt()", "max(one.norm() for one in whole)"), "the length goes over all numbers of all tensors"),
        ("the largest number taken for the length", ("sum(one.square().sum() for one in whole).sqrt()", "max(one.abs().max() for one in whole)"), "the length is the root of the sum of the squares"),
        ("the first tensor's length", ("sum(one.square().sum() for one in whole).sqrt()", "whole[0].norm()"), "the length goes over all numbers of all tensors"),
        ("not clipped", ("factor * one for one in whole", "one for one in whole"), "a gradient longer than the bound is multiplied by bound / length"),
    ],
    hints=(
        "Two parts, with 1 and 2 targets. The loss of all three is a mean over three. With which weights do the two means make it?",
        "whole[k] is the sum of count / sum(counts) * part[k] over the parts. Its length: the root of the sum of all squares, in all tensors.",
        "Multiply every tensor by min(1.0, bound / norm), where norm is a tensor (0 / 0 is avoided: bound / 0 is infinite), and return norm beside them.",
    ),
    equivalent={
        "the arguments of min swapped in: factor = min(1.0, bound / norm)": "the smaller of two has no order",
        "the arguments of zip swapped in: sum(weight * one for weight, one in zip(weights, ones, strict=True))": "a product has no order",
        **{
            f"{what} in: {line}": "all parts have the same tensors"
            for what in ("zip without strict", "True becomes False")
            for line in ("for ones in zip(*parts, strict=True)", "sum(weight * one for weight, one in zip(weights, ones, strict=True))")
        },
    },
)  # fmt: skip
def accumulated_gradient(
    parts: list[list[Numbers]], counts: list[int], bound: float
) -> tuple[list[Numbers], Float[Tensor, ""]]:
    """The gradient of a batch that was computed in parts, clipped, and its length before that.

    ``parts[i]`` holds, for each weight, the gradient of the *mean* loss over the ``counts[i]`` targets of part i.
    """
    weights = [count / sum(counts) for count in counts]  # the weight of each part
    whole = [
        sum(weight * one for weight, one in zip(weights, ones, strict=True))  # the gradient of the whole batch
        for ones in zip(*parts, strict=True)
    ]
    norm = sum(one.square().sum() for one in whole).sqrt()  # the length over all tensors
    factor = min(1.0, bound / norm)  # the factor, for all tensors the same
    return [factor * one for one in whole], norm


def rows_in_pairs(random: Random, count: int) -> tuple[list[float], list[float]]:
    """Two rows whose seeds share their luck."""
    luck = [random.gauss(2.2, 0.05) for _ in range(count)]
    effect = random.choice((-0.04, 0.01, 0.1))
    base, changed = ([round(one + random.gauss(mean, 0.01), 4) for one in luck] for mean in (0, effect))
    return base, changed


@exercise(
    lesson=5,
    title="The same seeds: a comparison in pairs",
    stars=2,
    points=3,
    cases=lambda: [
        ([2.0, 3.0, 4.0], [2.1, 3.3, 4.2]),
        Case(([2.19, 2.21, 2.18], [2.19, 2.21, 2.18]), "two equal rows"),
        ([3.1, 2.9], [2.8, 2.7]),
        rows_in_pairs(Random(3), 5),
    ],
    fuzz=lambda random: rows_in_pairs(random, random.randint(3, 7)),
    parts=("the mean difference", "t"),
    forbidden=("scipy.stats.ttest_rel", "scipy.stats.ttest_1samp"),
    mistakes=[
        ("base minus changed", ("[two - one for", "[one - two for"), "the difference is changed minus base, so that a lower loss is a difference below 0"),
        ("the seeds not paired", ("statistics.stdev(differences)", "math.sqrt(statistics.variance(base) + statistics.variance(changed))"), "take the difference seed by seed, and the spread of these differences: luck that both share falls out"),
        ("the spread of the base", ("statistics.stdev(differences)", "statistics.stdev(base)"), "the spread is that of the differences"),
        ("the spread of the changed row", ("statistics.stdev(differences)", "statistics.stdev(changed)"), "the spread is that of the differences"),
        ("a spread with n below", ("statistics.stdev(", "statistics.pstdev("), "the spread of a sample divides by n - 1 (np.std divides by n unless it is told ddof=1)"),
        ("the variance taken for the spread", ("statistics.stdev(", "statistics.variance("), "the spread is the standard deviation, the root of the variance"),
        ("the spread not divided by the root of n", ("spread / math.sqrt(len(differences))", "spread"), "a mean of n is surer than one run: its error is the spread over the root of n"),
        ("the spread divided by n", ("math.sqrt(len(differences))", "len(differences)"), "the error of a mean is the spread over the *root* of n"),
        ("the spread multiplied by the root of n", ("spread / math.sqrt(", "spread * math.sqrt("), "a mean of many is surer than one run: divide by the root of n"),
        ("t without its sign", ("mean / error if", "abs(mean / error) if"), "t keeps the sign of the difference: below 0 the changed row is lower"),
        ("the sizes of the differences", ("[two - one for", "[abs(two - one) for"), "differences of both signs cancel out; leave them their signs"),
        ("the error divided by the root of n - 1", ("math.sqrt(len(differences))", "math.sqrt(len(differences) - 1)"), "n - 1 stands in the spread already; the error of a mean is the spread over the root of n"),
        ("the median", ("statistics.mean(differences)", "statistics.median(differences)"), "t compares the *mean* of the differences with its error"),
        ("differences as shares of the base", ("[two - one for", "[two / one - 1 for"), "a difference is asked for, not a share"),
        ("the rows sorted first", ("zip(base, changed, strict=True)", "zip(sorted(base), sorted(changed), strict=True)"), "what belongs together is the seed, and sorting tears the pairs apart"),
        ("always three seeds", ("statistics.mean(differences)", "sum(differences) / 3"), ("math.sqrt(len(differences))", "math.sqrt(3)"), "the number of seeds is the length of the rows"),
        ("the error in place of t", ("mean / error if error > 0 else 0.0", "error"), "t is the mean difference over its error"),
    ],
    hints=(
        "First the differences, one for each seed: changed minus base. From here on only they count.",
        "statistics.mean gives their mean, statistics.stdev their spread s (with n - 1 below). The error of the mean is s / √n.",
        "mean / (spread / math.sqrt(n)), and 0 where all differences are 0.",
    ),
    equivalent={
        f"{what} in: differences = [two - one for one, two in zip(base, changed, strict=True)]": "both rows have the same seeds"
        for what in ("zip without strict", "True becomes False")
    },
)  # fmt: skip
def paired_t(base: list[float], changed: list[float]) -> tuple[float, float]:
    """The mean of ``changed`` minus ``base``, seed by seed, and how many times its own error that is (t; Student 1908).

    Both rows hold the same seeds in the same order. Two equal rows have a t of 0.
    """
    differences = [two - one for one, two in zip(base, changed, strict=True)]  # the differences
    mean = statistics.mean(differences)  # their mean
    spread = statistics.stdev(differences)  # their spread
    error = spread / math.sqrt(len(differences))  # the error of their mean
    return mean, mean / error if error > 0 else 0.0  # t


def small_training(train: Callable[..., Any], seed: int, steps: int, rate: float) -> tuple[Any, Numbers]:
    """The losses that are returned, and the weights in the end, of a small network with dropout."""
    torch.random.default_generator.manual_seed(seed)
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 4))
    optimizer = PlainDescent(list(model.parameters()), rate)
    *batches, valid = zip(torch.randn(steps + 1, 5, 3), torch.randint(4, (steps + 1, 5)), strict=True)
    losses = train(model, optimizer, batches, valid)
    return losses, nn.utils.parameters_to_vector(model.parameters()).detach()


@exercise(
    lesson=5,
    title="Find the faults: a training that keeps its best",
    stars=2,
    points=4,
    cases=lambda: [Case((2, 2, 1.0), "two batches"), Case((5, 3, 1.0), "the loss turns"), Case((26, 3, 1.0), "it rises at once")],
    fuzz=lambda random: (random.randrange(10_000), random.choice((2, 2, 3)), random.choice((0.3, 1.0, 2.0))),
    drive=small_training,
    parts=("the list of losses", "the model in the end"),
    given=("gradients of earlier batches still there", "examined in training mode", "the last weights, not the best"),
    mistakes=[
        ("gradients of earlier batches still there", ("        optimizer.zero_grad()  # the old gradients\n", ""), "backward adds to the gradients that are there: clear them before each batch"),
        ("examined in training mode", ("        model.eval()  # evaluation mode\n", ""), "dropout must be off while the model is examined: model.eval()"),
        ("the last weights, not the best", ("{name: weight.clone() for name, weight in model.state_dict().items()}", "model.state_dict()"), "state_dict() holds the weights themselves, which training goes on changing: keep copies, and the loss that they had; at the end load_state_dict puts the best back"),
        ("never back in training mode", ("        model.train()  # training mode\n", ""), "model.eval() stays until model.train() is called: dropout belongs to every batch"),
        ("no dropout at all", ("model.train()  # training mode", "model.eval()"), "dropout belongs to training: model.train() before each batch"),
        (
            "the weights never move",
            ("        optimizer.zero_grad()  # the old gradients\n", ""), ("optimizer.step()", "optimizer.zero_grad(); optimizer.step()"),
            "optimizer.step() moves them, with the gradients that backward has computed; clear these before backward, not after it",
        ),
        ("examined on the training batch", ("cross_entropy(model(valid[0]), valid[1])", "cross_entropy(model(inputs), targets)"), "the loss that counts is that of valid"),
        (
            "the training loss in place of an examination",
            ("        model.eval()  # evaluation mode\n", ""),
            ("cross_entropy(model(inputs), targets).backward()", "loss = cross_entropy(model(inputs), targets); loss.backward()"),
            ("cross_entropy(model(valid[0]), valid[1])", "loss"),
            "the loss that counts is that of valid, with dropout off",
        ),
        ("the losses of an examination added", ("cross_entropy(model(valid[0]), valid[1])", 'cross_entropy(model(valid[0]), valid[1], reduction="sum")'), "the loss of an examination is the mean over its examples"),
        ("the worst kept", ("losses[-1] == min(losses)", "losses[-1] == max(losses)"), "the weights to be kept are those of the *lowest* loss"),
        ("the first weights kept", ("losses[-1] == min(losses)", "best is None"), "each time the loss is lower than all before, the weights are kept anew"),
        ("compared with the loss before, not with the lowest", ("losses[-1] == min(losses)", "losses[-1] <= losses[-2:][0]"), "compare with the lowest loss so far"),
        (
            "stopped at the first loss that is not lower",
            ("        if losses[-1] == min(losses):  # a new best", "        if losses[-1] > min(losses):\n            break\n        else:"),
            "the curve of a small examination jumps; all batches are to be used",
        ),
        (
            "examined before the step",
            ("        optimizer.zero_grad()  # the old gradients\n        cross_entropy(model(inputs), targets).backward()  # backward\n        optimizer.step()  # the step\n", ""),
            ("  # what is kept of it", "\n        model.train(); optimizer.zero_grad(); cross_entropy(model(inputs), targets).backward(); optimizer.step()"),
            "each batch: first the step, then the examination",
        ),
    ],
    hints=(
        "Three questions. What is in the gradients before backward()? Is dropout on or off while the model is examined? And what happens to the kept weights at the next step?",
        "optimizer.zero_grad() belongs before each backward(), model.eval() before each examination. And state_dict() copies nothing.",
        "best = {name: weight.clone() for name, weight in model.state_dict().items()}",
    ),
    equivalent={"without .item() in: losses.append(cross_entropy(model(valid[0]), valid[1]).item())": "a tensor without axes is a number as well"},
)  # fmt: skip
def keep_the_best(
    model: nn.Module, optimizer: Any, batches: list[tuple[Tensor, Tensor]], valid: tuple[Tensor, Tensor]
) -> list[float]:
    """Train on each batch once, examine on ``valid`` after each; the model ends with the weights of the lowest loss.

    Returns the losses on ``valid``.
    """
    losses, best = [], None
    for inputs, targets in batches:
        model.train()  # training mode
        optimizer.zero_grad()  # the old gradients
        cross_entropy(model(inputs), targets).backward()  # backward
        optimizer.step()  # the step
        model.eval()  # evaluation mode
        with torch.no_grad():
            losses.append(cross_entropy(model(valid[0]), valid[1]).item())  # the examination
        if losses[-1] == min(losses):  # a new best
            best = {name: weight.clone() for name, weight in model.state_dict().items()}  # what is kept of it
    model.load_state_dict(best)  # back to the best
    return losses


def weights_averaged(kind: Callable[[float], Any], decay: float, steps: list[list[float]], stopped: int) -> list[Any]:
    """The mean after each step of a training whose weights are ``steps``; at ``stopped`` (0: never) it is killed and resumed."""

    def as_weights(row: list[float]) -> list[Tensor]:
        return [torch.tensor(row[:1]), torch.tensor(row[1:])[:, None]][: len(row)]

    average, weights, means = kind(decay), [nn.Parameter(one) for one in as_weights(steps[0])], []
    for number, row in enumerate(steps):
        if number == stopped > 0:
            state = copied(average.state_dict())
            if state is None:
                raise Unfit("state_dict() returns None: it returns all that a resumed run must know")
            average = kind(decay)
            average.load_state_dict(state)
        with torch.no_grad():
            for weight, new in zip(weights, as_weights(row), strict=True):
                weight.copy_(new)  # in place, as an optimizer does
        average.update(weights)
        if any(not torch.equal(weight, new) for weight, new in zip(weights, as_weights(row), strict=True)):
            raise Unfit("update() changes the weights that it is given; training goes on with these")
        mean = average.mean()
        if not isinstance(mean, list | tuple) or [getattr(one, "shape", None) for one in mean] != [
            one.shape for one in weights
        ]:
            raise Unfit("mean() returns a list with a tensor for each weight, of the weight's shape")
        if any(one.requires_grad for one in mean):
            raise Unfit(
                "The mean still hangs on the graph of every step before, and memory grows with each: weight.detach(), or torch.no_grad()"
            )
        means.append([copied(one) for one in mean])
    return means


def training_path(random: Random, size: int, count: int) -> tuple[float, list[list[float]], int]:
    steps = [[round(random.gauss(3, 2), 1) for _ in range(size)] for _ in range(count)]
    return random.choice((0.5, 0.7, 0.9)), steps, random.randint(0, count - 1)


@exercise(
    lesson=5,
    title="A mean of the weights that survives a power cut",
    stars=3,
    points=5,
    cases=lambda: [
        (0.5, [[4.0], [8.0]], 0),
        Case((0.9, [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [5.0, -1.0, 0.0]], 0), "several weights"),
        Case((0.8, [[1.0], [2.0], [4.0], [8.0]], 2), "killed after two steps, and resumed"),
    ],
    fuzz=lambda random: training_path(random, random.randint(1, 4), random.randint(3, 6)),
    drive=weights_averaged,
    mistakes=[
        ("no bias correction", ("one / (1 - self.decay**self.steps)", "one"), "begun at 0 the mean is too small at first: divide by 1 - decay**steps"),
        (
            "begun with the first weights, and not corrected",
            ("[torch.zeros_like(one) for one in weights]", "[one.detach() for one in weights]"), ("one / (1 - self.decay**self.steps)", "one"),
            "so the first weights weigh more than all others; begin at 0 and divide by 1 - decay**steps",
        ),
        (
            "the first weights held, not copied",
            ("self.sums = [\n", "self.sums = new if not self.sums else [\n"), ("one / (1 - self.decay**self.steps)", "one"),
            "training changes its weights in place, and detach() copies nothing; begin at 0 and divide by 1 - decay**steps",
        ),
        ("begun with the first weights, and corrected as well", ("[torch.zeros_like(one) for one in weights]", "[one.detach() for one in weights]"), "the correction belongs to a mean that begins at 0"),
        ("the shares exchanged", ("self.decay * one + (1 - self.decay) * weight", "(1 - self.decay) * one + self.decay * weight"), "decay is the share of the old mean that stays"),
        ("decay taken for the share of the new weights", ("= decay, 0", "= 1 - decay, 0"), "decay is the share of the old mean that stays"),
        ("the new weights added in full", ("(1 - self.decay) * weight", "weight"), "the new weights get the share that the old mean gives up: 1 - decay"),
        ("the steps counted anew after a stop", ('self.sums, self.steps = state["sums"], state["steps"]', 'self.sums = state["sums"]'), "the correction needs the number of steps: it is a part of the state, like Adam's"),
        ("the mean begun anew after a stop, with the old count", ('self.sums, self.steps = state["sums"], state["steps"]', 'self.steps = state["steps"]'), "the running mean is a part of the state"),
        ("everything begun anew after a stop", ('self.sums, self.steps = state["sums"], state["steps"]', "pass"), "load_state_dict puts back what state_dict has given: the running mean and the number of steps"),
        ("the corrected mean saved in place of the running one", ('"sums": self.sums', '"sums": self.mean()'), "what goes on is the mean before its correction"),
        (
            "the correction applied to what is kept",
            ("return [one / (1 - self.decay**self.steps) for one in self.sums]", "self.sums = [one / (1 - self.decay**self.steps) for one in self.sums]\n        return self.sums"),
            "mean() only looks: the running mean itself stays uncorrected",
        ),
        ("corrected for one step too many", ("1 - self.decay**self.steps", "1 - self.decay ** (self.steps + 1)"), "after the first step the divisor is 1 - decay"),
        ("a product in place of the power", ("self.decay**self.steps", "self.decay * self.steps"), "what is left of the beginning is decay · decay · …, once for each step: decay**steps"),
        ("divided by 1 - decay at every step", ("1 - self.decay**self.steps", "1 - self.decay"), "the divisor grows to 1: 1 - decay**steps"),
        ("the plain mean of all weights", ("self.decay * one + (1 - self.decay) * weight", "one + weight"), ("1 - self.decay**self.steps", "self.steps"), "old weights count less and less: each step multiplies them by decay"),
        ("the latest weights", ("self.decay * one + (1 - self.decay) * weight", "weight"), ("one / (1 - self.decay**self.steps)", "one"), "the mean remembers: decay times the old mean and 1 - decay times the weights"),
    ],
    hints=(
        "It is the first of Adam's two averages (lesson 4), of weights instead of gradients, and with the same correction.",
        "Keep m, begun at 0, and the number of steps n: m ← decay · m + (1 - decay) · weight.detach() for each weight; the mean is m / (1 - decay**n), and m itself stays as it is.",
        "state_dict returns {'sums': self.sums, 'steps': self.steps}; load_state_dict puts both back. Nothing else changes from step to step.",
    ),
    equivalent={
        f"{what} in: for one, weight in zip(old, new, strict=True)": "a model's weights are always the same number of tensors"
        for what in ("zip without strict", "True becomes False")
    },
)  # fmt: skip
class WeightAverage:
    """A running mean of a model's weights, begun at 0 and corrected for that, which can be saved and go on."""

    def __init__(self, decay: float) -> None:
        self.decay, self.steps = decay, 0
        self.sums: list[Tensor] = []

    def update(self, weights: list[Tensor]) -> None:
        old = self.sums or [torch.zeros_like(one) for one in weights]  # the beginning
        new = [weight.detach() for weight in weights]  # away from the graph
        self.sums = [
            self.decay * one + (1 - self.decay) * weight  # the running mean
            for one, weight in zip(old, new, strict=True)
        ]
        self.steps += 1  # the count of the steps

    def mean(self) -> list[Tensor]:
        return [one / (1 - self.decay**self.steps) for one in self.sums]  # the correction

    def state_dict(self) -> dict[str, Any]:
        return {"sums": self.sums, "steps": self.steps}  # what is saved

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.sums, self.steps = state["sums"], state["steps"]  # what is put back
