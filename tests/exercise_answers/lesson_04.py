"""Answers to lesson 4's exercises."""

from __future__ import annotations

import math

import numpy as np

import lmcourse as lm
from lmcourse.autodiff import Variable


def steps_by_log(curvatures, rate, within):
    slowest = max(abs(1 - rate * λ) for λ in curvatures)
    return None if slowest >= 1 else math.ceil(math.log(within) / math.log(slowest))


def steps_counted(curvatures, rate, within):
    left, steps = np.ones(len(curvatures)), 0
    multiplier = 1 - rate * np.array(curvatures)
    if (abs(multiplier) >= 1).any():
        return None
    while abs(left).max() > within:
        left, steps = left * multiplier, steps + 1
    return steps


def steps_of_each(curvatures, rate, within):
    needed = []
    for λ in curvatures:
        if not -1 < 1 - rate * λ < 1:
            return None
        needed.append(int(np.ceil(np.log(within) / np.log(abs(1 - rate * λ)))))
    return max(needed)


def steps_of_steepest(curvatures, rate, within):
    factor = abs(1 - rate * max(curvatures))
    return None if factor >= 1 else math.ceil(math.log(within) / math.log(factor))


def steps_of_flattest(curvatures, rate, within):
    """The flat direction sets the time, so only that one is looked at."""
    if rate >= 2 / max(curvatures):
        return None
    return math.ceil(math.log(within) / math.log(abs(1 - rate * min(curvatures))))


def steps_without_abs(curvatures, rate, within):
    factor = max(1 - rate * λ for λ in curvatures)
    return None if factor >= 1 else math.ceil(math.log(within) / math.log(factor))


def steps_floor(curvatures, rate, within):
    factor = max(abs(1 - rate * λ) for λ in curvatures)
    return None if factor >= 1 else int(math.log(within) / math.log(factor))


def steps_rounded(curvatures, rate, within):
    factor = max(abs(1 - rate * λ) for λ in curvatures)
    return None if factor >= 1 else round(math.log(within) / math.log(factor))


def steps_fraction(curvatures, rate, within):
    factor = max(abs(1 - rate * λ) for λ in curvatures)
    return None if factor >= 1 else math.log(within) / math.log(factor)


def steps_no_border(curvatures, rate, within):
    factor = max(abs(1 - rate * λ) for λ in curvatures)
    return math.ceil(math.log(within) / math.log(factor))


def steps_border_arrives(curvatures, rate, within):
    factor = max(abs(1 - rate * λ) for λ in curvatures)
    if factor > 1:
        return None
    return math.ceil(math.log(within) / math.log(factor)) if factor < 1 else 0


def steps_one_more(curvatures, rate, within):
    factor = max(abs(1 - rate * λ) for λ in curvatures)
    return None if factor >= 1 else math.floor(math.log(within) / math.log(factor)) + 1


def steps_of_fastest(curvatures, rate, within):
    factor = min(abs(1 - rate * λ) for λ in curvatures)
    return None if factor >= 1 else math.ceil(math.log(within) / math.log(factor))


def steps_endless(curvatures, rate, within):
    left, steps = 1.0, 0
    while left > within:
        left *= max(abs(1 - rate * λ) for λ in curvatures)
        steps += 1
    return steps


def steps_of_loss(curvatures, rate, within):
    """The loss shrinks by the square."""
    factor = max(abs(1 - rate * λ) for λ in curvatures) ** 2
    return None if factor >= 1 else math.ceil(math.log(within) / math.log(factor))


def steps_of_condition(curvatures, rate, within):
    return math.ceil(max(curvatures) / min(curvatures))


def steps_infinite(curvatures, rate, within):
    factor = max(abs(1 - rate * λ) for λ in curvatures)
    return math.inf if factor >= 1 else math.ceil(math.log(within) / math.log(factor))


def nesterov_short(A, start, rate, momentum, steps):
    path, m = [np.array(start)], np.zeros(len(start))
    for _ in range(steps):
        m = momentum * m + A @ (path[-1] - rate * momentum * m)
        path.append(path[-1] - rate * m)
    return np.array(path)


def nesterov_by_places(A, start, rate, momentum, steps):
    """With m eliminated, as section 4.5 does for the border."""
    before, here, path = start, start, [start]
    for _ in range(steps):
        ahead = here + momentum * (here - before)
        before, here = here, ahead - rate * (A @ ahead)
        path.append(here)
    return np.stack(path)


def nesterov_velocity(A, start, rate, momentum, steps):
    """Velocities in place of a memory of gradients."""
    path = np.zeros((steps + 1, len(start)))
    path[0], v = start, 0 * start
    for t in range(steps):
        v = momentum * v - rate * (A @ (path[t] + momentum * v))
        path[t + 1] = path[t] + v
    return path


