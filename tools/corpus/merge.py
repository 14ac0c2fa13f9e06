"""Merge accepted batches into the corpus's files, and list these in its card.

    python tools/corpus/merge.py FOLDER            batches of FOLDER -> data/willow_bay/
    python tools/corpus/merge.py FOLDER --add      keep what stands there; items with the same id are replaced
    python tools/corpus/merge.py FOLDER --kinds stories news

For each kind of which the folder has batches, the corpus's file is written anew, sorted by id, in one piece or not at
all. Items with something to mend (check.py) are refused and printed; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import prose
from check import Check, allowed_list, contexts_of, findings, load_cards, lower_case, schema, sibling
from kinds import GROUPS, HOME, KINDS, RUNNING, Item, Kind, batches, items_of
from world import World

from lmcourse.files import write_atomic

CARD = {
    "what": "Willow Bay, a small harbour town in a year of its life",
    "language": "en",
    "licence": "CC0-1.0",
    "source": "written for this course",
    "version": "0",  # 0 while it is being written; 1 and more: complete, and the tests hold it to the sizes asked for
}


def tidy(value: Any, english: bool) -> Any:
    """:func:`prose.tidy` for every string in nested data."""
    if isinstance(value, dict):
        return {name: tidy(inner, english) for name, inner in value.items()}
    if isinstance(value, list):
        return [tidy(inner, english) for inner in value]
    return prose.tidy(value, english) if isinstance(value, str) else value


def record(item: Item, kind: Kind) -> dict[str, Any]:
    """An item's fields in the order of its kind, tidied."""
    extra = [name for name in item.data if name not in kind.fields]
    names = [name for name in (*kind.fields, *extra) if name in item.data]
    return {name: tidy(item.data[name], item.english and name != "zh") for name in names}


def natural(id: str) -> list[Any]:
    """Sort key: numbers inside an id count as numbers."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", id)]


def written(records: Sequence[dict[str, Any]], kind: Kind) -> bytes:
    """The file of these records."""
    if kind.file.endswith(".tsv"):
        lines = ["\t".join(kind.fields), *("\t".join(one[name] for name in kind.fields) for one in records)]
    else:
        lines = [json.dumps(one, ensure_ascii=False) for one in records]
    return ("\n".join(lines) + "\n").encode()


def merge(
    folder: Path, home: Path, names: Sequence[str], add: bool, check: Check
) -> tuple[Counter[str], list[str], list[str]]:
    """Write the corpus's files; return how many items each has, what was refused and why, and remarks on the whole."""
    count: Counter[str] = Counter()
    refused, remarks = [], []
    for kind in (KINDS[name] for name in names):
        paths = batches(folder, kind)
        if not paths:
            continue
        why = defaultdict(list)
        for finding in findings(paths, folder, check):
            if finding.level == "mend":
                why[finding.id].append(finding.what)
        items = [item for item in items_of(paths) if not list(schema(item, kind))]
        chosen = (
            {_key(item): item for item in items_of([home / kind.file])} if add and (home / kind.file).exists() else {}
        )
        chosen |= {_key(item): item for item in items if item.id not in why}
        remarks += [f"{kind.name}: {what}" for what in why.pop("", [])]
        refused += [f"{kind.name}  {id}: {'; '.join(whats[:3])}{' …' if len(whats) > 3 else ''}" for id, whats in why.items()]
        kept = list(chosen.values())
        if kind.id:
            kept.sort(key=lambda item: natural(item.id))
        if kept:
            write_atomic(home / kind.file, written([record(item, kind) for item in kept], kind))
        count[kind.name] = len(kept)
    return count, refused, remarks


def _key(item: Item) -> str:
    return item.data["en"] if item.kind == "parallel" else item.id


def write_card(home: Path, version: str | None = None) -> None:
    """card.json lists the files that are there, and keeps its version unless another is given."""
    path = home / "card.json"
    before = json.loads(path.read_text(encoding="utf-8"))["version"] if path.exists() else CARD["version"]
    there = [kind for kind in KINDS.values() if (home / kind.file).exists()]
    parts = {kind.name: {"file": kind.file, "what": kind.what, **kind.card} for kind in there}
    card = {
        **CARD,
        "version": version or before,
        "default": [name for name in RUNNING if name in parts],
        "groups": {
            name: {"parts": list(members), "what": what}
            for name, (members, what) in GROUPS.items()
            if set(members) <= parts.keys()
        },
        "parts": parts,
    }
    if parts:
        write_atomic(path, (json.dumps(card, ensure_ascii=False, indent=2) + "\n").encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Merge, and say what was refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR", help="another folder than data/willow_bay")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--add", action="store_true", help="keep the items that stand there")
    parser.add_argument("--version", help="the corpus's version from now on; 1 when it is complete")
    parser.add_argument("--cards", type=Path, metavar="DIR")
    parser.add_argument("--words", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        parser.error(f"there is no folder {options.folder}")
    check = Check(
        World(),
        load_cards(options.cards or sibling(options.folder, "cards")),
        contexts_of(options.home, options.folder),
        allowed_list(options.words or sibling(options.folder, "words.txt")),
        lower_case(options.folder),
    )
    count, refused, remarks = merge(options.folder, options.home, options.kinds, options.add, check)
    write_card(options.home, options.version)
    for line in refused:
        print("refused", line)
    for line in remarks:
        print("all", line)
    for name, number in count.items():
        print(f"{KINDS[name].file}: {number} items")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
