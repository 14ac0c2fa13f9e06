"""Byte-pair encoding: the fast learner against the plain definition, and round trips that nothing escapes."""

from __future__ import annotations

from itertools import chain

import pytest
import tokenizers
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers import BPETokenizer, Merge, bpe, count_pairs, learn_merges_plainly, merge_pair, splitter
from lmcourse.tokenizers.huggingface import GPT2_PATTERN, VISIBLE

ENGLISH = (
    "The cat sat on the mat, and the cat's kittens sat there too. It's 1984 or 12345; they'll see!\n\n"
    "    def f(x):\n\treturn x  # two  spaces\r\n\r\nThe theme of the thesis: then, there, these.  \n"
)
CHINESE = "我们学习自然语言处理。语言模型学习语言,我们用Python写语言模型!　全角空格,数字2024年3月。\n"
ODD = (
    "👩‍👩‍👧 naïve café e\u0301 Ünïcödé Привет мир שלום العربية हिन्दी ภาษาไทย 🇨🇳🙂🙂 "
    "\x00\x07 \u200b\ufeff ½ ² – “x” ’tis\u2028"
)
MIXED = ENGLISH + CHINESE + ODD

FEW_LETTERS = st.text(st.sampled_from("aaabbc "), max_size=60)
BROKEN = st.lists(st.binary(max_size=4) | st.text(max_size=6).map(str.encode)).map(b"".join)


@pytest.fixture(scope="module")
def tokenizer() -> BPETokenizer:
    return BPETokenizer.train([MIXED * 2], 520, ["<eos>", "<|pad|>"])


@pytest.fixture(scope="module")
def exported(tokenizer: BPETokenizer) -> tokenizers.Tokenizer:
    return tokenizer.to_huggingface()


@pytest.fixture(scope="module")
def imported(exported: tokenizers.Tokenizer) -> BPETokenizer:
    return BPETokenizer.from_huggingface(exported)


def replayed(bpe: BPETokenizer, text: str) -> list[int]:
    """The slowest encoder: each merge, in the order learnt, in each pre-token."""
    ids: list[int] = []
    for word in splitter(bpe.pattern)(text):
        tokens = list(word.encode())
        for new, (left, right, _) in enumerate(bpe.merges, 256):
            tokens = merge_pair(tokens, (left, right), new)
        ids += tokens
    return ids


def test_plain_learner_on_the_known_example() -> None:
    """aaabdaaabac, the example of many a textbook, by hand.

    aa occurs 4 times (overlaps count) and becomes Z: Zabd Zabac. Za and ab now occur twice each; Za comes first and
    becomes Y: Ybd Ybac. Yb occurs twice and becomes X: Xd Xac. No pair is left that occurs twice.
    """
    merges = learn_merges_plainly(["aaabdaaabac"], 10)
    a, b = b"ab"
    assert merges == [Merge(a, a, 4), Merge(256, a, 2), Merge(257, b, 2)]


def test_parts_of_the_plain_learner() -> None:
    """Merging goes from left to right, so that of three equal tokens the first two are joined."""
    assert merge_pair([1, 1, 1, 2, 1, 1], (1, 1), 9) == [9, 1, 2, 9]
    assert list(count_pairs([[1, 2, 1], [3, 1, 2]]).items()) == [((1, 2), 2), ((2, 1), 1), ((3, 1), 1)]


def test_of_equals_the_first_in_the_text_wins() -> None:
    """All pairs of "zy xw zy xw" occur twice: the first is zy, the second " x", which comes before xw; then " xw".

    A heap ordered by ids would begin with " x", one ordered by words alone might take xw before " x".
    """
    merges = BPETokenizer.train(["zy xw zy xw"], 256 + 3).merges
    assert [bytes([m.left, m.right]) if m.right < 256 and m.left < 256 else (m.left, m.right) for m in merges] == [
        b"zy",
        b" x",
        (257, ord("w")),
    ]


@given(st.lists(FEW_LETTERS, max_size=5), st.integers(0, 30), st.integers(1, 3))
@example(["bbaac aaababb cbabbc cbabbc"], 44, 2)
def test_fast_learner_is_the_plain_one_on_repetitive_text(texts: list[str], number: int, min_count: int) -> None:
    """Few letters make ties, runs of one letter and overlaps: where keeping counts up to date goes wrong first.

    The example fails if first occurrences are compared by tokens, whose positions merges change, instead of by bytes.
    """
    assert BPETokenizer.train(texts, 256 + number, min_count=min_count).merges == learn_merges_plainly(
        texts, number, min_count
    )


