"""Lesson 3's exercises: gates, states and attention, written by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from lmcourse.exercises.calls import Unfit
from lmcourse.exercises.exercise import Property, exercise
from lmcourse.exercises.inputs import Numbers, drawn


@exercise(
    lesson=3,
    title="What a first loss gives away",
    stars=1,
    points=2,
    cases=lambda: [(0.693,), (2.485,), (9.21,), (4.8,)],
    fuzz=lambda random: (round(math.log(random.randint(2, 20_000)) + random.gauss(0, 1e-5), 4),),
    mistakes=[
        ("2 to the power of the loss", ("math.exp(loss)", "2**loss"), "the loss is in nats, so its inverse is e to the power of the loss"),
        ("cut off, not rounded", ("round(math.exp(loss))", "int(math.exp(loss))"), "exp(0.693) is 1.9997, and that is 2 classes: round it"),
        ("a fraction", ("round(math.exp(loss))", "math.exp(loss)"), "a number of classes is whole: round it"),
        ("the chance, not the number", ("round(math.exp(loss))", "round(math.exp(-loss))"), "exp(-loss) is the chance of one class; the number of classes is one over it"),
        ("always rounded up", ("round(math.exp(loss))", "math.ceil(math.exp(loss))"), "round to the nearest whole number: exp(2.485) is 12.001, and that is 12 classes"),
        ("the chance of one class", ("round(math.exp(loss))", "math.exp(-loss)"), "exp(-loss) is the chance of one class; the number of classes is one over it"),
        ("10 to the power of the loss", ("math.exp(loss)", "10**loss"), "the loss is in nats, so its inverse is e to the power of the loss"),
        ("e times the loss", ("math.exp(loss)", "math.e * loss"), "the inverse of ln is a power, e to the power of the loss, not a product"),
        ("ln of the loss", ("round(math.exp(loss))", "round(math.log(loss))"), "the loss is the logarithm already; take the inverse of a logarithm"),
    ],
    hints=("A network that knows nothing gives each of n classes the chance 1/n. What is the loss then?", "The loss is ln n. The inverse of ln is math.exp.", "round(math.exp(loss))"),
)  # fmt: skip
def classes_from_first_loss(loss: float) -> int:
    """Among how many classes a network chooses, if ``loss`` (in nats) is its first, before it has learnt anything."""
    return round(math.exp(loss))  # the inverse of ln


def commas(random: Random, longest: int) -> tuple[list[str]]:
    return ([random.choice(("the", "boat", ",", "sea", ",")) for _ in range(random.randint(1, longest))],)


def counted(weights: Callable[[], tuple[Tensor, Tensor]], words: list[str]) -> list[float]:
    """The cell after each word; its two inputs: is it a comma, is it another word."""
    given = weights()
    if not isinstance(given, tuple | list) or not all(isinstance(one, Tensor) for one in given) or [tuple(getattr(one, "shape", ())) for one in given] != [(4, 2), (4,)]:
        raise Unfit("It must return two tensors, as a pair: W of shape (4, 2) and b of shape (4,)")
    W, b = given
    _far_enough(W.double(), b.double())
    cell, cells = torch.zeros(1, dtype=torch.double), []
    for word in words:
        x = torch.tensor([word == ",", word != ","], dtype=torch.double)
        i, f, g, _ = W.double() @ x + b.double()
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        cells.append(cell.item())
    return cells


def _far_enough(W: Tensor, b: Tensor) -> None:
    """Small weights leave every gate ajar, and no table holds all of them: the gate that loses most is named."""
    if max(W.abs().max(), b.abs().max()) >= 10:
        return
    i, f, g, _ = (W + b[:, None]).unbind()
    opened = {
        "the forget gate at a comma": torch.sigmoid(f)[0],
        "the forget gate at other words": torch.sigmoid(f)[1],
        "the input gate at a comma": torch.sigmoid(i)[0],
        "the news of a comma": torch.tanh(g)[0],
    }
    name, value = min(opened.items(), key=lambda one: one[1])
    if 0.3 < value < 0.998:
        raise Unfit(
            f"The weights are small: {name} would be {value:.3g} where 1 is needed, at every step anew; with sums of 20 sigmoid and tanh are 1"
        )


@exercise(
    lesson=3,
    title="A cell that counts, its gates set by hand",
    stars=2,
    points=3,
    cases=lambda: [([","],), (["sea"],), ([",", "sea", ","],), ([*"a,b,c,,d"],)],
    fuzz=lambda random: commas(random, 40),
    drive=counted,
    tolerance=0.02,
    mistakes=[
        ("the forget gate shuts at a comma", ("[0.0, 0.0],  # the forget gate", "[-40.0, 0.0],"), "what was counted is kept by an open forget gate, at commas too"),
        ("the forget gate is never open", ("20.0, 0.0, 20.0]", "-20.0, 0.0, 20.0]"), "an open forget gate keeps the count: its bias is large"),
        ("the input gate is always open and every word is news", ("-20.0, 20.0, 0.0, 20.0]", "20.0, 20.0, 20.0, 20.0]"), "the news are added at commas alone: at other words the input gate is shut, or the news are 0"),
        ("the columns exchanged", ("[40.0, 0.0],  # the input gate", "[0.0, 40.0],"), ("[20.0, 0.0],  # the news", "[0.0, 20.0],"), "the first column is for commas, the second for other words"),
        ("the forget gate is half open", ("20.0, 0.0, 20.0]", "0.0, 0.0, 20.0]"), "a gate with bias 0 is half open, and the count is halved at every word"),
        ("the forget gate is half open at other words", ("[0.0, 0.0],  # the forget gate", "[40.0, 0.0],"), ("[-20.0, 20.0, 0.0, 20.0]", "[-20.0, 0.0, 0.0, 20.0]"), "a count must outlast all that stands between two commas: sigmoid(0) is a half, so the second column needs a weight, too, or the gate a bias"),
        ("the news of a comma are -1", ("[20.0, 0.0],  # the news", "[-20.0, 0.0],"), "the news are tanh of a large positive number: 1"),
        ("the news of a comma are less than 1", ("[20.0, 0.0],  # the news", "[1.0, 0.0],"), "tanh(1) is 0.76; a weight of 20 makes the news 1"),
        ("the forget gate shuts at other words", ("[0.0, 0.0],  # the forget gate", "[0.0, -40.0],"), "a count must outlast all that stands between two commas (if it should: the first row is the input gate's, the second the forget gate's)"),
        (
            "the rows in the order forget gate, input gate, output gate, news",
            ("[40.0, 0.0],  # the input gate", "[0.0, 0.0],"), ("[0.0, 0.0],  # the forget gate", "[40.0, 0.0],"),
            ("[20.0, 0.0],  # the news", "[0.0, 0.0],"), ("[0.0, 0.0],  # the output gate", "[20.0, 0.0],"), ("[-20.0, 20.0, 0.0, 20.0]", "[20.0, -20.0, 20.0, 0.0]"),
            "PyTorch's order is input gate, forget gate, news, output gate",
        ),
        ("the input gate opens half at a comma", ("[40.0, 0.0],  # the input gate", "[20.0, 0.0],"), "weight and bias add up to 0 there, and sigmoid(0) is a half"),
        ("there are no news", ("[20.0, 0.0],  # the news", "[0.0, 0.0],"), "the third row makes the news, and without weight or bias they are 0"),
    ],
    hints=(
        "The cell is f c + i g. To count, f must always be 1, and i g must be 1 at a comma and 0 elsewhere.",
        "A gate is open when its sum is large (20), shut when it is very negative (-20). The columns of W: comma, other word.",
        "Input gate: weight 40 at commas, bias -20. Forget gate: bias 20. News: weight 20 at commas. Output gate: bias 20.",
    ),
    equivalent={
        "without - in: b = torch.tensor([-20.0, 20.0, 0.0, 20.0])": "an input gate that is always open lets in news of 0",
        **{f"20.0 becomes 41.0 in: {line}": "20 is large already" for line in ("b = torch.tensor([-20.0, 20.0, 0.0, 20.0])", "[20.0, 0.0],")},
        "40.0 becomes 81.0 in: [40.0, 0.0],": "40 is large already",
        **{f"0.0 becomes 1.0 in: [{first}, 0.0],": "beside 20 a 1 does not count, and where the input gate is shut, news do not" for first in ("40.0", "0.0", "20.0")},
        "0.0 becomes 1.0 in: b = torch.tensor([-20.0, 20.0, 0.0, 20.0])": "news of 0.76 do not come in where the input gate is shut",
    },
)  # fmt: skip
def counting_cell() -> tuple[Float[Tensor, "4 2"], Float[Tensor, "4"]]:
    """Weights ``W`` (rows: input gate, forget gate, news, output gate; columns: comma, other word) and ``b`` of a cell that counts.

    After every word the cell holds the number of commas so far.
    """
    W = torch.tensor(
        [
            [40.0, 0.0],  # the input gate
            [0.0, 0.0],  # the forget gate
            [20.0, 0.0],  # the news
            [0.0, 0.0],  # the output gate
        ]
    )
    b = torch.tensor([-20.0, 20.0, 0.0, 20.0])  # the biases
    return W, b


def gru_inputs(random: Random, batch: int, inputs: int, hidden: int) -> tuple[Numbers, ...]:
    shapes = ((batch, inputs), (batch, hidden), (3 * hidden, inputs), (3 * hidden, hidden), (3 * hidden,))
    return tuple(drawn(random, *shape) for shape in shapes)


@exercise(
    lesson=3,
    title="One step of a GRU",
    stars=2,
    points=4,
    cases=lambda: [gru_inputs(Random(1), 1, 1, 1), gru_inputs(Random(2), 2, 3, 1), gru_inputs(Random(3), 1, 2, 5)],
    fuzz=lambda random: gru_inputs(random, random.randint(1, 4), random.randint(1, 5), random.choice((1, 2, 3, 5, 7))),
    forbidden=("torch.nn.GRUCell", "torch.nn.GRU", "torch.gru_cell"),
    mistakes=[
        (
            "the update gate's rows first",
            ("(W_reset, W_update, W_new), (U_reset, U_update, U_new)", "(W_update, W_reset, W_new), (U_update, U_reset, U_new)"),
            ("b_reset, b_update, b_new", "b_update, b_reset, b_new"),
            "the first third of the rows is the reset gate's, the second the update gate's",
        ),
        *(
            (
                f"the rows in the order {', '.join(order)}",
                ("(W_reset, W_update, W_new), (U_reset, U_update, U_new)", f"({', '.join(f'W_{one}' for one in order)}), ({', '.join(f'U_{one}' for one in order)})"),
                ("b_reset, b_update, b_new =", f"{', '.join(f'b_{one}' for one in order)} ="),
                "the first third of the rows is the reset gate's, the second the update gate's, the last the candidate's",
            )
            for order in (("new", "reset", "update"), ("new", "update", "reset"), ("reset", "new", "update"), ("update", "new", "reset"))
        ),
        (
            "the rows of the three taken in turns",
            ("W.chunk(3), U.chunk(3)", "(W[0::3], W[1::3], W[2::3]), (U[0::3], U[1::3], U[2::3])"), ("b.chunk(3)", "b[0::3], b[1::3], b[2::3]"),
            "the blocks lie one below the other: the first third of the rows is the reset gate's; W.chunk(3) takes them apart",
        ),
        ("the reset gate on what comes from the input", ("x @ W_new.T + b_new + reset * (h @ U_new.T)", "reset * (x @ W_new.T + b_new) + h @ U_new.T"), "the reset gate multiplies what comes from the old state, U_n h, and not what comes from the input"),
        ("the bias added twice", ("b_reset, b_update, b_new = b.chunk(3)", "b_reset, b_update, b_new = (2 * b).chunk(3)"), "there is one b, and it stands with the input's product"),
        ("the bias added twice, in the candidate once inside the reset gate's product", ("b_reset, b_update, b_new = b.chunk(3)", "b_reset, b_update, b_new = (2 * b).chunk(3)"), ("b_new + reset * (h @ U_new.T)", "b_new / 2 + reset * (h @ U_new.T + b_new / 2)"), "there is one b, and it stands with the input's product"),
        ("the old state in the candidate without its weights", ("reset * (h @ U_new.T)", "reset * h"), "the reset gate multiplies U_n h, the product of the old state and its weights"),
        ("the gates without sigmoid", ("torch.sigmoid(x @ W_reset.T + h @ U_reset.T + b_reset)", "x @ W_reset.T + h @ U_reset.T + b_reset"), ("torch.sigmoid(x @ W_update.T + h @ U_update.T + b_update)", "x @ W_update.T + h @ U_update.T + b_update"), "a gate lies between 0 and 1: sigmoid of its sum"),
        ("the reset gate without sigmoid", ("torch.sigmoid(x @ W_reset.T + h @ U_reset.T + b_reset)", "x @ W_reset.T + h @ U_reset.T + b_reset"), "a gate lies between 0 and 1: sigmoid of its sum"),
        ("the update gate without sigmoid", ("torch.sigmoid(x @ W_update.T + h @ U_update.T + b_update)", "x @ W_update.T + h @ U_update.T + b_update"), "a gate lies between 0 and 1: sigmoid of its sum"),
        ("the candidate without tanh", ("torch.tanh(x @ W_new.T + b_new + reset * (h @ U_new.T))", "x @ W_new.T + b_new + reset * (h @ U_new.T)"), "the candidate lies between -1 and 1: tanh"),
        ("softmax in the gates", ("torch.sigmoid(x @ W_update.T + h @ U_update.T + b_update)", "(x @ W_update.T + h @ U_update.T + b_update).softmax(-1)"), ("torch.sigmoid(x @ W_reset.T + h @ U_reset.T + b_reset)", "(x @ W_reset.T + h @ U_reset.T + b_reset).softmax(-1)"), "each number of a gate opens and shuts by itself: sigmoid; softmax would share one opening among them"),
        ("tanh in both gates", ("torch.sigmoid(x @ W_update.T", "torch.tanh(x @ W_update.T"), ("torch.sigmoid(x @ W_reset.T", "torch.tanh(x @ W_reset.T"), "a gate lies between 0 and 1: sigmoid"),
        ("the candidate added in full", ("+ (1 - update) * candidate", "+ candidate"), "the shares of the old state and of the candidate add up to 1: z h + (1 - z) n"),
        ("the old state kept in full", ("return update * h + (1", "return h + (1"), "the shares of the old state and of the candidate add up to 1: z h + (1 - z) n"),
        ("the old state kept in full, the candidate weighed by the update gate", ("return update * h + (1 - update)", "return h + update"), "the shares of the old state and of the candidate add up to 1: z h + (1 - z) n"),
        ("both weighed by the update gate", ("(1 - update) * candidate", "update * candidate"), "what the update gate does not keep of the old state is the candidate's share: 1 - z"),
        ("mixed as in an LSTM, by both gates", ("update * h + (1 - update) * candidate", "reset * h + update * candidate"), "one gate mixes, the update gate: z h + (1 - z) n; the reset gate stands in the candidate alone"),
        ("the new state weighed by the update gate", ("update * h + (1 - update) * candidate", "(1 - update) * h + update * candidate"), "here the update gate says how much of the *old* state stays"),
        ("the reset gate on the whole sum", ("x @ W_new.T + b_new + reset * (h @ U_new.T)", "reset * (x @ W_new.T + b_new + h @ U_new.T)"), "the reset gate multiplies what comes from the old state, U_n h, and not what comes from the input"),
        ("the update gate in the candidate", ("reset * (h @ U_new.T)", "update * (h @ U_new.T)"), "the candidate uses the reset gate; the update gate weighs it afterwards"),
        ("the candidate alone", ("return update * h + (1 - update) * candidate", "return candidate"), "the new state is a mixture of the old one and the candidate, weighed by the update gate"),
        ("no reset of the old state", ("reset * (h @ U_new.T)", "h @ U_new.T"), "the reset gate multiplies what the old state gives to the candidate"),
        ("the reset gate on the state before the product", ("reset * (h @ U_new.T)", "(reset * h) @ U_new.T"), "in PyTorch's GRU the reset gate multiplies the product of old state and weights, not the state"),
        ("tanh in a gate", ("torch.sigmoid(x @ W_update.T", "torch.tanh(x @ W_update.T"), "a gate lies between 0 and 1: sigmoid"),
        ("sigmoid for the candidate", ("torch.tanh(x @ W_new.T", "torch.sigmoid(x @ W_new.T"), "the candidate lies between -1 and 1: tanh"),
        ("no bias in the candidate", ("x @ W_new.T + b_new", "x @ W_new.T"), "each of the three sums has its part of b"),
        ("no bias", ("b_reset, b_update, b_new = b.chunk(3)", "b_reset, b_update, b_new = 0 * b.chunk(3)[0], 0, 0"), "each of the three sums has its part of b"),
        ("the reset gate on the bias, too", ("b_new + reset * (h @ U_new.T)", "reset * (h @ U_new.T + b_new)"), "b stands with the input's product; the reset gate multiplies the old state's product alone"),
        ("tanh of the new state", ("return update * h + (1 - update) * candidate", "return torch.tanh(update * h + (1 - update) * candidate)"), "a GRU's state leaves as it is; a squashed one is the LSTM's"),
        ("the old state is forgotten", ("update * h + (1 - update) * candidate", "(1 - update) * candidate"), "what the update gate keeps of the old state is added to the candidate's share"),
    ],
    hints=(
        "W, U and b each hold three blocks of rows, in the order reset, update, new: W.chunk(3) takes them apart.",
        "reset and update are sigmoids of x W^T + h U^T + b; the candidate is a tanh in which only h U^T is multiplied by reset.",
        "The new state is update * h + (1 - update) * candidate.",
    ),
)  # fmt: skip
def gru_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    W: Float[Tensor, "gates inputs"],
    U: Float[Tensor, "gates hidden"],
    b: Float[Tensor, " gates"],
) -> Float[Tensor, "batch hidden"]:
    """One step of a gated recurrent unit (Cho et al. 2014): from an input ``x`` and a state ``h`` to the new state.

    ``W``, ``U`` and ``b`` hold the rows of the reset gate, the update gate and the candidate, one below the other.
    """
    (W_reset, W_update, W_new), (U_reset, U_update, U_new) = W.chunk(3), U.chunk(3)  # the blocks of the weights
    b_reset, b_update, b_new = b.chunk(3)  # the blocks of the bias
    reset = torch.sigmoid(x @ W_reset.T + h @ U_reset.T + b_reset)  # the reset gate
    update = torch.sigmoid(x @ W_update.T + h @ U_update.T + b_update)  # the update gate
    candidate = torch.tanh(x @ W_new.T + b_new + reset * (h @ U_new.T))  # the candidate
    return update * h + (1 - update) * candidate  # the new state


def targets_drawn(random: Random, rows: int, longest: int) -> tuple[list[list[int]], int, int, int]:
    ids = [[random.randint(3, 9) for _ in range(random.randint(1, longest))] for _ in range(rows)]
    return ids, 1, 2, random.choice((0, 11))


@exercise(
    lesson=3,
    title="Teacher forcing: inputs, targets, and what is real",
    stars=2,
    points=3,
    cases=lambda: [([[7]], 1, 2, 0), ([[7, 8], [9]], 1, 2, 0), ([[5, 0, 0], [6]], 8, 9, 0)],
    fuzz=lambda random: targets_drawn(random, random.randint(1, 4), 5),
    mistakes=[
        ("inputs and targets not shifted", ("[bos, *row]", "[*row, eos]"), "at each place the input is the word *before* the target: inputs begin with bos and lack eos"),
        ("eos among the inputs", ("longest = max(map(len, rows)) + 1", "longest = max(map(len, rows)) + 2"), ("[bos, *row]", "[bos, *row, eos]"), "after eos there is nothing to be written: the inputs end with the last word"),
        ("no bos", ("[bos, *row]", "[*row, fill]"), "the first word has to be written as well, and bos is what is read before it: inputs begin with bos"),
        (
            "no bos, and no first target",
            ("longest = max(map(len, rows)) + 1", "longest = max(map(len, rows))"), ("len(row) + 1 for row in rows", "len(row) for row in rows"),
            ("[bos, *row]", "[*row]"), ("[*row, eos]", "[*row[1:], eos]"),
            "the first word has to be written as well, and bos is what is read before it: inputs begin with bos",
        ),
        (
            "filled at the left",
            ("row + [fill] * (longest - len(row))", "[fill] * (longest - len(row)) + row"), ("torch.arange(longest) < lengths[:, None]", "torch.arange(longest) >= longest - lengths[:, None]"),
            "the filling stands at the right, behind a row's end",
        ),
        ("filled at the left, and real as if it were at the right", ("row + [fill] * (longest - len(row))", "[fill] * (longest - len(row)) + row"), "the filling stands at the right, behind a row's end"),
        ("targets filled with eos", ("rectangle([[*row, eos] for row in rows])", "torch.tensor([[*row] + [eos] * (longest - len(row)) for row in rows])"), "places after the end are filled with fill, in the targets as well"),
        ("the time comes first", ("return inputs, targets, torch.arange(longest) < lengths[:, None]", "return inputs.T, targets.T, (torch.arange(longest) < lengths[:, None]).T"), "a row for each sentence: batch × time (pad_sequence puts the time first unless it is told batch_first=True)"),
        ("eos among the inputs of shorter rows", ("rectangle([[bos, *row] for row in rows])", "rectangle([[bos, *row, eos][:longest] for row in rows])"), "inputs end with a row's last word; the last column of a rectangle is not where a shorter row ends"),
        ("no end to be learnt", ("[*row, eos]", "[*row, fill]"), "the last target is eos; without it nothing teaches the model to stop"),
        (
            "no end, neither written nor real",
            ("[*row, eos]", "[*row, fill]"), ("len(row) + 1 for row in rows", "len(row) for row in rows"),
            "the last target is eos, and it is real; without it nothing teaches the model to stop",
        ),
        ("bos among the targets", ("inputs = rectangle([[bos, *row]", "inputs = rectangle([[*row, eos]"), ("targets = rectangle([[*row, eos]", "targets = rectangle([[bos, *row]"), "bos is only read; targets begin with the first word and end with eos"),
        ("filled with eos", ("[fill] * (longest - len(row))", "[eos] * (longest - len(row))"), "places after the end are filled with fill"),
        ("what is real found by comparing with fill", ("torch.arange(longest) < lengths[:, None]", "targets != fill"), "a word may have the id of fill; how long each row is says which places are real"),
        ("the end is not real", ("len(row) + 1 for row in rows", "len(row) for row in rows"), "eos is a target like any other, so its place is real"),
        ("what is real found by comparing the inputs with fill", ("torch.arange(longest) < lengths[:, None]", "inputs != fill"), "a word may have the id of fill; how long each row is says which places are real"),
        ("targets rolled from the inputs", ("rectangle([[*row, eos] for row in rows])", "torch.roll(inputs, -1, 1)"), "roll brings bos round to the end; targets end with eos, behind the last word of each row"),
        ("eos behind the filling", ("rectangle([[*row, eos] for row in rows])", "torch.tensor([[*row] + [fill] * (longest - 1 - len(row)) + [eos] for row in rows])"), "eos stands behind the last word of its row, and the filling behind that"),
        ("real turned round", ("torch.arange(longest) < lengths[:, None]", "torch.arange(longest) >= lengths[:, None]"), "real is True where there is something to learn"),
    ],
    hints=(
        "For the row [7, 8] the inputs are [bos, 7, 8] and the targets [7, 8, eos].",
        "All rows become as long as the longest (plus one), filled with fill at the right.",
        "real[n, t] is t < len(rows[n]) + 1: compare torch.arange(longest) with the lengths as a column.",
    ),
    parts=("inputs", "targets", "real"),
)  # fmt: skip
def teacher_forcing(
    rows: list[list[int]], bos: int, eos: int, fill: int
) -> tuple[Int[Tensor, "batch time"], Int[Tensor, "batch time"], Bool[Tensor, "batch time"]]:
    """Rows of target ids as a rectangle of inputs, one of targets, and where there is something to learn.

    A row's inputs begin with ``bos``, its targets end with ``eos``; what is left over at the right holds ``fill``.
    """
    lengths = torch.tensor([len(row) + 1 for row in rows])  # the lengths
    longest = max(map(len, rows)) + 1

    def rectangle(rows: list[list[int]]) -> Tensor:
        return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])  # the filling

    inputs = rectangle([[bos, *row] for row in rows])  # the inputs
    targets = rectangle([[*row, eos] for row in rows])  # the targets
    return inputs, targets, torch.arange(longest) < lengths[:, None]  # what is real


def attention_inputs(random: Random, batch: int, steps: int, places: int, size: int) -> tuple[Tensor, ...]:
    lengths = torch.tensor([random.randint(1, places) for _ in range(batch)])
    lengths[random.randrange(batch)] = places
    real = torch.arange(places) < lengths[:, None]
    return (
        drawn(random, batch, steps, size),
        drawn(random, batch, places, size),
        drawn(random, batch, places, size + random.choice((0, 1))),
        real,
    )


def filled_is_nothing(attend: Callable[..., Tensor]) -> bool | str:
    queries, keys, values, real = attention_inputs(Random(5), 3, 2, 4, 3)
    for wide in (1.0, 100.0):  # with wide ones, scores of real places are as low as -10,000
        alone = attend(wide * queries, wide * keys, values, real)
        other = attend(wide * queries, wide * keys, values.masked_fill(~real[..., None], 7.0), real)
        if not torch.allclose(alone, other, atol=1e-4):
            return f"what stands in values at filled places changes the result when the scores are about -{wide**2:,.0f}"
    return True


def large_scores_are_no_harm(attend: Callable[..., Tensor]) -> bool | str:
    queries, keys, values, real = attention_inputs(Random(5), 3, 2, 4, 3)
    found = attend(100 * queries, 100 * keys, values, real)
    return True if torch.isfinite(found).all() else "with scores of some 10,000 the result is not a number"


@exercise(
    lesson=3,
    title="Dot-product attention with a mask",
    stars=2,
    points=4,
    cases=lambda: [attention_inputs(Random(1), 1, 1, 2, 1), attention_inputs(Random(2), 2, 1, 3, 2), attention_inputs(Random(4), 2, 3, 4, 5)],
    fuzz=lambda random: attention_inputs(random, *(random.randint(1, 4) for _ in range(3)), random.choice((1, 2, 3, 5))),
    forbidden=("torch.nn.functional.scaled_dot_product_attention", "torch.nn.MultiheadAttention"),
    properties=(
        Property("scores may be large", large_scores_are_no_harm, "The exponential of a large score is infinite. torch.softmax sees to that if the scores of filled places are -inf before it, not their weights 0 after it; by hand the largest score of a row is subtracted first."),
        Property("filled places have no influence", filled_is_nothing, "Their scores are -inf before the softmax: a number that is low enough today may be too high tomorrow."),
    ),
    mistakes=[
        ("no mask", (".masked_fill(~real[:, None], -torch.inf)", ""), "filled places get the score -inf before the softmax, so that their weight is 0"),
        ("the mask turned round", ("~real[:, None]", "real[:, None]"), "real is True where there is a word; the others are masked"),
        ("filled places get the score 0", ("-torch.inf", "0.0"), "exp(0) is 1, a weight like any other; only -inf gives the weight 0"),
        ("filled places get the score -10", ("-torch.inf", "-10.0"), "exp(-10) is small and not 0; only -inf gives the weight 0"),
        ("the mask after the softmax", (".masked_fill(~real[:, None], -torch.inf)", ""), ("scores.softmax(-1)", "scores.softmax(-1) * real[:, None]"), "masked before the softmax, the weights of the real places sum to 1; after it, they do not"),
        ("the weights do not sum to 1", ("scores.softmax(-1)", "scores.exp()"), "softmax divides the exponentials by their sum"),
        ("softmax over the queries", ("softmax(-1)", "softmax(1)"), "each query spreads a weight of 1 over the places: the last axis of the scores"),
        ("softmax over the batch", ("softmax(-1)", "softmax(0)"), "each query spreads a weight of 1 over the places: the last axis of the scores"),
        ("scores not divided by the root of the size", (" / queries.shape[-1] ** 0.5", ""), "the scores are divided by the square root of the size of a query"),
        ("scores divided by the size", ("queries.shape[-1] ** 0.5", "queries.shape[-1]"), "the scores are divided by the square root of the size, not by the size"),
        ("scores divided by the root of how many places there are", ("queries.shape[-1] ** 0.5", "keys.shape[1] ** 0.5"), "the scores are divided by the square root of the size of a query"),
        ("sigmoid in place of softmax", ("scores.softmax(-1)", "scores.sigmoid()"), "each query spreads a weight of 1 over the places: softmax"),
        ("scores divided by the root of the values' size", ("queries.shape[-1] ** 0.5", "values.shape[-1] ** 0.5"), "the size of a query counts; values may be wider or narrower"),
        ("the scale after the softmax", (" / queries.shape[-1] ** 0.5", ""), ("scores.softmax(-1)", "scores.softmax(-1) / queries.shape[-1] ** 0.5"), "the scores are divided before the softmax; afterwards the weights would no longer sum to 1"),
        ("the best place alone", ("scores.softmax(-1)", "torch.nn.functional.one_hot(scores.argmax(-1), scores.shape[-1]).float()"), "the weights are a softmax: every real place has its share in the mean"),
        ("the weights, not the mean", ("weights @ values", "weights"), "the weights are not the result: they mix the values, weights @ values"),
        ("the sum of the values, weighed by the scores", ("scores.softmax(-1)", "scores.nan_to_num(neginf=0.0)"), "the scores become weights by a softmax over the places"),
        ("keys in place of values", ("weights @ values", "weights @ keys"), "the weights mix the values; the keys only decide the weights"),
    ],
    hints=(
        "queries @ keys.transpose(1, 2) gives a score for each query (rows) and each place (columns).",
        "Divide the scores by the square root of the size, put -inf where real is False (real[:, None] fits the shape), then softmax over the last axis.",
        "scores.masked_fill(~real[:, None], -torch.inf).softmax(-1) @ values",
    ),
    equivalent={
        "the arguments of transpose swapped in: scores = queries @ keys.transpose(1, 2) / queries.shape[-1] ** 0.5": "exchanging two axes has no order"
    },
)  # fmt: skip
def dot_attention(
    queries: Float[Tensor, "batch steps size"],
    keys: Float[Tensor, "batch places size"],
    values: Float[Tensor, "batch places width"],
    real: Bool[Tensor, "batch places"],
) -> Float[Tensor, "batch steps width"]:
    """Scaled dot-product attention (Luong et al. 2015; the scale: Vaswani et al. 2017) that ignores filled places.

    ``real`` is True where there is a word. Each query gets the mean of the values, weighted by how well their keys fit it.
    """
    scores = queries @ keys.transpose(1, 2) / queries.shape[-1] ** 0.5  # the scores
    scores = scores.masked_fill(~real[:, None], -torch.inf)  # the mask
    weights = scores.softmax(-1)  # the weights
    return weights @ values  # the weighted mean


def loss_inputs(random: Random, batch: int, time: int, words: int) -> tuple[Tensor, Tensor, Tensor]:
    lengths = torch.tensor([random.randint(1, time) for _ in range(batch)])
    lengths[0] = time
    targets = torch.tensor([[random.randrange(words) for _ in range(time)] for _ in range(batch)])
    return drawn(random, batch, time, words), targets, torch.arange(time) < lengths[:, None]


def can_be_trained(loss: Callable[..., Tensor]) -> bool:
    logits, targets, real = loss_inputs(Random(2), 2, 2, 3)
    found = loss(logits.requires_grad_(), targets, real)
    return isinstance(found, Tensor) and found.requires_grad


@exercise(
    lesson=3,
    title="Find the faults: a loss that falls and means nothing",
    stars=2,
    points=4,
    cases=lambda: [loss_inputs(Random(1), 1, 1, 2), loss_inputs(Random(2), 2, 2, 3), loss_inputs(Random(4), 2, 4, 4), loss_inputs(Random(6), 3, 3, 3)],
    fuzz=lambda random: loss_inputs(random, random.randint(1, 3), random.randint(1, 5), random.randint(2, 6)),
    properties=(Property("a gradient reaches the scores", can_be_trained, "The loss stays a tensor: item() and detach() cut it off from what is to learn."),),
    given=("the axes mixed up", "filled places count as well"),
    mistakes=[
        ("the axes mixed up", ("logits.flatten(0, 1)", "logits.transpose(1, 2).reshape(-1, logits.shape[-1])"), "the classes are the last axis; a transpose before the reshape mixes the scores of several places"),
        ("filled places count as well", ("losses[real.flatten()].mean()", "losses.mean()"), "the mean goes over the real places alone"),
        ("filled places are 0, and counted", ("losses[real.flatten()].mean()", "(losses * real.flatten()).mean()"), "divide by the number of real places, not by that of all"),
        ("targets with the id 0 left out", ("losses[real.flatten()].mean()", "losses[targets.flatten() != 0].mean()"), "0 is a word as well; real says which places count, and ignore_index=0 does not know it"),
        ("shifted once more", ("logits.flatten(0, 1), targets.flatten()", "logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten()"), ("losses[real.flatten()].mean()", "losses[real[:, 1:].flatten()].mean()"), "the targets stand at the places of their scores already"),
        ("shifted once more, and filled places count", ("logits.flatten(0, 1), targets.flatten()", "logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten()"), ("losses[real.flatten()].mean()", "losses.mean()"), "the targets stand at the places of their scores already; and the mean goes over the real places alone"),
        ("the sum divided by the number of steps", ("losses[real.flatten()].mean()", "losses[real.flatten()].sum() / real.shape[1]"), "divide by the number of real places"),
        ("the perplexity", ("losses[real.flatten()].mean()", "losses[real.flatten()].mean().exp()"), "the loss itself is asked for, in nats"),
        ("the mean of the words' perplexities", ("losses[real.flatten()].mean()", "losses[real.flatten()].exp().mean()"), "the loss itself is asked for, in nats"),
        ("a sum", ("losses[real.flatten()].mean()", "losses[real.flatten()].sum()"), "the loss is a mean, so that it does not depend on how long the sentences are"),
        ("the mean of the sentences' means", ("losses[real.flatten()].mean()", "((losses.reshape(real.shape) * real).sum(1) / real.sum(1)).mean()"), "every real place counts alike; a short sentence's word no more than another's"),
        ("sigmoid before the loss", ("cross_entropy(logits.", "cross_entropy(logits.sigmoid()."), "cross_entropy takes the softmax itself; scores go in as they are"),
        ("softmax before the loss", ("cross_entropy(logits.", "cross_entropy(logits.softmax(-1)."), "cross_entropy takes the softmax itself; scores go in as they are"),
        ("nll_loss of probabilities", ("cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction=\"none\")", "-logits.softmax(-1).flatten(0, 1).gather(1, targets.flatten()[:, None])[:, 0]"), "nll_loss takes logarithms: log_softmax, or cross_entropy of the scores as they are"),
        ("targets of filled places set to 0, and counted", ("losses[real.flatten()].mean()", "losses.mean()"), ("targets.flatten()", "(targets * real).flatten()"), "0 is a word as well; filled places are left out, not given another word"),
        ("scores of filled places set to 0, and counted", ("losses[real.flatten()].mean()", "losses.mean()"), ("cross_entropy(logits.", "cross_entropy((logits * real[..., None])."), "scores of 0 cost ln of the number of words; filled places are left out"),
        ("the sum divided by the number of sentences", ("losses[real.flatten()].mean()", "losses[real.flatten()].sum() / len(targets)"), "divide by the number of real places"),
        ("the filled places alone", ("losses[real.flatten()]", "losses[~real.flatten()]"), "real is True where there is something to learn"),
    ],
    hints=(
        "Say what the first loss should be if all scores are 0, and try it: torch.zeros(2, 3, 5) must give ln 5, whatever the targets are. So it does here, too. Then try scores that are large at the targets: the loss must be near 0.",
        "A (batch, time, words) tensor is flattened to (batch · time, words) without any transpose: logits.flatten(0, 1).",
        "Of the losses at all places keep those where real is True, then take the mean.",
    ),
)  # fmt: skip
def translator_loss(
    logits: Float[Tensor, "batch time words"], targets: Int[Tensor, "batch time"], real: Bool[Tensor, "batch time"]
) -> Float[Tensor, ""]:
    """The mean cross-entropy, in nats, of the targets at the real places."""
    losses = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")  # the loss at every place
    return losses[real.flatten()].mean()  # the mean
