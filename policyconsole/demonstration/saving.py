"""Saving as editors and programs do it."""

import os
import re
from pathlib import Path


class NothingToChangeError(Exception):
    """A file is not what a step expects of it: somebody has edited it; the text says what is missing."""


def save_anew(path: Path, text: str) -> None:
    """Write beside the file and take its place, as vim and most editors do."""
    beside = path.with_name(f".{path.name}.swx")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def change(path: Path, name: str, value: str) -> None:
    """Give the first setting of this name another value, and save the file anew.

    ``value`` is written as it is. Comments behind it stay. Raises NothingToChangeError.
    """
    text = path.read_text(encoding="utf-8")
    found = re.compile(rf'(?m)^(\s*"?{re.escape(name)}"?\s*[=:]\s*)("[^"\n]*"|[^\s,#]+)')
    changed, count = found.subn(lambda match: match[1] + value, text, count=1)
    if not count:
        raise NothingToChangeError(f"{path.name} has no {name} any more")
    save_anew(path, changed)
