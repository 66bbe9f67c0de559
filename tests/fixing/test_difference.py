"""The diff is exact: ``patch`` makes the new content of the old."""

import shutil
import subprocess
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from policyconsole.fixing.difference import difference

CONTENTS = [
    (b"a\nb\nc\n", b"a\nB\nc\n"),
    (b"a\r\nb\r\nc", b"a\r\nB\r\nc"),
    (b"a\nb", b"a\nb\nc"),
    (b"a", b"b"),
    (BOM_UTF8 + b"a\nb\n", BOM_UTF8 + b"a\nc\n"),
    ("a\x85b\u2028c\x0bd\n1\n".encode(), "a\x85b\u2028c\x0bd\n2\n".encode()),
    (b"\n" * 20 + b"x\n" + b"\n" * 20, b"\n" * 20 + b"y\n" + b"\n" * 20),
    (b"-- a\n++ b\n@@ c\n", b"-- a\n++ b\n@@ d"),
]


@pytest.mark.skipif(shutil.which("patch") is None, reason="wants patch")
@pytest.mark.parametrize(("old", "new"), CONTENTS)
def test_patch_takes_it(tmp_path: Path, old: bytes, new: bytes) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(old)
    diff = "".join(line + "\n" for line in difference("a.toml", old, new)).encode()
    subprocess.run(
        ["patch", "--binary", "-p0"], input=diff, cwd=tmp_path, check=True, capture_output=True
    )
    assert file.read_bytes() == new


def test_an_end_without_a_line_end_is_said() -> None:
    assert list(difference("a", b"x\na", b"x\nb")) == [
        "--- a",
        "+++ a",
        "@@ -1,2 +1,2 @@",
        " x",
        "-a",
        "\\ No newline at end of file",
        "+b",
        "\\ No newline at end of file",
    ]


def test_equal_contents_have_none() -> None:
    assert list(difference("a", b"x", b"x")) == []