@given(st.lists(st.text(max_size=40), max_size=4))
def test_fast_learner_is_the_plain_one_on_any_text(texts: list[str]) -> None:
    """Bytes above 127 pass through the learner as characters; a slip there would show here."""
    assert BPETokenizer.train(texts, 300, min_count=1).merges == learn_merges_plainly(texts, 44, 1)


def test_fast_learner_is_the_plain_one_on_prose() -> None:
    """Hundreds of merges on real sentences, where stale entries of the heap pile up."""
    assert BPETokenizer.train([MIXED * 2, CHINESE], 700).merges == learn_merges_plainly([MIXED * 2, CHINESE], 444)


@given(st.text())
def test_any_text_comes_back(tokenizer: BPETokenizer, text: str) -> None:
    """The promise of bytes: no text is unknown."""
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(BROKEN)
def test_any_bytes_come_back(tokenizer: BPETokenizer, data: bytes) -> None:
    """Also bytes that are no UTF-8, whole or in part."""
    assert tokenizer.decode_bytes(tokenizer.encode_bytes(data)) == data
    assert tokenizer.decode(tokenizer.encode_bytes(data)) == data.decode("utf-8", "replace")


@given(st.text())
def test_bytes_and_text_have_the_same_ids(tokenizer: BPETokenizer, text: str) -> None:
    """A corpus read as bytes must not be tokenised otherwise than the same corpus read as text."""
    assert tokenizer.encode_bytes(text.encode()) == tokenizer.encode(text)


@given(st.text() | FEW_LETTERS | st.lists(st.sampled_from(MIXED.split(" ")), max_size=8).map(" ".join))
def test_encoding_replays_the_training(tokenizer: BPETokenizer, text: str) -> None:
    """Merging everywhere and the heap of fitting merges must find what trying every merge in turn finds.

    Without merging everywhere the heap has all to do: it must then take earlier merges first, wherever they stand.
    """
    expected = replayed(tokenizer, text)
    assert tokenizer.encode(text) == expected
    assert encoded_by_heap(tokenizer, text) == expected


@given(st.lists(FEW_LETTERS, max_size=3), st.text(st.sampled_from("aaabbc"), max_size=60))
@example(["bccaabbacacaa"], "bca")
def test_encoding_of_other_text_replays_the_training(texts: list[str], text: str) -> None:
    """Words like those of the training, yet others: there the order of the merges decides, and runs of one letter."""
    tokenizer = BPETokenizer.train(texts, 300, min_count=1)
    assert tokenizer.encode(text) == encoded_by_heap(tokenizer, text) == replayed(tokenizer, text)


def encoded_by_heap(tokenizer: BPETokenizer, text: str) -> list[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bpe, "EVERYWHERE", 0)
        return list(chain.from_iterable(tokenizer._merged(splitter()(text))))


def test_training_text_is_encoded_as_it_was_merged() -> None:
    """More merges than are made everywhere at once, so that both halves of the encoder work on real words."""
    many = BPETokenizer.train([MIXED], 600, min_count=1)
    assert len(many.merges) > 2 * bpe.EVERYWHERE
    assert many.encode(MIXED) == replayed(many, MIXED)


def test_every_token_is_made_once_and_encodes_to_itself() -> None:
    """Two merges that spell the same bytes could not be exported; a token that never comes out would be wasted."""
    many = BPETokenizer.train([MIXED], 600, min_count=1)
    assert len(set(many.vocab)) == many.vocab_size
    words = [token.decode("utf-8", "surrogateescape") for token in many.vocab]
    assert many._merged(words) == [(id,) for id in range(many.vocab_size)]


def test_forgetting_words_changes_nothing(monkeypatch: pytest.MonkeyPatch, tokenizer: BPETokenizer) -> None:
    """The cache is emptied between two texts; ids must not depend on what was encoded before."""
    expected = [tokenizer.encode(line) for line in MIXED.splitlines(True)]
    monkeypatch.setattr(bpe, "CACHED_WORDS", 2)
    assert [tokenizer.encode(line) for line in MIXED.splitlines(True)] == expected
    assert len(tokenizer._known) < 60


