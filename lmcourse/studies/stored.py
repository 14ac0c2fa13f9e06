"""Reading a stored study: its rows, how far the seeds lie apart, and what may be concluded from them.

Few seeds say little about a spread, and two rules allow for that. **Does a new run belong to a row?** If it falls into the
prediction interval of Student 1908: where a further run lies with probability 0.95, if runs are spread normally; for
three seeds the mean ± 5 standard deviations. **Do two rows differ?** If their bars of ± 1 standard deviation do not overlap:
so the eye can follow the rule in the picture. With three seeds, two rows that are in truth the same look different
once in 12 times (a simulation in the tests), so of a dozen comparisons one may be luck. Either rule also has
the metric's ``floor``, below which nothing counts as a difference.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmcourse.corpus.owned import data_folder
from lmcourse.errors import LmcourseError


@dataclass(frozen=True)
class Study:
    """A stored study. ``rows``, ``values``, ``mean``, ``sd`` read it; ``inside`` and ``same`` judge; ``table`` prints."""

    name: str
    about: str
    command: str
    metrics: Mapping[str, Mapping[str, Any]]
    stored: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Study:
        """The study in a file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(data["study"], data["about"], data["command"], data["metrics"], data["rows"])

    @property
    def rows(self) -> list[str]:
        """The names of the rows; the first is the base."""
        return list(self.stored)

    @property
    def base(self) -> str:
        """The row with which the others are compared."""
        return self.rows[0]

    def what(self, row: str) -> str:
        """A row in words."""
        return self._row(row)["what"]

    def settings(self, row: str) -> dict[str, Any]:
        """A row's settings: those of the base are arguments of the library's own training call."""
        return json.loads(json.dumps(self._row(row)["settings"]))

    def seeds(self, row: str) -> list[int]:
        """The seeds that a row was run with."""
        return [int(seed) for seed in self._row(row)["seeds"]]

    def values(self, row: str, metric: str) -> list[float]:
        """One figure for each seed; ``metric`` may also be another figure of the row, as ``cpu_seconds`` is of all."""
        found = list(self._row(row)["seeds"].values())
        if not all(metric in result for result in found):
            self._metric(metric)
        return [float(result[metric]) for result in found]

    def column(self, metric: str, rows: Sequence[str] | None = None) -> dict[str, list[float]]:
        """Row → its figures, for :func:`lmcourse.plots.seeds`."""
        return {row: self.values(row, metric) for row in (rows if rows is not None else self.rows)}

    def curve(self, row: str, name: str) -> list[tuple[list[Any], list[Any]]]:
        """For each seed, the x and the y values of a curve."""
        found = [result.get("curves", {}) for result in self._row(row)["seeds"].values()]
        if not all(name in curves for curves in found):
            raise LmcourseError(f"{row!r} has no curve {name!r}; it has {', '.join(found[0]) or 'none'}.")
        return [tuple(curves[name]) for curves in found]

    def mean(self, row: str, metric: str) -> float:
        """The mean over the seeds."""
        return statistics.fmean(self.values(row, metric))

    def sd(self, row: str, metric: str) -> float:
        """The standard deviation over the seeds (n - 1 below)."""
        values = self.values(row, metric)
        return statistics.stdev(values) if len(values) > 1 else math.nan

    def interval(self, row: str, metric: str, level: float = 0.95) -> tuple[float, float]:
        """Where a further run of the row lies with probability ``level``; never narrower than ± the metric's floor."""
        from scipy.special import stdtrit

        self._spread(row, metric)
        count = len(self.values(row, metric))
        wide = stdtrit(count - 1, (1 + level) / 2) * self.sd(row, metric) * math.sqrt(1 + 1 / count)
        wide = max(float(wide), self._metric(metric)["floor"])
        return self.mean(row, metric) - wide, self.mean(row, metric) + wide

    def inside(self, row: str, metric: str, value: float) -> bool:
        """Whether a run that gave ``value`` may be one of this row: :meth:`interval`."""
        low, high = self.interval(row, metric)
        return bool(low <= value <= high)

    def same(self, one: str, other: str, metric: str) -> bool:
        """Whether the difference of two rows is within the noise: their bars of ± 1 standard deviation overlap."""
        between = abs(self.mean(one, metric) - self.mean(other, metric))
        return between <= max(self._spread(one, metric) + self._spread(other, metric), self._metric(metric)["floor"])

    def verdict(self, row: str, metric: str) -> str:
        """A row beside the base in a word: ``better``, ``worse`` or ``no difference`` (``more``, ``less``)."""
        if min(len(self.seeds(row)), len(self.seeds(self.base))) < 2:
            return "one seed says nothing"
        if self.same(row, self.base, metric):
            return "no difference"
        lower = self.mean(row, metric) < self.mean(self.base, metric)
        better = self._metric(metric)["better"]
        if better not in ("lower", "higher"):
            return "less" if lower else "more"
        return "better" if lower == (better == "lower") else "worse"

    def slopes(self, metric: str, along: str, rows: Sequence[str]) -> list[float]:
        """For each seed, the slope of the straight line through log(``along``) and log(``metric``) of these rows."""
        import numpy as np

        if len({tuple(self.seeds(row)) for row in rows}) != 1:
            raise LmcourseError(
                f"A line for each seed needs rows with the same seeds; run what is lacking: {self.command}"
            )
        ys, xs = (np.log([self.values(row, name) for row in rows]) for name in (metric, along))
        return [float(np.polyfit(x, y, 1)[0]) for x, y in zip(xs.T, ys.T, strict=True)]

    def table(self, metrics: Sequence[str] | None = None, judged: Sequence[str] = ()) -> str:
        """A Markdown table of means ± standard deviations; for each metric ``judged``, how a row compares with the base."""
        names = list(metrics or self.metrics)
        lines = [["row", *names, *(f"{name}: beside {self.base}" for name in judged)]]
        for row in self.rows:
            if not self.seeds(row):
                continue
            cells = [self._cell(row, name) for name in names]
            lines.append([row, *cells, *("" if row == self.base else self.verdict(row, name) for name in judged)])
        wide = [max(map(len, column)) for column in zip(*lines, strict=True)]  # so that it reads as plain text, too
        lines.insert(1, ["-" * width for width in wide])
        return "\n".join(f"| {' | '.join(map(str.ljust, line, wide))} |" for line in lines)

    def _cell(self, row: str, metric: str) -> str:
        form, spread = self._metric(metric)["form"], self.sd(row, metric)
        mean = form.format(self.mean(row, metric))
        return mean if math.isnan(spread) or spread == 0 else f"{mean} ± {form.format(spread)}"

    def _spread(self, row: str, metric: str) -> float:
        """The standard deviation, where there is one."""
        count = len(self.values(row, metric))
        if count < 2:
            raise LmcourseError(f"{row!r} has {count} seed, which has no spread; run more: {self.command}")
        return self.sd(row, metric)

    def _row(self, row: str) -> Mapping[str, Any]:
        if row not in self.stored:
            raise LmcourseError(f"{self.name} has no row {row!r}; choose among {', '.join(self.stored)}.")
        return self.stored[row]

    def _metric(self, metric: str) -> Mapping[str, Any]:
        if metric not in self.metrics:
            raise LmcourseError(f"{self.name} has no metric {metric!r} there; choose among {', '.join(self.metrics)}.")
        return self.metrics[metric]


def place(name: str) -> Path:
    """The file of a study."""
    return data_folder() / "studies" / f"{name}.json"


def study(name: str) -> Study:
    """The stored study of this name."""
    if not place(name).is_file():
        there = sorted(path.stem for path in place(name).parent.glob("*.json"))
        raise LmcourseError(f"There is no stored study {name!r}; choose among {', '.join(there) or 'none yet'}.")
    return Study.read(place(name))