def nesterov_heavy_ball(A, start, rate, momentum, steps):
    θ, m, path = start, 0, [start]
    for _ in range(steps):
        m = momentum * m + A @ θ
        θ = θ - rate * m
        path.append(θ)
    return np.array(path)


def nesterov_plain(A, start, rate, momentum, steps):
    θ, path = start, [start]
    for _ in range(steps):
        θ = θ - rate * (A @ θ)
        path.append(θ)
    return np.array(path)


def nesterov_ahead_without_rate(A, start, rate, momentum, steps):
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        m = momentum * m + A @ (θ - momentum * m)
        θ = θ - rate * m
        path.append(θ)
    return np.array(path)


def nesterov_ahead_full(A, start, rate, momentum, steps):
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        m = momentum * m + A @ (θ - rate * m)
        θ = θ - rate * m
        path.append(θ)
    return np.array(path)


def nesterov_looks_back(A, start, rate, momentum, steps):
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        m = momentum * m + A @ (θ + rate * momentum * m)
        θ = θ - rate * m
        path.append(θ)
    return np.array(path)


def nesterov_from_ahead(A, start, rate, momentum, steps):
    """The step begins where the gradient was taken."""
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        ahead = θ - rate * momentum * m
        m = momentum * m + A @ ahead
        θ = ahead - rate * m
        path.append(θ)
    return np.array(path)


def nesterov_of_torch(A, start, rate, momentum, steps):
    """PyTorch's: it keeps the place ahead."""
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        g = A @ θ
        m = momentum * m + g
        θ = θ - rate * (g + momentum * m)
        path.append(θ)
    return np.array(path)


def nesterov_mean(A, start, rate, momentum, steps):
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        m = momentum * m + (1 - momentum) * (A @ (θ - rate * momentum * m))
        θ = θ - rate * m
        path.append(θ)
    return np.array(path)


def nesterov_no_start(A, start, rate, momentum, steps):
    return nesterov_short(A, start, rate, momentum, steps)[1:]


def nesterov_last(A, start, rate, momentum, steps):
    return nesterov_short(A, start, rate, momentum, steps)[-1]


def nesterov_in_place(A, start, rate, momentum, steps):
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        m = momentum * m + A @ (θ - rate * momentum * m)
        θ -= rate * m
        path.append(θ)
    return np.array(path)


def nesterov_list(A, start, rate, momentum, steps):
    return list(nesterov_short(A, start, rate, momentum, steps))


def nesterov_elementwise(A, start, rate, momentum, steps):
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        m = momentum * m + A * (θ - rate * momentum * m)
        θ = θ - rate * m
        path.append(θ)
    return np.array(path)


def nesterov_uphill(A, start, rate, momentum, steps):
    θ, m, path = start, 0 * start, [start]
    for _ in range(steps):
        m = momentum * m + A @ (θ - rate * momentum * m)
        θ = θ + rate * m
        path.append(θ)
    return np.array(path)


def adamw_short(theta, gradient, m, v, t, rate, decay):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return theta - rate * (step + decay * theta), m, v


def adamw_nudged(theta, gradient, m, v, t, rate, decay):
    """Running means as nudges towards the new value."""
    m = m + (gradient - m) * (1 - 0.9)
    v = v + (gradient * gradient - v) * (1 - 0.999)
    theta = theta * (1 - rate * decay)
    root = (v / (1 - 0.999**t)) ** 0.5 + 1e-8
    return theta - rate / (1 - 0.9**t) * m / root, m, v


def adamw_of_torch(theta, gradient, m, v, t, rate, decay):
    """PyTorch's own kernel's order."""
    m, v = np.multiply(m, 0.9) + 0.1 * gradient, np.multiply(v, 0.999) + 0.001 * np.square(gradient)
    denominator = np.sqrt(v) / math.sqrt(1 - 0.999**t) + 1e-8
    return theta - rate * decay * theta - (rate / (1 - 0.9**t)) * (m / denominator), m, v


def _adamw(theta, gradient, m, v, t, rate, decay, eps=1e-8, β1=0.9, β2=0.999, fix_m=True, fix_v=True, outside=True):
    if not outside:
        gradient = gradient + decay * theta
    m, v = β1 * m + (1 - β1) * gradient, β2 * v + (1 - β2) * gradient**2
    mean, square = m / (1 - β1**t) if fix_m else m, v / (1 - β2**t) if fix_v else v
    if outside:
        theta = theta - rate * decay * theta
    return theta - rate * mean / (np.sqrt(square) + eps), m, v


def adamw_only_corrected(*arguments):
    """One of the two faults is mended: v's correction."""
    return _adamw(*arguments, outside=False)


def adamw_only_outside(*arguments):
    return _adamw(*arguments, fix_v=False)


