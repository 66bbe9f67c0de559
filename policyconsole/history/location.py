"""Where the history of a folder lies."""

import hashlib
import os
from pathlib import Path

FILE_NAME = "history.sqlite3"


def state_folder(state_dir: str | os.PathLike[str] | None = None) -> Path:
    """Give the folder of all histories: ``state_dir``, or the platform's for state of programs."""
    if state_dir is not None:
        return Path(os.path.abspath(os.path.expanduser(state_dir)))
    from platformdirs import user_state_path  # noqa: PLC0415 - only where nothing else is asked for

    return user_state_path("policy-console", appauthor=False)


def history_path(
    folder: str | os.PathLike[str], state_dir: str | os.PathLike[str] | None = None
) -> Path:
    """Give the database of the watched ``folder``: the same however the folder is named."""
    real = os.path.realpath(folder)
    mark = hashlib.sha256(os.fsencode(real)).hexdigest()[:12]
    name = "".join(sign if sign.isalnum() else "-" for sign in os.path.basename(real))[:40]
    return state_folder(state_dir) / f"{name or 'root'}-{mark}" / FILE_NAME
