"""Answers to lesson 5's exercises."""

from __future__ import annotations

import copy
import math
import statistics

import torch
import torch.nn.functional as F


def model_steps(hours, machines, peak, utilisation, tokens_per_parameter):
    budget = 3600 * hours * machines * peak * utilisation
    parameters = math.sqrt(budget / 6 / tokens_per_parameter)
    return parameters, tokens_per_parameter * parameters


def model_by_text(hours, machines, peak, utilisation, tokens_per_parameter):
    """The text first: C = 6 (D / r) D."""
    seconds = hours * 60 * 60
    tokens = (seconds * machines * peak * utilisation * tokens_per_parameter / 6) ** 0.5
    return [tokens / tokens_per_parameter, tokens]


def model_by_logarithms(hours, machines, peak, utilisation, tokens_per_parameter):
    log = sum(map(math.log, (hours, 3600, machines, peak, utilisation))) - math.log(6 * tokens_per_parameter)
    parameters = math.exp(log / 2)
    return torch.tensor(parameters, dtype=torch.double), torch.tensor(parameters, dtype=torch.double) * tokens_per_parameter


def model_forward(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(3600 * hours * machines * peak * utilisation / (2 * tokens_per_parameter))
    return parameters, parameters * tokens_per_parameter


def model_in_hours(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(hours * machines * peak * utilisation / (6 * tokens_per_parameter))
    return parameters, parameters * tokens_per_parameter


def model_in_minutes(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(60 * hours * machines * peak * utilisation / (6 * tokens_per_parameter))
    return parameters, parameters * tokens_per_parameter


def model_at_peak(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(3600 * hours * machines * peak / (6 * tokens_per_parameter))
    return parameters, parameters * tokens_per_parameter


def model_over_utilisation(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(3600 * hours * machines * peak / utilisation / (6 * tokens_per_parameter))
    return parameters, parameters * tokens_per_parameter


def model_of_one_machine(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(3600 * hours * peak * utilisation / (6 * tokens_per_parameter))
    return parameters, parameters * tokens_per_parameter


def model_no_root(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = 3600 * hours * machines * peak * utilisation / (6 * tokens_per_parameter)
    return parameters, parameters * tokens_per_parameter


def model_precedence(hours, machines, peak, utilisation, tokens_per_parameter):
    """Division and product from left to right."""
    parameters = math.sqrt(3600 * hours * machines * peak * utilisation / 6 * tokens_per_parameter)
    return parameters, parameters * tokens_per_parameter


def model_equal(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(3600 * hours * machines * peak * utilisation / 6)
    return parameters, parameters


def model_turned(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(3600 * hours * machines * peak * utilisation / (6 * tokens_per_parameter))
    return parameters * tokens_per_parameter, parameters


def model_alone(hours, machines, peak, utilisation, tokens_per_parameter):
    return math.sqrt(3600 * hours * machines * peak * utilisation / (6 * tokens_per_parameter))


def model_ratio_always_20(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(3600 * hours * machines * peak * utilisation / 120)
    return parameters, parameters * 20


def floor_terms(smoothing, words):
    other = smoothing / words
    right = 1 - smoothing + other
    floor = -right * math.log(right)
    if other > 0:
        floor -= (words - 1) * other * math.log(other)
    return floor


def floor_torch(smoothing, words):
    wanted = torch.full((words,), smoothing / words, dtype=torch.double)
    wanted[0] += 1 - smoothing
    return torch.special.entr(wanted).sum()


def floor_measured(smoothing, words):
    """The loss of the scores that are the logarithms of what is wanted."""
    wanted = torch.full((1, words), smoothing / words, dtype=torch.double)
    wanted[0, 0] += 1 - smoothing
    scores = wanted.clamp(min=1e-300).log()
    return F.cross_entropy(scores, torch.tensor([0]), label_smoothing=smoothing).item()


def _entropy(right, other, many, base=math.e):
    return -right * math.log(right, base) - (many * other * math.log(other, base) if other > 0 else 0)


def floor_others_alone(smoothing, words):
    """What is taken from the right token goes to the others only."""
    return _entropy(1 - smoothing, smoothing / (words - 1), words - 1) if smoothing < 1 else math.log(words - 1)


def floor_rest_missing(smoothing, words):
    """The right token keeps 1 - s, and all words get s / V."""
    return _entropy(max(1 - smoothing, 1e-12), smoothing / words, words - 1)


def floor_of_all(smoothing, words):
    return _entropy(1 - smoothing + smoothing / words, smoothing / words, words)


def floor_two_outcomes(smoothing, words):
    """Entropy of right or not right."""
    right = 1 - smoothing + smoothing / words
    return _entropy(right, 1 - right, 1)


def floor_of_the_right(smoothing, words):
    return -math.log(1 - smoothing + smoothing / words)


def floor_one_minus(smoothing, words):
    return -math.log(1 - smoothing)


def floor_share_of_guessing(smoothing, words):
    return smoothing * math.log(words)


def floor_zero(smoothing, words):
    return 0.0


def floor_bits(smoothing, words):
    return floor_terms(smoothing, words) / math.log(2)


def floor_perplexity(smoothing, words):
    return math.exp(floor_terms(smoothing, words))


def floor_negative(smoothing, words):
    return -floor_terms(smoothing, words)


def floor_needs_some(smoothing, words):
    other = smoothing / words
    right = 1 - smoothing + other
    return -right * math.log(right) - (words - 1) * other * math.log(other)


def floor_one_other(smoothing, words):
    right, other = 1 - smoothing + smoothing / words, smoothing / words
    return _entropy(right, other, 1)


def floor_no_probability(smoothing, words):
    """The mean of the logarithms, not weighted by what is wanted."""
    right, other = 1 - smoothing + smoothing / words, max(smoothing / words, 1e-12)
    return -(math.log(right) + (words - 1) * math.log(other)) / words


def gradient_stacked(parts, counts, bound):
    weights = torch.tensor(counts) / sum(counts)
    whole = [torch.einsum("k,k...->...", weights, torch.stack(list(one))) for one in zip(*parts, strict=True)]
    norm = torch.cat([one.flatten() for one in whole]).norm()
    if norm > bound:
        whole = [one * bound / norm for one in whole]
    return whole, norm


def gradient_loops(parts, counts, bound):
    total = sum(counts)
    whole = [torch.zeros_like(one) for one in parts[0]]
    for part, count in zip(parts, counts, strict=True):
        for sum_, one in zip(whole, part, strict=True):
            sum_ += one * (count / total)
    norm = math.sqrt(sum((one**2).sum().item() for one in whole))
    return ([one * (bound / norm) for one in whole] if norm > bound else whole), norm


def gradient_of_norms(parts, counts, bound):
    """The length from the tensors' lengths; PyTorch's small number in the denominator."""
    whole = []
    for place in range(len(parts[0])):
        whole.append(sum(count * part[place] for part, count in zip(parts, counts, strict=True)) / sum(counts))
    norm = torch.stack([one.norm() for one in whole]).norm()
    factor = (bound / (norm + 1e-6)).clamp(max=1.0)
    return tuple(one * factor for one in whole), norm.item()


def _whole(parts, weights):
    return [sum(w * one for w, one in zip(weights, ones, strict=True)) for ones in zip(*parts, strict=True)]


def _length(tensors):
    return torch.cat([one.flatten() for one in tensors]).norm()


def _short(tensors, bound):
    norm = _length(tensors)
    return [one * torch.clamp(bound / norm, max=1.0) for one in tensors], norm


def _weights(counts):
    return [count / sum(counts) for count in counts]


def gradient_mean_of_means(parts, counts, bound):
    return _short(_whole(parts, [1 / len(parts)] * len(parts)), bound)


def gradient_added(parts, counts, bound):
    """What repeated backward() does."""
    return _short(_whole(parts, [1] * len(parts)), bound)


def gradient_counted(parts, counts, bound):
    return _short(_whole(parts, counts), bound)


def gradient_each_tensor(parts, counts, bound):
    whole = _whole(parts, _weights(counts))
    return [one * min(1.0, bound / max(one.norm().item(), 1e-12)) for one in whole], _length(whole)


def gradient_each_number(parts, counts, bound):
    whole = _whole(parts, _weights(counts))
    return [one.clamp(-bound, bound) for one in whole], _length(whole)


def gradient_each_part(parts, counts, bound):
    whole = _whole([_short(part, bound)[0] for part in parts], _weights(counts))
    return whole, _length(whole)


def gradient_always_scaled(parts, counts, bound):
    whole = _whole(parts, _weights(counts))
    norm = _length(whole)
    return [one * bound / norm if norm > 0 else one for one in whole], norm


def gradient_new_length(parts, counts, bound):
    clipped, _ = _short(_whole(parts, _weights(counts)), bound)
    return clipped, _length(clipped)


def gradient_added_lengths(parts, counts, bound):
    whole = _whole(parts, _weights(counts))
    norm = sum(one.norm() for one in whole)
    return [one * torch.clamp(bound / norm, max=1.0) for one in whole], norm


def gradient_squared_length(parts, counts, bound):
    whole = _whole(parts, _weights(counts))
    norm = sum(one.square().sum() for one in whole)
    return [one * torch.clamp(bound / norm, max=1.0) for one in whole], norm


def gradient_torch_length(parts, counts, bound):
    """norm() of the tensors laid in one, but as the largest of them."""
    whole = _whole(parts, _weights(counts))
    norm = max(one.norm() for one in whole)
    return [one * torch.clamp(bound / norm, max=1.0) for one in whole], norm


def gradient_unclipped(parts, counts, bound):
    whole = _whole(parts, _weights(counts))
    return whole, _length(whole)


def gradient_in_place(parts, counts, bound):
    for part, weight in zip(parts, _weights(counts), strict=True):
        for one in part:
            one *= weight
    return _short(_whole(parts, [1] * len(parts)), bound)


def gradient_flat(parts, counts, bound):
    clipped, norm = _short(_whole(parts, _weights(counts)), bound)
    return torch.cat([one.flatten() for one in clipped]), norm


def gradient_alone(parts, counts, bound):
    return _short(_whole(parts, _weights(counts)), bound)[0]


def gradient_divides_by_zero(parts, counts, bound):
    whole = _whole(parts, _weights(counts))
    norm = _length(whole).item()
    return [one * min(1, bound / norm) for one in whole], norm


def paired_statistics(base, changed):
    differences = [after - before for before, after in zip(base, changed, strict=True)]
    mean = statistics.mean(differences)
    spread = statistics.stdev(differences)
    return mean, mean / (spread / math.sqrt(len(base))) if spread else 0.0


def paired_tensors(base, changed):
    differences = torch.tensor(changed, dtype=torch.double) - torch.tensor(base, dtype=torch.double)
    mean, spread = differences.mean(), differences.std()
    return mean, torch.where(spread > 0, mean / spread * len(base) ** 0.5, 0.0)


def paired_sums(base, changed):
    n = len(base)
    mean = (sum(changed) - sum(base)) / n
    squares = sum((two - one - mean) ** 2 for one, two in zip(base, changed, strict=True))
    if squares == 0:
        return [mean, 0]
    return [mean, mean / math.sqrt(squares / (n * (n - 1)))]


def _differences(base, changed):
    return [two - one for one, two in zip(base, changed, strict=True)]


def paired_turned(base, changed):
    mean, t = paired_statistics(base, changed)
    return -mean, -t


def paired_not_at_all(base, changed):
    """The spreads of the two rows, as if their seeds had nothing to do with each other."""
    mean = statistics.mean(changed) - statistics.mean(base)
    error = math.sqrt((statistics.variance(base) + statistics.variance(changed)) / len(base))
    return mean, mean / error if error else 0.0


def paired_of_base(base, changed):
    mean = statistics.mean(changed) - statistics.mean(base)
    spread = statistics.stdev(base)
    return mean, mean / spread * math.sqrt(len(base)) if spread else 0.0


def paired_population(base, changed):
    differences = _differences(base, changed)
    mean, spread = statistics.mean(differences), statistics.pstdev(differences)
    return mean, mean / spread * math.sqrt(len(base)) if spread else 0.0


def paired_numpy(base, changed):
    """NumPy's std divides by n."""
    import numpy as np

    differences = np.array(changed) - np.array(base)
    if not differences.any():
        return 0.0, 0.0
    return differences.mean(), differences.mean() / (differences.std() / np.sqrt(len(differences)))


def paired_no_root(base, changed):
    differences = _differences(base, changed)
    mean, spread = statistics.mean(differences), statistics.stdev(differences)
    return mean, mean / spread if spread else 0.0


def paired_by_n(base, changed):
    differences = _differences(base, changed)
    mean, spread = statistics.mean(differences), statistics.stdev(differences)
    return mean, mean / spread * len(base) if spread else 0.0


def paired_divided(base, changed):
    differences = _differences(base, changed)
    mean, spread = statistics.mean(differences), statistics.stdev(differences)
    return mean, mean / (spread * math.sqrt(len(base))) if spread else 0.0


def paired_variance(base, changed):
    differences = _differences(base, changed)
    mean, spread = statistics.mean(differences), statistics.variance(differences)
    return mean, mean / (spread / math.sqrt(len(base))) if spread else 0.0


def paired_of_size(base, changed):
    mean, t = paired_statistics(base, changed)
    return mean, abs(t)


def paired_absolute(base, changed):
    differences = [abs(one) for one in _differences(base, changed)]
    mean, spread = statistics.mean(differences), statistics.stdev(differences)
    return mean, mean / (spread / math.sqrt(len(base))) if spread else 0.0


def paired_shares(base, changed):
    """Differences in per cent of the base."""
    differences = [two / one - 1 for one, two in zip(base, changed, strict=True)]
    mean, spread = statistics.mean(differences), statistics.stdev(differences)
    return mean, mean / (spread / math.sqrt(len(base))) if spread else 0.0


def paired_for_three(base, changed):
    differences = _differences(base, changed)
    mean, spread = sum(differences) / 3, statistics.stdev(differences)
    return mean, mean / (spread / math.sqrt(3)) if spread else 0.0


def paired_unguarded(base, changed):
    differences = _differences(base, changed)
    mean = statistics.mean(differences)
    return mean, mean / (statistics.stdev(differences) / math.sqrt(len(base)))


def paired_sorted(base, changed):
    return paired_statistics(sorted(base), sorted(changed))


def paired_error(base, changed):
    """The standard error in place of t."""
    differences = _differences(base, changed)
    return statistics.mean(differences), statistics.stdev(differences) / math.sqrt(len(base))


def best_by_steps(model, optimizer, batches, valid):
    losses, lowest, best = [], math.inf, None
    for inputs, targets in batches:
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(F.cross_entropy(model(valid[0]), valid[1]).item())
        if losses[-1] < lowest:
            lowest, best = losses[-1], copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return losses


def best_of_all(model, optimizer, batches, valid):
    """All weights are kept, the best chosen at the end; a function of its own for the examination."""

    def examined():
        model.eval()
        scores = model(valid[0]).detach()
        model.train()
        return F.cross_entropy(scores, valid[1])

    model.train()
    losses, every = [], []
    for inputs, targets in batches:
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        losses.append(examined())
        every.append([one.detach().clone() for one in model.parameters()])
    with torch.no_grad():
        for one, kept in zip(model.parameters(), every[losses.index(min(losses))], strict=True):
            one.copy_(kept)
    return losses


@torch.no_grad()
def best_with_grad_inside(model, optimizer, batches, valid):
    losses, best = (), None
    for batch in batches:
        with torch.enable_grad():
            loss = F.cross_entropy(model.train()(batch[0]), batch[1])
        model.zero_grad()
        loss.backward()
        optimizer.step()
        losses += (float(F.cross_entropy(model.eval()(valid[0]), valid[1])),)
        if min(losses) == losses[-1]:
            best = {name: one.clone() for name, one in model.state_dict().items()}
    model.load_state_dict(best)
    return losses


def _best(model, optimizer, batches, valid, clear=True, train=True, still=True, keep=copy.deepcopy, on=None, sign=1, reduction="mean"):
    losses, lowest, best = [], math.inf, None
    for inputs, targets in batches:
        if train:
            model.train()
        if clear:
            optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
        if still:
            model.eval()
        with torch.no_grad():
            asked, wanted = on(inputs, targets) if on else valid
            losses.append(F.cross_entropy(model(asked), wanted, reduction=reduction).item())
        if sign * losses[-1] < lowest:
            lowest, best = sign * losses[-1], keep(model.state_dict())
    model.load_state_dict(best)
    return losses


def best_gradients_pile_up(*given):
    return _best(*given, clear=False)


def best_examined_with_dropout(*given):
    return _best(*given, still=False)


def best_is_a_name(*given):
    return _best(*given, keep=lambda state: state)


def best_is_shallow(*given):
    return _best(*given, keep=dict)


def best_never_trains_again(*given):
    return _best(*given, train=False)


def best_two_left(*given):
    """One of the three faults is mended."""
    return _best(*given, clear=False, keep=lambda state: state)


def best_one_left(*given):
    return _best(*given, still=False, keep=lambda state: state)


def best_on_training_batch(*given):
    return _best(*given, on=lambda inputs, targets: (inputs, targets))


def best_is_worst(*given):
    return _best(*given, sign=-1)


def best_summed(*given):
    return _best(*given, reduction="sum")


def best_clears_too_late(model, optimizer, batches, valid):
    losses, lowest, best = [], math.inf, None
    for inputs, targets in batches:
        model.train()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.zero_grad()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(F.cross_entropy(model(valid[0]), valid[1]).item())
        if losses[-1] < lowest:
            lowest, best = losses[-1], copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return losses


def best_examined_first(model, optimizer, batches, valid):
    losses, lowest, best = [], math.inf, None
    for inputs, targets in batches:
        model.eval()
        with torch.no_grad():
            losses.append(F.cross_entropy(model(valid[0]), valid[1]).item())
        if losses[-1] < lowest:
            lowest, best = losses[-1], copy.deepcopy(model.state_dict())
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    model.load_state_dict(best)
    return losses


def best_stops_early(model, optimizer, batches, valid):
    losses = []
    for inputs, targets in batches:
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
        model.eval()
        losses.append(F.cross_entropy(model(valid[0]), valid[1]).item())
        if losses[-1] > min(losses):
            break
        best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return losses


def best_training_losses(model, optimizer, batches, valid):
    losses, lowest, best = [], math.inf, None
    for inputs, targets in batches:
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if losses[-1] < lowest:
            lowest, best = losses[-1], copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return losses


def best_one_number(*given):
    return min(_best(*given))


def best_says_nothing(*given):
    _best(*given)


class AverageOfLists:
    def __init__(self, decay):
        self.decay = decay
        self.sums = None
        self.steps = 0

    def update(self, weights):
        if self.sums is None:
            self.sums = [torch.zeros_like(one) for one in weights]
        self.sums = [self.decay * old + (1 - self.decay) * new.detach() for old, new in zip(self.sums, weights, strict=True)]
        self.steps += 1

    def mean(self):
        return [one / (1 - self.decay**self.steps) for one in self.sums]

    def state_dict(self):
        return {"sums": self.sums, "steps": self.steps}

    def load_state_dict(self, state):
        self.sums, self.steps = state["sums"], state["steps"]


class AverageInPlace:
    """The bias is a running product, and the memory is changed in place."""

    def __init__(self, decay):
        self.decay, self.memory, self.left = decay, [], 1.0

    @torch.no_grad()
    def update(self, weights):
        if not self.memory:
            self.memory = [torch.zeros(one.shape) for one in weights]
        for one, weight in zip(self.memory, weights, strict=True):
            one.lerp_(weight, 1 - self.decay)
        self.left *= self.decay

    def mean(self):
        return tuple(one / (1 - self.left) for one in self.memory)

    def state_dict(self):
        return [self.left, [one.clone() for one in self.memory]]

    def load_state_dict(self, state):
        self.left, self.memory = state[0], list(state[1])


class AverageOfMeans:
    """Without sums: the corrected mean moves by a share that begins at 1."""

    def __init__(self, decay):
        self.decay, self.kept, self.weight = decay, None, 0.0

    def update(self, weights):
        self.weight = self.decay * self.weight + 1
        if self.kept is None:
            self.kept = [one.detach().clone() for one in weights]
        else:
            self.kept = [old + (new.detach() - old) / self.weight for old, new in zip(self.kept, weights, strict=True)]

    def mean(self):
        return self.kept

    def state_dict(self):
        return vars(self)

    def load_state_dict(self, state):
        vars(self).update(state)


class AverageUncorrected(AverageOfLists):
    def mean(self):
        return self.sums


class AverageBegunWithFirst(AverageOfLists):
    def update(self, weights):
        if self.sums is None:
            self.sums = [one.detach().clone() for one in weights]
        else:
            super().update(weights)

    def mean(self):
        return self.sums


class AverageHoldsWeights(AverageBegunWithFirst):
    """The first weights themselves, which training goes on changing."""

    def update(self, weights):
        if self.sums is None:
            self.sums = list(weights)
        else:
            AverageOfLists.update(self, weights)

    def mean(self):
        return [one.detach() for one in self.sums]


class AverageTurned(AverageOfLists):
    def __init__(self, decay):
        super().__init__(1 - decay)


class AverageHalfTurned(AverageOfLists):
    """Old and new share turned, the correction not."""

    def update(self, weights):
        old = self.sums or [torch.zeros_like(one) for one in weights]
        self.sums = [(1 - self.decay) * one + self.decay * new.detach() for one, new in zip(old, weights, strict=True)]
        self.steps += 1


class AverageForgetsSteps(AverageOfLists):
    def state_dict(self):
        return {"sums": self.sums}

    def load_state_dict(self, state):
        self.sums = state["sums"]


class AverageForgetsSums(AverageOfLists):
    def load_state_dict(self, state):
        self.steps = state["steps"]


class AverageForgetsAll(AverageOfLists):
    def load_state_dict(self, state):
        pass


class AverageKeepsMean(AverageOfLists):
    """The corrected mean is written down as if it were the sums."""

    def state_dict(self):
        return {"sums": self.mean(), "steps": self.steps}


class AverageCorrectsMemory(AverageOfLists):
    def mean(self):
        for one in self.sums:
            one /= 1 - self.decay**self.steps
        return self.sums


class AverageOneMore(AverageOfLists):
    def mean(self):
        return [one / (1 - self.decay ** (self.steps + 1)) for one in self.sums]


class AverageLinear(AverageOfLists):
    def mean(self):
        return [one / (1 - self.decay * self.steps) for one in self.sums]


class AveragePlain(AverageOfLists):
    """The plain mean of all weights so far."""

    def update(self, weights):
        old = self.sums or [torch.zeros_like(one) for one in weights]
        self.sums = [one + new.detach() for one, new in zip(old, weights, strict=True)]
        self.steps += 1

    def mean(self):
        return [one / self.steps for one in self.sums]


class AverageLast(AverageOfLists):
    def update(self, weights):
        self.last = [one.detach().clone() for one in weights]
        super().update(weights)

    def mean(self):
        return self.last

    def state_dict(self):
        return super().state_dict() | {"last": self.last}

    def load_state_dict(self, state):
        self.last = state["last"]


class AverageOfGraph(AverageOfLists):
    """No detach: each step hangs on all before it."""

    def update(self, weights):
        old = self.sums or [torch.zeros_like(one) for one in weights]
        self.sums = [self.decay * one + (1 - self.decay) * new for one, new in zip(old, weights, strict=True)]
        self.steps += 1


class AverageOfOne(AverageOfLists):
    """The first tensor alone."""

    def update(self, weights):
        super().update(weights[:1])


class AverageHasNoState:
    def __init__(self, decay):
        self.decay, self.sums, self.steps = decay, None, 0

    update, mean = AverageOfLists.update, AverageOfLists.mean


class AverageStateIsNone(AverageOfLists):
    def state_dict(self):
        print(self.sums, self.steps)

    def load_state_dict(self, state):
        pass


def model_root_too_early(hours, machines, peak, utilisation, tokens_per_parameter):
    parameters = math.sqrt(hours * 3600 * machines * peak * utilisation / 6) / tokens_per_parameter
    return parameters, parameters * tokens_per_parameter


def floor_weighed_by_s(smoothing, words):
    right, other = 1 - smoothing + smoothing / words, smoothing / words
    return -(1 - smoothing) * math.log(right) - (smoothing * math.log(other) if smoothing else 0.0)


def floor_from_guessing(smoothing, words):
    right, other = 1 - smoothing + smoothing / words, smoothing / words
    return math.log(words) + right * math.log(right) + ((words - 1) * other * math.log(other) if other else 0.0)


def floor_of_two(smoothing, words):
    """As if there were two outcomes: the right token and another one."""
    return -sum(one * math.log(one) for one in (smoothing, 1 - smoothing) if one)


def _accumulated(parts, counts, bound, total, length):
    whole = [sum(count / total * one for count, one in zip(counts, ones, strict=True)) for ones in zip(*parts, strict=True)]
    norm = length(whole)
    return [min(1.0, bound / norm) * one for one in whole], norm


def gradient_over_parts(parts, counts, bound):
    return _accumulated(parts, counts, bound, len(counts), lambda whole: torch.cat([one.flatten() for one in whole]).norm())


def gradient_root_mean_square(parts, counts, bound):
    return _accumulated(parts, counts, bound, sum(counts), lambda whole: sum(one.square().mean() for one in whole).sqrt())


def paired_median(base, changed):
    differences = [two - one for one, two in zip(base, changed, strict=True)]
    middle, spread = statistics.median(differences), statistics.stdev(differences)
    return middle, middle / spread * math.sqrt(len(base)) if spread else 0.0


def best_never_lowered(model, optimizer, batches, valid):
    """Copies are kept; but the lowest loss is not."""
    losses, lowest = [], math.inf
    for inputs, targets in batches:
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(F.cross_entropy(model(valid[0]), valid[1]).item())
        if losses[-1] < lowest:
            best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return losses


def best_another_model(model, optimizer, batches, valid):
    """The best model is kept, and given the same name at the end."""
    losses = []
    for inputs, targets in batches:
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            losses.append(F.cross_entropy(model(valid[0]), valid[1]).item())
        if losses[-1] == min(losses):
            best = copy.deepcopy(model)
    model = best
    return losses


def gradient_of_length_one(parts, counts, bound):
    whole = [sum(count / sum(counts) * one for count, one in zip(counts, ones, strict=True)) for ones in zip(*parts, strict=True)]
    norm = torch.cat([one.flatten() for one in whole]).norm()
    return [one / norm if norm > bound else one for one in whole], norm


def paired_n_minus_one(base, changed):
    differences = [two - one for one, two in zip(base, changed, strict=True)]
    mean, spread = statistics.mean(differences), statistics.stdev(differences)
    return mean, mean / spread * math.sqrt(len(base) - 1) if spread else 0.0


RIGHT = {
    "affordable_model": [model_steps, model_by_text, model_by_logarithms],
    "smoothing_floor": [floor_terms, floor_torch, floor_measured],
    "accumulated_gradient": [gradient_stacked, gradient_loops, gradient_of_norms],
    "paired_t": [paired_statistics, paired_tensors, paired_sums],
    "keep_the_best": [best_by_steps, best_of_all, best_with_grad_inside],
    "WeightAverage": [AverageOfLists, AverageInPlace, AverageOfMeans],
}
WRONG = {
    "affordable_model": [
        model_forward, model_in_hours, model_in_minutes, model_at_peak, model_over_utilisation, model_of_one_machine, model_no_root,
        model_precedence, model_equal, model_turned, model_alone, model_ratio_always_20,
        model_root_too_early,
    ],
    "smoothing_floor": [
        floor_others_alone, floor_rest_missing, floor_of_all, floor_two_outcomes, floor_of_the_right, floor_one_minus,
        floor_share_of_guessing, floor_zero, floor_bits, floor_perplexity, floor_negative, floor_needs_some, floor_one_other,
        floor_no_probability,
        floor_weighed_by_s, floor_from_guessing, floor_of_two,
    ],
    "accumulated_gradient": [
        gradient_mean_of_means, gradient_added, gradient_counted, gradient_each_tensor, gradient_each_number, gradient_each_part,
        gradient_always_scaled, gradient_new_length, gradient_added_lengths, gradient_squared_length, gradient_torch_length,
        gradient_unclipped, gradient_in_place, gradient_flat, gradient_alone, gradient_divides_by_zero,
        gradient_over_parts, gradient_root_mean_square,
        gradient_of_length_one,
    ],
    "paired_t": [
        paired_turned, paired_not_at_all, paired_of_base, paired_population, paired_numpy, paired_no_root, paired_by_n, paired_divided,
        paired_variance, paired_of_size, paired_absolute, paired_shares, paired_for_three, paired_unguarded, paired_sorted, paired_error,
        paired_median,
        paired_n_minus_one,
    ],
    "keep_the_best": [
        best_gradients_pile_up, best_examined_with_dropout, best_is_a_name, best_is_shallow, best_never_trains_again, best_two_left,
        best_one_left, best_on_training_batch, best_is_worst, best_summed, best_clears_too_late, best_examined_first, best_stops_early,
        best_training_losses, best_one_number, best_says_nothing,
        best_never_lowered, best_another_model,
    ],
    "WeightAverage": [
        AverageUncorrected, AverageBegunWithFirst, AverageHoldsWeights, AverageTurned, AverageHalfTurned, AverageForgetsSteps,
        AverageForgetsSums, AverageForgetsAll, AverageKeepsMean, AverageCorrectsMemory, AverageOneMore, AverageLinear, AveragePlain,
        AverageLast, AverageOfGraph, AverageOfOne, AverageHasNoState, AverageStateIsNone,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "affordable_model": {
        "/ becomes // in: parameters = math.sqrt(budget / 6 / tokens_per_parameter)": "of a number with a dozen digits and more, what is cut off does not count",
    },
    "accumulated_gradient": {
        "> becomes >= in: if norm > bound:": "multiplied by bound / bound nothing changes",
        "without list(…) in: whole = [torch.einsum(\"k,k...->...\", weights, torch.stack(list(one))) for one in zip(*parts, strict=True)]": "torch.stack takes a tuple as well",
        **{
            f"{what} in: whole = [torch.einsum(\"k,k...->...\", weights, torch.stack(list(one))) for one in zip(*parts, strict=True)]": "all parts have the same tensors"
            for what in ("zip without strict", "True becomes False")
        },
    },
    "keep_the_best": {
        "< becomes <= in: if losses[-1] < lowest:": "two losses are never equal to the last digit",
        "without .item() in: losses.append(F.cross_entropy(model(valid[0]), valid[1]).item())": "a tensor without axes is a number as well",
    },
    "WeightAverage": {
        f"{what} in: self.sums = [self.decay * old + (1 - self.decay) * new.detach() for old, new in zip(self.sums, weights, strict=True)]": "a model's weights are always the same number of tensors"
        for what in ("zip without strict", "True becomes False")
    },
    "paired_t": {
        f"{what} in: differences = [after - before for before, after in zip(base, changed, strict=True)]": "both rows have the same seeds"
        for what in ("zip without strict", "True becomes False")
    },
}