def adamw_uncorrected(*arguments):
    return _adamw(*arguments, fix_m=False, fix_v=False)


def adamw_betas_swapped(*arguments):
    return _adamw(*arguments, β1=0.999, β2=0.9)


def adamw_t_from_zero(theta, gradient, m, v, t, rate, decay):
    return _adamw(theta, gradient, m, v, t - 1, rate, decay)


def adamw_t_forward(theta, gradient, m, v, t, rate, decay):
    return _adamw(theta, gradient, m, v, t + 1, rate, decay)


def adamw_decay_bare(theta, gradient, m, v, t, rate, decay):
    """The decay without the rate."""
    theta, m, v = _adamw(theta - decay * theta, gradient, m, v, t, rate, 0.0)
    return theta, m, v


def adamw_decay_up(theta, gradient, m, v, t, rate, decay):
    return _adamw(theta, gradient, m, v, t, rate, -decay)


def adamw_decay_sign(theta, gradient, m, v, t, rate, decay):
    new, m, v = _adamw(theta, gradient, m, v, t, rate, 0.0)
    return new - rate * decay * np.sign(theta), m, v


def adamw_decay_after(theta, gradient, m, v, t, rate, decay):
    new, m, v = _adamw(theta, gradient, m, v, t, rate, 0.0)
    return new * (1 - rate * decay), m, v


def adamw_no_decay(theta, gradient, m, v, t, rate, decay):
    return _adamw(theta, gradient, m, v, t, rate, 0.0)


def adamw_returns_corrected(theta, gradient, m, v, t, rate, decay):
    theta, m, v = _adamw(theta, gradient, m, v, t, rate, decay)
    return theta, m / (1 - 0.9**t), v / (1 - 0.999**t)


def adamw_theta_alone(*arguments):
    return _adamw(*arguments)[0]


def adamw_no_root(theta, gradient, m, v, t, rate, decay):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    return theta - rate * decay * theta - rate * m / (1 - 0.9**t) / (v / (1 - 0.999**t) + 1e-8), m, v


def adamw_in_place(theta, gradient, m, v, t, rate, decay):
    m *= 0.9
    m += 0.1 * gradient
    v *= 0.999
    v += 0.001 * gradient**2
    theta -= rate * decay * theta
    theta -= rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return theta, m, v


def adamw_mean_not_squared(theta, gradient, m, v, t, rate, decay):
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * abs(gradient)
    return theta - rate * decay * theta - rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


def lse_by_parts(scores):
    s = scores.data
    top = s.max(axis=-1, keepdims=True)
    e = np.exp(s - top)
    total = e.sum(axis=-1, keepdims=True)
    return Variable((np.log(total) + top)[..., 0], [(scores, lambda g: g[..., None] * e / total)])


def lse_numpy(scores):
    value = np.logaddexp.reduce(scores.data, axis=-1)

    def back(g):
        return np.expand_dims(g, -1) * np.exp(scores.data - np.expand_dims(value, -1))

    return Variable(value, [(scores, back)], "logsumexp")


def lse_softmax_of_library(scores):
    logs = lm.autodiff.log_softmax(scores).data
    value = scores.data[..., 0] - logs[..., 0]
    return Variable(value, [(scores, lambda g: (np.exp(logs).T * g.T).T)], "lse")


def lse_as_it_stands(scores):
    e = np.exp(scores.data)
    return Variable(np.log(e.sum(-1)), [(scores, lambda g: g[..., None] * e / e.sum(-1, keepdims=True))])


def lse_max_lost(scores):
    top = scores.data.max(-1, keepdims=True)
    e = np.exp(scores.data - top)
    return Variable(np.log(e.sum(-1)), [(scores, lambda g: g[..., None] * e / e.sum(-1, keepdims=True))])


def lse_one_max(scores):
    """The largest of all is taken off, not the largest of each row."""
    top = scores.data.max()
    e = np.exp(scores.data - top)
    return Variable(np.log(e.sum(-1)) + top, [(scores, lambda g: g[..., None] * e / e.sum(-1, keepdims=True))])


def lse_forgets_g(scores):
    right = lse_by_parts(scores)
    return Variable(right.data, [(scores, lambda g: right.parents[0][1](np.ones_like(g)))])


def lse_hands_g_on(scores):
    """As if it were a plus."""
    right = lse_by_parts(scores)
    return Variable(right.data, [(scores, lambda g: g[..., None] * np.ones_like(scores.data))])


def lse_g_as_it_comes(scores):
    """g is not given its axis back."""
    right = lse_by_parts(scores)
    p = right.parents[0][1](np.ones_like(right.data))
    return Variable(right.data, [(scores, lambda g: g * p)])


