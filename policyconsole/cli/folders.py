"""Whether a FOLDER can be watched at all, and which paths are those of its policies."""

import os

from policyconsole.paths import relative_path
from policyconsole.watching.choice import FileChoice
from policyconsole.watching.folder import is_policy_name, is_reached


def folder_problem(folder: str) -> str | None:
    """Say why ``folder`` cannot be watched, or None; a folder without policies can."""
    if os.path.isdir(folder):
        return None
    if os.path.lexists(folder):
        return f"{folder} is not a folder"
    return f"the folder {folder or repr(folder)} does not exist"


def holds_policy(folder: str, files: FileChoice, path: str) -> bool:
    """Whether what lies at ``path`` is, or would be, one of the policies of ``folder``."""
    below = relative_path(path, folder)
    return (
        is_policy_name(os.path.basename(path))
        and not below.startswith("../")
        and is_reached(folder, below)
        and files.takes(below)
    )
