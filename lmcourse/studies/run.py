"""Running a study: row by row, seed by seed, each result stored as soon as it is there.

A run that is stopped goes on where it was; what is stored and still holds (same code, same data, same settings) is not
measured again. Two processes may share the work, each with ``--seeds`` or ``--rows`` of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.studies.plan import Plan, plan_of
from lmcourse.studies.stored import Study, place

DIGITS = 7  # significant ones are kept


def run(plan: Plan, rows: Sequence[str] | None = None, seeds: Sequence[int] | None = None, show: bool = True) -> Study:
    """Measure what is not stored, or no longer holds, of these ``rows`` and ``seeds`` (all when none are given)."""
    wanted, hashes = rows or list(plan.rows), plan.fingerprints()
    for row in wanted:
        if row not in plan.rows:
            raise LmcourseError(f"{plan.name} has no row {row!r}; choose among {', '.join(plan.rows)}.")
    for seed in seeds if seeds is not None else plan.seeds:  # every row once before any row twice
        for row in wanted:
            if str(seed) in _kept(plan, hashes)[row]["seeds"]:
                continue
            start = time.process_time()
            result = plan.measure(seed=seed, **plan.settings(row))
            if missing := set(plan.metrics) - set(result):
                raise LmcourseError(f"{plan.name}, row {row!r}, gave no {', '.join(sorted(missing))}.")
            result["cpu_seconds"] = time.process_time() - start
            if show:
                told = ", ".join(f"{name} {metric.form.format(result[name])}" for name, metric in plan.metrics.items())
                print(f"{row}, seed {seed}: {told}; {result['cpu_seconds']:.0f} CPU-seconds", flush=True)
            stored = _kept(plan, hashes)  # read again: another process may have added to it
            stored[row]["seeds"][str(seed)] = _rounded(result)
            _write(plan, stored, hashes)
    _write(plan, _kept(plan, hashes), hashes)
    return Study.read(place(plan.name))


def fault(name: str) -> str | None:
    """What is wrong with a stored study, in a sentence that says how to mend it; None if it holds."""
    plan = plan_of(name)
    again = f"run it again: {plan.command} (lmcourse/studies/run.py keeps what still holds)"
    if not place(name).is_file():
        return f"The study {name} is not stored yet; {again}."
    stored, hashes = json.loads(place(name).read_text(encoding="utf-8")), plan.fingerprints()
    before = stored["fingerprints"]
    if changed := sorted(key for key in {*hashes, *before} if hashes.get(key) != before.get(key)):
        return f"The study {name} was made with other code or data: {', '.join(changed)} changed since; {again}."
    rows = _kept(plan, hashes)
    if other := [row for row in {**plan.rows, **stored["rows"]} if row not in plan.rows or rows[row]["settings"] != stored["rows"].get(row, {}).get("settings")]:  # fmt: skip
        return f"The study {name} has rows with other settings than its script ({', '.join(other)}); {again}."
    if lacking := [row for row in plan.rows if sorted(map(int, rows[row]["seeds"])) != sorted(plan.seeds)]:
        return f"The study {name} has not all seeds of {', '.join(lacking)}; {again}."
    return None


def main(plan: Plan) -> None:
    """The command line of a study's script."""
    parser = argparse.ArgumentParser(prog=plan.command.removeprefix("python "), description=plan.about)
    parser.add_argument("--rows", nargs="+", metavar="ROW", help=f"of: {', '.join(plan.rows)}")
    parser.add_argument("--seeds", nargs="+", type=int, metavar="SEED")
    options = parser.parse_args()
    print(run(plan, options.rows, options.seeds).table())


def _kept(plan: Plan, hashes: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The plan's rows with those stored results that still hold."""
    stored = json.loads(place(plan.name).read_text(encoding="utf-8")) if place(plan.name).is_file() else {}
    old = stored.get("rows", {}) if stored.get("fingerprints") == hashes else {}
    rows = {}
    for name, row in plan.rows.items():
        settings = plan.settings(name)
        same = name in old and old[name]["settings"] == settings
        rows[name] = {"what": row.what, "settings": settings, "seeds": old[name]["seeds"] if same else {}}
    return rows


def _write(plan: Plan, rows: dict[str, Any], hashes: dict[str, str]) -> None:
    import torch

    stored = {
        "study": plan.name,
        "about": plan.about,
        "command": plan.command,
        "torch": torch.__version__.partition("+")[0],
        "metrics": {name: vars(metric) for name, metric in plan.metrics.items()},
        "fingerprints": hashes,
        "rows": rows,
    }
    text = json.dumps(stored, indent=1, ensure_ascii=False)
    text = re.sub(r"\[[-\d.eE+,\s]*\]", lambda numbers: " ".join(numbers[0].split()), text)  # a curve on one line
    write_atomic(Path(place(plan.name)), (text + "\n").encode())


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