def lse_not_divided(scores):
    top = scores.data.max(-1, keepdims=True)
    e = np.exp(scores.data - top)
    return Variable(np.log(e.sum(-1)) + top[..., 0], [(scores, lambda g: g[..., None] * e)])


def lse_one_over_sum(scores):
    """The slope of ln u is 1/u, and there it ends."""
    top = scores.data.max(-1, keepdims=True)
    e = np.exp(scores.data - top)
    return Variable(
        np.log(e.sum(-1)) + top[..., 0], [(scores, lambda g: g[..., None] * np.ones_like(e) / e.sum(-1, keepdims=True))]
    )


def lse_first_axis(scores):
    top = scores.data.max(0)
    e = np.exp(scores.data - top)
    return Variable(np.log(e.sum(0)) + top, [(scores, lambda g: g * e / e.sum(0))])


def lse_of_all(scores):
    top = scores.data.max()
    e = np.exp(scores.data - top)
    return Variable(np.log(e.sum()) + top, [(scores, lambda g: g * e / e.sum())])


def lse_kept_axis(scores):
    top = scores.data.max(-1, keepdims=True)
    e = np.exp(scores.data - top)
    total = e.sum(-1, keepdims=True)
    return Variable(np.log(total) + top, [(scores, lambda g: g * e / total)])


def lse_no_history(scores):
    return Variable(np.logaddexp.reduce(scores.data, axis=-1))


def lse_array(scores):
    return np.logaddexp.reduce(scores.data, axis=-1)


def lse_of_operations(scores):
    top = scores.data.max(-1, keepdims=True)
    return (scores - top).exp().sum(-1).log() + top[..., 0]


def lse_to_max(scores):
    """The slope goes to the largest score alone, as for a maximum."""
    right = lse_by_parts(scores)
    top = scores.data.max(-1, keepdims=True)
    return Variable(right.data, [(scores, lambda g: g[..., None] * (scores.data == top))])


def lse_bits(scores):
    right = lse_by_parts(scores)
    return Variable(right.data / np.log(2), [(scores, lambda g: right.parents[0][1](g) / np.log(2))])


def lse_mean(scores):
    right = lse_by_parts(scores)
    return Variable(right.data - np.log(scores.data.shape[-1]), right.parents)


def lse_in_place(scores):
    top = scores.data.max(-1, keepdims=True)
    scores.data -= top
    e = np.exp(scores.data)
    return Variable(np.log(e.sum(-1)) + top[..., 0], [(scores, lambda g: g[..., None] * e / e.sum(-1, keepdims=True))])


def lse_p_minus_one(scores):
    right = lse_by_parts(scores)
    p = right.parents[0][1](np.ones_like(right.data))
    return Variable(right.data, [(scores, lambda g: g[..., None] * p * (1 - p))])


def _softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def words_loop(table, W, b, words, targets):
    d_table, d_W, d_b = np.zeros(table.shape), np.zeros(W.shape), np.zeros(b.shape)
    for word, target in zip(words, targets, strict=True):
        h = np.tanh(table[word])
        d = _softmax(h @ W + b)
        d[target] -= 1
        d = d / len(words)
        d_table[word] += W @ d * (1 - h * h)
        d_W += np.outer(h, d)
        d_b += d
    return d_table, d_W, d_b


def words_one_hot(table, W, b, words, targets):
    """A look-up is a product with rows that have a 1."""
    X, Y = np.eye(len(table))[words], np.eye(len(b))[targets]
    h = np.tanh(X @ table)
    d = (_softmax(h @ W + b) - Y) / len(words)
    return X.T @ ((d @ W.T) * (1 - h**2)), h.T @ d, d.sum(axis=0)


def words_engine(table, W, b, words, targets):
    table, W, b = map(Variable, (table, W, b))
    lm.autodiff.cross_entropy(table[words].tanh() @ W + b, targets).backward()
    return table.grad, W.grad, b.grad


def words_by_word(table, W, b, words, targets):
    h = np.tanh(table[words])
    d = _softmax(h @ W + b)
    d[np.arange(len(words)), targets] -= 1.0
    d /= len(words)
    back = (d @ W.T) * (1 + h) * (1 - h)
    d_table = np.stack([back[words == word].sum(0) for word in range(len(table))])
    return d_table, np.einsum("ns,nv->sv", h, d), np.ones(len(words)) @ d


def _words(table, W, b, words, targets, slope=lambda h: 1 - h**2, rows=np.add.at, bias=lambda d: d.sum(0), count=len):
    h = np.tanh(table[words])
    d = (_softmax(h @ W + b) - np.eye(len(b))[targets]) / count(words)
    d_table = np.zeros_like(table)
    rows(d_table, words, d @ W.T * slope(h))
    return d_table, h.T @ d, bias(d)


def _assigned(d_table, words, slopes):
    d_table[words] = slopes


def _once(d_table, words, slopes):
    d_table[words] += slopes