def test_truncated_is_what_a_smaller_training_gives(tokenizer: BPETokenizer) -> None:
    """Merges are nested; the special tokens move down to close the gap."""
    for size in (258, 259, 300, 400):
        smaller = BPETokenizer.train([MIXED * 2], size, ["<eos>", "<|pad|>"])
        assert tokenizer.truncated(size).to_dict() == smaller.to_dict()
        assert smaller.vocab_size == size
    assert tokenizer.truncated(10_000).to_dict() == tokenizer.to_dict()
    with pytest.raises(LmcourseError, match="257 is too small"):
        tokenizer.truncated(257)


def test_texts_are_not_joined() -> None:
    """A merge across the seam of two documents would depend on their order."""
    assert BPETokenizer.train(["ab", "ab", "ba"], 300).merges == [Merge(ord("a"), ord("b"), 2)]
    assert BPETokenizer.train("ab ab", 300).merges[0] == Merge(ord("a"), ord("b"), 2), "one string is one text"
    assert BPETokenizer.train(iter(["ab", "ab"]), 300).merges == [Merge(ord("a"), ord("b"), 2)]


def test_training_stops_when_nothing_repeats() -> None:
    """"At most vocab_size": a pair seen once is not worth a token, unless asked for; an empty text is 256 bytes."""
    assert BPETokenizer.train(["abc"], 300, ["<eos>"]).vocab_size == 257
    assert BPETokenizer.train(["abc"], 300, min_count=1).vocab_size == 258
    assert BPETokenizer.train(["abc"], 300, min_count=0).vocab_size == 258
    assert BPETokenizer.train([], 300).vocab_size == 256


def test_too_small_a_vocabulary_is_refused() -> None:
    """255 tokens cannot hold 256 bytes."""
    with pytest.raises(LmcourseError, match="A vocabulary of 256 is too small .* choose 257 or more"):
        BPETokenizer.train(["abc"], 256, ["<eos>"])


def test_half_a_character_is_refused_in_a_sentence(tokenizer: BPETokenizer) -> None:
    """A lone surrogate has no UTF-8; Python's own message would not help a learner."""
    with pytest.raises(LmcourseError, match="lone surrogate"):
        tokenizer.encode("a\ud800b")
    assert tokenizer.encode("ab") == replayed(tokenizer, "ab")


def test_tokens_for_showing(tokenizer: BPETokenizer) -> None:
    """Spaces, control characters and parts of a character must be visible in a table."""
    assert [tokenizer.token(id) for id in (ord("a"), ord(" "), 10, 0xE4)] == ["a", "␣", "\\n", "\\xe4"]
    shown = tokenizer.merges_in_words()
    assert len(shown) == len(tokenizer.merges) and ("␣", "t") in [pair[:2] for pair in shown]


SPACES = [" ", "\n \n\n  x   ", "a  b   c\t\td\r\n\r\n ", "'s 'll'll 'server I'm"]


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, ODD, *SPACES])
def test_exported_tokenizer_has_equal_ids(
    tokenizer: BPETokenizer, exported: tokenizers.Tokenizer, text: str
) -> None:
    """The same split, the same merges, the same ids; and its decoder gives the text back."""
    assert exported.encode(text).ids == tokenizer.encode(text)
    assert exported.decode(tokenizer.encode(text)) == text


@given(st.text() | st.text(st.sampled_from("ab'stl 1\n\r\t。学习.")))
def test_exported_tokenizer_has_equal_ids_on_any_text(
    tokenizer: BPETokenizer, exported: tokenizers.Tokenizer, text: str
) -> None:
    """Another regular-expression engine with other Unicode tables must split in the same places."""
    assert exported.encode(text).ids == tokenizer.encode(text)


def test_special_tokens_are_exported(tokenizer: BPETokenizer, exported: tokenizers.Tokenizer) -> None:
    """There, special tokens count in every text; that is our allowed_special="all"."""
    text = "<eos>the cat<|pad|><|pad|> <eos>"
    assert exported.encode(text).ids == tokenizer.encode(text, allowed_special="all")


