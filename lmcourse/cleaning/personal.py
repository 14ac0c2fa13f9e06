"""Masking personal data: e-mail addresses, telephone and card numbers, network addresses become placeholders.

What a model has read it can repeat, addresses and numbers too (Carlini et al. 2021, "Extracting Training Data from
Large Language Models"). The difficulty is not to find the numbers but to leave alone what only looks like them: an
ISBN, a date, a version. So each rule looks for a shape and then asks for proof: a check digit (Luhn 1954), a valid
range, or a word beside it that says what the number is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """One datum that was masked: ``kind`` is "email", "phone", "ip" or "card"; ``value`` as it stood in the text."""

    kind: str
    value: str


# fmt: off
_AT = r"(?:@| ?[(\[] ?at ?[)\]] ?)"
_DOT = r"(?:\.| ?[(\[] ?dot ?[)\]] ?)"
# name@host.tld, and "name (at) host (dot) tld". What follows must not make it a path: git@host.org:project is none.
_EMAIL = re.compile(rf"(?<![\w.+@/-])[a-z0-9][\w.+-]{{0,63}}{_AT}"
                    rf"(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?{_DOT}){{1,5}}[a-z]{{2,18}}"
                    r"(?![\w@-])(?!:[\w~/])(?!\.[a-z0-9])", re.IGNORECASE | re.ASCII)
_CARD = re.compile(r"(?<![\w.-])(?<!\d )\d(?:[ -]?\d){12,18}(?![\w-])(?! ?\d)(?!\.\d)", re.ASCII)
_IPV4 = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-])(?!\.\d)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{1,4}:|:){2,7}(?::|[0-9a-f]{1,4})(?:[0-9a-f:]*)(?![\w:])(?!\.\d)",
                   re.IGNORECASE | re.ASCII)
# Numbers as they are written in North America and Britain, and any number that begins with + and a country code.
_PHONE = re.compile(
    r"(?<![\w.,/$€£:-])(?<![\d)] )(?:"
    r"\+[1-9]\d{0,2}(?:[ .-]?(?:\(\d{1,4}\)|\d{1,4})){2,5}"
    r"|(?:1[ .-])?\([2-9]\d{2}\) ?[2-9]\d{2}[ .-]\d{4}"
    r"|(?:1[ .-])?[2-9]\d{2}(?P<s>[ .-])[2-9]\d{2}(?P=s)\d{4}"
    r"|0\d{2} \d{4} \d{4}|0\d{3} \d{3} \d{4}|0\d{4} \d{6}"
    r"|(?P<local>[2-9]\d{2}-\d{4})"
    r")(?![\w/@:-])(?![., ]\d)", re.ASCII)
_SAYS_PHONE = re.compile(
    r"(?:\b(?:phone|tel|telephone|call(?:ed|s)?|ring|rang|fax|mobile|cell|dial(?:led)?|text(?:ed)?|hotline)\b\.?|☎)"
    r"[^\n.;]{0,24}$|\b(?:number|on|at) (?:is |was |it )?[(]?$", re.IGNORECASE)
_SAYS_NUMBER = re.compile(r"\b(?:isbn|issn|doi|order|invoice|ref|reference|part|serial|lot|grid|no\.?|item|pages?|"
                          r"pp\.?)(?: (?:number|no\.?|is|was))?[ :#(]{0,3}$", re.IGNORECASE)
_SAYS_VERSION = re.compile(r"\b(?:versions?|v|release|section|sect\.|chapter|clause|build|firmware|rev(?:ision)?|"
                           r"§|article|rule)[ .:]{0,2}$", re.IGNORECASE)
# fmt: on


def mask_personal(text: str) -> tuple[str, tuple[Found, ...]]:
    """Replace personal data by <EMAIL>, <CARD>, <IP> and <PHONE>; also say what was found, in that order of kinds.

    >>> mask_personal("Write to mara@example.org or call (212) 555-0143, not ISBN 978-0-306-40615-7.")[0]
    'Write to <EMAIL> or call <PHONE>, not ISBN 978-0-306-40615-7.'
    """
    found: list[Found] = []
    for kind, pattern, proof in _RULES:

        def replace(match: re.Match[str], kind: str = kind, proof: Callable[[re.Match[str]], bool] = proof) -> str:
            if not proof(match):
                return match.group()
            found.append(Found(kind, match.group()))
            return f"<{kind.upper()}>"

        text = pattern.sub(replace, text)
    return text, tuple(found)


def luhn(digits: str) -> bool:
    """True if the last digit is the check digit of those before it (ISO/IEC 7812), as on every payment card."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _before(match: re.Match[str], characters: int = 40) -> str:
    return match.string[max(0, match.start() - characters) : match.start()]


def _is_email(match: re.Match[str]) -> bool:
    return ".." not in match.group()


def _is_card(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match.group())
    # The first digits name the network: 2 and 5 Mastercard, 34 and 37 American Express, 4 Visa, 6 Discover and others.
    return digits[0] in "23456" and len(set(digits)) > 1 and luhn(digits)


def _is_ipv4(match: re.Match[str]) -> bool:
    parts = match.group().split(".")
    if any(int(part) > 255 or (len(part) > 1 and part[0] == "0") for part in parts):
        return False
    first, second = int(parts[0]), int(parts[1])
    # Loop-back, masks, multicast and private networks are the same in every house: they point at nobody.
    nobody = first in (0, 10, 127) or first >= 224 or (first, second) == (192, 168) or first == 172 and 15 < second < 32
    return not nobody and not _SAYS_VERSION.search(_before(match))


def _is_ipv6(match: re.Match[str]) -> bool:
    try:
        address = ipaddress.IPv6Address(match.group())
    except ValueError:
        return False
    # Time stamps (12:30:45) are no addresses, "a::b" is a name in C++, ::1 and fe80:: point at nobody.
    return (
        match.group().count(":") >= 3
        and any(map(str.isdigit, match.group()))
        and not (address.is_loopback or address.is_link_local or address.is_unspecified)
    )


def _is_phone(match: re.Match[str]) -> bool:
    before = _before(match)
    if match["local"]:
        return bool(_SAYS_PHONE.search(before)) and not _SAYS_NUMBER.search(before)
    if match.group().startswith("+"):
        return 8 <= len(re.sub(r"\D", "", match.group())) <= 15
    return not _SAYS_NUMBER.search(before) and not _SAYS_VERSION.search(before)


_RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    ("email", _EMAIL, _is_email),
    ("card", _CARD, _is_card),
    ("ip", _IPV6, _is_ipv6),
    ("ip", _IPV4, _is_ipv4),
    ("phone", _PHONE, _is_phone),
)
