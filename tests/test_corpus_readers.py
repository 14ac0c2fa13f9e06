"""Reading files of one's own: formats, encodings, folders, and everything that can be wrong with them."""

from __future__ import annotations

import codecs
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmcourse as lm
from lmcourse.corpus import readers
from lmcourse.errors import LmcourseError


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: str | Path, *words: str, **options: str) -> str:
    """The sentence with which both load and stream refuse a path; it must hold ``words``."""
    sentences = []
    for call in (lm.corpus.load, lambda *a, **o: list(lm.corpus.stream(*a, **o))):
        with pytest.raises(LmcourseError) as caught:
            call(path, **options)
        sentences.append(str(caught.value))
    assert sentences[0] == sentences[1]
    for word in words:
        assert word in sentences[0], sentences[0]
    assert "\n" not in sentences[0] and sentences[0].rstrip()[-1] in ".?"
    return sentences[0]


# --- formats ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.txt", "a.md", "README", "a.xyz"])
def test_plain_text_is_one_document(tmp_path, name):
    """Guards the id, the text and the line ends of the simplest case, whatever the suffix of a text file."""
    corpus = lm.corpus.load(file(tmp_path, name, "One.\r\n\r\nTwo.\rThree. 柳湾\n"))
    assert [(d.id, d.text) for d in corpus] == [(name, "One.\n\nTwo.\nThree. 柳湾\n")]
    assert corpus.name == name


def test_jsonl(tmp_path):
    """Guards the choice of the text field, ids of one's own and numbered ones, meta, and empty lines."""
    lines = '{"id": "x", "text": "A", "title": "T", "source": "S"}\n\n{"text": "B\\u67f3", "id": 7}\r\n'
    lines += '{"text": "C", "id": null}'
    corpus = lm.corpus.load(file(tmp_path, "a.jsonl", lines))
    assert [(d.id, d.text) for d in corpus] == [("x", "A"), ("7", "B柳"), ("a.jsonl:4", "C")]
    assert corpus[0].meta == {"title": "T", "source": "S"}
    for field in ("content", "body"):
        path = file(tmp_path, "b.jsonl", f'{{"title": "no", "{field}": "yes"}}')
        assert lm.corpus.load(path)[0].text == "yes"
    path = file(tmp_path, "c.jsonl", '{"text": "no", "story": "yes"}')
    assert lm.corpus.load(path, text="story")[0].text == "yes"


def test_jsonl_lines_that_are_wrong_are_named(tmp_path):
    """Guards against a bare JSON error, and against one bad line among many that nobody can find."""
    good = '{"text": "A"}\n' * 150
    for bad, words in {
        '{"text": "A"': ["not valid JSON"],
        '["A"]': ["no JSON object"],
        '{"txt": "A"}': ["has no field 'text'"],
        '{"text": 5}': ["does not hold a string"],
        '{"text": null}': ["has no field 'text'"],
        '{"text": "\\ud83d"}': ["surrogate"],
        '{"text": "A", "id": ["x"]}': ["id that is no string"],
        "[" * 100_000: ["not valid JSON"],
    }.items():
        refused(file(tmp_path, "a.jsonl", good + bad + "\n" + good), "Line 151", "a.jsonl", *words)
    refused(file(tmp_path, "b.jsonl", '{"story": "A", "n": 1}'), "'story', 'n'", "text=")
    refused(file(tmp_path, "c.jsonl", '{"text": "A"}'), "no field 'story'", "'text'", text="story")


def test_tables(tmp_path):
    """Guards quoting, the delimiter, the column of the text, ids, and a newline or a book inside a field."""
    book = "word " * 60_000
    path = file(tmp_path, "a.csv", f'id,text,label\nx,"Say ""hi"", now\nand then",1\ny,{book},2\n\nz,C,3\n')
    corpus = lm.corpus.load(path)
    assert [(d.id, d.text) for d in corpus] == [("x", 'Say "hi", now\nand then'), ("y", book), ("z", "C")]
    assert corpus[0].meta["label"] == "1"
    corpus = lm.corpus.load(file(tmp_path, "b.csv", "stars;review\n5;Good, very good\n1;Bad\n"))
    assert [(d.id, d.text) for d in corpus] == [("b.csv:2", "Good, very good"), ("b.csv:3", "Bad")]
    corpus = lm.corpus.load(file(tmp_path, "c.tsv", 'text\tlabel\n"Quoted," he said\tx\n'))
    assert corpus[0].text == '"Quoted," he said', "tsv knows no quoting"
    corpus = lm.corpus.load(file(tmp_path, "e.csv", 'id,text\r\n1,"two\r\nlines"\r\n2,B\r\n'))
    assert [d.text for d in corpus] == ["two\nlines", "B"], "line ends as in plain text"
    path = file(tmp_path, "d.csv", "title,story\nT,S\n")
    refused(path, "'title', 'story'", "text=")
    assert lm.corpus.load(path, text="story")[0].text == "S"


