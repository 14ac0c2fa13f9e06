"""Invented personal data, and strings that only look like it, planted into a text.

Everything is in ranges reserved for documentation, so that nothing can be anybody's: the domains example.com, .org
and .net (RFC 2606), the addresses 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737) and 2001:db8::/32
(RFC 3849), telephone numbers 555-01xx and the United Kingdom's numbers for drama, card numbers with the prefixes of
payment providers' test cards. The look-alikes matter as much: without ISBNs, dates and version numbers in the text
every greedy rule would have a precision of 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from string import Formatter

from lmcourse.corpus.dirt import prose

KINDS = {"email": "email", "email2": "email", "phone": "phone", "ip": "ip", "ip2": "ip", "card": "card"}


@dataclass(frozen=True, slots=True)
class Planted:
    """A personal datum in the text: ``kind`` is "email", "phone", "ip" or "card"."""

    kind: str
    value: str


def plant(text: str, lines: tuple[str, ...], rng: Random) -> tuple[str, tuple[Planted, ...], tuple[str, ...]]:
    """Put one to three of ``lines``, their slots filled, into ``text``: alone or at the end of a paragraph.

    Returns the text, the personal data planted, and the other filled slots (what must not be masked).
    """
    blocks = text.split("\n\n")
    personal, others = [], []
    for line in rng.sample(lines, rng.choice((1, 1, 2, 3))):
        slots = {name: value(name, rng) for _, name, _, _ in Formatter().parse(line) if name}
        personal += [Planted(KINDS[name], slot) for name, slot in slots.items() if name in KINDS]
        others += [slot for name, slot in slots.items() if name not in KINDS and name not in ("name", "user")]
        if not slots:  # a line of confusable constants: each of its dotted numbers must stay
            others += re.findall(r"\d+(?:\.\d+){3}", line)
        sentence = rng.choice(prose.LEAD_INS) + line.format(**slots)
        place = rng.randrange(len(blocks) + 1)
        if place < len(blocks) and blocks[place].rstrip().endswith(".") and not blocks[place].startswith("  "):
            blocks[place] = f"{blocks[place].rstrip()} {sentence}"
        else:
            blocks.insert(place, sentence)
    return "\n\n".join(blocks), tuple(personal), tuple(others)


def value(slot: str, rng: Random) -> str:
    """A made-up value for one slot of a sentence."""
    first, last = rng.choice(prose.FIRST_NAMES), rng.choice(prose.LAST_NAMES)
    number = rng.randint
    makers = {
        "name": lambda: f"{first} {last}",
        "user": lambda: f"{first[0]}{last}".lower(),
        "email": lambda: email(first.lower(), last.lower(), rng),
        "phone": lambda: phone(rng),
        "ip": lambda: address(rng),
        "card": lambda: card(rng),
        "isbn13": lambda: isbn13(rng),
        "isbn10": lambda: f"{number(0, 3)}-{number(100, 999)}-{number(10000, 99999)}-{rng.choice('0123456789X')}",
        "date": lambda: rng.choice(("{0}-{1:02}-{2:02}", "{2:02}.{1:02}.{0}", "{1}/{2}/{0}")).format(
            number(1850, 2024), number(1, 12), number(1, 28)
        ),
        "time": lambda: f"{number(0, 23):02}:{number(0, 59):02}:{number(0, 59):02}",
        "version4": lambda: ".".join(str(number(0, 40)) for _ in range(4)),
        "version3": lambda: ".".join(str(number(0, 40)) for _ in range(3)),
        "price": lambda: f"{number(1, 999)},{number(100, 999)}.{number(10, 99)}",
        "issn": lambda: f"{number(1000, 9999)}-{number(1000, 9999)}",
        "pages": lambda: f"{number(100, 400)}-{number(1000, 1400)}",
        "host": lambda: f"code.{last.lower()}.example",
        "machine": lambda: rng.choice(("bastion", "build01", "laptop", "db3")),
        "order": lambda: not_a_card(rng),
        "doi": lambda: f"{number(1000000, 9999999)}.{number(1000000, 9999999)}",
        "shelf": lambda: f"{number(100, 999)}.{number(100, 999)}/{number(1000, 9999)}",
        "population": lambda: f"{number(1, 9)} {number(100, 999)} {number(100, 999)}",
        "years": lambda: f"{number(1800, 1899)}-{number(1900, 1999)}",
        "nanoseconds": lambda: str(number(10**18, 2 * 10**18)),
        "latitude": lambda: f"{number(30, 60)}.{number(10**6, 10**7 - 1)}",
        "longitude": lambda: f"-{number(1, 20)}.{number(10**6, 10**7 - 1)}",
        "port": lambda: str(number(1024, 65535)),
        "extension": lambda: str(number(1, 99)),
        # As long as a telephone number and cut alike: nothing but the words around it tell.
        "part": lambda: f"{number(201, 989)}-{number(201, 989)}-{number(1000, 9999)}",
        "ean": lambda: "4" + "".join(rng.choices("0123456789", k=12)),
        "cas": lambda: f"{number(50, 9999)}-{number(10, 99)}-{number(0, 9)}",
        "patent": lambda: f"{number(3, 9)},{number(100, 999)},{number(100, 999)}",
        "section": lambda: ".".join(str(number(1, 12)) for _ in range(4)),
    }
    return makers[slot.rstrip("2") if slot.rstrip("2") in makers else slot]()


def email(first: str, last: str, rng: Random) -> str:
    domain = rng.choice(("example.com", "example.org", "example.net", "mail.example.com", "cs.example.org"))
    made = rng.choice(
        (f"{first}.{last}", f"{first}_{last}", f"{first[0]}{last}{rng.randint(1, 99)}", f"{first}+news", last)
    )
    if rng.random() < 0.12:  # written so that harvesting programs miss it
        return rng.choice(
            (
                f"{made} (at) {domain.replace('.', ' (dot) ')}",
                f"{made}[at]{domain}",
                f"{made} at {domain.replace('.', ' dot ')}",
            )
        )
    return rng.choice((f"{made}@{domain}", f"{made}@{domain}", f"{made}@{domain}".upper()))


def phone(rng: Random) -> str:
    area, line = rng.choice((212, 303, 415, 503, 617, 718, 802, 907)), f"01{rng.randint(0, 99):02}"
    return rng.choice(
        (
            f"({area}) 555-{line}",
            f"{area}-555-{line}",
            f"{area}.555.{line}",
            f"+1 {area} 555 {line}",
            f"+1-{area}-555-{line}",
            f"1-{area}-555-{line}",
            f"555-{line}",
            f"+44 20 7946 0{rng.randint(0, 999):03}",
            f"020 7946 0{rng.randint(0, 999):03}",
            f"01632 960{rng.randint(0, 999):03}",
            f"+44 (0)20 7946 0{rng.randint(0, 999):03}",
            f"{area} 555 {line}",
        )
    )


def address(rng: Random) -> str:
    if rng.random() < 0.2:
        return f"2001:db8:{rng.randint(1, 0xFFFF):x}::{rng.randint(1, 0xFFFF):x}"
    return rng.choice(("192.0.2.", "198.51.100.", "203.0.113.")) + str(rng.randint(1, 254))


def check_digit(digits: str) -> str:
    """The Luhn check digit (ISO/IEC 7812) that completes a card number."""
    total = sum(sum(divmod(2 * int(d), 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def card(rng: Random) -> str:
    prefix, length = rng.choice((("424242", 16), ("411111", 16), ("555555", 16), ("378282", 15)))
    digits = prefix + "".join(rng.choices("0123456789", k=length - 7))
    digits += check_digit(digits)
    if length == 15:
        return rng.choice((digits, f"{digits[:4]} {digits[4:10]} {digits[10:]}"))
    return rng.choice(("", " ", " ", "-")).join(digits[i : i + 4] for i in range(0, 16, 4))


def not_a_card(rng: Random) -> str:
    digits = "4" + "".join(rng.choices("0123456789", k=14))
    return digits + str((int(check_digit(digits)) + rng.randint(1, 9)) % 10)


def isbn13(rng: Random) -> str:
    digits = "978" + "".join(rng.choices("0123456789", k=9))
    digits += str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10)
    return f"{digits[:3]}-{digits[3]}-{digits[4:7]}-{digits[7:12]}-{digits[12]}"