def words_tanh_mended(*arguments):
    """One of the two faults is mended."""
    return _words(*arguments, rows=_once)


def words_rows_mended(*arguments):
    return _words(*arguments, slope=lambda h: 1 - np.tanh(h) ** 2)


def words_assigned(*arguments):
    return _words(*arguments, rows=_assigned)


def words_no_tanh(*arguments):
    return _words(*arguments, slope=lambda h: 1.0)


def words_slope_of_square(*arguments):
    return _words(*arguments, slope=lambda h: (1 - h) ** 2)


def words_as_sigmoid(*arguments):
    return _words(*arguments, slope=lambda h: h * (1 - h))


def words_mean_bias(*arguments):
    return _words(*arguments, bias=lambda d: d.mean(0))


def words_bias_unsummed(*arguments):
    return _words(*arguments, bias=lambda d: d)


def words_summed(*arguments):
    return _words(*arguments, count=lambda words: 1)


def words_by_vocabulary(table, W, b, words, targets):
    return _words(table, W, b, words, targets, count=lambda _: len(b))


def words_divided_twice(*arguments):
    d_table, d_W, d_b = _words(*arguments)
    return d_table, d_W / len(arguments[3]), d_b


def words_rows_alone(table, W, b, words, targets):
    h = np.tanh(table[words])
    d = (_softmax(h @ W + b) - np.eye(len(b))[targets]) / len(words)
    return d @ W.T * (1 - h**2), h.T @ d, d.sum(0)


def words_opposite(*arguments):
    return tuple(-one for one in _words(*arguments))


def words_order(*arguments):
    d_table, d_W, d_b = _words(*arguments)
    return d_W, d_table, d_b


def words_no_softmax_axis(table, W, b, words, targets):
    h = np.tanh(table[words])
    s = h @ W + b
    e = np.exp(s - s.max())
    d = (e / e.sum() - np.eye(len(b))[targets]) / len(words)
    d_table = np.zeros_like(table)
    np.add.at(d_table, words, d @ W.T * (1 - h**2))
    return d_table, h.T @ d, d.sum(0)


def words_no_target(table, W, b, words, targets):
    h = np.tanh(table[words])
    d = _softmax(h @ W + b) / len(words)
    d_table = np.zeros_like(table)
    np.add.at(d_table, words, d @ W.T * (1 - h**2))
    return d_table, h.T @ d, d.sum(0)


def truncated_windows(inputs, targets, u, k):
    """Window by window."""
    slope, h = 0.0, 0.0
    for begin in range(0, len(inputs), k):
        states = [h]
        for x in inputs[begin : begin + k]:
            states.append(math.tanh(x + u * states[-1]))
        back = 0.0
        for t in range(len(states) - 1, 0, -1):
            back = (back + states[t] - targets[begin + t - 1]) * (1 - states[t] ** 2)
            slope += back * states[t - 1]
            back *= u
        h = states[-1]
    return slope


def truncated_forwards(inputs, targets, u, k):
    """Real-time recurrent learning: how much h changes with u is carried along."""
    h, moved, slope = 0.0, 0.0, 0.0
    for t, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        if t % k == 0:
            moved = 0.0
        new = np.tanh(x + u * h)
        moved = (1 - new**2) * (h + u * moved)
        h = new
        slope += (h - y) * moved
    return slope