def test_tables_that_are_wrong_say_where(tmp_path):
    """Guards against rows that shift silently and quotes that swallow the rest of the file."""
    refused(file(tmp_path, "a.csv", "text,n\nA,1\nB,2,3\n"), "Line 3", "3 fields", "names 2")
    refused(file(tmp_path, "b.csv", 'text,n\nA,1\n"B,2\nC,3\n'), "b.csv", "not valid CSV")
    refused(file(tmp_path, "c.csv", "text,text\nA,B\n"), "same name")
    refused(file(tmp_path, "d.csv", "text,n\n"), "no records")


def test_equal_ids_in_a_file_are_refused(tmp_path):
    """Guards the promise of the documentation: ids that are given twice are refused, not renamed."""
    path = file(tmp_path, "a.jsonl", '{"id": 1, "text": "A"}\n{"id": "1", "text": "B"}\n')
    with pytest.raises(LmcourseError, match="Two records of a.jsonl have the id '1'"):
        lm.corpus.load(path)


def test_a_folder(tmp_path):
    """Guards order, ids, what is passed over, and ids that two files share."""
    for name, content in {
        "b.txt": "B", "a.md": "A", "sub/z.txt": "Z", "sub/c.jsonl": '{"id": 1, "text": "C"}\n{"text": "C2"}',
        "d.jsonl": '{"id": 1, "text": "D"}', ".hidden.txt": "no", ".git/x.txt": "no", "image.png": b"\x89PNG\0",
        "empty.txt": "", "blank.txt": " \n", "code.py": "no",
    }.items():  # fmt: skip
        file(tmp_path, name, content)
    corpus = lm.corpus.load(tmp_path)
    assert [(d.id, d.text) for d in corpus] == [
        ("a.md", "A"), ("b.txt", "B"), ("d.jsonl:1", "D"),
        ("sub/c.jsonl:1", "C"), ("sub/c.jsonl:2", "C2"), ("sub/z.txt", "Z"),
    ]  # fmt: skip
    assert list(lm.corpus.stream(tmp_path)) == list(corpus)
    assert corpus.name == tmp_path.name


def test_subfolders_come_in_order(tmp_path):
    """Guards against the order in which a file system happens to list folders."""
    names = [f"{letter}/a.txt" for letter in "qwertyuiop"]
    for name in names:
        file(tmp_path, name, "x")
    assert [d.id for d in lm.corpus.load(tmp_path)] == sorted(names)


def test_a_folder_without_text(tmp_path):
    """Guards against an empty corpus that fails only later, in training."""
    refused(tmp_path, "holds no text")
    file(tmp_path, "image.png", b"\x89PNG\0")
    file(tmp_path, "empty.txt", "")
    file(tmp_path, ".hidden.txt", "x")
    refused(tmp_path, "holds no text")


def test_a_folder_names_the_file_that_is_wrong(tmp_path):
    """Guards against 'something in this folder is not UTF-8'."""
    file(tmp_path, "good.txt", "x")
    file(tmp_path, "sub/bad.txt", "Le café est fermé.".encode("latin-1"))
    refused(tmp_path, os.path.join("sub", "bad.txt"), "cp1252")


# --- encodings --------------------------------------------------------------------------------------------------

SAMPLE = "Café, “naïve” – 柳湾 😀\n"


@pytest.mark.parametrize(
    "data",
    [
        SAMPLE.encode(),
        codecs.BOM_UTF8 + SAMPLE.encode(),
        SAMPLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + SAMPLE.encode("utf-16-be"),
        SAMPLE.encode("utf-32"),
        codecs.BOM_UTF32_BE + SAMPLE.encode("utf-32-be"),
    ],
    ids=["utf-8", "utf-8 with a mark", "utf-16", "utf-16-be", "utf-32", "utf-32-be"],
)
@pytest.mark.parametrize("encoding", [None, "utf-8", "cp1252"])
def test_what_says_its_encoding_is_read_right(tmp_path, data, encoding):
    """Guards against marks left in the text, UTF-32 taken for UTF-16, and a mark overruled by a wrong guess."""
    if encoding == "cp1252" and data == SAMPLE.encode():
        pytest.raises(LmcourseError, lm.corpus.load, file(tmp_path, "a.txt", data), encoding=encoding)
    else:
        assert lm.corpus.load(file(tmp_path, "a.txt", data), encoding=encoding)[0].text == SAMPLE


