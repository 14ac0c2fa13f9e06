"""The town as its page fixes it (world.json): names, places, the year's weekdays, timetables, planned jobs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from kinds import HOME

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
CAPITAL = re.compile(r"[A-ZÀ-Þ][^\W\d_]*(?:['’][^\W\d_]+)?")
# Before a capital that only says that a sentence, a quotation or a line begins.
BEGIN = re.compile(r"(?:^|[\n.!?…:;•–—(\[]|[\"'“‘])[\s\"'“‘”’)(\[\-–—*]*$")


class World:
    """world.json, asked."""

    def __init__(self, path: Path = HOME / "world.json") -> None:
        self.data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.first = WEEKDAYS.index(self.data["year"]["begins"])
        self.people: list[dict[str, Any]] = self.data["people"]
        self.reserve: list[dict[str, Any]] = self.data["reserve"]

    def weekday(self, month: int, day: int) -> str | None:
        """The weekday of a date of the town's year; None where there is no such date."""
        if not (1 <= month <= 12 and 1 <= day <= LENGTHS[month - 1]):
            return None
        return WEEKDAYS[(self.first + sum(LENGTHS[: month - 1]) + day - 1) % 7]

    def weekday_of(self, date: str) -> str | None:
        """The weekday of MM-DD; None where this is no date."""
        found = re.fullmatch(r"(\d\d)-(\d\d)", date)
        return self.weekday(int(found[1]), int(found[2])) if found else None

    @cached_property
    def full_names(self) -> set[str]:
        return {person["en"] for person in [*self.people, *self.reserve]}

    @cached_property
    def first_names(self) -> set[str]:
        return {name.split()[0] for name in self.full_names} | {"Guoping", "Yulan", "Qiu", "Xiaobo", "Lihua"}

    @cached_property
    def surnames(self) -> set[str]:
        return {name.split()[-1] for name in self.full_names} - self.first_names

    @cached_property
    def handles(self) -> set[str]:
        return {
            handle for person in self.people for handle in re.findall(r"@\w+", str(person.get("handle", "")))
        }  # fmt: skip

    @cached_property
    def senders(self) -> set[str]:
        """Who is known by name or as an office."""
        return self.full_names | {place["en"] for place in self.data["places"]}

    @cached_property
    def known(self) -> set[str]:
        """Every capitalised word that the world itself uses as a name, and those of the calendar."""
        found: set[str] = {*WEEKDAYS, *MONTHS}
        for person in [*self.people, *self.reserve]:
            found.update(person["en"].replace("-", " ").split())
        for place in [*self.data["places"], *self.data["towns"]]:
            for name in [place["en"], *place.get("aliases", [])]:
                found.update(CAPITAL.findall(name))
        for name in [*self.data["glossary"], *(event["name"] for event in self.data["events"])]:
            found.update(CAPITAL.findall(name))
        for text in strings(self.data):
            for match in CAPITAL.finditer(text):
                if not BEGIN.search(text[: match.start()]):
                    found.add(match[0])
        # Names that are no part of the town but may be said in it: dead writers, boats that pass.
        for name in self.data.get("allowed_names", []):
            found.update(CAPITAL.findall(name))
        return {name for word in found for name in (word, re.sub(r"['’]s?$", "", word))}

    @cached_property
    def places(self) -> list[tuple[str, set[str]]]:
        """Names of two words and more, and the forms in which each may be written."""
        found = []
        for place in [*self.data["places"], *self.data["towns"]]:
            forms = {place["en"], *place.get("aliases", [])}
            if len(place["en"].split()) > 1:
                bare = {re.sub(r"^the ", "", form, flags=re.IGNORECASE) for form in forms}
                bare |= {form[0].upper() + form[1:] for form in bare}
                found.append((re.sub(r"^The ", "", place["en"]), forms | bare))
        for street in ("Fish Street", "Net Street", "Mill Lane", "Willow Row", "Harbour Row", "School Hill",
                       "Beacon Lane", "Beacon House", "Kestle Road", "Willow Bay"):  # fmt: skip
            found.append((street, {street}))
        return found

    @cached_property
    def chinese(self) -> dict[str, set[str]]:
        """For each word of a person's or town's name, how it is written in Chinese."""
        found: dict[str, set[str]] = {}
        for person in [*self.people, *self.reserve]:
            parts, zh = person["en"].split(), person["zh"]
            if "·" in zh:
                pieces = zh.split("·")
                found.setdefault(parts[0], set()).add(pieces[0])
                found.setdefault(parts[-1], set()).add(pieces[-1])
            else:
                # A Chinese name, one syllable for the family: in either order of the English.
                for part in parts:
                    found.setdefault(part, set()).update({zh[:1], zh[1:], zh})
        for place in self.data["towns"]:
            found.setdefault(place["en"], set()).add(place["zh"])
        found["Willow Bay"] = {self.data["town"]["zh"]}
        return found

    @cached_property
    def jobs(self) -> dict[str, dict[str, Any]]:
        return self.data["bias"]["jobs"]

    @cached_property
    def ferry_times(self) -> set[str]:
        times = set()
        for season in ("summer", "winter"):
            times.update(self.data["ferry"][season]["from_bay"], self.data["ferry"][season]["from_island"])
        return times


def strings(value: Any) -> Iterator[str]:
    """Every string in nested data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
