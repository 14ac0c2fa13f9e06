"""Whole sentences of dirt: a site's own lines and quotations put into a text, and pages of nothing else."""

from __future__ import annotations

import re
from random import Random

from lmcourse.corpus.dirt import prose
from lmcourse.corpus.dirt.sites import Site, fill


def with_boilerplate(text: str, site: Site, rng: Random) -> tuple[str, tuple[str, ...]]:
    """The site's lines, each as a paragraph: above the text, below it or in the middle."""
    blocks = text.split("\n\n")
    lines = tuple(fill(line, rng, site) for line in site.boilerplate)
    for line in lines:
        blocks.insert(rng.choice((0, len(blocks), len(blocks), len(blocks) // 2)), line)
    return "\n\n".join(blocks), lines


def with_quote(text: str, rng: Random) -> str:
    code, words, meaning = rng.choice(prose.QUOTES)
    blocks = text.split("\n\n")
    blocks.insert(rng.randint(0, len(blocks)), f"“{words}”, {meaning}.")
    return "\n\n".join(blocks)


def foreign(code: str, rng: Random) -> str:
    """Sentences of one language in a new order, in paragraphs of two or three."""
    sentences = [s for paragraph in prose.FOREIGN[code] for s in re.findall(r"[^.。；;]+[.。；;]\s*", paragraph)]
    rng.shuffle(sentences)
    sentences = sentences[: rng.randint(5, len(sentences) - 2)]
    cuts = [sentences[i : i + 3] for i in range(0, len(sentences), 3)]
    return "\n\n".join(("" if code == "zh" else " ").join(s.strip() for s in cut) for cut in cuts)


def spam(goods: str, rng: Random) -> str:
    """One of four sorts of spam: stuffed keywords, an offer again and again, a list of links, smooth sales talk."""

    def filled(line: str) -> str:
        shop = f"{rng.choice(prose.SPAM_WORDS)}-{goods}".replace(" ", "")
        link = f"http://{shop}{rng.randint(1, 99)}.example"
        return line.format(goods=goods, number=rng.randint(3, 90), link=link)

    sort = rng.choice(("stuffing", "offers", "links", "talk"))
    if sort == "stuffing":
        phrases = [
            f"{rng.choice(prose.SPAM_WORDS)} {goods}" if rng.random() < 0.7 else rng.choice(prose.SPAM_WORDS)
            for _ in range(rng.randint(60, 160))
        ]
        return "\n\n".join(rng.choice((" ", ", ")).join(phrases[i : i + 40]) for i in range(0, len(phrases), 40))
    if sort == "offers":
        return "\n\n".join(filled(rng.choice(prose.SPAM_OFFERS)) for _ in range(rng.randint(8, 25)))
    if sort == "links":
        return "\n".join(
            f"- {rng.choice(prose.SPAM_WORDS)} {rng.choice(prose.SPAM_GOODS)} {filled('{link}')}"
            for _ in range(rng.randint(15, 50))
        )
    lines = [filled(line) for line in rng.sample(prose.SPAM_PITCH, rng.randint(6, len(prose.SPAM_PITCH)))]
    return "\n\n".join(" ".join(lines[i : i + 3]) for i in range(0, len(lines), 3))
