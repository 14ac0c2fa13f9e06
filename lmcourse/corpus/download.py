"""Corpora that are fetched from the internet, once, and checked by their SHA-256.

pooch keeps the cache and checks the hash: a file that is not to the bit what it should be is not kept. What pooch
lacks is added here, a download that goes on where it broke off: it grows in ``NAME.part`` and asks the server for
the rest only (HTTP range requests, RFC 9110, section 14).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lmcourse.corpus.documents import Card, Source
from lmcourse.corpus.readers import read
from lmcourse.errors import LmcourseError

ATTEMPTS = 5  # a connection that breaks off is taken up again this often, as long as each time brings something
CHUNK = 1 << 14  # bytes: what is lost at most when a connection breaks off
TIMEOUT = (10, 60)  # seconds: to connect, and between two arrivals of data


@dataclass(frozen=True)
class Download:
    """A file on the internet: where it is, what it must be (``sha256``, 64 hexadecimal digits), and its card."""

    url: str
    sha256: str
    file: str
    card: Card


_DOWNLOADS = (
    Download(
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        "tiny-shakespeare.txt",
        Card(
            "tiny-shakespeare",
            what="40,000 lines of Shakespeare's plays, one file",
            language="en",
            licence="public domain",
            source="Andrej Karpathy's char-rnn, 2015",
            size="1.1 MB",
        ),
    ),
)
DOWNLOADS = {download.card.name: download for download in _DOWNLOADS}


def cache_folder() -> Path:
    """Where downloads are kept: LMCOURSE_CACHE, or the user's cache folder."""
    import pooch

    return Path(os.environ.get("LMCOURSE_CACHE") or pooch.os_cache("lmcourse")).expanduser()


def fetch(name: str, url: str | None = None, sha256: str | None = None, progress: bool = True) -> Path:
    """The path of a downloaded corpus; it is downloaded first if it is not in the cache, or is spoilt there.

    ``name`` is one of ``DOWNLOADS``; or the file name under which to keep what lies at a ``url`` of your own, whose
    SHA-256 you then give, too. Interrupted, the download goes on where it stopped when it is called again; a file
    with another SHA-256 is not kept.
    """
    if url is None and sha256 is None:
        if name not in DOWNLOADS:
            raise LmcourseError(
                f"There is no download {name!r}; choose {' or '.join(DOWNLOADS)}, or give a url and sha256 of your own."
            )
        download = DOWNLOADS[name]
        url, sha256, file = download.url, download.sha256, download.file
    elif url is None or sha256 is None:
        raise LmcourseError("To fetch a file of your own, give both its url and its sha256.")
    else:
        sha256, file = sha256.lower().removeprefix("sha256:"), name
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise LmcourseError(f"{sha256!r} is no SHA-256, which is 64 hexadecimal digits; ask the publisher for it.")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise LmcourseError(f"{url!r} is not a web address; it must begin with https:// or http://.")
        if Path(file).name != file or file in ("", ".", ".."):
            raise LmcourseError(f"{file!r} is no file name; give a plain one, such as 'book.txt'.")
    return _retrieve(url, sha256, file, progress)


def _retrieve(url: str, sha256: str, file: str, progress: bool) -> Path:
    import logging

    import pooch

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pooch.get_logger().setLevel(logging.ERROR)  # the progress bar says enough
        downloader = partial(_download, sha256=sha256, part=folder / f"{file}.part", progress=progress)
        return Path(pooch.retrieve(url, f"sha256:{sha256}", file, folder, downloader=downloader))
    except OSError as error:
        raise LmcourseError(
            f"Cannot keep {file} in {folder}: {error.strerror or error}; make room there, or set LMCOURSE_CACHE to a "
            "folder you may write to."
        ) from error


def _download(url: str, output: str | Path, pooch: Any, *, sha256: str, part: Path, progress: bool) -> None:
    """pooch's downloader: fetch ``url`` to ``part``, check it, move it to ``output``."""
    # A part left by an earlier call may be of another version of the file: then once more, from the beginning.
    for resumed in (True, False):
        resumed = resumed and part.exists()
        if not resumed:
            part.unlink(missing_ok=True)
        _fill(url, part, progress)
        digest = _sha256(part)
        if digest == sha256:
            os.replace(part, output)
            return
        part.unlink()
        if not resumed:
            break
    raise LmcourseError(
        f"What {url} sent has the SHA-256 {digest}, not {sha256}, so it was not kept; "
        "the file was changed there or on its way: try another network, or report it."
    )


def _fill(url: str, part: Path, progress: bool) -> None:
    """Append to ``part`` until all of ``url`` is there; taken up again where the connection breaks off."""
    import requests

    host = urlsplit(url).hostname
    for attempt in range(1, ATTEMPTS + 1):
        before = _size(part)
        cause = None
        try:
            if _append(url, part, before, progress):
                return
        except requests.HTTPError as error:
            status = error.response.status_code
            raise LmcourseError(f"{host} answers {status} for {url}; check the address, or try later.") from error
        except requests.RequestException as error:
            cause = error
        after = _size(part)
        if after <= before or attempt == ATTEMPTS:
            got = f"The connection to {host} broke off after {after:,} bytes, which are kept: fetch again to go on"
            none = f"Cannot reach {host}: check the network, then fetch again"
            instead = "what needs no network is lm.corpus.load('python-docs')"
            raise LmcourseError(f"{got if after else none}; {instead}.") from cause


def _append(url: str, part: Path, start: int, progress: bool) -> bool:
    """One request for what is missing from byte ``start`` on. True when all has come."""
    import requests
    from tqdm.auto import tqdm

    # identity: a compressed answer would have other byte positions.
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if response.status_code == 416:  # nothing from there on: all is here, or too much; the hash will tell
            return True
        response.raise_for_status()
        if response.status_code != 206 or not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            start = 0  # the server sends all of it, whatever we asked for
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else None
        name = part.name.removesuffix(".part")
        bar = tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=name, disable=not progress)
        with open(part, "ab" if start else "wb") as file, bar:
            for data in response.iter_content(CHUNK):
                file.write(data)
                bar.update(len(data))
        return total is None or part.stat().st_size >= total


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _card(download: Download) -> Card:
    if (cache_folder() / download.file).exists():
        return download.card
    return replace(download.card, available=False, how_to_get=f"lm.corpus.fetch({download.card.name!r})")


def _records(download: Download, whole: bool = True) -> Iterator[Any]:
    path = cache_folder() / download.file
    if not path.exists():
        name = download.card.name
        raise LmcourseError(
            f"The corpus {name} ({download.card.size}) is not on this machine yet; get it with "
            f"lm.corpus.fetch({name!r}) or lmcourse data fetch {name} (this needs a network)."
        )
    if _sha256(path) != download.sha256:
        raise LmcourseError(f"{path} was changed since it was downloaded; remove it and fetch it again.")
    return read(path, whole=whole)


def source(download: Download) -> Source:
    """A download as a known corpus: listed whether it is here or not, loaded once it was fetched."""
    return Source(partial(_card, download), partial(_records, download))


SOURCES: dict[str, Source] = {name: source(download) for name, download in DOWNLOADS.items()}
