"""The sample policies, wherever they are: in the installed package, or beside it in a clone."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

_IN_CLONE = Path(__file__).parents[2] / "sample_policies"


class NoSamplesError(Exception):
    """There are no sample policies to demonstrate with; its text says where they were looked for."""


def copy_samples(folder: Path) -> None:
    """Copy the sample policies into a folder, which is made; raises NoSamplesError, or OSError."""
    packed = files(__package__) / "sample_policies"
    if packed.is_dir():
        with as_file(packed) as samples:
            shutil.copytree(samples, folder)
    elif _IN_CLONE.is_dir():
        shutil.copytree(_IN_CLONE, folder)
    else:
        raise NoSamplesError(f"the sample policies are neither in {packed} nor in {_IN_CLONE}")
