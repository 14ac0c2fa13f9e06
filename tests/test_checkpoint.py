"""Checkpoints: what goes in comes out to the bit; whatever is damaged is refused; whatever fails leaves the old one whole."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse import checkpoint
from lmcourse.errors import LmcourseError
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.tokenizers import CharTokenizer

TOKENIZER = CharTokenizer("abcd\n ")  # with <unk> 7 tokens


def model_of(seed: int = 0, vocab_size: int = 7) -> LSTMLanguageModel:
    torch.manual_seed(seed)
    return LSTMLanguageModel(LSTMConfig(vocab_size, embedding_size=3, hidden_size=4))


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    mine, other = a.state_dict(), b.state_dict()
    return mine.keys() == other.keys() and all(torch.equal(mine[name], other[name]) for name in mine)


def one_sentence(error: pytest.ExceptionInfo, *words: str) -> None:
    text = str(error.value)
    assert "\n" not in text and ";" in text and all(word in text for word in words), text


@pytest.fixture
def folder(tmp_path) -> Path:
    checkpoint.save(tmp_path, "best", model_of(), TOKENIZER, {"step": 3})
    return tmp_path


def test_model_and_tokenizer_come_back(folder):
    model, tokenizer = checkpoint.load_model(folder)
    assert same(model, model_of()) and not model.training
    assert tokenizer.fingerprint == TOKENIZER.fingerprint
    ids = torch.tensor([[1, 2, 3]])
    assert torch.equal(model(ids)[0], model_of()(ids)[0])
    assert same(checkpoint.load_model(folder / "best.safetensors")[0], model)


def test_loading_costs_no_random_numbers(folder):
    """A lesson that loads a model in between must not get other random numbers because of it."""
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    checkpoint.load_model(folder)
    assert torch.equal(torch.rand(1), expected)


numbers = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.text(max_size=5)
tensors = st.sampled_from([torch.arange(3), torch.zeros(2, 0), torch.tensor(1.5), torch.ones(2, 2, dtype=torch.bfloat16)])
trees = st.recursive(
    numbers | tensors,
    lambda tree: st.lists(tree, max_size=3)
    | st.tuples(tree, tree)
    | st.dictionaries(st.integers(0, 9) | st.text(max_size=3), tree, max_size=3),
    max_leaves=8,
)


def equal(a, b) -> bool:
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return type(b) is dict and list(a) == list(b) and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


@settings(max_examples=40)
@given(tree=trees)
def test_any_training_state_comes_back(tree, tmp_path_factory):
    """Types, order and bits: a tuple that becomes a list, or a key 0 that becomes "0", breaks an optimiser's state."""
    folder = tmp_path_factory.mktemp("tree")
    checkpoint.save(folder, "last", model_of(), None, {"tree": tree})
    assert equal(checkpoint.load(folder, "last").training["tree"], tree)


def test_what_cannot_be_held_is_a_programming_error(tmp_path):
    with pytest.raises(TypeError, match="training.x, a set"):
        checkpoint.save(tmp_path, "last", model_of(), None, {"x": {1}})
    assert not list(tmp_path.iterdir())


def test_every_byte_counts(folder):
    """One bit flipped, anywhere: length, header, digest, padding, numbers. All are tried, none may get through."""
    path = folder / "best.safetensors"
    data = path.read_bytes()
    places = [*range(600), *range(600, len(data), 7), len(data) - 1]
    for place in places:
        path.write_bytes(data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :])
        with pytest.raises(LmcourseError) as error:
            checkpoint.load(folder)
    one_sentence(error, "best.safetensors", "damaged")


