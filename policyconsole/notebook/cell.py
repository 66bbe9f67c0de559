"""The cell that runs, and what its earlier runs have made.

Whoever runs a cell again means the new console: without this, the threads of each run
would go on for as long as the kernel lives, for a notebook keeps what it has shown.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakSet

from IPython.core.getipython import get_ipython


class Closable(Protocol):
    """Something that ends."""

    def close(self) -> None:
        """End."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a cell: the id of the cell in its notebook, and that of the request to run it."""

    cell: str
    request: str


@dataclass(slots=True)
class _Made:
    request: str
    things: "WeakSet[Closable]"


_lock = threading.Lock()
_made: dict[str, _Made] = {}


def running() -> Run | None:
    """Give the run that this thread belongs to; None where no kernel runs, or its page names no cells."""
    ask = getattr(get_ipython(), "get_parent", None)
    request = ask() if ask is not None else None
    if not isinstance(request, Mapping):
        return None
    header, metadata = request.get("header"), request.get("metadata")
    if not (isinstance(header, Mapping) and isinstance(metadata, Mapping)):
        return None
    number, cell = header.get("msg_id"), metadata.get("cellId")
    return Run(cell, number) if isinstance(cell, str) and isinstance(number, str) else None


def take_the_place(thing: Closable, run: Run | None) -> list[Closable]:
    """Note that ``run`` made ``thing``; give what earlier runs of the same cell made, to be closed."""
    if run is None:
        return []
    with _lock:
        before = _made.get(run.cell)
        if before is not None and before.request == run.request:
            before.things.add(thing)
            return []
        _made[run.cell] = _Made(run.request, WeakSet([thing]))
        return list(before.things) if before is not None else []
