"""Whether a FOLDER can be watched at all."""

import os


def folder_problem(folder: str) -> str | None:
    """Say why ``folder`` cannot be watched, or None; a folder without policies can."""
    if os.path.isdir(folder):
        return None
    if os.path.lexists(folder):
        return f"{folder} is not a folder"
    return f"the folder {folder or repr(folder)} does not exist"
