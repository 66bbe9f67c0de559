"""Putting a mended content in the place of the one that it was made from, and of no other."""

import os

from policyconsole.loading.atomic import write_atomically
from policyconsole.watching.settling import Proof, look


class NotWrittenError(Exception):
    """A mended content was not written; the file is as it was found."""


def write_instead(path: str, old: bytes, new: bytes) -> None:
    """Write ``new`` to ``path`` in one step if it still holds ``old`` and nobody is writing it.

    A link is followed; mode and owner are kept. Raises :class:`NotWrittenError`.
    """

    def last_look() -> None:
        seen = look(path)
        if seen.proof is Proof.WRITER:
            raise NotWrittenError("another program has it open for writing")
        if seen.content != old or not seen.stable:
            raise NotWrittenError("it has changed in the meantime")

    last_look()
    if not os.access(path, os.W_OK):
        raise NotWrittenError("it may not be written")
    try:
        write_atomically(path, new, last_look)
    except OSError as problem:
        raise NotWrittenError(problem.strerror or str(problem)) from problem