def test_truncated_or_with_something_behind_it(folder):
    path = folder / "best.safetensors"
    data = path.read_bytes()
    for damaged in [data[:length] for length in (0, 5, 8, 100, len(data) // 2, len(data) - 1)] + [data + b"\0"]:
        path.write_bytes(damaged)
        with pytest.raises(LmcourseError) as error:
            checkpoint.load(folder)
        one_sentence(error, "damaged")


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_words(data):
    """Not even a crafted header may bring another exception than ours."""
    for bytes_ in (data, len(data).to_bytes(8, "little") + data):
        with pytest.raises(LmcourseError):
            checkpoint._verified(Path("x"), bytes_)


def test_other_files(tmp_path):
    """A safetensors file of somebody else's, a pickle, a folder, nothing: each its sentence, and the pickle is not run."""
    path = tmp_path / "best.safetensors"
    safetensors.torch.save_file({"x": torch.zeros(2)}, path)
    with pytest.raises(LmcourseError) as error:
        checkpoint.load(tmp_path)
    one_sentence(error, "no checkpoint")
    path.unlink()
    torch.save({"x": 1}, path)
    with pytest.raises(LmcourseError):
        checkpoint.load(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(LmcourseError) as error:
        checkpoint.load(tmp_path)
    one_sentence(error, "Cannot read")
    with pytest.raises(LmcourseError) as error:
        checkpoint.load_model(tmp_path / "nowhere")
    one_sentence(error, "nowhere", "no checkpoint", "lmcourse train lm")
    with pytest.raises(LmcourseError):
        checkpoint.load(tmp_path, "worst")


def rewritten(path: Path, change) -> None:
    """Change the JSON of a checkpoint and make the digest right again, as a newer version or a bug might."""
    data = path.read_bytes()
    meta, tensors = checkpoint._verified(path, data)
    change(meta)
    meta["digest"] = checkpoint._BLANK
    path.write_bytes(checkpoint._sealed(safetensors.torch.save(tensors, {"lmcourse": json.dumps(meta)})))


def test_versions_and_misfits(folder):
    path = folder / "best.safetensors"
    original = path.read_bytes()
    wrong = {
        "version 2": lambda meta: meta.update(version=2),
        "GRU": lambda meta: meta.update(model="GRU"),
        "weights": lambda meta: meta["config"].update(hidden_size=5),
        "hidden": lambda meta: meta["config"].update(hidden=5),
        "hidden_size": lambda meta: meta["config"].update(hidden_size=-1),
        "kind": lambda meta: meta["tokenizer"].update(kind="syllables"),
        "do not belong together": lambda meta: meta["tokenizer"].update(characters="ab"),
        "without a tokenizer": lambda meta: meta.update(tokenizer=None),
    }
    for word, change in wrong.items():
        path.write_bytes(original)
        rewritten(path, change)
        with pytest.raises(LmcourseError) as error:
            checkpoint.load_model(folder)
        one_sentence(error, word)


def test_a_gigantic_configuration_does_not_fill_the_memory(folder):
    """Shapes are compared before memory is taken: 10^7 × 10^7 numbers would be 400 terabytes."""
    rewritten(folder / "best.safetensors", lambda meta: meta["config"].update(hidden_size=10**7))
    with pytest.raises(LmcourseError, match="weights"):
        checkpoint.load_model(folder)


def test_another_vocabulary_is_refused(folder):
    with pytest.raises(LmcourseError) as error:
        checkpoint.load_model(folder, tokenizer=CharTokenizer("abdc\n "))
    one_sentence(error, "vocabulary")
    assert checkpoint.load_model(folder, tokenizer=CharTokenizer("abcd\n "))


def test_models_of_ones_own(tmp_path):
    class Mine(LSTMLanguageModel):
        pass

    checkpoint.save(tmp_path, "best", Mine(LSTMConfig(7)), TOKENIZER)
    with pytest.raises(LmcourseError, match="Mine"):
        checkpoint.load_model(tmp_path)
    assert isinstance(checkpoint.load_model(tmp_path, models={"Mine": (Mine, LSTMConfig)})[0], Mine)


def test_best_falls_back_to_last(tmp_path):
    """A run killed before its first evaluation has left only the last."""
    assert not checkpoint.exists(tmp_path)
    checkpoint.save(tmp_path, "last", model_of(1), TOKENIZER)
    assert checkpoint.exists(tmp_path) and same(checkpoint.load_model(tmp_path)[0], model_of(1))
    checkpoint.save(tmp_path, "best", model_of(2), TOKENIZER)
    assert same(checkpoint.load_model(tmp_path)[0], model_of(2))
    assert same(checkpoint.load_model(tmp_path, "last")[0], model_of(1))


def test_equal_content_gives_equal_bytes(tmp_path):
    """No time, no random order, no address in the file: so that two runs can be compared with cmp."""
    a = checkpoint.save(tmp_path / "a", "best", model_of(), TOKENIZER, {"x": 1, "y": torch.ones(2)}).read_bytes()
    b = checkpoint.save(tmp_path / "b", "best", model_of(), TOKENIZER, {"x": 1, "y": torch.ones(2)}).read_bytes()
    assert a == b


@pytest.mark.parametrize("where", ["os.fsync", "os.replace", "Path.write_bytes"])
def test_a_full_disk_leaves_the_old_checkpoint(folder, monkeypatch, where):
    before = (folder / "best.safetensors").read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"lmcourse.files.{where}", full)
    with pytest.raises(LmcourseError) as error:
        checkpoint.save(folder, "best", model_of(1), TOKENIZER)
    one_sentence(error, "space")
    assert [path.name for path in folder.iterdir()] == ["best.safetensors"]
    assert (folder / "best.safetensors").read_bytes() == before


def test_an_unwritable_folder(tmp_path):
    """Below a file there can be no folder, not even for root, who may write everywhere else."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LmcourseError) as error:
        checkpoint.save(tmp_path / "file" / "m", "best", model_of(), TOKENIZER)
    one_sentence(error, "Cannot write")


def _child(code: str, folder: Path, **options) -> subprocess.Popen:
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from test_checkpoint import *; {code}"
    return subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True, **options)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a process's files")
def test_a_really_full_disk(folder):
    """The kernel itself refuses, in the middle of the file: a process that may write files of 1 kB only."""
    before = (folder / "best.safetensors").read_bytes()
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))\n"
        "try: checkpoint.save(sys.argv[1], 'best', model_of(1), TOKENIZER)\n"
        "except LmcourseError as error: print(error)"
    )
    said, _ = _child(f"exec({code!r})", folder).communicate(timeout=60)
    assert "too large" in said and ";" in said
    assert [path.name for path in folder.iterdir()] == ["best.safetensors"]
    assert (folder / "best.safetensors").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_kill_while_a_checkpoint_is_written(folder):
    """kill -9 with the new file half on disk: the old one is whole, and the next save sweeps up what was left."""
    before = (folder / "best.safetensors").read_bytes()
    code = (
        "import lmcourse.files, time\n"
        "def half(path, data): open(path, 'wb').write(data[:len(data) // 2]); print('half', flush=True); time.sleep(60)\n"
        "lmcourse.files.Path.write_bytes = half\n"
        "checkpoint.save(sys.argv[1], 'best', model_of(1), TOKENIZER)"
    )
    process = _child(f"exec({code!r})", folder)
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert len(list(folder.iterdir())) == 2  # the file that was being written
    assert (folder / "best.safetensors").read_bytes() == before
    assert same(checkpoint.load_model(folder)[0], model_of())
    checkpoint.save(folder, "best", model_of(2), TOKENIZER)
    assert [path.name for path in folder.iterdir()] == ["best.safetensors"]


def test_random_states():
    """All three generators go on exactly where they were, through a checkpoint's data and back."""

    def numbers():
        return random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn(), torch.rand(1).item()

    random.gauss(0, 1)  # leaves a second number waiting, which belongs to the state
    state = checkpoint.random_state()
    first = numbers()
    assert numbers() != first
    checkpoint.set_random_state(state)
    assert numbers() == first
    with checkpoint.random_numbers(7):
        inside = numbers()
    after = numbers()
    checkpoint.set_random_state(state)
    numbers()
    assert numbers() == after  # the block left no trace
    with checkpoint.random_numbers(7):
        assert numbers() == inside


def test_the_digest_is_sha256_of_the_file_with_the_digest_blanked(folder):
    """So that anybody can check a file without this package."""
    data = (folder / "best.safetensors").read_bytes()
    (digest,) = re.findall(rb'digest\\": \\"([0-9a-f]{64})', data)
    assert hashlib.sha256(data.replace(digest, b"0" * 64)).hexdigest() == digest.decode()
