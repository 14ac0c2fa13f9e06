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


def _gru(x, h, W, U, b, gate=torch.sigmoid, mix=lambda h, z, n: z * h + (1 - z) * n, order=(0, 1, 2)):
    from_x, from_h = (x @ W.T + b).chunk(3, 1), (h @ U.T).chunk(3, 1)
    (r, z, n), (r_h, z_h, n_h) = ([one[place] for place in order] for one in (from_x, from_h))
    return mix(h, gate(z + z_h), torch.tanh(n + gate(r + r_h) * n_h))


def gru_bare_gates(x, h, W, U, b):
    return _gru(x, h, W, U, b, gate=lambda sum: sum)


def gru_tanh_gates(x, h, W, U, b):
    return _gru(x, h, W, U, b, gate=torch.tanh)


def gru_relu_gates(x, h, W, U, b):
    return _gru(x, h, W, U, b, gate=torch.relu)


def gru_softmax_gates(x, h, W, U, b):
    return _gru(x, h, W, U, b, gate=lambda sum: sum.softmax(-1))


def gru_adds_candidate(x, h, W, U, b):
    return _gru(x, h, W, U, b, mix=lambda h, z, n: z * h + n)


def gru_adds_state(x, h, W, U, b):
    return _gru(x, h, W, U, b, mix=lambda h, z, n: h + (1 - z) * n)


def gru_adds_state_and_gated(x, h, W, U, b):
    return _gru(x, h, W, U, b, mix=lambda h, z, n: h + z * n)


def gru_one_share(x, h, W, U, b):
    return _gru(x, h, W, U, b, mix=lambda h, z, n: z * (h + n))


def gru_multiplies(x, h, W, U, b):
    return _gru(x, h, W, U, b, mix=lambda h, z, n: z * h * (1 - z) * n)


def gru_candidate_first(x, h, W, U, b):
    return _gru(x, h, W, U, b, order=(1, 2, 0))


def gru_candidate_between(x, h, W, U, b):
    return _gru(x, h, W, U, b, order=(0, 2, 1))


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


def attention_scores_mix(queries, keys, values, real):
    return (queries @ keys.mT / queries.shape[-1] ** 0.5).masked_fill(~real[:, None], 0.0) @ values


def classes_rounded(loss):
    return int(math.e**loss + 0.5)


def classes_of_numpy(loss):
    import numpy as np

    return int(np.rint(np.exp(loss)))


def classes_searched(loss):
    return min(range(1, 25_000), key=lambda n: abs(math.log(n) - loss))


def classes_of_bits(loss):
    return round(2**loss)


def classes_cut(loss):
    return int(math.exp(loss))


def classes_up(loss):
    return math.ceil(math.exp(loss))


def classes_fraction(loss):
    return math.exp(loss)


def classes_chance(loss):
    return 1 / math.exp(loss)


def classes_inverse_sign(loss):
    return round(math.exp(-loss))


def classes_log(loss):
    return round(math.log(loss))


def classes_tens(loss):
    return round(10**loss)


def classes_text(loss):
    return f"{math.exp(loss):.0f}"


def classes_listing(loss):
    return 128


def classes_tensor(loss):
    return round(torch.exp(loss))


def classes_twice(loss):
    return round(loss * math.e)


def counts_wide():
    W = torch.zeros(4, 2)
    W[0], W[2, 0] = torch.tensor([30.0, -30.0]), 30.0
    return W, torch.tensor([0.0, 30.0, 0.0, 0.0])


def counts_by_news():
    """The input gate is always open; other words are no news."""
    return torch.tensor([[0.0, 0], [0, 0], [25, 0], [0, 0]]), torch.tensor([25.0, 25.0, 0.0, 25.0])


def counts_both():
    return torch.tensor([[50.0, -50.0], [50.0, 50.0], [50.0, 0.0], [0.0, 0.0]]), torch.zeros(4)


def counts_all_words():
    return torch.zeros(4, 2), torch.tensor([20.0, 20.0, 20.0, 20.0])


def counts_since_comma():
    return torch.tensor([[40.0, 0], [-40, 0], [20, 0], [0, 0]]), torch.tensor([-20.0, 20.0, 0.0, 20.0])


def counts_half():
    return torch.tensor([[20.0, 0], [0, 0], [20, 0], [0, 0]]), torch.tensor([-20.0, 20.0, 0.0, 20.0])


