"""Stored studies: experiments too long for a lesson, with every seed's result kept and tied to the code that made it.

A lesson has minutes, an ablation over seeds needs an hour. So it is run once, by ``bench/studies/NAME.py``, and the lesson
reads ``data/studies/NAME.json``. Three things keep such figures honest: a **fingerprint** of the code and of the data that
decide the result (a test fails when either has changed since), every seed's figure instead of the best one's, and a
row that the lesson runs again before the reader's eyes, which must fall among the stored ones.
"""

from __future__ import annotations

from lmcourse.studies.plan import Metric, Plan, Row, plan_of, plans
from lmcourse.studies.run import fault, main, run
from lmcourse.studies.stored import Study, study

__all__ = ["Metric", "Plan", "Row", "Study", "fault", "main", "plan_of", "plans", "run", "study"]
