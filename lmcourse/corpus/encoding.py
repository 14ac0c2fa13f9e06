"""From bytes to characters: which encoding a file is in, or a clear refusal.

A file does not say how its characters were turned into bytes. UTF-8 (Thompson & Pike, 1992) can be told: text in
another encoding is almost never valid UTF-8 by chance. A byte order mark tells UTF-16 and UTF-32. All else is a
guess, and a wrong guess spoils text without a word (“café” becomes “cafй”), so such a file is refused, with the
likely encoding and what its text would then look like: the reader of the sentence can judge, we cannot.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from lmcourse.errors import LmcourseError

CHUNK = 1 << 20  # characters read at a time: enough to be fast, little enough for any memory
SAMPLE = 1 << 16  # bytes that a guess looks at

_MARKS = (  # the longer mark first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF", "a PDF; export its text first"),
    (b"PK\x03\x04", "a zip archive or an office document; unpack it, or save it as plain text, first"),
    (b"\x89PNG", "an image; a corpus needs text"),
    (b"\xff\xd8\xff", "an image; a corpus needs text"),
    (b"GIF8", "an image; a corpus needs text"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
)
# What Western European text holds beside ASCII; used to tell cp1252 from its neighbours.
_WESTERN = set("äöüÄÖÜßáàâãåæçéèêëíìîïñóòôõøœúùûÿÁÀÂÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÕØŒÚÙÛ“”‘’‚„‹›«»–—…•·¡¿€£§©®°´\u00a0")
# charset-normalizer knows a hundred encodings; fewer candidates make better guesses.
_CANDIDATES = (
    "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "koi8_r", "cp1250", "cp1253", "cp1252",
)  # fmt: skip


def encoding_of(path: Path, encoding: str | None = None) -> str | None:
    """The encoding of a text file, checked from its first to its last byte; None if it holds only white space.

    ``encoding`` is the caller's own knowledge; a byte order mark knows better. Refused, each with its remedy: empty
    and binary files, text that is neither UTF-8 nor marked, text that is not in the given encoding. Memory stays
    bounded however large the file is.
    """
    with opened(path) as file:
        head = file.read(SAMPLE)
    if not head:
        raise LmcourseError(f"{path} is empty; choose a file that holds text.")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is None:
        _refuse_binary(path, head, encoding)
    chosen = marked or encoding or "utf-8"
    blank = True
    try:
        for chunk in chunks_of(path, chosen):
            if "\0" in chunk:
                raise LmcourseError(f"{path} holds NUL characters, so it is not plain text; choose a text file.")
            blank = blank and (not chunk or chunk.isspace())
    except UnicodeError as error:
        raise LmcourseError(_why_undecodable(path, head, chosen, given=encoding is not None)) from error
    return None if blank else chosen


def chunks_of(path: Path, encoding: str) -> Iterator[str]:
    """The text of a file, some million characters at a time; every line end becomes ``\\n``."""
    with opened(path, encoding) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def opened(path: Path, encoding: str | None = None) -> IO[Any]:
    """Open for reading: text if an encoding is given, bytes if not; an error is a sentence."""
    try:
        return open(path, encoding=encoding) if encoding else open(path, "rb")
    except LookupError as error:
        raise LmcourseError(f"There is no text encoding {encoding!r}; try utf-8, cp1252 or gb18030.") from error
    except OSError as error:
        raise LmcourseError(f"Cannot read {path}: {error.strerror or error}; check who may read it.") from error


def _refuse_binary(path: Path, head: bytes, encoding: str | None) -> None:
    what = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    if what:
        raise LmcourseError(f"{path} is {what}.")
    if encoding is None and b"\0" in head:
        # ASCII characters in UTF-16 have a zero in every second byte.
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) > 0.3 * len(head) / 2 and min(even, odd) * 20 < max(even, odd):
            likely = "utf-16-be" if even > odd else "utf-16-le"
            raise LmcourseError(
                f"{path} looks like {likely} without a byte order mark; load it with encoding={likely!r} (--encoding {likely}) "
                "or save it as UTF-8."
            )
        raise LmcourseError(f"{path} is a binary file, not text; choose a text file.")
    if encoding is None and len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", head)) > 0.02 * len(head):
        raise LmcourseError(f"{path} is a binary file, not text; choose a text file.")


def _why_undecodable(path: Path, head: bytes, encoding: str, given: bool) -> str:
    if given or encoding != "utf-8":
        return (
            f"{path} is not valid {encoding}: it is damaged or in another encoding; "
            "save it again as UTF-8, or name the right one with encoding=… (--encoding)."
        )
    line, sample, offset = _first_bad_byte(path)
    # Nearly all of what is not ASCII is valid UTF-8: then it is UTF-8 with a fault, not another encoding.
    bad = sample.decode("utf-8", "replace").count("\N{REPLACEMENT CHARACTER}")
    good = sum(character > "\x7f" for character in sample.decode("utf-8", "ignore"))
    if good > 4 * bad:
        return f"{path} is UTF-8 except for a byte 0x{sample[offset]:02x} in line {line}; correct that line."
    likely = _guess(sample)
    if likely is None:
        return f"{path} is not UTF-8 (byte 0x{sample[offset]:02x} in line {line}); save it as UTF-8."
    text = sample.decode(likely, "replace")
    found = re.search(r"[^\n]{0,12}[^\x00-\x7f][^\n]{0,12}", text)
    excerpt = f" (it would read “{found.group().strip()}”)" if found else ""
    return (
        f"{path} is not UTF-8; it is probably {likely}{excerpt}: load it with encoding={likely!r} (--encoding {likely}) "
        "if that looks right, or save it as UTF-8."
    )


def _first_bad_byte(path: Path) -> tuple[int, bytes, int]:
    """The line of the first byte that is not UTF-8, a sample of bytes around it, and its place in the sample."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, position = 1, 0
    with opened(path) as file:
        while True:
            pending = decoder.getstate()[0]  # a character's first bytes, at the end of the chunk before
            chunk = file.read(SAMPLE)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                bad = position - len(pending) + error.start
                line += (pending + chunk)[: error.start].count(b"\n")
                start = max(0, bad - SAMPLE)
                file.seek(start)
                sample = file.read(2 * SAMPLE)
                # Begin at a character, not inside one.
                inside = next((i for i in range(4) if not 0x80 <= sample[i : i + 1][0] <= 0xBF), 0) if start else 0
                return line, sample[inside:], bad - start - inside
            position += len(chunk)


def _guess(sample: bytes) -> str | None:
    """The likeliest legacy encoding of a sample, or None."""
    foreign = sum(byte > 0x7F for byte in sample)
    try:
        western = [character for character in sample.decode("cp1252") if character > "\x7f"]
        if foreign < 0.25 * len(sample) + 2 and all(character in _WESTERN for character in western):
            return "cp1252"
    except UnicodeDecodeError:
        pass
    # Hanzi of GB 2312's first level, the common ones: lead bytes B0-D7. What is short is taken for Chinese sooner
    # than for Korean or Big5.
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", sample)
    common = sum(0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1 for pair in pairs)
    punctuation = sum(pair[0] in (0xA1, 0xA3) for pair in pairs)
    if pairs and 2 * len(pairs) >= 0.95 * foreign and common + punctuation > 0.85 * len(pairs):
        return "gb18030"
    import logging

    from charset_normalizer import from_bytes

    logging.getLogger("charset_normalizer").setLevel(logging.ERROR)
    best = from_bytes(sample, cp_isolation=[*_CANDIDATES]).best()
    return best.encoding if best else None
