"""The six sick runs: each shows the sign that its case history says, and the healthy run shows none."""

from __future__ import annotations

import math

import pytest
import torch

from lmcourse import corpus
from lmcourse.errors import LmcourseError
from lmcourse.patients import Patient, Ward
from lmcourse.tokenizers import CharTokenizer


@pytest.fixture(scope="module")
def ward() -> Ward:
    stories = corpus.load("willow_bay/stories")
    text, held = stories.split("train").text()[:40_000], stories.split("valid").text()[:1500]
    other = "\n".join(pair.zh for pair in corpus.load("willow_bay/parallel").split("train")[:600])
    letters = CharTokenizer.train([text, other], 200)
    return Ward(*(torch.tensor(letters.encode(part)) for part in (text, held, other)), letters.vocab_size, steps=60, hidden_size=64)


@pytest.fixture(scope="module")
def six(ward) -> dict[str, Patient]:
    return ward.patients()


def ends(patient: Patient) -> tuple[float, float]:
    """Mean training loss of the last ten steps, and the last validation loss."""
    return sum(patient.history.losses[-10:]) / 10, patient.history.evaluations[-1].loss


def test_each_patient_shows_its_sign(ward, six):
    """Would notice a fault that no longer makes the curve by which it is to be recognised."""
    guess, healthy = math.log(ward.vocab_size), ward.train()
    well = sum(healthy.losses[-10:]) / 10
    by_cause = {patient.cause.split(":")[0].rstrip("."): patient for patient in six.values()}
    assert len(by_cause) == 6
    wrong, slow = by_cause["The targets belong to other inputs"], by_cause["The learning rate is far too low"]
    few, leak = by_cause["There is too little text"], by_cause["The answer stands in the input"]
    mixed, fast = by_cause["The texts come sorted by kind"], by_cause["The learning rate is far too high"]
    share = torch.bincount(ward.text, minlength=ward.vocab_size).double() / len(ward.text)
    frequencies = -torch.special.xlogy(share, share).sum().item()
    assert abs(ends(wrong)[0] - frequencies) < 0.3 and ends(wrong)[0] > well + 0.3
    examined = [one.loss for one in slow.history.evaluations]
    assert well + 1 < ends(slow)[0] < guess and examined == sorted(examined, reverse=True)
    assert ends(few)[0] < well and few.history.evaluations[-1].loss > ends(few)[0] + 0.2
    assert ends(leak)[0] < 0.5 and ends(leak)[1] > guess
    jump = ward.steps // 3
    assert mixed.history.losses[jump + 1] > mixed.history.losses[jump - 1] + 1
    assert max(fast.history.losses) > guess + 1 and ends(fast)[0] > well + 1


def test_a_healthy_run_has_none_of_the_signs(ward):
    """Would notice a sign that any run shows."""
    history = ward.train()
    assert max(history.losses) < math.log(ward.vocab_size) + 0.3
    assert abs(history.evaluations[-1].loss - sum(history.losses[-10:]) / 10) < 0.5


def test_the_six_are_told_in_words(six):
    """Would notice a case without its cause, its sign or its help."""
    assert list(six) == list("ABCDEF")
    for patient in six.values():
        assert all(part in str(patient) for part in (patient.cause, patient.sign, patient.help))


def test_too_little_to_show_is_refused():
    """Would notice six curves of nothing."""
    few = torch.zeros(100, dtype=torch.long)
    with pytest.raises(LmcourseError, match="at least 2,000"):
        Ward(few, few, few, 10)
