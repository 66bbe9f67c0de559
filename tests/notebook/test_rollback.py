"""The way back in a notebook, over a real engine with a real history."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policyconsole.notebook import PolicyConsole
from policyconsole.notebook.rollback import RollbackControl
from tests.notebook.scripted import Page
from tests.policies import toml
from tests.waiting import eventually_blocking


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "a.toml").write_text(toml("a", requests_per_minute=60), encoding="utf-8")
    return folder


@pytest.fixture
def console(folder: Path, tmp_path: Path, pages: dict[str, Page]) -> Iterator[PolicyConsole]:
    with PolicyConsole(folder, state_dir=tmp_path / "state", level="basic") as console:
        eventually_blocking(lambda: "a" in console.engine.policies)
        yield console


def control(console: PolicyConsole) -> RollbackControl:
    assert console._rollback is not None
    return console._rollback


def changed(console: PolicyConsole, folder: Path, text: str, revision: int) -> None:
    (folder / "a.toml").write_text(text, encoding="utf-8")
    eventually_blocking(lambda: console.engine.policies["a"].revision == revision)


def test_without_a_history_there_is_no_way_back(folder: Path, pages: dict[str, Page]) -> None:
    with PolicyConsole(folder) as console:
        assert console._rollback is None


def test_what_changes_is_shown_before_it_is_done(console: PolicyConsole, folder: Path) -> None:
    changed(console, folder, toml("a", requests_per_minute=90), 2)
    way = control(console)
    assert way.panel.layout.display == "none"
    way.open.value = True
    assert way.panel.layout.display == ""
    eventually_blocking(lambda: "requests_per_minute: 90 → 60" in way.preview.value)
    assert console.engine.policies["a"].revision == 2, "nothing before it is confirmed"
    way.confirm.click()
    eventually_blocking(lambda: "a is back at revision 1, as r3" in way.answer.value)
    limits = console.engine.policies["a"].config.security.rate_limiting
    assert limits.requests_per_minute == 60
    assert "requests_per_minute = 60" in (folder / "a.toml").read_text(encoding="utf-8")


def test_without_an_earlier_revision_nothing_can_be_asked(console: PolicyConsole) -> None:
    way = control(console)
    way.open.value = True
    eventually_blocking(lambda: "no earlier revision is kept" in way.preview.value)
    assert way.confirm.disabled


def test_what_todays_rules_refuse_is_forced_only_when_asked_again(
    console: PolicyConsole, folder: Path
) -> None:
    changed(console, folder, toml("a", min_version="TLSv1.0"), 2)
    changed(console, folder, toml("a", requests_per_minute=90), 3)
    console._controls.level.value = "strict"
    eventually_blocking(lambda: console.engine.snapshot().level == "strict")
    way = control(console)
    way.open.value = True
    eventually_blocking(lambda: "2" in way._revisions)
    way.revision.value = "2"
    eventually_blocking(lambda: "TLSv1.3 → TLSv1.0" in way.preview.value)
    way.confirm.click()
    eventually_blocking(lambda: "not rolled back" in way.answer.value)
    assert way.confirm.description == "force it"
    assert console.engine.policies["a"].config.security.tls.min_version == "TLSv1.3"
    eventually_blocking(lambda: not way.confirm.disabled)
    way.confirm.click()
    eventually_blocking(lambda: "is back at revision 2" in way.answer.value)
    assert console.engine.policies["a"].config.security.tls.min_version == "TLSv1.0"


def test_hostile_names_are_only_text(tmp_path: Path, pages: dict[str, Page]) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    name = "<script>alert(1)</script>"
    (folder / "a.toml").write_text(toml(name), encoding="utf-8")
    with PolicyConsole(folder, state_dir=tmp_path / "state", level="basic") as console:
        eventually_blocking(lambda: name in console.engine.policies)
        (folder / "a.toml").write_text(toml(name, name=name), encoding="utf-8")
        eventually_blocking(lambda: console.engine.policies[name].revision == 2)
        way = control(console)
        way.open.value = True
        eventually_blocking(lambda: "name:" in way.preview.value)
        way.confirm.click()
        eventually_blocking(lambda: "is back at" in way.answer.value)
        assert "<script" not in way.preview.value + way.answer.value