def truncated_pairs(inputs, targets, u, k):
    """Every way from a use of u to a loss by itself."""
    states = [0.0]
    for x in inputs:
        states.append(np.tanh(x + u * states[-1]))
    total = 0.0
    for late in range(1, len(states)):
        for early in range((late - 1) // k * k + 1, late + 1):
            product = states[early - 1]
            for step in range(early, late + 1):
                product *= (1 - states[step] ** 2) * (u if step > early else 1)
            total += (states[late] - targets[late - 1]) * product
    return total


def truncated_dot(inputs, targets, u, k):
    """First what arrives before each tanh, then one product with the old states."""
    T, h = len(inputs), np.zeros(len(inputs) + 1)
    for t in range(T):
        h[t + 1] = np.tanh(inputs[t] + u * h[t])
    arrived = np.zeros(T + 1)
    for t in range(T - 1, -1, -1):
        later = u * arrived[t + 1] if (t + 1) % k else 0.0
        arrived[t] = (h[t + 1] - targets[t] + later) * (1 - h[t + 1] ** 2)
    return arrived[:T] @ h[:T]


def _truncated(
    inputs,
    targets,
    u,
    k,
    cut=lambda place, k: place % k == 0,
    slope_of=lambda h: 1 - h**2,
    hand=lambda u, into: u * into,
    forget=False,
):
    states = [0.0]
    for place, x in enumerate(inputs):
        old = 0.0 if forget and place % k == 0 else states[-1]
        states.append(math.tanh(x + u * old))
    slope = carried = 0.0
    for place in reversed(range(len(inputs))):
        h, before = states[place + 1], states[place]
        if forget and place % k == 0:
            before = 0.0
        carried += h - targets[place]
        into = carried * slope_of(h)
        slope += into * before
        carried = 0.0 if cut(place, k) else hand(u, into)
    return slope


def truncated_not(inputs, targets, u, k):
    return _truncated(inputs, targets, u, len(inputs))


def truncated_state_forgotten(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k, forget=True)


def truncated_one_late(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k, cut=lambda place, k: (place + 1) % k == 0)


def truncated_one_early(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k, cut=lambda place, k: place % k == 1)


def truncated_from_the_end(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k, cut=lambda place, k: (len(inputs) - place) % k == 0)


def truncated_bare_tanh(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k, slope_of=lambda h: 1.0)


def truncated_tanh_of_tanh(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k, slope_of=lambda h: 1 - math.tanh(h) ** 2)


def truncated_without_u(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k, hand=lambda u, into: into)


def truncated_own_loss_only(inputs, targets, u, k):
    return _truncated(inputs, targets, u, 1)


def truncated_last_loss(inputs, targets, u, k):
    states = [0.0]
    for x in inputs:
        states.append(math.tanh(x + u * states[-1]))
    slope, carried = 0.0, states[-1] - targets[-1]
    for place in reversed(range(len(inputs))):
        into = carried * (1 - states[place + 1] ** 2)
        slope += into * states[place]
        carried = 0.0 if place % k == 0 else u * into
    return slope


def truncated_mean(inputs, targets, u, k):
    return _truncated(inputs, targets, u, k) / len(inputs)


def truncated_no_half(inputs, targets, u, k):
    return 2 * _truncated(inputs, targets, u, k)


def truncated_assigned(inputs, targets, u, k):
    """What comes from later is overwritten by the state's own loss."""
    states = [0.0]
    for x in inputs:
        states.append(math.tanh(x + u * states[-1]))
    slope = 0.0
    for place in reversed(range(len(inputs))):
        carried = states[place + 1] - targets[place]
        slope += carried * (1 - states[place + 1] ** 2) * states[place]
    return slope


def truncated_after_cut_nothing(inputs, targets, u, k):
    """The first step of a window does not count, since its state came from before the cut."""
    states = [0.0]
    for x in inputs:
        states.append(math.tanh(x + u * states[-1]))
    slope = carried = 0.0
    for place in reversed(range(len(inputs))):
        carried += states[place + 1] - targets[place]
        into = carried * (1 - states[place + 1] ** 2)
        carried = 0.0 if place % k == 0 else u * into
        slope += 0.0 if place % k == 0 else into * states[place]
    return slope


def truncated_new_state(inputs, targets, u, k):
    """u's share with the new state in place of the old one."""
    states = [0.0]
    for x in inputs:
        states.append(math.tanh(x + u * states[-1]))
    slope = carried = 0.0
    for place in reversed(range(len(inputs))):
        carried += states[place + 1] - targets[place]
        into = carried * (1 - states[place + 1] ** 2)
        slope += into * states[place + 1]
        carried = 0.0 if place % k == 0 else u * into
    return slope


def truncated_by_engine(inputs, targets, u, k):
    weight, h, loss = Variable(u), Variable(0.0), Variable(0.0)
    for place, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        h = Variable(h.data) if place % k == 0 else h
        h = (h * weight + x).tanh()
        loss = loss + (h - y) ** 2 * 0.5
    loss.backward()
    return weight.grad


def _walked(curvatures, rate, near):
    distances = np.ones(len(curvatures))
    for steps in range(100_000):
        if near(distances):
            return steps
        distances = distances * (1 - rate * np.array(curvatures))
        if max(abs(distances)) >= 1:
            return None


def steps_of_length(curvatures, rate, within):
    """The distance as a length over all directions."""
    return _walked(curvatures, rate, lambda one: np.linalg.norm(one) <= within * np.sqrt(len(one)))


def steps_of_sum(curvatures, rate, within):
    return _walked(curvatures, rate, lambda one: sum(abs(one)) <= within * len(one))


def steps_of_mean_curvature(curvatures, rate, within):
    factor = abs(1 - rate * np.mean(curvatures))
    return None if factor >= 1 else math.ceil(math.log(within) / math.log(factor))


def steps_of_sizes(curvatures, rate, within):
    """A negative curvature taken for a positive one."""
    factor = max(abs(1 - rate * abs(λ)) for λ in curvatures)
    return None if factor >= 1 else math.ceil(math.log(within) / math.log(factor))


def _nesterov(A, start, rate, momentum, steps, slope):
    theta, m, path = start.copy(), np.zeros_like(start), [start.copy()]
    for _ in range(steps):
        m = momentum * m + slope(A, theta - rate * momentum * m)
        theta = theta - rate * m
        path.append(theta)
    return np.array(path)


def nesterov_diagonal(A, start, rate, momentum, steps):
    return _nesterov(A, start, rate, momentum, steps, lambda A, place: np.diag(A) * place)


def nesterov_half_slope(A, start, rate, momentum, steps):
    return _nesterov(A, start, rate, momentum, steps, lambda A, place: A @ place / 2)


def nesterov_sign_of_velocity(A, start, rate, momentum, steps):
    """The form with a velocity that points downhill, and one sign of the other form."""
    theta, v, path = start.copy(), np.zeros_like(start), [start.copy()]
    for _ in range(steps):
        v = momentum * v + rate * (A @ (theta + momentum * v))
        theta = theta - v
        path.append(theta)
    return np.array(path)


def _adamw_changed(theta, gradient, m, v, t, rate, decay, share=1.0, correction=lambda beta, t: 1 - beta**t, lost=None):
    m, v = 0.9 * m + 0.1**share * gradient, 0.999 * v + 0.001**share * gradient**2
    step = m / correction(0.9, t) / (np.sqrt(v / correction(0.999, t)) + 1e-8)
    return theta - rate * step - (rate * decay * theta if lost is None else lost), m, v


def adamw_difference_to_power(theta, gradient, m, v, t, rate, decay):
    return _adamw_changed(theta, gradient, m, v, t, rate, decay, correction=lambda beta, t: (1 - beta) ** t)


def adamw_decay_without_theta(theta, gradient, m, v, t, rate, decay):
    return _adamw_changed(theta, gradient, m, v, t, rate, decay, lost=rate * decay)


def adamw_sums(theta, gradient, m, v, t, rate, decay):
    return _adamw_changed(theta, gradient, m, v, t, rate, decay, share=0.0)


def lse_minus_max(scores):
    top = scores.data.max(-1, keepdims=True)
    powers = np.exp(scores.data - top)
    total = powers.sum(-1, keepdims=True)
    return Variable((np.log(total) - top)[..., 0], [(scores, lambda g: g[..., None] * powers / total)])


def _words_changed(table, W, b, words, targets, marked=None, before=np.tanh):
    h = np.tanh(table[words])
    p = np.exp(h @ W + b - (h @ W + b).max(1, keepdims=True))
    d = p / p.sum(1, keepdims=True)
    d[np.arange(len(words)) if marked is None else marked, targets] -= 1
    d = d / len(words)
    d_table = np.zeros_like(table)
    np.add.at(d_table, words, d @ W.T * (1 - h**2))
    return d_table, before(table[words]).T @ d, d.sum(0)


def words_columns_in_every_row(table, W, b, words, targets):
    return _words_changed(table, W, b, words, targets, marked=slice(None))


def words_before_tanh(table, W, b, words, targets):
    return _words_changed(table, W, b, words, targets, before=lambda rows: rows)


def truncated_sliding(inputs, targets, u, k):
    """Every loss walks back k steps of its own."""
    h, slope = [0.0], 0.0
    for x in inputs:
        h.append(math.tanh(x + u * h[-1]))
    for last, y in enumerate(targets):
        back = h[last + 1] - y
        for place in range(last, max(last - k, -1), -1):
            back *= 1 - h[place + 1] ** 2
            slope += back * h[place]
            back *= u
    return slope


def truncated_last_window(inputs, targets, u, k):
    h, slope, carried = [0.0], 0.0, 0.0
    for x in inputs:
        h.append(math.tanh(x + u * h[-1]))
    for place in reversed(range(len(inputs))[-k:]):
        into = (carried + h[place + 1] - targets[place]) * (1 - h[place + 1] ** 2)
        slope, carried = slope + into * h[place], u * into
    return slope


def truncated_forwards_cut_after(inputs, targets, u, k):
    """The slope carried forwards, and forgotten after the first step of a window in place of before it."""
    h = dh = slope = 0.0
    for place, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        new = math.tanh(x + u * h)
        dh = (1 - new**2) * (h + u * dh)
        h, slope = new, slope + (new - y) * dh
        if place % k == 0:
            dh = 0.0
    return slope


def nesterov_rate_twice(A, start, rate, momentum, steps):
    theta, m, path = start, np.zeros_like(start), [start]
    for _ in range(steps):
        m = momentum * m + rate * A @ (theta - momentum * m)
        theta = theta - rate * m
        path.append(theta)
    return np.array(path)


def adamw_efficient(theta, gradient, m, v, t, rate, decay):
    """The corrections drawn into the rate, as the paper of 2014 suggests; ε then counts for more."""
    m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
    now = rate * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return theta - rate * decay * theta - now * m / (np.sqrt(v) + 1e-8), m, v


def words_softmax_twice(table, W, b, words, targets):
    h = np.tanh(table[words])
    p = np.exp(h @ W + b - (h @ W + b).max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    d = (p - np.eye(len(b))[targets]) * p * (1 - p) / len(words)
    d_table = np.zeros_like(table)
    np.add.at(d_table, words, d @ W.T * (1 - h**2))
    return d_table, h.T @ d, d.sum(0)


RIGHT = {
    "steps_needed": [steps_by_log, steps_counted, steps_of_each],
    "nesterov_path": [nesterov_short, nesterov_by_places, nesterov_velocity],
    "adamw_step": [adamw_short, adamw_nudged, adamw_of_torch],
    "log_sum_exp": [lse_by_parts, lse_numpy, lse_softmax_of_library],
    "word_gradients": [words_loop, words_one_hot, words_by_word],
    "truncated_slope": [truncated_windows, truncated_forwards, truncated_dot],
}
WRONG = {
    "steps_needed": [
        steps_of_steepest, steps_of_flattest, steps_without_abs, steps_floor, steps_rounded, steps_fraction, steps_no_border,
        steps_border_arrives, steps_one_more, steps_of_fastest, steps_endless, steps_of_loss, steps_of_condition, steps_infinite,
        steps_of_length, steps_of_sum, steps_of_mean_curvature, steps_of_sizes,
    ],
    "nesterov_path": [
        nesterov_heavy_ball, nesterov_plain, nesterov_ahead_without_rate, nesterov_ahead_full, nesterov_looks_back, nesterov_from_ahead,
        nesterov_of_torch, nesterov_mean, nesterov_no_start, nesterov_last, nesterov_in_place, nesterov_list, nesterov_elementwise,
        nesterov_uphill,
        nesterov_diagonal, nesterov_half_slope, nesterov_sign_of_velocity,
        nesterov_rate_twice,
    ],
    "adamw_step": [
        adamw_only_corrected, adamw_only_outside, adamw_uncorrected, adamw_betas_swapped, adamw_t_from_zero, adamw_t_forward, adamw_decay_bare,
        adamw_decay_up, adamw_decay_sign, adamw_decay_after, adamw_no_decay, adamw_returns_corrected, adamw_theta_alone, adamw_no_root,
        adamw_in_place, adamw_mean_not_squared,
        adamw_difference_to_power, adamw_decay_without_theta, adamw_sums,
        adamw_efficient,
    ],
    "log_sum_exp": [
        lse_as_it_stands, lse_max_lost, lse_one_max, lse_forgets_g, lse_hands_g_on, lse_g_as_it_comes, lse_not_divided, lse_one_over_sum,
        lse_first_axis, lse_of_all, lse_kept_axis, lse_no_history, lse_array, lse_of_operations, lse_to_max, lse_bits, lse_mean, lse_p_minus_one,
        lse_in_place,
        lse_minus_max,
    ],
    "word_gradients": [
        words_tanh_mended, words_rows_mended, words_assigned, words_no_tanh, words_slope_of_square, words_as_sigmoid, words_mean_bias,
        words_bias_unsummed, words_summed, words_by_vocabulary, words_divided_twice, words_rows_alone, words_opposite, words_order,
        words_no_softmax_axis, words_no_target, words_engine,
        words_columns_in_every_row, words_before_tanh,
        words_softmax_twice,
    ],
    "truncated_slope": [
        truncated_not, truncated_state_forgotten, truncated_one_late, truncated_one_early, truncated_from_the_end, truncated_bare_tanh,
        truncated_tanh_of_tanh, truncated_without_u, truncated_own_loss_only, truncated_last_loss, truncated_mean, truncated_no_half,
        truncated_assigned, truncated_after_cut_nothing, truncated_new_state, truncated_by_engine, truncated_pairs,
        truncated_sliding, truncated_last_window, truncated_forwards_cut_after,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "steps_needed": {"sides swapped in: slowest = max(abs(1 - rate * λ) for λ in curvatures)": "a size has no sign"},
    "nesterov_path": {
        "without array(…) in: path, m = [np.array(start)], np.zeros(len(start))": "start is an array already, and is not changed",
        "sides swapped in: m = momentum * m + A @ (path[-1] - rate * momentum * m)": "A is symmetric",
    },
    "log_sum_exp": {
        "0 becomes -1 in: return Variable((np.log(total) + top)[..., 0], [(scores, lambda g: g[..., None] * e / total)])": "the axis has length 1",
    },
    "word_gradients": {
        "zip without strict in: for word, target in zip(words, targets, strict=True):": "words and targets are as many",
        "True becomes False in: for word, target in zip(words, targets, strict=True):": "words and targets are as many",
    },
}