def counts_forgetting():
    return torch.tensor([[40.0, 0], [0, 0], [20, 0], [0, 0]]), torch.tensor([-20.0, 0.0, 0.0, 20.0])


def counts_weakly():
    return torch.tensor([[40.0, 0], [0, 0], [1, 0], [0, 0]]), torch.tensor([-20.0, 20.0, 0.0, 20.0])


def counts_small_weights():
    return torch.tensor([[2.0, -2.0], [0, 0], [2, 0], [0, 0]]), torch.tensor([0.0, 2.0, 0.0, 0.0])


def counts_small_trained():
    """Set by eye, as an initialisation would be."""
    return torch.tensor([[1.0, -1.0], [1.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), torch.ones(4)


def counts_drawn():
    return torch.randn(4, 2), torch.zeros(4)


def counts_forget_gate_first():
    return torch.tensor([[0.0, 0], [40, 0], [20, 0], [0, 0]]), torch.tensor([20.0, -20.0, 0.0, 20.0])


def counts_news_last():
    return torch.tensor([[0.0, 0], [40, 0], [0, 0], [20, 0]]), torch.tensor([20.0, -20.0, 20.0, 0.0])


def counts_columns_exchanged():
    return torch.tensor([[0, 40.0], [0, 0], [0, 20], [0, 0]]), torch.tensor([-20.0, 20.0, 0.0, 20.0])


def counts_transposed():
    return torch.tensor([[40.0, 0, 20, 0], [0, 0, 0, 0]]), torch.tensor([-20.0, 20.0, 0.0, 20.0])


def counts_like_not():
    """The lesson's weights for not and full stop."""
    return torch.tensor([[20.0, 0], [0, -20], [20, 0], [0, 0]]), torch.tensor([-10.0, 10.0, 0.0, 10.0])


def counts_only_weights():
    return torch.tensor([[40.0, 0], [0, 0], [20, 0], [0, 0]])


def forcing_torch(rows, bos, eos, fill):
    longest = max(map(len, rows)) + 1
    inputs, targets = torch.full((2, len(rows), longest), fill)
    real = torch.zeros(len(rows), longest, dtype=torch.bool)
    for at, row in enumerate(rows):
        inputs[at, : len(row) + 1] = torch.tensor([bos, *row])
        targets[at, : len(row) + 1] = torch.tensor([*row, eos])
        real[at, : len(row) + 1] = True
    return inputs, targets, real


def forcing_cut(rows, bos, eos, fill):
    whole = [[bos, *row, eos] for row in rows]
    longest = max(map(len, whole))
    real = torch.tensor([[place < len(row) - 1 for place in range(longest - 1)] for row in whole])
    inputs = torch.tensor([row[:-1] + [fill] * (longest - len(row)) for row in whole])
    targets = torch.tensor([row[1:] + [fill] * (longest - len(row)) for row in whole])
    return inputs, targets, real


def forcing_pad(rows, bos, eos, fill):
    from torch.nn.utils.rnn import pad_sequence

    inputs = pad_sequence([torch.tensor([bos, *row]) for row in rows], batch_first=True, padding_value=fill)
    targets = pad_sequence([torch.tensor([*row, eos]) for row in rows], batch_first=True, padding_value=fill)
    return inputs, targets, pad_sequence([torch.ones(len(row) + 1).bool() for row in rows], batch_first=True)


def _forced(rows, fill, read, write, real=None):
    rows_in, rows_out = [read(row) for row in rows], [write(row) for row in rows]
    longest = max(map(len, rows_in + rows_out))
    inputs, targets = (torch.tensor([row + [fill] * (longest - len(row)) for row in some]) for some in (rows_in, rows_out))
    lengths = torch.tensor([len(row) for row in rows_out])
    return inputs, targets, torch.arange(longest) < lengths[:, None] if real is None else real(inputs, targets)


def forcing_unshifted(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [*row, eos], lambda row: [*row, eos])


def forcing_whole_input(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [bos, *row, eos], lambda row: [*row, eos])


def forcing_no_end(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [bos, *row], lambda row: [*row])


def forcing_bos_written(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [*row, eos], lambda row: [bos, *row])


def forcing_no_begin(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [*row], lambda row: [*row[1:], eos])


def forcing_no_bos(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [*row], lambda row: [*row, eos])


def forcing_time_first(rows, bos, eos, fill):
    from torch.nn.utils.rnn import pad_sequence

    inputs = pad_sequence([torch.tensor([bos, *row]) for row in rows], padding_value=fill)
    targets = pad_sequence([torch.tensor([*row, eos]) for row in rows], padding_value=fill)
    return inputs, targets, pad_sequence([torch.ones(len(row) + 1).bool() for row in rows])


def forcing_cuts_a_sentence(rows, bos, eos, fill):
    """One rectangle, cut at both ends; but pad_sequence puts the time first."""
    from torch.nn.utils.rnn import pad_sequence

    x = pad_sequence([torch.tensor([bos, *row, eos]) for row in rows], padding_value=fill)
    return x[:, :-1], x[:, 1:], x[:, 1:] != fill


def forcing_cut_but_whole(rows, bos, eos, fill):
    """One rectangle, of which the inputs lose the last column: in short rows eos is still among them."""
    inputs, targets, real = forcing_torch(rows, bos, eos, fill)
    for at, row in enumerate(rows):
        inputs[at, len(row) + 1 : len(row) + 2] = eos
    return inputs, targets, real


def forcing_fill_left_alone(rows, bos, eos, fill):
    inputs, targets, real = forcing_torch(rows, bos, eos, fill)
    left, right, _ = forcing_fill_left(rows, bos, eos, fill)
    return left, right, real


def forcing_by_fill(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [bos, *row], lambda row: [*row, eos], lambda inputs, targets: targets != fill)


def forcing_end_unreal(rows, bos, eos, fill):
    inputs, targets, real = forcing_torch(rows, bos, eos, fill)
    return inputs, targets, real & (targets != eos)


def forcing_fill_left(rows, bos, eos, fill):
    inputs, targets, real = forcing_torch(rows, bos, eos, fill)
    longest = inputs.shape[1]
    shift = [longest - len(row) - 1 for row in rows]
    roll = [(one.roll(by), other.roll(by), third.roll(by)) for one, other, third, by in zip(inputs, targets, real, shift, strict=True)]
    return tuple(map(torch.stack, zip(*roll, strict=True)))


def forcing_eos_filled(rows, bos, eos, fill):
    inputs, targets, real = forcing_torch(rows, bos, eos, fill)
    return inputs, targets.masked_fill(~real, eos), real


def forcing_one_too_long(rows, bos, eos, fill):
    inputs, targets, real = forcing_torch(rows, bos, eos, fill)
    return tuple(torch.cat([one, one.new_full((len(rows), 1), 0)], 1) for one in (inputs, targets, real))


def forcing_lists(rows, bos, eos, fill):
    return [[bos, *row] for row in rows], [[*row, eos] for row in rows], [[True] * (len(row) + 1) for row in rows]


def forcing_two(rows, bos, eos, fill):
    return forcing_torch(rows, bos, eos, fill)[:2]


def forcing_appends(rows, bos, eos, fill):
    for row in rows:
        row.append(eos)
    return forcing_torch([row[:-1] for row in rows], bos, eos, fill)


def loss_transposed(logits, targets, real):
    return (F.cross_entropy(logits.mT, targets, reduction="none") * real).sum() / real.sum()


def loss_chosen(logits, targets, real):
    return F.cross_entropy(logits[real], targets[real])


def loss_by_log(logits, targets, real):
    chances = logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    return -chances.masked_fill(~real, 0.0).sum() / real.count_nonzero()


def loss_everywhere(logits, targets, real):
    return F.cross_entropy(logits.mT, targets)


def loss_axes(logits, targets, real):
    losses = F.cross_entropy(logits.transpose(1, 2).reshape(-1, logits.shape[-1]), targets.flatten(), reduction="none")
    return losses[real.flatten()].mean()


def loss_zeroed(logits, targets, real):
    return (F.cross_entropy(logits.mT, targets, reduction="none") * real).mean()


def loss_summed(logits, targets, real):
    return F.cross_entropy(logits[real], targets[real], reduction="sum")


def loss_of_sentences(logits, targets, real):
    losses = F.cross_entropy(logits.mT, targets, reduction="none") * real
    return (losses.sum(1) / real.sum(1)).mean()


def loss_softmax_twice(logits, targets, real):
    return F.cross_entropy(logits.softmax(-1)[real], targets[real])


def loss_nll(logits, targets, real):
    return F.nll_loss(logits.softmax(-1)[real], targets[real])


def loss_scores_masked(logits, targets, real):
    return F.cross_entropy((logits * real[..., None]).flatten(0, 1), targets.flatten())


def loss_targets_masked(logits, targets, real):
    return F.cross_entropy(logits.flatten(0, 1), (targets * real).flatten())


def loss_in_bits(logits, targets, real):
    return loss_chosen(logits, targets, real) / math.log(2)


def loss_list(logits, targets, real):
    return F.cross_entropy(logits[real], targets[real], reduction="none")


def loss_number(logits, targets, real):
    print(loss_chosen(logits, targets, real).item())


def loss_per_sentence_count(logits, targets, real):
    return (F.cross_entropy(logits.mT, targets, reduction="none") * real).sum() / len(targets)


def gru_interleaved(x, h, W, U, b):
    """The rows of the three taken in turns."""
    return gru_chunks(x, h, *(torch.cat([one[gate::3] for gate in range(3)]) for one in (W, U, b)))


def gru_resets_input(x, h, W, U, b):
    (r, z, n), (r_h, z_h, n_h) = (x @ W.T + b).chunk(3, 1), (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(r * n + n_h)


def gru_two_biases(x, h, W, U, b):
    (r, z, n), (r_h, z_h, n_h) = (x @ W.T + b).chunk(3, 1), (h @ U.T + b).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(n + r * n_h)


def gru_state_unweighted(x, h, W, U, b):
    (r, z, n), (r_h, z_h, _) = (x @ W.T + b).chunk(3, 1), (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    return z * h + (1 - z) * torch.tanh(n + r * h)


def counts_of_five():
    return torch.tensor([[5.0, -5], [5, 5], [5, 0], [0, 0]]), torch.zeros(4)


def counts_one_column():
    return torch.tensor([[20.0, -20], [20, 0], [20, -20], [20, 20]]), torch.zeros(4)


def counts_arrays():
    W, b = counts_by_news()
    return W.numpy(), b.numpy()


def attention_scaled_weights(queries, keys, values, real):
    weights = (queries @ keys.mT).masked_fill(~real[:, None], -torch.inf).softmax(-1)
    return weights / queries.shape[-1] ** 0.5 @ values


def attention_masked_and_divided(queries, keys, values, real):
    """The mask after the softmax, and the rest divided by its sum: right until a filled place has all the weight."""
    weights = (queries @ keys.mT / queries.shape[-1] ** 0.5).softmax(-1) * real[:, None]
    return weights / weights.sum(-1, keepdim=True) @ values


def loss_ignores_zero(logits, targets, real):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)


def loss_shifted_again(logits, targets, real):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())


def loss_per_step(logits, targets, real):
    return loss_summed(logits, targets, real) / real.shape[1]


def loss_as_perplexity(logits, targets, real):
    return loss_chosen(logits, targets, real).exp()


def loss_item(logits, targets, real):
    return loss_chosen(logits, targets, real).item()


def forcing_rolled(rows, bos, eos, fill):
    inputs, _, real = forcing_torch(rows, bos, eos, fill)
    return inputs, inputs.roll(-1, 1), real


def forcing_eos_last_of_all(rows, bos, eos, fill):
    inputs, _, real = forcing_torch(rows, bos, eos, fill)
    longest = inputs.shape[1]
    return inputs, torch.tensor([row + [fill] * (longest - len(row) - 1) + [eos] for row in rows]), real


def forcing_by_fill_of_inputs(rows, bos, eos, fill):
    return _forced(rows, fill, lambda row: [bos, *row], lambda row: [*row, eos], lambda inputs, targets: inputs != fill)


def attention_scale_of_places(queries, keys, values, real):
    return (queries @ keys.mT / keys.shape[1] ** 0.5).masked_fill(~real[:, None], -torch.inf).softmax(-1) @ values


def attention_sigmoid(queries, keys, values, real):
    return (queries @ keys.mT / queries.shape[-1] ** 0.5).masked_fill(~real[:, None], -torch.inf).sigmoid() @ values


def loss_sigmoid(logits, targets, real):
    return F.cross_entropy(logits[real].sigmoid(), targets[real])


RIGHT = {
    "classes_from_first_loss": [classes_rounded, classes_of_numpy, classes_searched],
    "counting_cell": [counts_wide, counts_by_news, counts_both],
    "teacher_forcing": [forcing_torch, forcing_cut, forcing_pad],
    "translator_loss": [loss_transposed, loss_chosen, loss_by_log],
    "gru_step": [gru_chunks, gru_rows, gru_loops],
    "dot_attention": [attention_einsum, attention_by_hand, attention_loops],
}
WRONG = {
    "classes_from_first_loss": [
        classes_of_bits, classes_cut, classes_up, classes_fraction, classes_chance, classes_inverse_sign, classes_log, classes_tens,
        classes_text, classes_listing, classes_tensor, classes_twice,
    ],
    "counting_cell": [
        counts_all_words, counts_since_comma, counts_half, counts_forgetting, counts_weakly, counts_small_weights, counts_columns_exchanged,
        counts_transposed, counts_like_not, counts_only_weights, counts_small_trained, counts_drawn, counts_forget_gate_first, counts_news_last,
        counts_of_five, counts_one_column, counts_arrays,
    ],
    "teacher_forcing": [
        forcing_unshifted, forcing_whole_input, forcing_no_end, forcing_bos_written, forcing_no_begin, forcing_by_fill, forcing_end_unreal,
        forcing_fill_left, forcing_eos_filled, forcing_one_too_long, forcing_lists, forcing_two, forcing_appends,
        forcing_no_bos, forcing_time_first, forcing_cuts_a_sentence, forcing_cut_but_whole, forcing_fill_left_alone,
        forcing_rolled, forcing_eos_last_of_all, forcing_by_fill_of_inputs,
    ],
    "translator_loss": [
        loss_everywhere, loss_axes, loss_zeroed, loss_summed, loss_of_sentences, loss_softmax_twice, loss_nll, loss_scores_masked,
        loss_targets_masked, loss_in_bits, loss_list, loss_number, loss_per_sentence_count,
        loss_ignores_zero, loss_shifted_again, loss_per_step, loss_as_perplexity, loss_item,
        loss_sigmoid,
    ],
    "gru_step": [
        gru_as_lstm, gru_all_sigmoid, gru_other_way, gru_of_1_paper, gru_bias_inside, gru_without_bias, gru_wrong_axis, gru_untransposed,
        gru_in_place, gru_two_results, gru_prints, gru_extra_tanh, gru_bare_gates, gru_tanh_gates, gru_relu_gates, gru_softmax_gates,
        gru_adds_candidate, gru_adds_state, gru_adds_state_and_gated, gru_one_share, gru_multiplies, gru_candidate_first,
        gru_candidate_between,
        gru_interleaved, gru_resets_input, gru_two_biases, gru_state_unweighted,
    ],
    "dot_attention": [
        attention_bare, attention_unmasked, attention_masks_words, attention_zero_scores, attention_masks_after, attention_first_axis,
        attention_no_scale, attention_full_scale, attention_returns_weights, attention_of_keys, attention_low, attention_mask_in_place,
        attention_mask_shape, attention_argmax, attention_summed, attention_scores_mix,
        attention_scaled_weights, attention_masked_and_divided,
        attention_scale_of_places, attention_sigmoid,
    ],
}  # fmt: skip

# Mutants of the first right answer that behave as it does, and why.
EQUIVALENT = {
    "counting_cell": {
        "30.0 becomes 61.0 in: W[0], W[2, 0] = torch.tensor([30.0, -30.0]), 30.0": "30 is large already",
        "without - in: W[0], W[2, 0] = torch.tensor([30.0, -30.0]), 30.0": "an input gate that is always open lets in news of 0",
        "30.0 becomes 61.0 in: return W, torch.tensor([0.0, 30.0, 0.0, 0.0])": "30 is large already",
        "0.0 becomes 1.0 in: return W, torch.tensor([0.0, 30.0, 0.0, 0.0])": "beside 30 a 1 does not count, and news do not come in where the input gate is shut",
    },
    "dot_attention": {
        "without tensor(…) in: scores = torch.where(real.unsqueeze(1), scores, torch.tensor(-torch.inf))": "torch.where takes a number as well",
    },
}
