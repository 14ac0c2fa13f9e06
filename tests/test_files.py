"""Writing files: all or nothing."""

from __future__ import annotations

import errno
import os
import stat
import sys

import pytest

from lmcourse.errors import LmcourseError
from lmcourse.files import replacing, write_atomic


def test_write_makes_folders_and_replaces(tmp_path):
    path = tmp_path / "a/b/c.txt"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["c.txt"]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_changes_nothing(tmp_path, error):
    path = tmp_path / "file"
    write_atomic(path, b"before")
    with pytest.raises(type(error)), replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise error
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["file"]


def test_full_disk_is_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomic(path, b"before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("lmcourse.files.os.fsync", full)
    with pytest.raises(LmcourseError, match="No space left.*free space"):
        write_atomic(path, b"after")
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LmcourseError, match="Cannot write"):
        write_atomic(tmp_path / "file" / "below", b"data")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_others_may_read_as_for_any_new_file(tmp_path):
    """mkstemp makes private files; a model in a shared folder must be readable by the class."""
    old = os.umask(0o022)
    try:
        write_atomic(tmp_path / "file", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644
