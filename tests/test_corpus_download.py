"""Downloads, tried against a server on this machine that can break off, lie, ignore ranges and fail."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import lmcourse as lm
from lmcourse.corpus import download
from lmcourse.errors import LmcourseError

DATA = bytes(range(32, 127)) * 6000  # 570,000 bytes
SHA256 = hashlib.sha256(DATA).hexdigest()


class Server(ThreadingHTTPServer):
    """What it serves and how it misbehaves; ``asked`` is the Range header of every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.data = DATA
        self.asked: list[str | None] = []
        self.ranges = True
        self.break_after: int | None = None  # bytes of each answer after which the connection is cut
        self.status: int | None = None
        self.length = True
        self.url = f"http://127.0.0.1:{self.server_port}/book.txt"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        s = self.server
        asked = self.headers["Range"]
        s.asked.append(asked)
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and s.ranges else 0
        if s.status or start >= len(s.data):
            self.send_response(s.status or 416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = s.data[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(s.data) - 1}/{len(s.data)}")
        if s.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: s.break_after])
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("LMCOURSE_CACHE", str(tmp_path / "cache"))
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def cached(tmp_path: Path) -> list[str]:
    folder = tmp_path / "cache"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def fetch(server: Server, sha256: str = SHA256) -> Path:
    return lm.corpus.fetch("book.txt", url=server.url, sha256=sha256, progress=False)


def test_a_file_is_downloaded_once(server, tmp_path):
    """Guards against downloading again what is there, and against a cache that is trusted though it is spoilt."""
    path = fetch(server)
    assert path == tmp_path / "cache" / "book.txt" and path.read_bytes() == DATA
    assert fetch(server) == path and server.asked == [None] and cached(tmp_path) == ["book.txt"]
    path.write_bytes(b"spoilt")
    assert fetch(server).read_bytes() == DATA and len(server.asked) == 2
    assert lm.corpus.load(path).name == "book.txt"


def test_progress_is_shown(server, capsys):
    """Guards against minutes of silence."""
    lm.corpus.fetch("book.txt", url=server.url, sha256=SHA256)
    assert "book.txt: 100%" in capsys.readouterr().err


def test_a_broken_connection_is_taken_up_again(server, tmp_path):
    """Guards against starting over: three of four answers break off, and each request asks for the rest only."""
    server.break_after = 10 * download.CHUNK
    assert fetch(server).read_bytes() == DATA
    assert server.asked == [None, "bytes=163840-", "bytes=327680-", "bytes=491520-"]
    assert cached(tmp_path) == ["book.txt"]


def test_a_connection_that_stays_broken_keeps_the_part(server, tmp_path, monkeypatch):
    """Guards against endless retries and against throwing away what has come."""
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    server.break_after = 5 * download.CHUNK
    with pytest.raises(LmcourseError, match="broke off after 163,840 bytes, which are kept.*python-docs"):
        fetch(server)
    assert cached(tmp_path) == ["book.txt.part"]
    server.break_after = None
    assert fetch(server).read_bytes() == DATA
    assert server.asked[-1] == "bytes=163840-" and cached(tmp_path) == ["book.txt"]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    """Guards against appending a whole file to the part of it that is there."""
    server.ranges = False
    part = tmp_path / "cache" / "book.txt.part"
    part.parent.mkdir()
    part.write_bytes(DATA[:1000])
    assert fetch(server).read_bytes() == DATA
    assert server.asked == ["bytes=1000-"]


@pytest.mark.parametrize("old", [b"x" * 1000, DATA + b"x", DATA], ids=["another version", "too long", "complete"])
def test_a_stale_part_is_found_out(server, tmp_path, old):
    """Guards against being stuck for ever with a part that belongs to another file, or asking for what is there."""
    part = tmp_path / "cache" / "book.txt.part"
    part.parent.mkdir()
    part.write_bytes(old)
    assert fetch(server).read_bytes() == DATA and cached(tmp_path) == ["book.txt"]
    assert server.asked[1:] == ([] if old == DATA else [None])


def test_a_wrong_sha_256_keeps_nothing(server, tmp_path):
    """Guards against training on a file that is not what it claims to be."""
    server.data = DATA[:-1] + b"?"
    got = hashlib.sha256(server.data).hexdigest()
    with pytest.raises(LmcourseError, match=f"has the SHA-256 {got}, not {SHA256}, so it was not kept"):
        fetch(server)
    assert cached(tmp_path) == [] and len(server.asked) == 1


def test_errors_of_the_server_are_said(server, tmp_path):
    """Guards against saving an error page as a corpus."""
    for status in (404, 503):
        server.status = status
        with pytest.raises(LmcourseError, match=f"127.0.0.1 answers {status}.*check the address"):
            fetch(server)
    assert cached(tmp_path) == []


