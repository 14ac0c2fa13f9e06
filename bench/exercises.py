"""How long a check takes: for right answers, and for wrong ones with the search for their reason.

    OMP_NUM_THREADS=1 python bench/exercises.py

The answers are those of tests/exercise_answers. CPU-milliseconds of this process; the first check of an exercise, which also asks the
oracle, is not counted. Wanted: a right answer in under 50, a wrong one in under 2,000.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["LMCOURSE_PROGRESS"] = "off"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from lmcourse import exercises
from lmcourse.exercises.diagnosis import judged


def taken(exercise: exercises.Exercise, answer: Any) -> float:
    """CPU-milliseconds of one check."""
    start = time.process_time()
    judged(exercise, answer)
    return 1000 * (time.process_time() - start)


def main() -> None:
    print("| lesson | exercises | right: median, longest | wrong: median, longest | the longest is |\n|---|---|---|---|---|")
    for lesson in exercises.lessons():
        answers = importlib.import_module(f"exercise_answers.lesson_{lesson:02}")
        spent: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for exercise in exercises.of_lesson(lesson):
            judged(exercise, exercise.function)
            for kind, some in (("right", answers.RIGHT), ("wrong", answers.WRONG)):
                spent[kind] += [(taken(exercise, one), one.__name__) for one in some[exercise.name]]
        cells = []
        for kind in ("right", "wrong"):
            times = sorted(spent[kind])
            cells.append(f"{times[len(times) // 2][0]:.0f}, {times[-1][0]:.0f} ms")
        print(f"| {lesson} | {len(exercises.of_lesson(lesson))} | {' | '.join(cells)} | {max(spent['wrong'])[1]} |", flush=True)


if __name__ == "__main__":
    main()
