"""Invented web sites that put a text on a page, each in its own way: the HTML half of dirt.

Six layouts, from a page of tables as they were made in the nineties to generated class names that mean nothing.
They share no tag structure, no class names and no place where the text stands, so no single rule finds it in all.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.entities import codepoint2name
from random import Random

from lmcourse.corpus.dirt import prose


@dataclass(frozen=True, slots=True)
class Site:
    """One invented site: where its pages live, how they look and the lines it puts into every article."""

    name: str
    host: str
    language: str
    layout: str
    boilerplate: tuple[str, ...]
    menu: tuple[str, ...]
    classes: tuple[str, ...]  # meaningless class names for the generated layout
    advert: str  # HTML around an advert inside the text, with {} where the words go


ADVERT_FRAMES = (
    '<div class="ad-slot" data-unit="mid">{}</div>',
    '<aside class="promo-box"><p>{}</p></aside>',
    '<ins class="adunit"><a href="/go?id=77">{}</a></ins>',
    '<div class="widget sponsored"><span>{}</span><a href="/offer">More</a></div>',
    '<p class="teaser"><a href="/r/1">{}</a></p>',
    "<center><font size=1>{}</font></center>",
    '<figure class="banner"><img src="/b/1.gif" alt=""><figcaption>{}</figcaption></figure>',
)


def make_site(rng: Random, number: int, language: str = "en") -> Site:
    """Invent site ``number``; the layouts take turns so that even a small crawl sees them all."""
    name = prose.SITE_NAMES[number % len(prose.SITE_NAMES)]
    host = "www." + re.sub(r"[^a-z]+", "-", name.lower()).strip("-") + f"-{number}.example"
    labels = list(prose.MENU[language])
    rng.shuffle(labels)
    lines = rng.sample(prose.BOILERPLATE, rng.randint(1, 3)) if language == "en" else []
    return Site(
        name=name,
        host=host,
        language=language,
        layout=list(LAYOUTS)[number % len(LAYOUTS)],
        boilerplate=tuple(lines),
        menu=tuple(labels[: rng.randint(5, 10)]),
        classes=tuple("".join(rng.choices("abcdefghkmnpqrstuvwxyz0123456789", k=6)) for _ in range(8)),
        advert=rng.choice(ADVERT_FRAMES),
    )


def fill(line: str, rng: Random, site: Site) -> str:
    """Fill the slots of a line of chrome."""
    return line.format(
        site=site.name,
        number=rng.randint(2, 39_000),
        minutes=rng.randint(2, 20),
        year=rng.randint(2004, 2024),
        day=rng.randint(1, 28),
        month=rng.choice(prose.MONTHS),
    )


def page_html(site: Site, title: str, text: str, rng: Random, twice: bool = False) -> tuple[str, tuple[str, ...]]:
    """Put ``text`` on a page of ``site``; ``twice`` escapes its special characters twice, as careless software does.

    Returns the HTML and the pieces of chrome (adverts, notices, comments …) that a perfect extractor leaves out.
    """
    chrome = Chrome(site, rng)
    page = LAYOUTS[site.layout](site, title, text, rng, chrome, Escaper(rng, twice))
    return page, tuple(chrome.said)


class Chrome:
    """Makes the pieces around a text and remembers what they say."""

    def __init__(self, site: Site, rng: Random):
        self.site, self.rng, self.said = site, rng, []

    def say(self, lines: Sequence[str]) -> str:
        line = fill(self.rng.choice(lines), self.rng, self.site)
        self.said.append(line)
        return html.escape(line, quote=False)

    def menu(self, item: str = '<li><a href="/{0}">{1}</a></li>', between: str = "\n") -> str:
        self.said.extend(self.site.menu)
        return between.join(item.format(number, html.escape(word)) for number, word in enumerate(self.site.menu))

    def share(self) -> str:
        words = self.rng.sample(prose.SHARE, 4)
        self.said.extend(words)
        return " ".join(f'<a class="btn" href="#s{i}">{word}</a>' for i, word in enumerate(words))

    def aside(self, item: str = "<li>{}</li>") -> str:
        lines = self.rng.choice(prose.ASIDES)
        self.said.extend(lines)
        return f"<h4>{lines[0]}</h4>" + "".join(item.format(html.escape(line)) for line in lines[1:])

    def comments(self, frame: str) -> str:
        rows = []
        for line in self.rng.sample(prose.COMMENTS, self.rng.randint(0, 3)):
            who = f"{self.rng.choice(prose.FIRST_NAMES)} {self.rng.choice(prose.LAST_NAMES)[0]}."
            self.said.append(line)
            rows.append(frame.format(who, html.escape(line, quote=False)))
        return "".join(rows)

    def between(self, blocks: list[str], every: int = 5) -> str:
        """The blocks of the text, with an advert or a link to another article pushed in here and there."""
        out = []
        for index, block in enumerate(blocks):
            out.append(block)
            if 0 < index < len(blocks) - 1 and index % every == 2:
                out.append(self.site.advert.format(self.say(prose.ADVERTS + prose.RELATED)))
        return "\n".join(out)


class Escaper:
    """Writes characters as HTML: raw where allowed, or as named, decimal or hexadecimal references."""

    def __init__(self, rng: Random, twice: bool = False):
        self.rng, self.twice = rng, twice
        self.mode = rng.choice(("raw", "raw", "named", "decimal", "hex"))

    def __call__(self, text: str) -> str:
        text = html.escape(text, quote=self.twice or self.mode != "raw")
        if self.twice:
            text = text.replace("&", "&amp;")
        if self.mode == "raw":
            return text
        return re.sub(r"[^\x00-\x7f]", lambda match: self.reference(match.group()), text)

    def reference(self, character: str) -> str:
        code = ord(character)
        if self.mode == "named" and code in codepoint2name:
            return f"&{codepoint2name[code]};"
        return f"&#x{code:X};" if self.mode == "hex" else f"&#{code};"


def blocks_html(
    text: str, rng: Random, escape: Escaper, paragraph: str = "<p>{}</p>", heading: str = "<h2>{}</h2>"
) -> list[str]:
    """The text as HTML blocks: headings, lists, code and paragraphs, told apart by their shape in plain text."""
    parts = [part for part in re.split(r"\n[ \t]*\n+", text) if part.strip()]
    out = []
    for index, part in enumerate(parts):
        lines = part.strip("\n").split("\n")
        last = index == len(parts) - 1
        if all(re.match(r"\s*[-*•] ", line) for line in lines):
            items = (re.sub(r"^\s*[-*•] ", "", line) for line in lines)
            out.append("<ul>" + "".join(f"<li>{inline(escape(item), rng)}</li>" for item in items) + "</ul>")
        elif all(line.startswith("    ") for line in lines) or lines[0].lstrip().startswith(">>>"):
            out.append(f"<pre>{escape(part)}</pre>")
        elif len(lines) == 1 and len(part) <= 60 and part.strip()[-1] not in ".,;:!?)]'\"”…" and not last:
            out.append(heading.format(escape(part.strip())))
        else:
            out.append(paragraph.format(inline(escape(" ".join(line.strip() for line in lines)), rng)))
    return out


INLINE = (
    "<b>{}</b>",
    "<em>{}</em>",
    "<strong>{}</strong>",
    '<a href="/topic/{n}">{}</a>',
    '<span class="t{n}">{}</span>',
    '<abbr title="see also">{}</abbr>',
    '<a href="https://ref.example/{n}" rel="nofollow">{}</a>',
    "<i>{}</i>",
)


def inline(escaped: str, rng: Random) -> str:
    """Mark up a few words inside a paragraph, as links, emphasis or spans."""
    words = escaped.split(" ")
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        if len(words) < 6:
            break
        start = rng.randrange(len(words) - 3)
        end = start + rng.randint(1, 3)
        run = " ".join(words[start:end])
        if run.strip() and "<" not in run:
            words[start:end] = [rng.choice(INLINE).format(run, n=rng.randint(1, 99))]
    return " ".join(words)


# -- the layouts ----------------------------------------------------------------------------------------------------
SCRIPT = """<script>window.dataLayer=window.dataLayer||[];function g(){{dataLayer.push(arguments)}}
if(window.innerWidth<700&&!g.seen){{g("page","{}")}}</script>"""
STYLE = """<style>body{{margin:0;font:16px/1.5 serif}} .{}>p:first-child{{color:#222}}
@media print{{nav{{display:none}}}}</style>"""


def news(site: Site, title: str, text: str, rng: Random, chrome: Chrome, escape: Escaper) -> str:
    """Semantic HTML5: header, nav, main, article, aside, footer."""
    body = chrome.between(blocks_html(text, rng, escape))
    return f"""<!DOCTYPE html>
<html lang="{site.language}">
<head><meta charset="utf-8"><title>{html.escape(title)} | {site.name}</title>
{STYLE.format("story")}{SCRIPT.format(site.host)}</head>
<body>
<div id="cookie-banner" role="dialog"><p>{chrome.say(prose.COOKIES)}</p>
<button>Accept all</button><button>Settings</button></div>
<header><a href="/" class="logo">{html.escape(site.name)}</a><nav><ul>{chrome.menu()}</ul></nav></header>
<main><article class="story"><h1>{html.escape(title)}</h1>
<p class="byline">By {rng.choice(prose.FIRST_NAMES)} {rng.choice(prose.LAST_NAMES)}</p>
<div class="share-bar">{chrome.share()}</div>
{body}
<section class="newsletter"><p>{chrome.say(prose.NEWSLETTER)}</p>
<form action="/sub"><input type="email"><button>Join</button></form></section>
</article>
<section id="comments"><h3>Comments</h3>
{chrome.comments('<div class="comment"><b>{0}</b><p>{1}</p></div>')}</section></main>
<aside><ul>{chrome.aside()}</ul></aside>
<footer><p>{chrome.say(prose.FOOTERS)}</p><p>{chrome.say(prose.FOOTERS)}</p></footer>
</body></html>"""


def blog(site: Site, title: str, text: str, rng: Random, chrome: Chrome, escape: Escaper) -> str:
    """A blog of nested divs, with widgets in a sidebar that stands before the text."""
    body = chrome.between(blocks_html(text, rng, escape, heading="<h3>{}</h3>"))
    related = "".join(f'<li><a href="/p/{i}">{chrome.say(prose.RELATED)}</a></li>' for i in range(3))
    return f"""<!doctype html><html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>{html.escape(site.name)} &raquo; {html.escape(title)}</title>{STYLE.format("entry-content")}</head>
<body class="single postid-{rng.randint(10, 999)}"><div id="page">
<div id="masthead"><p class="site-title">{html.escape(site.name)}</p>
<div class="menu-main"><ul>{chrome.menu()}</ul></div></div>
<div id="secondary" class="widget-area"><div class="widget"><ul>{chrome.aside()}</ul></div>
<div class="widget"><ul>{chrome.aside()}</ul></div></div>
<div id="primary"><div id="post-{rng.randint(10, 999)}" class="post hentry">
<h1 class="entry-title">{html.escape(title)}</h1>
<div class="entry-meta">Posted by {rng.choice(prose.FIRST_NAMES).lower()} in <a href="/c/1">Uncategorised</a></div>
<div class="entry-content">
{body}
<div class="sharedaddy"><h3>Share this:</h3>{chrome.share()}</div>
<div class="related-posts"><h3>Related</h3><ul>{related}</ul></div>
</div></div>
<div id="respond"><ol class="commentlist">
{chrome.comments('<li class="comment"><cite>{0}</cite> says: <p>{1}</p></li>')}</ol>
<form><label>Leave a reply</label><textarea></textarea><input type="submit" value="Post"></form></div></div>
<div id="colophon">{chrome.say(prose.FOOTERS)}<br>{chrome.say(prose.FOOTERS)}</div></div>
{SCRIPT.format(site.host)}</body></html>"""


def tables(site: Site, title: str, text: str, rng: Random, chrome: Chrome, escape: Escaper) -> str:
    """A page as it was made in the nineties: tables for the layout, <br><br> for paragraphs, unclosed tags."""
    blocks = blocks_html(text, rng, escape, paragraph="{}<br><br>", heading="<b>{}</b><br><br>")
    links = chrome.menu("<TR><TD><A HREF=page{0}.htm><FONT SIZE=2>{1}</FONT></A></TD></TR>")
    return f"""<HTML><HEAD><TITLE>{html.escape(title)}</TITLE>{SCRIPT.format(site.host)}</HEAD>
<BODY BGCOLOR=#FFFFF0 TEXT=black><TABLE WIDTH="100%" BORDER=0><TR><TD COLSPAN=2 BGCOLOR=navy>
<FONT COLOR=white SIZE=5>{html.escape(site.name)}</FONT></TD></TR>
<TR><TD WIDTH=140 VALIGN=top><TABLE>{links}</TABLE><HR>{chrome.aside("<FONT SIZE=1>{}</FONT><BR>")}</TD>
<TD VALIGN=top><H1>{html.escape(title)}</H1>
{chrome.between(blocks, 7)}
</TD></TR>
<TR><TD COLSPAN=2><HR><CENTER><FONT SIZE=1>{chrome.say(prose.FOOTERS)}<BR>{chrome.say(prose.FOOTERS)}
<P>You are visitor no. {rng.randint(1000, 99999)}</FONT></CENTER></TABLE></BODY></HTML>"""


def manual(site: Site, title: str, text: str, rng: Random, chrome: Chrome, escape: Escaper) -> str:
    """A technical manual: breadcrumbs, a table of contents, previous and next, sections."""
    body = chrome.between(blocks_html(text, rng, escape, heading='<h2>{}<a class="anchor" href="#x">¶</a></h2>'), 9)
    crumbs = chrome.menu('<a href="/{0}">{1}</a>', " › ")
    return f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"/><title>{html.escape(title)} — {html.escape(site.name)} documentation</title>
<link rel="stylesheet" href="/s.css"/>{STYLE.format("body")}</head><body>
<div class="related" role="navigation">{crumbs}</div>
<div class="document"><div class="documentwrapper"><div class="bodywrapper"><div class="body" role="main">
<section id="s{rng.randint(1, 99)}"><h1>{html.escape(title)}<a class="anchor" href="#top">¶</a></h1>
{body}
</section></div></div></div>
<div class="docsidebar" role="navigation"><h4>Table of contents</h4><ul>{chrome.menu()}</ul><h4>This page</h4>
<ul><li><a href="/src">Show source</a></li><li><a href="/bug">Report a bug</a></li></ul></div></div>
<div class="prevnext"><a href="/prev">« Previous topic</a> | <a href="/next">Next topic »</a></div>
<div class="footer">{chrome.say(prose.FOOTERS)}</div>{SCRIPT.format(site.host)}</body></html>"""


def archive(site: Site, title: str, text: str, rng: Random, chrome: Chrome, escape: Escaper) -> str:
    """A mail archive: the whole text in one <pre>, its lines as they were typed."""
    return f"""<html><head><title>[{html.escape(site.name)}] {html.escape(title)}</title></head><body>
<!-- generated by pages.pl -->
<a href="msg1.html">Prev</a> <a href="msg3.html">Next</a> {chrome.menu('[<a href="{0}.html">{1}</a>]', " ")}
<h1>{html.escape(title)}</h1><hr><b>{rng.choice(prose.FIRST_NAMES)} {rng.choice(prose.LAST_NAMES)}</b><br>
<i>{rng.randint(1, 28)} {rng.choice(prose.MONTHS)} {rng.randint(1996, 2009)}</i><p>
<pre>
{escape(text)}
</pre><hr>
<ul><li>Previous message: <a href="msg1.html">{chrome.say(prose.RELATED)}</a>
<li>Next message: <a href="msg3.html">{chrome.say(prose.RELATED)}</a></ul>
<address>{chrome.say(prose.FOOTERS)}</address></body></html>"""


def generated(site: Site, title: str, text: str, rng: Random, chrome: Chrome, escape: Escaper) -> str:
    """A page from a web framework: nested divs, meaningless class names, everything on one line."""
    c = site.classes
    body = chrome.between(
        blocks_html(text, rng, escape, f'<p class="{c[0]}">{{}}</p>', f'<h2 class="{c[1]}">{{}}</h2>')
    )
    related = "".join(f'<a class="{c[2]}" href="/{i}"><span>{chrome.say(prose.RELATED)}</span></a>' for i in range(4))
    page = f"""<!DOCTYPE html><html lang="{site.language}"><head>
<title>{html.escape(title)} - {html.escape(site.name)}</title>
<meta name="viewport" content="width=device-width"><style>.{c[0]}{{margin:0}}</style></head>
<body><div id="root"><div class="{c[3]}"><div class="{c[4]}"><a href="/">{html.escape(site.name)}</a>
{chrome.menu(f'<a class="{c[5]}" href="/{{0}}">{{1}}</a>', "")}</div>
<div class="{c[6]}"><div class="{c[7]}"><h1>{html.escape(title)}</h1><div>{chrome.share()}</div>
<div class="{c[0]}x">{body}</div>
<div class="{c[2]}x"><h4>{chrome.say(("More for you", "Trending now"))}</h4>{related}</div></div></div>
<div class="{c[4]}f"><p>{chrome.say(prose.FOOTERS)}</p></div></div></div>
<div class="{c[1]}m"><p>{chrome.say(prose.COOKIES)}</p><button>OK</button></div>
<script type="application/json">{{"title":"x","related":["a < b","&"],"n":{rng.randint(1, 99)}}}</script>
</body></html>"""
    return page if "<pre>" in page else page.replace(">\n<", "><")


LAYOUTS: dict[str, Callable[[Site, str, str, Random, Chrome, Escaper], str]] = {
    "news": news,
    "blog": blog,
    "tables": tables,
    "manual": manual,
    "archive": archive,
    "generated": generated,
}
