"""include and exclude: which of the policy files below a folder count."""

from pathlib import Path

import pytest

from policyconsole.watching.choice import FileChoice
from policyconsole.watching.folder import find_policy_files

PATHS = ["a.toml", "old/b.toml", "old/deep/c.toml", "team/e.draft.toml", "team/old/d.toml"]


@pytest.fixture
def folder(folder: Path) -> Path:
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return folder


@pytest.mark.parametrize(
    ("include", "exclude", "prefix", "found"),
    [
        ((), (), "", PATHS),
        (("*.draft.toml",), (), "", PATHS[3:4]),
        ((), ("*.draft.toml",), "", [*PATHS[:3], PATHS[4]]),
        ((), ("old/",), "", [PATHS[0], PATHS[3]]),
        ((), ("old/*",), "", [PATHS[0], *PATHS[3:]]),
        (("old/**/*.toml",), ("c.*",), "", [PATHS[1]]),
        (("policies/old/",), (), "policies/", PATHS[1:3]),
        (("old/*",), (), "policies/", []),
        (("team",), ("team",), "", []),
    ],
)
def test_scan(
    folder: Path,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    prefix: str,
    found: list[str],
) -> None:
    scan = find_policy_files(folder, FileChoice(include, exclude, prefix))
    assert sorted(scan.files) == found


def test_an_excluded_folder_is_not_even_listed(folder: Path) -> None:
    scan = find_policy_files(folder, FileChoice(exclude=("old",)))
    assert sorted(scan.folders) == ["", "team"]
