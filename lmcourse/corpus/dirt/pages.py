"""Clean documents into raw web pages with known truth, so that cleaning can be measured.

Nobody can say how much of the dirt in a real crawl a cleaning step finds, because nobody knows how much there is.
Here it is planted and labelled: every step then has a precision (how much of what it removed was dirt?) and a recall
(how much of the dirt did it remove?). The method is that of fault seeding in software (Mills 1972) and of spike-in
controls in the laboratory. :func:`dirty` spoils in the order in which the web does:

    clean text → typographic quotes, personal data, edited copies → the site's own lines → invisible characters
    → wrong decoding (mojibake) → HTML with menus, adverts, cookie notices

and adds pages that should not be there at all: other languages, spam, empty shells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from lmcourse.corpus.dirt import prose
from lmcourse.corpus.dirt.characters import Mend, edited, invisible, misread, typographic
from lmcourse.corpus.dirt.personal import Planted, plant
from lmcourse.corpus.dirt.sites import Site, make_site, page_html
from lmcourse.corpus.dirt.wording import foreign, spam, with_boilerplate, with_quote
from lmcourse.corpus.documents import Document
from lmcourse.errors import LmcourseError

# The share of pages that each kind of dirt touches. For the kinds that add pages (exact, near, foreign, spam, thin)
# it is the number of added pages per clean document.
RATES: dict[str, float] = {
    "html": 1.0,  # wrapped into a page of one of the sites, otherwise plain text
    "typography": 0.4,  # straight quotes become curly ones: no dirt in itself, but mojibake needs something to break
    "mojibake": 0.2,  # UTF-8 read as another encoding, on the whole page or in some paragraphs
    "invisible": 0.25,  # zero-width characters, soft hyphens, odd spaces, control characters
    "escapes": 0.12,  # special characters escaped twice: &amp;quot;
    "boilerplate": 0.7,  # the site's own lines inside the text
    "personal": 0.3,  # invented addresses, numbers, cards
    "confusable": 0.3,  # ISBNs, dates, versions …: what looks like personal data and is not
    "quote": 0.08,  # one sentence in another language on an English page, which stays an English page
    "exact": 0.12,  # the same text again under another address
    "near": 0.15,  # the text again: edited, cut short, under another title
    "foreign": 0.1,  # pages in German, French, Spanish or Chinese
    "spam": 0.1,  # keyword stuffing, repeated offers, link lists, sales talk
    "thin": 0.06,  # a menu and no text
}


@dataclass(frozen=True, slots=True)
class PageTruth:
    """What is known about one page.

    Its text in four stages: ``text`` is what a perfect cleaner hands on, before it masks personal data (empty for spam
    and thin pages); ``plain`` has the site's own lines in it; ``strewn`` invisible characters too; ``body`` is what a
    perfect HTML extractor finds on the page, perhaps in a wrong decoding.
    ``source_id`` names the clean document, ``variant`` is 0 for its own text and k for its k-th edited copy: pages
    equal in both are exact duplicates, pages equal in ``source_id`` alone near duplicates. ``duplicate_of`` is the
    first such page before this one, ``jaccard`` the overlap of the two texts (:func:`word_overlap`).
    """

    page_id: str
    source_id: str | None
    text: str
    plain: str
    strewn: str
    body: str
    kinds: frozenset[str]
    language: str = "en"
    variant: int = 0
    duplicate: str | None = None  # "exact", "near" or None
    duplicate_of: str | None = None
    jaccard: float | None = None
    is_spam: bool = False
    is_thin: bool = False
    site: str = ""
    boilerplate: tuple[str, ...] = ()  # lines of the site inside the text
    chrome: tuple[str, ...] = ()  # menus, adverts, notices around and between the text
    invisible: tuple[Mend, ...] = ()
    mojibake: tuple[Mend, ...] = ()
    personal: tuple[Planted, ...] = ()
    confusable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dirty:
    """Raw pages, whose meta tells no more than a crawl would (url, title), and the truth about each by page id."""

    pages: list[Document]
    labels: dict[str, PageTruth]
    seed: int = 0

    def counts(self) -> dict[str, int]:
        """How many pages each kind of dirt touched."""
        counts = Counter(kind for truth in self.labels.values() for kind in truth.kinds)
        return {kind: counts[kind] for kind in RATES if counts[kind]}

    def __str__(self) -> str:
        rows = "\n".join(f"  {kind:<12}{count:>6,}" for kind, count in self.counts().items())
        sites = {truth.site for truth in self.labels.values()}
        return f"{len(self.pages):,} pages from {len(sites):,} sites, with\n{rows}"


@dataclass
class _Draft:
    """A page in the making."""

    key: float  # its place among the pages
    title: str
    text: str
    source_id: str | None = None
    variant: int = 0
    language: str = "en"
    kinds: set[str] = field(default_factory=set)
    personal: tuple[Planted, ...] = ()
    confusable: tuple[str, ...] = ()
    avoid: int | None = None  # the site that has this text already


def dirty(
    documents: Iterable[Document],
    seed: int = 0,
    kinds: Collection[str] | None = None,
    rates: Mapping[str, float | int] | None = None,
) -> Dirty:
    """Turn clean English ``documents`` into raw web pages with labels of all that was spoilt.

    ``kinds`` chooses among the keys of :data:`RATES` (all by default), ``rates`` overrides single rates. The result
    depends on the documents, their order and ``seed`` alone. Pages keep the order of the documents; copies, spam and
    other strangers come in between. Memory holds all pages: meant for lessons and tests, up to some ten thousand.
    """
    chosen = _rates(kinds, rates)
    rng = Random(f"dirty {seed}")
    drafts = _drafts(list(documents), chosen, rng)
    number = min(12, max(3, round(len(drafts) / 25)))
    sites = [make_site(rng, i) for i in range(number)]
    foreign_sites = {code: make_site(rng, number + i, code) for i, code in enumerate(prose.FOREIGN)}
    pages, labels = [], {}
    seen: dict[tuple[str, int], str] = {}
    families: dict[str, str] = {}
    for index, draft in enumerate(drafts):
        own = Random(f"page {seed} {index} {draft.title}")
        site = foreign_sites[draft.language] if draft.language != "en" else own.choice(sites)
        page, truth = _page(f"page-{index:05d}", draft, site, chosen, own)
        if draft.source_id is not None:
            twin, sibling = seen.get((draft.source_id, draft.variant)), families.get(draft.source_id)
            first = twin or sibling
            if first is not None:
                truth = replace(
                    truth,
                    duplicate="exact" if twin else "near",
                    duplicate_of=first,
                    jaccard=word_overlap(truth.text, labels[first].text),
                )
            seen.setdefault((draft.source_id, draft.variant), page.id)
            families.setdefault(draft.source_id, page.id)
        pages.append(page)
        labels[page.id] = truth
    return Dirty(pages, labels, seed)


def word_overlap(one: str, other: str, n: int = 3) -> float:
    """Jaccard similarity of two texts: shared runs of ``n`` words (lower case) by all runs of both, 0 to 1."""
    first, second = (
        {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}
        for words in (re.findall(r"\w+", text.lower()) for text in (one, other))
    )
    return len(first & second) / len(first | second)


def _rates(kinds: Collection[str] | None, rates: Mapping[str, float | int] | None) -> dict[str, float | int]:
    unknown = sorted((set(kinds or ()) | set(rates or ())) - set(RATES))
    if unknown:
        raise LmcourseError(f"Unknown kind of dirt: {', '.join(unknown)}; choose from {', '.join(RATES)}.")
    bad = {kind: rate for kind, rate in (rates or {}).items() if not 0 <= rate <= 1}
    if bad:
        raise LmcourseError(f"A rate of dirt is a share between 0 and 1, not {bad}; give for example {{'spam': 0.1}}.")
    chosen = RATES if kinds is None else {kind: RATES[kind] for kind in RATES if kind in kinds}
    return {kind: 0.0 for kind in RATES} | chosen | {k: r for k, r in (rates or {}).items() if k in chosen}


def _drafts(documents: list[Document], rates: Mapping[str, float | int], rng: Random) -> list[_Draft]:
    """The texts of all pages in their order, before sites and character dirt: originals, copies and strangers."""
    drafts = [
        _Draft(float(i), str(document.meta.get("title") or _title(document.text)), document.text, document.id)
        for i, document in enumerate(documents)
    ]
    for draft in drafts:
        if rng.random() < rates["typography"]:
            draft.text = typographic(draft.text)
            draft.kinds.add("typography")
        if rng.random() < rates["quote"]:
            draft.text = with_quote(draft.text, rng)
            draft.kinds.add("quote")
        for kind, lines in (("personal", prose.PERSONAL), ("confusable", prose.CONFUSABLE)):
            if rng.random() < rates[kind]:
                draft.text, personal, others = plant(draft.text, lines, rng)
                draft.personal, draft.confusable = draft.personal + personal, draft.confusable + others
                draft.kinds.add(kind)
    size = len(documents)
    copies = []
    for original in rng.sample(drafts, round(rates["exact"] * size)):
        copies.append(replace(original, key=rng.uniform(0, size), kinds=original.kinds | {"exact"}))
    for number, original in enumerate(rng.sample(drafts, round(rates["near"] * size)), 1):
        text = edited(original.text, rng)
        title = original.title if rng.random() < 0.5 else _title(text)
        copies.append(
            replace(
                original,
                key=rng.uniform(0, size),
                title=title,
                text=text,
                variant=number,
                kinds=original.kinds | {"near"},
                personal=tuple(datum for datum in original.personal if datum.value in text),
                confusable=tuple(string for string in original.confusable if string in text),
            )
        )
    for _ in range(round(rates["foreign"] * size)):
        code = rng.choice(list(prose.FOREIGN))
        text = foreign(code, rng)
        copies.append(_Draft(rng.uniform(0, size), _title(text), text, language=code, kinds={"foreign"}))
    for _ in range(round(rates["spam"] * size)):
        goods = rng.choice(prose.SPAM_GOODS)
        copies.append(_Draft(rng.uniform(0, size), f"Best {goods} online", spam(goods, rng), kinds={"spam"}))
    for _ in range(round(rates["thin"] * size)):
        copies.append(
            _Draft(
                rng.uniform(0, size),
                rng.choice(("Untitled", "Error", "Gallery", "Login")),
                rng.choice(prose.THIN),
                kinds={"thin"},
            )
        )
    return sorted(drafts + copies, key=lambda draft: draft.key)


def _page(
    page_id: str, draft: _Draft, site: Site, rates: Mapping[str, float | int], rng: Random
) -> tuple[Document, PageTruth]:
    """One draft onto one site: the site's lines, then character dirt, then HTML."""
    body, lines, kinds = draft.text, (), set(draft.kinds)
    stranger = draft.source_id is None
    if site.boilerplate and not kinds & {"spam", "thin"} and rng.random() < rates["boilerplate"]:
        body, lines = with_boilerplate(body, site, rng)
        kinds.add("boilerplate")
    unseen: tuple[Mend, ...] = ()
    broken: tuple[Mend, ...] = ()
    plain = body
    if rng.random() < rates["invisible"]:
        body, unseen = invisible(body, rng)
    strewn = body
    if rng.random() < rates["mojibake"]:
        body, broken = misread(body, rng)
    kinds |= {kind for kind, mends in (("invisible", unseen), ("mojibake", broken)) if mends}
    page, chrome = body, ()
    if rng.random() < rates["html"]:
        twice = rng.random() < rates["escapes"]
        page, chrome = page_html(site, draft.title, body, rng, twice)
        kinds |= {"html", "escapes"} if twice and re.search(r"[&<>\"']", body) else {"html"}
    folder = rng.choice(("a", "text", "archive", "p"))
    url = f"https://{site.host}/{folder}/{rng.randint(100, 99999)}-{_slug(draft.title)}"
    bad = bool(kinds & {"spam", "thin"})
    truth = PageTruth(
        page_id=page_id,
        source_id=draft.source_id,
        text="" if bad else draft.text,
        plain=plain,
        strewn=strewn,
        body=body,
        kinds=frozenset(kinds),
        language=draft.language,
        variant=draft.variant,
        is_spam="spam" in kinds,
        is_thin="thin" in kinds,
        site=site.host,
        boilerplate=lines,
        chrome=chrome,
        invisible=unseen,
        mojibake=broken,
        personal=() if stranger else draft.personal,
        confusable=draft.confusable,
    )
    return Document(page_id, page, {"url": url, "title": draft.title}), truth


def _title(text: str) -> str:
    words = text.split()
    return " ".join(words[:7])[:60] or "Untitled"


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "page"
