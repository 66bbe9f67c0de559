"""The baseline: what it knows is left out, and the file can be checked in."""

import json
import os
from pathlib import Path

import pytest

from policyconsole.fingerprint import fingerprints
from policyconsole.judging import Judgement, judge
from policyconsole.loading.formats import Format
from policyconsole.validation.baseline import Baseline, BaselineError, KnownFinding
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from tests.policies import NOT_WELL_FORMED, REFUSED_AT_STRICT, toml


def judged(text: str, path: Path, baseline: Baseline | None = None) -> Judgement:
    rules = Ruleset(ValidationLevel.STRICT, baseline=baseline)
    return judge(text.encode(), Format.TOML, rules, str(path))


def baseline_of(folder: Path, **texts: str) -> Baseline:
    """The baseline in ``folder`` of files beside it, by their names without the suffix."""
    files = [(str(folder / f"{name}.toml"), text) for name, text in texts.items()]
    return Baseline.of(
        folder / "baseline.json",
        [(path, text, judged(text, Path(path)).diagnostics) for path, text in files],
    )


def test_what_it_knows_is_left_out_and_does_not_refuse(tmp_path: Path) -> None:
    known = baseline_of(tmp_path, a=REFUSED_AT_STRICT)
    judgement = judged(REFUSED_AT_STRICT, tmp_path / "a.toml", known)
    assert judgement.accepted
    assert judgement.diagnostics == ()
    assert judgement.known == known.findings
    assert [item.code for item in known.findings] == ["SEC003"]


def test_what_is_new_is_reported(tmp_path: Path) -> None:
    known = baseline_of(tmp_path, a=REFUSED_AT_STRICT)
    worse = REFUSED_AT_STRICT.replace("minute = 60", "minute = 5000")
    judgement = judged(worse, tmp_path / "a.toml", known)
    assert [item.code for item in judgement.diagnostics] == ["SEC004"]
    assert judgement.accepted


def test_lines_may_move(tmp_path: Path) -> None:
    known = baseline_of(tmp_path, a=REFUSED_AT_STRICT)
    moved = "# a comment\n\n\n" + REFUSED_AT_STRICT
    assert judged(moved, tmp_path / "a.toml", known).accepted


def test_another_file_is_another_finding(tmp_path: Path) -> None:
    known = baseline_of(tmp_path, a=REFUSED_AT_STRICT)
    assert not judged(REFUSED_AT_STRICT, tmp_path / "b.toml", known).accepted


@pytest.mark.parametrize("text", [NOT_WELL_FORMED, toml().replace('"1.0.0"', "1"), ""])
def test_what_leaves_nothing_to_put_in_force_is_never_known(tmp_path: Path, text: str) -> None:
    known = baseline_of(tmp_path, a=text)
    judgement = judged(text, tmp_path / "a.toml", known)
    assert known.findings == ()
    assert judgement.diagnostics == judged(text, tmp_path / "a.toml").diagnostics
    assert not judgement.accepted


def test_one_that_says_so_by_hand_changes_nothing(tmp_path: Path) -> None:
    text = "foo = 1\n" + toml().replace('"1.0.0"', "1")
    found = judged(text, tmp_path / "a.toml").diagnostics
    findings = [
        KnownFinding("a.toml", item.code, fingerprint, "by hand")
        for item, fingerprint in zip(found, fingerprints("a.toml", text, found), strict=True)
    ]
    left = judged(text, tmp_path / "a.toml", Baseline(str(tmp_path), tuple(findings))).diagnostics
    assert [item.code for item in left] == ["TYPE001"]


def test_the_warnings_beside_what_cannot_be_loaded_are_known_too(tmp_path: Path) -> None:
    text = "foo = 1\n" + toml().replace('"1.0.0"', "1")
    known = baseline_of(tmp_path, a=text)
    judgement = judged(text, tmp_path / "a.toml", known)
    assert [item.code for item in known.findings] == ["FIELD001"]
    assert [item.code for item in judgement.diagnostics] == ["TYPE001"]


def test_the_file_is_the_same_whatever_the_order_and_reads_back(tmp_path: Path) -> None:
    texts = dict.fromkeys("dcb", REFUSED_AT_STRICT) | {"a": "foo = 1\n" + REFUSED_AT_STRICT}
    one = baseline_of(tmp_path, **texts)
    other = baseline_of(tmp_path, **dict(reversed(texts.items())))
    assert one.text == other.text
    assert list(one.findings) == sorted(one.findings)
    (tmp_path / "baseline.json").write_text(one.text)
    assert Baseline.read(tmp_path / "baseline.json") == one
    data = json.loads(one.text)
    assert [(item["path"], item["code"]) for item in data["findings"]] == [
        ("a.toml", "FIELD001"),
        ("a.toml", "SEC003"),
        ("b.toml", "SEC003"),
        ("c.toml", "SEC003"),
        ("d.toml", "SEC003"),
    ]
    assert list(data["findings"][0]) == ["path", "code", "fingerprint", "message"]


def test_paths_are_relative_to_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("checks", "policies"):
        (tmp_path / name).mkdir()
    path = tmp_path / "policies" / "a.toml"
    found = judged(REFUSED_AT_STRICT, path).diagnostics
    monkeypatch.chdir(tmp_path)
    known = Baseline.of("checks/baseline.json", [("policies/a.toml", REFUSED_AT_STRICT, found)])
    assert [item.path for item in known.findings] == ["../policies/a.toml"]
    moved = Baseline(str(tmp_path / "checks"), known.findings)
    monkeypatch.chdir("/")
    assert judged(REFUSED_AT_STRICT, path, moved).accepted


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_not_utf8_reads_back(tmp_path: Path) -> None:
    path = os.fsdecode(b"\xff.toml")
    found = judged(REFUSED_AT_STRICT, tmp_path / path).diagnostics
    known = Baseline.of(tmp_path / "x.json", [(str(tmp_path / path), REFUSED_AT_STRICT, found)])
    (tmp_path / "x.json").write_bytes(known.text.encode("utf-8", "backslashreplace"))
    assert Baseline.read(tmp_path / "x.json") == known


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "no JSON text"),
        (b"{", "no JSON text"),
        (b"\xff", "no JSON text"),
        (b"[" * 100_000, "no JSON text"),
        (b"[]", 'no list "findings"'),
        (b'{"version": 1, "findings": {}}', 'no list "findings"'),
        (b'{"version": 2, "findings": []}', '"version" is not 1'),
        (b'{"version": 1, "findings": [{"path": "a"}]}', "entry 1"),
        (b'{"version": 1, "findings": [3]}', "entry 1"),
    ],
)
def test_what_is_none_is_told(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "base\x1bline.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BaselineError, match="cannot be used") as raised:
        Baseline.read(path)
    assert why in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="directory"):
        Baseline.read(tmp_path)