def test_an_answer_without_length(server):
    """Guards against servers that do not say how much will come."""
    server.length = False
    assert fetch(server).read_bytes() == DATA


def test_no_network_is_one_sentence(tmp_path, monkeypatch):
    """Guards against a page of urllib3: it says that there is no network and what needs none."""
    monkeypatch.setenv("LMCOURSE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(LmcourseError, match=r"Cannot reach raw\.github.*check the network.*load\('python-docs'\)"):
        lm.corpus.fetch("tiny-shakespeare", progress=False)
    assert cached(tmp_path) == []
    assert not lm.corpus.list()["tiny-shakespeare"].available
    with pytest.raises(LmcourseError, match=r"not on this machine yet.*lm\.corpus\.fetch\('tiny-shakespeare'\)"):
        lm.corpus.load("tiny-shakespeare")


def test_ctrl_c_leaves_only_the_part(server, tmp_path, monkeypatch):
    """Guards against a half file under the final name; what has come is kept for the next time."""

    class Bar:
        def __init__(self, **options: object):
            self.shown = 0

        def __enter__(self):
            return self

        def __exit__(self, *error: object):
            return None

        def update(self, count: int):
            self.shown += count
            if self.shown > 100_000:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tqdm.auto.tqdm", Bar)
        with pytest.raises(KeyboardInterrupt):
            fetch(server)
    assert cached(tmp_path) == ["book.txt.part"]
    kept = (tmp_path / "cache" / "book.txt.part").stat().st_size
    assert kept > 100_000
    assert fetch(server).read_bytes() == DATA and server.asked == [None, f"bytes={kept}-"]


def test_a_full_disk_and_an_unwritable_cache_are_said(server, tmp_path, monkeypatch):
    """Guards against an OSError traceback; the remedy names the setting that helps."""
    monkeypatch.setenv("LMCOURSE_CACHE", str(tmp_path / "file" / "cache"))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LmcourseError, match="Cannot keep book.txt.*LMCOURSE_CACHE"):
        fetch(server)
    monkeypatch.setenv("LMCOURSE_CACHE", str(tmp_path / "cache"))

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "_append", full)
    with pytest.raises(LmcourseError, match="No space left on device; make room"):
        fetch(server)
    assert cached(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "tiny-shakespear"}, "no download 'tiny-shakespear'; choose tiny-shakespeare"),
        ({"name": "a.txt", "url": "https://example.org/a"}, "both its url and its sha256"),
        ({"name": "a.txt", "sha256": SHA256}, "both its url and its sha256"),
        ({"name": "a.txt", "url": "https://example.org/a", "sha256": "123"}, "64 hexadecimal digits"),
        ({"name": "a.txt", "url": "file:///etc/passwd", "sha256": SHA256}, "no web address|not a web address"),
        ({"name": "../a.txt", "url": "https://example.org/a", "sha256": SHA256}, "no file name"),
        ({"name": "", "url": "https://example.org/a", "sha256": SHA256}, "no file name"),
    ],
)
def test_wrong_arguments_are_refused(arguments, words):
    """Guards against writing outside the cache, unchecked files, and local files taken for downloads."""
    with pytest.raises(LmcourseError, match=words):
        lm.corpus.fetch(**arguments)


def test_a_registered_download_can_be_loaded(server, tmp_path, monkeypatch):
    """Guards the way from fetch to load, and against loading a file that was changed in the cache."""
    entry = download.Download(server.url, SHA256, "tiny-shakespeare.txt", download.DOWNLOADS["tiny-shakespeare"].card)
    monkeypatch.setitem(download.DOWNLOADS, "tiny-shakespeare", entry)
    source = download.source(entry)
    monkeypatch.setitem(download.SOURCES, "tiny-shakespeare", source)
    path = lm.corpus.fetch("tiny-shakespeare", progress=False)
    corpus = lm.corpus.load("tiny-shakespeare")
    assert corpus.text() == DATA.decode() and corpus.card.available
    assert list(lm.corpus.stream("tiny-shakespeare")) == list(corpus)
    monkeypatch.setattr("lmcourse.corpus.readers.LARGE", 1000)
    assert list(lm.corpus.stream("tiny-shakespeare")) == list(corpus.pieces()), "a large download comes in pieces, too"
    path.write_bytes(DATA + b"!")
    with pytest.raises(LmcourseError, match="was changed since it was downloaded"):
        lm.corpus.load("tiny-shakespeare")


def test_the_registry_is_well_formed():
    """Guards against a registered file without a whole hash, a secure address, a licence or a size."""
    for name, entry in download.DOWNLOADS.items():
        assert entry.card.name == name and entry.card.licence and entry.card.size and entry.card.source
        assert entry.url.startswith("https://") and re.fullmatch("[0-9a-f]{64}", entry.sha256)
