"""The way back in a notebook, over a real engine with a real history."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyconsole.history.records import Revision
from policyconsole.history.store import HistoryError
from policyconsole.notebook import PolicyConsole
from policyconsole.notebook.rollback import RollbackControl
from tests.notebook.scripted import Page
from tests.policies import toml
from tests.tui.keeping import Kept, revision
from tests.tui.scripted import ScriptedEngine
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
    assert way.confirm.description == "force r2"
    (folder / "b.toml").write_text(toml("b"), encoding="utf-8")
    eventually_blocking(lambda: [value for _, value in way.policy.options] == ["a", "b"])
    assert way.confirm.description == "force r2", "another file changes nothing of that"
    assert console.engine.policies["a"].config.security.tls.min_version == "TLSv1.3"
    eventually_blocking(lambda: not way.confirm.disabled)
    way.confirm.click()
    eventually_blocking(lambda: "is back at revision 2" in way.answer.value)
    assert console.engine.policies["a"].config.security.tls.min_version == "TLSv1.0"


def test_an_open_panel_follows_what_comes_into_force(console: PolicyConsole, folder: Path) -> None:
    way = control(console)
    way.open.value = True
    eventually_blocking(lambda: "no earlier revision is kept" in way.preview.value)
    changed(console, folder, toml("a", requests_per_minute=90), 2)
    eventually_blocking(lambda: "requests_per_minute: 90 → 60" in way.preview.value)
    (folder / "b.toml").write_text(toml("b"), encoding="utf-8")
    eventually_blocking(lambda: [value for _, value in way.policy.options] == ["a", "b"])
    assert way.policy.value == "a"
    assert console.history("a").rows[0][:3:2] == (2, "in force")
    assert len(console.history("nobody")) == 0


def test_a_late_answer_to_an_old_question_is_not_shown() -> None:
    asked, slow = threading.Event(), threading.Event()

    class Slow(Kept):
        def revisions(self, policy_id: str) -> tuple[Revision, ...]:
            if policy_id == "a":
                asked.set()
                assert slow.wait(30)
            return super().revisions(policy_id)

    engine = ScriptedEngine()
    for name in ("a", "b"):
        engine.apply(f"{name}.toml", name, toml(name))
    engine.history = Slow(
        revision(1, policy_id="a"), revision(7, policy_id="b"), revision(6, policy_id="b")
    )
    way = RollbackControl(engine)
    way.open.value = True
    eventually_blocking(asked.is_set)
    readers = [t for t in threading.enumerate() if t.name == "policy-console rollback"]
    way.policy.value = "b"
    eventually_blocking(lambda: list(way._revisions) == ["7", "6"])
    slow.set()
    for reader in readers:
        reader.join(30)
    assert list(way._revisions) == ["7", "6"]
    assert [value for _, value in way.revision.options] == ["7", "6"]


def test_a_history_that_cannot_be_read_is_said() -> None:
    engine = ScriptedEngine()
    engine.apply("a.toml", "a", toml("a"))
    engine.history = kept = Kept(revision(1, policy_id="a"))
    kept.problem = HistoryError("the disk\x1b is <gone>")
    way = RollbackControl(engine)
    way.open.value = True
    eventually_blocking(
        lambda: r"the history cannot be read: the disk\x1b is &lt;gone&gt;" in way.answer.value
    )
    assert way.confirm.disabled


def test_without_a_history_there_is_none_to_list(folder: Path, pages: dict[str, Page]) -> None:
    with PolicyConsole(folder) as console, pytest.raises(ValueError, match="state_dir"):
        console.history("a")


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