def test_a_marked_table_keeps_its_first_column(tmp_path):
    """Guards against a byte order mark that becomes part of the first column's name (Excel writes one)."""
    assert lm.corpus.load(file(tmp_path, "a.csv", codecs.BOM_UTF8 + b"text,n\nA,1\n"))[0].text == "A"
    assert lm.corpus.load(file(tmp_path, "a.jsonl", codecs.BOM_UTF8 + b'{"text": "A"}\n'))[0].text == "A"
    assert lm.corpus.load(file(tmp_path, "b.csv", "text,n\nCafé,1\n".encode("utf-16")))[0].text == "Café"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Le café est fermé."),
        ("cp1252", "He said “hello” – it’s fine, naïve résumé."),
        ("cp1252", "Die Straße ist über dem Fluß, schön und grün. " * 5000),
        ("gb18030", "柳湾的渡船今天停开了。"),
        ("gb18030", "你好"),
        ("big5", "柳灣的渡船今天停開了，大家都很失望。"),
        ("shift_jis", "これは日本語のテキストです。カタカナも。"),
        ("cp1251", "Привет, как дела? Это русский текст."),
    ],
)
def test_other_encodings_are_named_and_then_read(tmp_path, encoding, text):
    """Guards against mojibake without a word, and against a remedy that does not work."""
    path = file(tmp_path, "a.txt", text.encode(encoding))
    refused(path, f"encoding={encoding!r}", text[:8], "UTF-8")
    assert lm.corpus.load(path, encoding=encoding)[0].text == text


def test_a_fault_deep_in_a_large_file_is_found(tmp_path):
    """Guards against looking at the beginning only: the wrong byte is the last, and its line is named."""
    path = file(tmp_path, "a.txt", "Größe — 柳湾\n".encode() * 50_000 + b"caf\xe9 and more\n")
    refused(path, "UTF-8 except for a byte 0xe9 in line 50001")
    path = file(tmp_path, "b.txt", "柳湾\n".encode() * 50_000 + "柳".encode()[:2])
    refused(path, "UTF-8 except for a byte 0xe6 in line 50001")


def test_wrong_or_unknown_encodings_are_refused(tmp_path):
    """Guards against LookupError and UnicodeDecodeError tracebacks."""
    path = file(tmp_path, "a.txt", "Café 柳湾".encode())
    refused(path, "no text encoding 'utf-9'", encoding="utf-9")
    refused(path, "no text encoding 'hex'", encoding="hex")
    refused(path, "is not valid ascii", encoding="ascii")
    refused(file(tmp_path, "b.txt", "abc".encode("utf-16") + b"x"), "is not valid utf-16", "damaged")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1))
def test_any_text_survives_any_marked_encoding(tmp_path_factory, text):
    """The law behind all of it: what is written in UTF-8, -16 or -32 is read back, or refused as blank or binary."""
    path = tmp_path_factory.mktemp("e") / "a.txt"
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        path.write_bytes(text.encode(encoding))
        if text.isspace():
            refused(path, "white space")
        else:
            assert lm.corpus.load(path)[0].text == text


# --- what is no text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", ["is empty"]),
        ("a.txt", b" \n\t\n", ["white space"]),
        ("a.jsonl", b"", ["is empty"]),
        ("a.csv", b"", ["is empty"]),
        ("a.txt", bytes(range(256)) * 20, ["binary"]),
        ("a.txt", b"good text " * 9000 + b"\0" + b"more", ["NUL"]),
        ("a.txt", b"\x01\x02\x03abc\x04\x05" * 100, ["binary"]),
        ("a.txt", "no mark".encode("utf-16-le"), ["utf-16-le", "encoding="]),
        ("a.txt", "no mark".encode("utf-16-be"), ["utf-16-be", "encoding="]),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["image"]),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", ["image"]),
        ("a.pdf", b"%PDF-1.7\nplain so far", ["PDF"]),
        ("a.docx", b"PK\x03\x04\x14\0", ["office document"]),
        ("a.txt.gz", b"\x1f\x8b\x08\0", ["gzip", "unpack"]),
        ("a.json", b'[{"text": "A"}]', ["a.jsonl"]),
        ("a.ipynb", b"{}", ["notebook"]),
        ("a.pkl", b"\x80\x04K\x01.", ["pickle", "never read"]),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, name, data, words):
    """Guards against training on bytes that are no text, and against running what a pickle says."""
    refused(file(tmp_path, name, data), name, *words)


