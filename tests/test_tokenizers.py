"""What holds for every tokenizer, the split into pre-tokens, characters, and words."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path

import pytest
import regex
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers import (
    PATTERN,
    TOKENIZERS,
    BPETokenizer,
    CharTokenizer,
    Tokenizer,
    WordTokenizer,
    compression,
    from_dict,
    join_words,
    load_tokenizer,
    printable,
    split_words,
    splitter,
    word,
)
from lmcourse.tokenizers.split import CJK, DIGIT, SIGN, SPACE

TEXTS = [
    'She said: "It\'s two o\'clock (or 2:30)…"  No -- well-known facts, don\'t they?\n\n\tTabs, and €5 or 10%.\n',
    "我们用Python写语言模型。机器学习,很有意思!\nThe cat sat; the cat ran.",
]
SPECIAL = ["<eos>", "<e", "<sep>"]


def make(kind: str) -> Tokenizer:
    return TOKENIZERS[kind].train(TEXTS, 400, SPECIAL)


@pytest.fixture(scope="module", params=list(TOKENIZERS))
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return make(request.param)


def test_known_text_comes_back(tokenizer: Tokenizer) -> None:
    """decode(encode(x)) == x whenever nothing in x is unknown, for every kind."""
    for text in [*TEXTS, "", TEXTS[0] + TEXTS[1]]:
        assert tokenizer.unknown(text) == []
        assert tokenizer.decode(tokenizer.encode(text)) == text


@given(text=st.text() | st.text(st.sampled_from("the cat,. \n我们用\"(')")))
def test_a_text_comes_back_unless_something_is_unknown(tokenizer: Tokenizer, text: str) -> None:
    """unknown() must be honest both ways: nothing named, nothing lost; and with a loss, <unk> in the ids."""
    ids = tokenizer.encode(text)
    if tokenizer.unknown(text):
        assert tokenizer.unk_id is not None and tokenizer.unk_id in ids
        assert "\N{REPLACEMENT CHARACTER}" in tokenizer.decode(ids)
    else:
        assert tokenizer.decode(ids) == text


@given(text=st.text() | st.sampled_from(TEXTS))
def test_saved_tokenizer_is_the_same(tokenizer: Tokenizer, text: str) -> None:
    """Loading that forgets a part (a pattern, a language, a special token) gives other ids for the same file."""
    again = from_dict(json.loads(json.dumps(tokenizer.to_dict())))
    assert type(again) is type(tokenizer) and again.fingerprint == tokenizer.fingerprint
    assert again.encode(text, "all") == tokenizer.encode(text, "all")
    assert again.decode(again.encode(text)) == tokenizer.decode(tokenizer.encode(text))


def test_file_is_written_and_read(tokenizer: Tokenizer, tmp_path: Path) -> None:
    """Through a real file; the class that loads may be the exact one or Tokenizer, but no other."""
    path = tmp_path / "deep" / "tokenizer.json"
    tokenizer.save(path)
    for load in (load_tokenizer, Tokenizer.load, type(tokenizer).load):
        assert load(path).to_dict() == tokenizer.to_dict()
    other = CharTokenizer if tokenizer.kind != "char" else BPETokenizer
    with pytest.raises(LmcourseError, match=f"holds a {tokenizer.kind} tokenizer, not a {other.kind} one"):
        other.load(path)
    with pytest.raises(LmcourseError, match=f"is a '{tokenizer.kind}' tokenizer, not a '{other.kind}' one"):
        other.from_dict(tokenizer.to_dict())


def test_special_tokens_cannot_be_forged(tokenizer: Tokenizer) -> None:
    """A user who types <eos> must not end the text; the program that asks for it may."""
    ids = set(tokenizer.special_tokens.values())
    assert list(tokenizer.special_tokens) == SPECIAL and len(ids) == 3
    text = f"the cat{''.join(SPECIAL)} sat"
    assert not ids & set(tokenizer.encode(text))
    assert ids <= set(tokenizer.encode(text, "all"))


def test_allowed_special_tokens(tokenizer: Tokenizer) -> None:
    """Only those asked for count; the longest first, so that <e does not eat <eos>; the text around is as ever."""
    special = tokenizer.special_tokens
    assert tokenizer.encode("<eos><e<sep>", "all") == [special["<eos>"], special["<e"], special["<sep>"]]
    expected = [*tokenizer.encode("The cat"), special["<eos>"], *tokenizer.encode(" sat")]
    for allowed in ("all", "<eos>", ["<sep>", "<eos>"], iter(["<eos>"])):
        assert tokenizer.encode("The cat<eos> sat", allowed) == expected
    assert tokenizer.decode(expected) == "The cat<eos> sat"
    assert tokenizer.encode("the cat", []) == tokenizer.encode("the cat")
    with pytest.raises(LmcourseError, match="'<bos>' is not a special token .* '<eos>', '<e', '<sep>'"):
        tokenizer.encode("x", ["<bos>"])


@pytest.mark.parametrize("special", [["<a>", "<a>"], [""]])
@pytest.mark.parametrize("kind", list(TOKENIZERS))
def test_bad_special_tokens_are_refused(kind: str, special: list[str]) -> None:
    """An empty special token would stand between any two characters."""
    with pytest.raises(LmcourseError, match="Special tokens must differ"):
        TOKENIZERS[kind].train(TEXTS, 400, special)


@pytest.mark.parametrize("kind", list(TOKENIZERS))
def test_training_is_the_same_call_for_all(kind: str) -> None:
    """An iterator, a list and, for one text, a string; the vocabulary is never larger than asked."""
    cls = TOKENIZERS[kind]
    assert cls.train(iter(TEXTS), 300).to_dict() == cls.train(TEXTS, 300).to_dict()
    assert cls.train(TEXTS[0], 300).to_dict() == cls.train([TEXTS[0]], 300).to_dict()
    assert cls.train([TEXTS[0]], 300, "<eos>").special_tokens.keys() == {"<eos>"}
    assert cls.train(TEXTS * 3, 270, SPECIAL).vocab_size <= 270
    with pytest.raises(LmcourseError, match="A vocabulary of 1 is too small"):
        cls.train(TEXTS, 1)


def test_ids_out_of_range_are_refused(tokenizer: Tokenizer) -> None:
    """Python would take -1 for the last token, and the learner would see text instead of a mistake."""
    size = tokenizer.vocab_size
    assert len(tokenizer) == size
    for wrong in (-1, size):
        with pytest.raises(LmcourseError, match=f"Id {wrong} is not in this vocabulary, whose ids are 0 to {size - 1}"):
            tokenizer.decode([0, wrong])
        with pytest.raises(LmcourseError, match=f"Id {wrong} "):
            tokenizer.token(wrong)


def test_tokens_can_be_shown(tokenizer: Tokenizer) -> None:
    """Every token must be visible in a table: no bare spaces, line ends or empty strings."""
    for id in range(tokenizer.vocab_size):
        shown = tokenizer.token(id)
        assert shown and shown.isprintable() and " " not in shown
    assert f"{tokenizer.vocab_size}" in repr(tokenizer) and "<sep>" in repr(tokenizer)
    assert printable("a b\n\u3000中") == "a␣b\\n\\u3000中"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"kind": "bpe", "version": 1, "mer', "damaged or not JSON"),
        (b"\xff\xfe{\x00}\x00\xff", "damaged or not JSON"),
        (b"[" * 100_000, "damaged or not JSON"),
        (b"", "damaged or not JSON"),
        (b"[1, 2]", "JSON but no tokenizer"),
        (b'{"model": {}}', "kind None is not known here; the kinds are: char, word, bpe"),
        (b'{"kind": ["bpe"], "version": 1}', "is not known here"),
        (b'{"kind": "wordpiece", "version": 1}', "kind 'wordpiece' is not known here"),
        (b'{"kind": "char", "version": 2}', "format version 2 and this lmcourse reads version 1"),
        (b'{"kind": "char", "characters": "a", "special_tokens": []}', "format version None"),
        (b'{"kind": "char", "version": 1}', "char tokenizer is damaged .it has no 'characters'"),
    ],
)
def test_damaged_files_get_one_sentence(content: bytes, message: str, tmp_path: Path) -> None:
    """Cut off, of another kind, of a later version: said with the file's name, never as a traceback."""
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(LmcourseError, match=message) as caught:
        load_tokenizer(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_files_get_one_sentence(tmp_path: Path) -> None:
    """No file, and a folder instead of one."""
    with pytest.raises(LmcourseError, match="There is no file"):
        load_tokenizer(tmp_path / "none.json")
    with pytest.raises(LmcourseError, match="Cannot read"):
        load_tokenizer(tmp_path)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("char", {"characters": "aa"}),
        ("char", {"characters": 5}),
        ("char", {"special_tokens": "<a>"}),
        ("char", {"special_tokens": [1]}),
        ("word", {"words": "ab"}),
        ("word", {"words": [1]}),
        ("word", {"words": ["a", "a"]}),
        ("word", {"words": [""]}),
        ("word", {"language": "fr"}),
        ("word", {"language": None}),
        ("word", {"special_tokens": None}),
        ("bpe", {"merges": [[1, 2]]}),
        ("bpe", {"merges": [[1, 999, 1]]}),
        ("bpe", {"merges": [[1, 2.5, 1]]}),
        ("bpe", {"merges": [["a", "b", 1]]}),
        ("bpe", {"merges": 7}),
        ("bpe", {"merges": []}),
        ("bpe", {"byte_ids": [0]}),
        ("bpe", {"byte_ids": [0] * 256}),
        ("bpe", {"special_tokens": {"<a>": 5}}),
        ("bpe", {"special_tokens": ["<a>"]}),
        ("bpe", {"special_tokens": {"<a>": "x"}}),
        ("bpe", {"pattern": "(a"}),
        ("bpe", {"pattern": "(a)"}),
        ("bpe", {"pattern": None}),
    ],
)
def test_damaged_contents_get_one_sentence(kind: str, change: dict) -> None:
    """JSON that is whole but makes no sense must not load as a tokenizer that gives wrong ids later."""
    with pytest.raises(LmcourseError, match=f"This {kind} tokenizer is damaged"):
        from_dict(make(kind).to_dict() | change)