@given(st.text())
def test_import_undoes_export(tokenizer: BPETokenizer, imported: BPETokenizer, text: str) -> None:
    """Through Hugging Face's own JSON and back: nothing that matters for ids may be lost."""
    assert imported.vocab == tokenizer.vocab and imported.special_tokens == tokenizer.special_tokens
    assert imported.encode(text) == tokenizer.encode(text)


@pytest.mark.parametrize("gpt2", [False, True])
def test_tokenizers_trained_there_are_imported_with_their_ids(gpt2: bool, tmp_path) -> None:
    """Their ids begin with the special tokens and order the bytes otherwise; GPT-2's split pattern needs \\p{L}.

    The imported tokenizer must also survive our own file, and be cut to a smaller vocabulary without moving ids.
    """
    theirs = tokenizers.Tokenizer(models.BPE())
    theirs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False) if gpt2 else split_pre_tokenizer()
    theirs.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    options = {"special_tokens": ["<s>"], "initial_alphabet": alphabet, "show_progress": False}
    theirs.train_from_iterator([MIXED], trainers.BpeTrainer(vocab_size=500, **options))
    imported = BPETokenizer.from_huggingface(theirs)
    assert imported.special_tokens == {"<s>": 0}
    assert imported.pattern == GPT2_PATTERN if gpt2 else imported.pattern != GPT2_PATTERN
    assert imported.encode(MIXED) == theirs.encode(MIXED).ids
    assert imported.decode(imported.encode(MIXED)) == MIXED
    assert imported.to_huggingface().encode(MIXED + "<s>").ids == [*theirs.encode(MIXED).ids, 0]
    imported.save(tmp_path / "bpe.json")
    assert BPETokenizer.load(tmp_path / "bpe.json").encode(MIXED) == imported.encode(MIXED)
    smaller = imported.truncated(300)
    assert smaller.special_tokens == {"<s>": 0} and smaller.vocab == imported.vocab[:300]


def split_pre_tokenizer(pattern: str = r"\s+|\p{L}+|[^\p{L}\s]+") -> pre_tokenizers.PreTokenizer:
    split = pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_level(**changes) -> tokenizers.Tokenizer:
    """A byte-level BPE tokenizer with one merge, changed as asked."""
    vocab = {character: id for id, character in enumerate(VISIBLE)} | {"ab": 256}
    options = {"vocab": vocab, "merges": [("a", "b")]} | changes.pop("model", {})
    result = tokenizers.Tokenizer(models.BPE(**options))
    result.pre_tokenizer = changes.pop("pre_tokenizer", pre_tokenizers.ByteLevel(add_prefix_space=False))
    if "normalizer" in changes:
        result.normalizer = changes["normalizer"]
    return result


def test_what_cannot_be_imported_is_named() -> None:
    """Importing half of a tokenizer would give other ids without a word."""
    assert BPETokenizer.from_huggingface(byte_level()).encode("ab b") == [256, 32, ord("b")]
    vocab = {character: id for id, character in enumerate(VISIBLE)}
    refused = {
        "its model is WordPiece": tokenizers.Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]")),
        "normalizer": byte_level(normalizer=normalizers.NFKC()),
        "option dropout": byte_level(model={"dropout": 0.1}),
        "option ignore_merges": byte_level(model={"ignore_merges": True}),
        "pre-tokenizer": byte_level(pre_tokenizer=pre_tokenizers.Whitespace()),
        "pre-tokenizer is not": byte_level(pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=True)),
        r"split pattern uses \\w": byte_level(pre_tokenizer=split_pre_tokenizer(r"\w+|\W+")),
        "lacks some of the 256 bytes": byte_level(model={"vocab": {"a": 0, "b": 1, "ab": 2}}),
        "no merge makes": byte_level(model={"vocab": vocab | {"ab": 256, "xyz": 257}}),
        "order of its merges": byte_level(
            model={"vocab": vocab | {"ab": 257, "bc": 256}, "merges": [("a", "b"), ("b", "c")]}
        ),
    }
    for fault, theirs in refused.items():
        with pytest.raises(LmcourseError, match=f"cannot be imported: .*{fault}"):
            BPETokenizer.from_huggingface(theirs)


def test_a_special_token_that_is_also_a_word_cannot_be_exported() -> None:
    """There, one string has one id; ours would silently lose a token."""
    with pytest.raises(LmcourseError, match="'aa' is both special and ordinary"):
        BPETokenizer.train(["aa aa"], 300, ["aa"]).to_huggingface()