def test_a_blank_end_is_no_blank_file(tmp_path, monkeypatch):
    """Guards against judging a file by its last chunk."""
    monkeypatch.setattr("lmcourse.corpus.encoding.CHUNK", 100)
    assert lm.corpus.load(file(tmp_path, "a.txt", "text" + " " * 1000))[0].text.startswith("text")


def test_utf_16_without_a_mark_is_read_when_named(tmp_path):
    """Guards against a remedy that does not work."""
    path = file(tmp_path, "a.txt", "no mark".encode("utf-16-le"))
    assert lm.corpus.load(path, encoding="utf-16-le")[0].text == "no mark"


def test_missing_files_suggest_their_neighbours(tmp_path, monkeypatch):
    """Guards against a FileNotFoundError, and against a suggestion that is not there."""
    file(tmp_path, "stories.txt", "x")
    refused(tmp_path / "storys.txt", "did you mean stories.txt?")
    refused(tmp_path / "quite-different.md", "check the path")
    refused(tmp_path / "nowhere" / "a.txt", "There is no folder")
    monkeypatch.chdir(tmp_path)
    assert "this folder; did you mean stories.txt?" in refused("story.txt")


def test_special_files_and_options(tmp_path):
    """Guards against hanging on a pipe, and against options that are ignored without a word."""
    if hasattr(os, "mkfifo"):  # not on Windows
        os.mkfifo(tmp_path / "pipe")
        refused(tmp_path / "pipe", "neither a file nor a folder")
    path = file(tmp_path, "a.txt", "x")
    refused(path, "no field 'story'", text="story")
    refused(path, "no option 'txt'; it takes text and encoding", txt="story")


def test_a_file_one_may_not_read(tmp_path, monkeypatch):
    """Guards against a PermissionError traceback (simulated: the tests may run as root)."""
    path = file(tmp_path, "a.txt", "x")

    def forbidden(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", forbidden)
    refused(path, "Cannot read", "Permission denied")


# --- large files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["One sentence of many. ", "a line of prose\n\n"], ids=["one line", "many lines"])
def test_large_files_are_streamed_in_pieces(tmp_path, monkeypatch, line):
    """Guards against memory that grows with the file, and pieces that differ from those of the file in memory."""
    path = tmp_path / "large.txt"
    size = 5_000_000
    monkeypatch.setattr(readers, "LARGE", 1_000_000)
    monkeypatch.setattr("lmcourse.corpus.encoding.CHUNK", 1 << 18)
    path.write_text(line * (size // len(line)))
    tracemalloc.start()
    count = longest = 0
    for document in lm.corpus.stream(path):
        count += 1
        longest = max(longest, len(document.text))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count >= size / 2000 and longest <= 2000
    assert peak < 2_500_000, f"streaming {size:,} bytes took {peak:,}"


def test_streamed_pieces_are_the_pieces_of_the_whole(tmp_path, monkeypatch):
    """Guards the promise that split_of puts a streamed piece where it puts the loaded one."""
    path = file(tmp_path, "a.txt", "Some sentences. And 柳湾。\n\n" * 3000)
    monkeypatch.setattr(readers, "LARGE", 10_000)
    monkeypatch.setattr("lmcourse.corpus.encoding.CHUNK", 777)
    assert list(lm.corpus.stream(path)) == list(lm.corpus.load(path).pieces())
    assert len(lm.corpus.load(path)) == 1


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_records_are_streamed(tmp_path, name):
    """Guards against reading all records before giving out the first: the broken end is met only at the end."""
    line = '{"text": "A"}\n' if name == "a.jsonl" else '"A"\n'
    path = file(tmp_path, name, ("" if name == "a.jsonl" else "text\n") + line * 500 + '{"broken",\n')
    documents = lm.corpus.stream(path)
    for _ in range(400):
        next(documents)
    with pytest.raises(LmcourseError, match="Line 50[12] of"):
        list(documents)