# The split into pre-tokens


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The cat's here, we'll see", ["The", " cat", "'s", " here", ",", " we", "'ll", " see"]),
        ("'server 'sup", ["'", "server", " '", "sup"]),
        ("in 2024 or 12345678", ["in", " 202", "4", " or", " 123", "456", "78"]),
        ("用Python写代码。好", ["用", "Python", "写代码", "。", "好"]),
        ("a  b   \n\n  c ", ["a", " ", " b", "   \n\n", " ", " c", " "]),
        ("naïve Привет e\u0301t", ["naïve", " Привет", " e\u0301t"]),
        ("wait... (what?!) 🙂🙂", ["wait", "...", " (", "what", "?!)", " 🙂🙂"]),
    ],
)
def test_split_of_examples(text: str, pieces: list[str]) -> None:
    """One line for each rule of the pattern."""
    assert splitter()(text) == pieces


@given(st.text())
def test_split_loses_nothing(text: str) -> None:
    """Also with a pattern that leaves most of the text out."""
    assert "".join(splitter()(text)) == text
    assert "".join(splitter("a+")(text)) == text


def test_classes_are_disjoint_and_spaces_are_unicode_spaces() -> None:
    """A character in two classes would be split by whichever rule stands first."""
    characters = "".join(map(chr, range(0x110000)))
    classes = [set(regex.findall(f"[{inside}]", characters)) for inside in (SPACE, DIGIT, CJK, SIGN)]
    assert sum(map(len, classes)) == len(set.union(*classes))
    assert classes[0] == set(regex.findall(r"\s", characters))
    ascii_signs = set(regex.findall(r"[^\sA-Za-z0-9]", characters[:128]))
    assert {c for c in classes[3] if c < "\x80"} == ascii_signs


