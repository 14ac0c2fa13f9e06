"""The one exception the course raises on bad input: a sentence that says what is wrong and what to do."""


class LmcourseError(Exception):
    """Bad input, in words for the person who gave it.

    The message is one sentence (or two): what is wrong, then the remedy. The command line prints it and exits
    with status 2; a notebook shows it without a wall of traceback.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for its own rendering; a learner needs the sentence, not our frames.
        return [f"{type(self).__name__}: {self}"]
