"""``python -m lmcourse COMMAND``: from a fresh checkout with nothing installed, or from any environment.

This file is read by whatever Python answers, so it is written in the words that all of them know: one that is too
old hands over to a newer one, or says in a sentence what is needed. The rest is in ``lmcourse/bootstrap.py``.
"""

import os
import subprocess
import sys

from lmcourse.versions import NEWEST, OLDEST


def hand_over(arguments):
    """Go on with a suitable Python from PATH, newest first; return when there is none."""
    here = "%d.%d" % sys.version_info[:2]
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        with open(os.devnull, "w") as nowhere:
            try:  # a name on PATH may be a shim with nothing behind it
                answer = subprocess.call([name, "-c", "import ensurepip, venv"], stdout=nowhere, stderr=nowhere)
            except OSError:
                continue
        if answer == 0:
            sys.stderr.write("lmcourse: this is Python %s; going on with %s.\n" % (here, name))
            sys.stderr.flush()
            os.execvp(name, [name, "-m", "lmcourse"] + arguments)


def main():
    """Check the Python, then leave the rest to the bootstrap; return the exit status."""
    if sys.version_info < OLDEST:
        if os.name == "posix":
            hand_over(sys.argv[1:])
        sys.stderr.write(
            "lmcourse: the course needs Python %d.%d or newer, and this is %d.%d; install one from python.org or your "
            "package manager, then name it: make lab PYTHON=python3.12 (Windows: py -3.12 -m lmcourse lab).\n"
            % (OLDEST + sys.version_info[:2])
        )
        return 2
    from lmcourse import bootstrap

    return bootstrap.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
