"""Two names that swap what they name in one step, as ``mv --exchange`` does it."""

import ctypes
import os
import sys
from pathlib import Path

import pytest

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def exchange(one: Path, other: Path) -> None:
    """Swap two files or folders; skips the test where the system or its files cannot."""
    if sys.platform != "linux":
        pytest.skip("renameat2 is there on Linux only")
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.renameat2(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE
    )
    if answer != 0:
        pytest.skip(f"no exchange here: {os.strerror(ctypes.get_errno())}")