def test_pattern_means_the_same_in_hugging_face() -> None:
    """At the borders of all ranges of all classes, and on either side of them, both engines split alike."""
    borders = {ord(c) + step for c in PATTERN if c > "\x7f" for step in (-1, 0, 1)} | set(range(0x100))
    text = "".join(f"a{chr(code)}b1{chr(code)}  {chr(code)}{chr(code)}我" for code in sorted(borders))
    theirs = pre_tokenizers.Split(tokenizers.Regex(PATTERN), "isolated").pre_tokenize_str(text)
    assert [piece for piece, _ in theirs] == splitter()(text)


# Characters


def test_characters_by_frequency_then_code_point() -> None:
    """banana + cc: a 3, c 2, n 2, b 1; of c and n the lower code point comes first; 0 is <unk>, 1 is <eos>."""
    chars = CharTokenizer.train(["banana", "cc"], special_tokens=["<eos>"])
    assert chars.characters == "acnb" and chars.vocab_size == 6
    assert chars.encode("cab!") == [3, 2, 5, 0]
    assert chars.decode([3, 2, 5, 0, 1]) == "cab\N{REPLACEMENT CHARACTER}<eos>"
    assert chars.unknown("cabs, abs!") == ["s", ",", " ", "!"]
    assert CharTokenizer.train(["banana", "cc"], 4, ["<eos>"]).characters == "ac"


