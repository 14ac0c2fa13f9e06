"""Answers to lesson 3's exercises."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F


def gru_chunks(x, h, W, U, b):
    from_x, from_h = x @ W.T + b, h @ U.T
    (r, z, n), (r_h, z_h, n_h) = from_x.chunk(3, 1), from_h.chunk(3, 1)
    r, z = (r + r_h).sigmoid(), (z + z_h).sigmoid()
    n = (n + r * n_h).tanh()
    return n + z * (h - n)


def gru_rows(x, h, W, U, b):
    size = h.shape[1]
    parts = []
    for gate in range(3):
        rows = slice(gate * size, (gate + 1) * size)
        parts.append((F.linear(x, W[rows], b[rows]), F.linear(h, U[rows])))
    r = 1 / (1 + torch.exp(-sum(parts[0])))
    z = 1 / (1 + torch.exp(-sum(parts[1])))
    new = torch.tanh(parts[2][0] + r * parts[2][1])
    return z * h + new - z * new


def gru_loops(x, h, W, U, b):
    size, out = h.shape[1], torch.zeros_like(h)
    for i in range(len(x)):
        for j in range(size):
            r = torch.sigmoid(W[j] @ x[i] + U[j] @ h[i] + b[j])
            z = torch.sigmoid(W[size + j] @ x[i] + U[size + j] @ h[i] + b[size + j])
            new = torch.tanh(W[2 * size + j] @ x[i] + b[2 * size + j] + r * (U[2 * size + j] @ h[i]))
            out[i, j] = (1 - z) * new + z * h[i, j]
    return out


def gru_as_lstm(x, h, W, U, b):
    """Gates in the lesson's order of the LSTM: the update gate first."""
    z, r, n = (x @ W.T + b).chunk(3, 1)
    z_h, r_h, n_h = (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(n + r * n_h)


def gru_all_sigmoid(x, h, W, U, b):
    r, z, n = (x @ W.T + b).chunk(3, 1)
    r_h, z_h, n_h = (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.sigmoid(n + r * n_h)


def gru_other_way(x, h, W, U, b):
    r, z, n = (x @ W.T + b).chunk(3, 1)
    r_h, z_h, n_h = (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return (1 - z) * h + z * torch.tanh(n + r * n_h)


def gru_of_1_paper(x, h, W, U, b):
    """The reset gate on the state, as the paper of 2014 has it."""
    (w_r, w_z, w_n), (u_r, u_z, u_n), (b_r, b_z, b_n) = W.chunk(3), U.chunk(3), b.chunk(3)
    r, z = torch.sigmoid(x @ w_r.T + h @ u_r.T + b_r), torch.sigmoid(x @ w_z.T + h @ u_z.T + b_z)
    return z * h + (1 - z) * torch.tanh(x @ w_n.T + (r * h) @ u_n.T + b_n)


def gru_bias_inside(x, h, W, U, b):
    """The candidate's bias is multiplied by the reset gate."""
    r, z, n = (x @ W.T).chunk(3, 1)
    r_h, z_h, n_h = (h @ U.T + b).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(n + r * n_h)


def gru_without_bias(x, h, W, U, b):
    r, z, n = (x @ W.T).chunk(3, 1)
    r_h, z_h, n_h = (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(n + r * n_h)


def gru_wrong_axis(x, h, W, U, b):
    r, z, n = (x @ W.T + b).chunk(3)
    r_h, z_h, n_h = (h @ U.T).chunk(3)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(n + r * n_h)


def gru_untransposed(x, h, W, U, b):
    r, z, n = (x @ W + b).chunk(3, 1)
    r_h, z_h, n_h = (h @ U).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(n + r * n_h)


def gru_in_place(x, h, W, U, b):
    r, z, n = (x @ W.T + b).chunk(3, 1)
    r_h, z_h, n_h = (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    h *= z
    h += (1 - z) * torch.tanh(n + r * n_h)
    return h


def gru_two_results(x, h, W, U, b):
    new = gru_chunks(x, h, W, U, b)
    return new, new


def gru_prints(x, h, W, U, b):
    print(gru_chunks(x, h, W, U, b))


def gru_extra_tanh(x, h, W, U, b):
    """As in the LSTM, the state is squashed before it leaves."""
    return torch.tanh(gru_chunks(x, h, W, U, b))


def attention_einsum(queries, keys, values, real):
    scores = torch.einsum("bsd,bpd->bsp", queries, keys) / math.sqrt(queries.size(-1))
    scores = torch.where(real.unsqueeze(1), scores, torch.tensor(-torch.inf))
    return torch.einsum("bsp,bpd->bsd", torch.softmax(scores, -1), values)


def attention_by_hand(queries, keys, values, real):
    scores = queries @ keys.mT * queries.shape[-1] ** -0.5 + torch.zeros(real.shape).masked_fill(~real, -torch.inf)[:, None]
    weights = (scores - scores.amax(-1, keepdim=True)).exp()
    weights = weights / weights.sum(-1, keepdim=True)
    return weights @ values


def attention_loops(queries, keys, values, real):
    out = torch.zeros(queries.shape[0], queries.shape[1], values.shape[2])
    for b in range(queries.shape[0]):
        places = real[b].nonzero()[:, 0]
        for s in range(queries.shape[1]):
            scores = torch.stack([queries[b, s] @ keys[b, p] for p in places]) / queries.shape[2] ** 0.5
            out[b, s] = scores.softmax(0) @ values[b, places]
    return out


def attention_bare(queries, keys, values, real):
    return (queries @ keys.mT).softmax(-1) @ values


def attention_unmasked(queries, keys, values, real):
    return (queries @ keys.mT / queries.shape[-1] ** 0.5).softmax(-1) @ values


def attention_masks_words(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(real[:, None], float("-inf")).softmax(-1) @ values


def attention_zero_scores(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(~real[:, None], 0.0).softmax(-1) @ values


def attention_masks_after(queries, keys, values, real):
    weights = (queries @ keys.mT / queries.shape[-1] ** 0.5).softmax(-1)
    return weights.masked_fill(~real[:, None], 0.0) @ values


def attention_first_axis(queries, keys, values, real):
    scores = (queries @ keys.mT / queries.shape[-1] ** 0.5).masked_fill(~real[:, None], -torch.inf)
    return scores.softmax(0).nan_to_num() @ values


def attention_no_scale(queries, keys, values, real):
    return (queries @ keys.mT).masked_fill(~real[:, None], -torch.inf).softmax(-1) @ values


def attention_full_scale(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1]
    return scores.masked_fill(~real[:, None], -torch.inf).softmax(-1) @ values


def attention_returns_weights(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(~real[:, None], -torch.inf).softmax(-1)


def attention_of_keys(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(~real[:, None], -torch.inf).softmax(-1) @ keys


def attention_low(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(~real[:, None], -10.0).softmax(-1) @ values


def attention_mask_in_place(queries, keys, values, real):
    values[~real] = 0.0
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(~real[:, None], -torch.inf).softmax(-1) @ values


def attention_mask_shape(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(~real[:, :, None], -torch.inf).softmax(-1) @ values


def attention_argmax(queries, keys, values, real):
    scores = (queries @ keys.mT).masked_fill(~real[:, None], -torch.inf)
    return torch.stack([values[b, best] for b, best in enumerate(scores.argmax(-1))])


def attention_summed(queries, keys, values, real):
    scores = queries @ keys.mT / queries.shape[-1] ** 0.5
    weights = scores.masked_fill(~real[:, None], -torch.inf).exp()
    return weights @ values


RIGHT = {
    "gru_step": [gru_chunks, gru_rows, gru_loops],
    "dot_attention": [attention_einsum, attention_by_hand, attention_loops],
}
WRONG = {
    "gru_step": [
        gru_as_lstm, gru_all_sigmoid, gru_other_way, gru_of_1_paper, gru_bias_inside, gru_without_bias, gru_wrong_axis, gru_untransposed,
        gru_in_place, gru_two_results, gru_prints, gru_extra_tanh,
    ],
    "dot_attention": [
        attention_bare, attention_unmasked, attention_masks_words, attention_zero_scores, attention_masks_after, attention_first_axis,
        attention_no_scale, attention_full_scale, attention_returns_weights, attention_of_keys, attention_low, attention_mask_in_place,
        attention_mask_shape, attention_argmax, attention_summed,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "dot_attention": {
        "without tensor(…) in: scores = torch.where(real.unsqueeze(1), scores, torch.tensor(-torch.inf))": "torch.where takes a number as well",
    },
}
