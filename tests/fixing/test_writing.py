"""What was mended is written only in the place of what it was made from."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from policyconsole.fixing.writing import NotWrittenError, write_instead
from policyconsole.loading.atomic import write_atomically
from tests.writer import writer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "a.toml"
    made.write_bytes(b"old")
    made.chmod(0o640)
    return made


def test_the_new_content_takes_the_place_of_the_old_with_its_mode(file: Path) -> None:
    write_instead(str(file), b"old", b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(file.parent) == ["a.toml"]


def test_a_link_stays_one(file: Path) -> None:
    link = file.with_name("link.toml")
    link.symlink_to("a.toml")
    write_instead(str(link), b"old", b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_what_has_changed_since_it_was_read_is_left_alone(file: Path) -> None:
    file.write_bytes(b"newer")
    with pytest.raises(NotWrittenError, match="changed"):
        write_instead(str(file), b"old", b"new")
    assert file.read_bytes() == b"newer"


def test_what_changes_while_it_is_written_is_left_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody saves after the first look, when the temporary file is there already."""

    def slowly(path: str, content: bytes, last_look: Callable[[], None]) -> None:
        file.write_bytes(b"newer")
        write_atomically(path, content, last_look)

    monkeypatch.setattr("policyconsole.fixing.writing.write_atomically", slowly)
    with pytest.raises(NotWrittenError, match="changed"):
        write_instead(str(file), b"old", b"new")
    assert file.read_bytes() == b"newer"
    assert os.listdir(file.parent) == ["a.toml"]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux knows of other writers")
def test_what_somebody_is_writing_is_left_alone(file: Path) -> None:
    with writer() as other:
        other.open(file, "r+")
        with pytest.raises(NotWrittenError, match="open for writing"):
            write_instead(str(file), b"old", b"new")
        other.close(file)
    assert file.read_bytes() == b"old"
    write_instead(str(file), b"old", b"new")
    assert file.read_bytes() == b"new"


def test_what_is_gone_is_not_made_again(file: Path) -> None:
    file.unlink()
    with pytest.raises(NotWrittenError):
        write_instead(str(file), b"old", b"new")
    assert os.listdir(file.parent) == []


def test_what_may_not_be_written_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    with pytest.raises(NotWrittenError, match="may not be written"):
        write_instead(str(file), b"old", b"new")
    assert file.read_bytes() == b"old"


def test_a_folder_that_takes_no_file_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWrittenError, match="No space left"):
        write_instead(str(file), b"old", b"new")
    assert file.read_bytes() == b"old"
    assert os.listdir(file.parent) == ["a.toml"]