# Words


@given(st.text() | st.text(st.sampled_from("ab1,.'\"-( )\n\t我们。\ufffd")))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_join_to_the_text(language: str, text: str) -> None:
    """The law behind "reversible": splitting and joining is the identity on any text, whatever the vocabulary."""
    assert join_words(split_words(text, language)) == text


@pytest.mark.parametrize(
    ("text", "language", "pieces"),
    [
        ("Well, no!  A1", "en", ["Well", ",", "no", "!", " ", " ", "A1"]),
        ("I don't (really) know.\n", "en", ["I", "don't", "(", "really", ")", "know", ".", "\n"]),
        ("one,two well-known", "en", ["one", ",", "", "two", "well", "-", "known"]),
        (" a , b", "en", [" ", "a", " ", ",", "b"]),
        ("我爱自然语言处理。OK 好", "zh", ["我", "爱", "自然语言", "处理", "。", "OK", " ", "好"]),
        ("我爱自然语言处理。", "en", ["我爱自然语言处理", "。"]),
    ],
)
def test_words_of_examples(text: str, language: str, pieces: list[str]) -> None:
    """Spaces that anybody would put are understood; others, and missing ones, are pieces of their own."""
    assert split_words(text, language) == pieces


def test_words_by_frequency() -> None:
    """In "b a b c, a b" b 3, a 2, and of equals the comma is the lower code point; 0 and 1 are <unk> and <join>."""
    words = WordTokenizer.train(["b a b c, a b"], special_tokens=["<eos>"])
    assert words.words == ["b", "a", ",", "c"]
    assert words.encode("b,a zebra") == [3, 5, 1, 4, 0]
    assert words.decode([3, 5, 1, 4, 0, 3]) == "b,a \N{REPLACEMENT CHARACTER} b"
    assert [words.token(id) for id in range(4)] == ["<unk>", "<join>", "<eos>", "b"]
    assert words.unknown("b zebra, yak zebra") == ["zebra", "yak"]
    assert WordTokenizer.train(["b a b c, a b"], 5, ["<eos>"]).words == ["b", "a"]


def test_chinese_words_need_the_right_language() -> None:
    """Without segmentation a sentence is one unknown word; with it, its words are known from other sentences."""
    texts = ["我们学习语言", "他们学习数学"]
    assert WordTokenizer.train(texts, language="zh").unknown("我们学习数学") == []
    assert WordTokenizer.train(texts).unknown("我们学习数学") == ["我们学习数学"]
    with pytest.raises(LmcourseError, match="no word rules for language 'fr'; choose en or zh"):
        WordTokenizer.train(texts, language="fr")


def test_jieba_is_silent_and_leaves_no_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture, caplog: pytest.LogCaptureFixture
) -> None:
    """Its usual start prints four lines and writes a file into the shared temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    word._jieba.cache_clear()
    assert split_words("机器学习", "zh") == ["机器", "学习"]
    assert list(tmp_path.iterdir()) == [] and caplog.records == []
    assert capfd.readouterr() == ("", "")


# Length


def test_compression() -> None:
    """7 characters, 11 bytes: five of them, "the c", are one byte each, and 我 and 们 are three."""
    chars = CharTokenizer.train(TEXTS)
    measured = compression(chars, "the c我们")
    assert measured == (7, 7, 11)
    assert measured.bytes_per_token == 11 / 7 and measured.characters_per_token == 1
    with pytest.raises(LmcourseError, match="An empty text"):
        compression(chars, "")
