"""How long one thread keeps the interpreter from the others while a console is live."""

import sys
import threading

LONGEST_TURN = 0.0005
"""Seconds after which a thread that waits for the interpreter gets it.

With Python's own 5 ms, a cell that computes and now and then looks at a file lets a save wait for
seconds: each of its short pauses begins the wait of the others anew. With this it is in
the page after some 25 ms (``python benchmarks/save_to_page.py``).
"""

_lock = threading.Lock()
_live = 0
_before: float | None = None


def share() -> None:
    """Take shorter turns from now on; for each call one of :func:`restore` is due."""
    global _live, _before  # noqa: PLW0603 - there is one interpreter
    with _lock:
        _live += 1
        if _live == 1 and (interval := sys.getswitchinterval()) > LONGEST_TURN:
            _before = interval
            sys.setswitchinterval(LONGEST_TURN)


def restore() -> None:
    """Take turns as before, if nobody else wants short ones, and nobody has set others since."""
    global _live, _before  # noqa: PLW0603 - see above
    with _lock:
        _live -= 1
        if not _live and _before is not None:
            if sys.getswitchinterval() <= LONGEST_TURN:
                sys.setswitchinterval(_before)
            _before = None
