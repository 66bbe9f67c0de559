"""Paths as configurations and baselines name files: relative to a folder, the same from anywhere."""

import os
from contextlib import suppress


def relative_path(path: str, folder: str) -> str:
    """Give ``path`` relative to ``folder`` (the current one if empty), with ``/`` between the parts.

    Links of folders are followed, so that two ways to a folder are one; a file that is a
    link keeps its own name. On another drive than the folder a path stays absolute.
    """
    directory, name = os.path.split(os.path.abspath(path))
    whole = os.path.join(os.path.realpath(directory), name)
    with suppress(ValueError):  # on another drive
        whole = os.path.relpath(whole, os.path.realpath(folder))
    return whole.replace(os.sep, "/")
