"""``policy-console history``: what it lists, its tags, and how wrong usage ends."""

import json
from pathlib import Path

import pytest

from policyconsole.cli.history import LONGEST_TAG
from policyconsole.cli.main import main
from policyconsole.diagnostics import DiagnosticRecord, Severity, error
from policyconsole.events import Change
from policyconsole.history.location import history_path
from policyconsole.history.records import NewRevision, RefusedContent, Retirement
from policyconsole.history.store import HistoryStore
from policyconsole.reading import digest
from tests.policies import toml
from tests.rollback.keeping import FIRST, history_of, keep

TLS: DiagnosticRecord = error("SEC003", Severity.HIGH, "TLS [too] old").record()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def kept(folder: Path, state: Path) -> Path:
    """A folder with a history: three revisions of a policy, one of another that is retired."""
    history_of(folder, state, toml(), toml(requests_per_minute=50), toml(requests_per_minute=40))
    with HistoryStore.open(history_path(folder, state)) as store:
        keep(store, toml("b-policy"), path="sub/b.toml", policy_id="b-policy")
        store.retire([Retirement("b-policy", "sub/b.toml", FIRST)])
        store.refuse(
            [RefusedContent("a.toml", "a-policy", "sha256:0", FIRST, b"x", (TLS,))],
        )
    return folder


def history(folder: Path, state: Path, *arguments: str) -> int:
    return main(["history", "--state-dir", str(state), str(folder), *arguments])


def test_every_policy_is_listed(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert history(kept, state) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "a-policy  r3  3 revisions  a.toml",
        "b-policy  r1  1 revision  sub/b.toml  retired",
    ]
    assert shown.err == ""
    assert history(kept, state, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "policies": [
            {
                "policy_id": "a-policy",
                "revision": 3,
                "path": "a.toml",
                "retired": False,
                "revisions": 3,
                "tagged": None,
            },
            {
                "policy_id": "b-policy",
                "revision": 1,
                "path": "sub/b.toml",
                "retired": True,
                "revisions": 1,
                "tagged": None,
            },
        ],
    }


def test_the_revisions_of_a_policy_come_newest_first_with_what_was_refused(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = Change("custom.api_key", "sk-live-1", "sk-live-2")
    content = b"forced"
    with HistoryStore.open(history_path(kept, state)) as store:
        entry = NewRevision("a-policy", digest(b"4"), "a.toml", b"4", FIRST, ("custom",), (secret,))
        store.record([entry], {"a-policy": 3})
        store.announce("a-policy", content, "a.toml", 2, forced=True, time=FIRST)
        store.tag("a-policy", 3, "known-good")
        store.fail("a-policy", 2, 1, "a.toml")
    assert history(kept, state, "a-policy") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["r5", "r4", "r3", "r2", "r1"]
    assert lines[0].endswith("back to r2  forced  not yet in force")
    assert lines[1].endswith("custom.api_key: *** → ***")
    assert lines[2].endswith("[known-good]")
    assert lines[3].endswith("failed its probation")
    assert lines[5:7] == ["", "refused of a-policy:"]
    assert lines[7].endswith("refused  sha256:0  a.toml  SEC003")

    assert history(kept, state, "a-policy", "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["policy_id"] == "a-policy"
    newest, by_hand = document["revisions"][:2]
    assert newest == {
        "revision": 5,
        "time": "2026-11-23T18:00:00.000000Z",
        "digest": digest(content),
        "path": "a.toml",
        "sections": [],
        "changes": [],
        "parent": 2,
        "confirmed": False,
        "forced": True,
        "tags": [],
    }
    assert by_hand["changes"] == [{"field": "custom.api_key", "old": "***", "new": "***"}]
    assert document["refusals"] == [
        {
            "time": "2026-11-23T18:00:00.000000Z",
            "path": "a.toml",
            "digest": "sha256:0",
            "reason": "refused",
            "diagnostics": [TLS],
        }
    ]


def test_a_tag_is_set_moved_shown_and_taken_away(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> str:
        assert history(kept, state, *arguments) == 0
        shown = capsys.readouterr()
        return shown.out or shown.err

    assert told("a-policy", "--tag", "known-good", "--revision", "1") == (
        "policy-console: revision 1 of a-policy is tagged known-good\n"
    )
    assert told("a-policy", "--tag", "known-good") == (
        "policy-console: revision 3 of a-policy is tagged known-good\n"
    )
    assert told("a-policy", "--tag", "older", "--revision", "known-good").startswith(
        "policy-console: revision 3 of"
    )
    assert told("a-policy", "--tagged", "known-good").split()[0] == "r3"
    assert len(told("a-policy", "--tagged", "known-good").splitlines()) == 1
    assert told("--tagged", "known-good") == "a-policy  r3  3 revisions  a.toml  r3 tagged\n"
    assert told("a-policy", "--untag", "known-good") == (
        "policy-console: revision 3 of a-policy is no longer tagged known-good\n"
    )
    assert "no policy has a revision tagged known-good" in told("--tagged", "known-good")


def test_a_content_is_written_to_the_byte_by_revision_tag_or_digest(
    kept: Path, state: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    secret = b'\xff broken "\r\npassword = "x"'
    with HistoryStore.open(history_path(kept, state)) as store:
        store.tag("a-policy", 2, "known-good")
        refused = RefusedContent("a.toml", "a-policy", digest(secret), FIRST, secret)
        store.refuse([refused])
    for named in ("2", "known-good", digest(toml(requests_per_minute=50).encode())[:20]):
        assert history(kept, state, "a-policy", "--content", named) == 0
        assert capfdbinary.readouterr().out == toml(requests_per_minute=50).encode()
    assert history(kept, state, "a-policy", "--content", digest(secret)[:19]) == 0
    assert capfdbinary.readouterr().out == secret


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("c-policy",), "no revision of c-policy is kept"),
        (("c-policy", "--tag", "x"), "no revision of c-policy is kept"),
        (("a-policy", "--tag", "x", "--revision", "9"), "a-policy has no revision 9: kept are 1"),
        (("a-policy", "--tag", "x", "--revision", "y"), "a-policy has no revision tagged y: kept"),
        (("b-policy", "--tag", "x"), "b-policy is not in force: name a --revision to tag"),
        (("a-policy", "--untag", "x"), "a-policy has no revision tagged x"),
        (("a-policy", "--revision", "1"), "--revision goes with --tag"),
        (("--tag", "x"), "a tag is of one POLICY: name it behind FOLDER"),
        (("--content", "1"), "a content is of one POLICY: name it behind FOLDER"),
        (("a-policy", "--content", "9"), "a-policy has no revision 9"),
        (("a-policy", "--content", "sha256:"), "4 digests begin with sha256: among"),
        (("a-policy", "--content", "sha256:f"), "no digest begins with sha256:f"),
        (("a-policy", "--tag", "sha256:1"), "a tag does not begin with sha256:"),
        (("a-policy", "--tag", "12"), "a tag must not be a number: 12 names a revision"),
        (("a-policy", "--tag", ""), "a tag has 1 to 64 characters and begins with no '-'"),
        (("a-policy", "--tag=-x"), "a tag has 1 to 64 characters and begins with no '-'"),
        (("a-policy", "--tag", "x" * (LONGEST_TAG + 1)), "a tag has 1 to 64 characters and"),
        (("a-policy", "--tag", "a b"), "a tag has no spaces and no characters that cannot be"),
        (("a-policy", "--tag", "a\x1b"), "a tag has no spaces and no characters that cannot be"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    kept: Path,
    state: Path,
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert history(kept, state, *arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"policy-console: {said}")
    assert shown.err.count("\n") == 1


COMMANDS = (("history",), ("diff", "a-policy", "1", "2"), ("rollback", "a-policy", "1"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_without_a_history(
    folder: Path, state: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *rest = command
    assert main([name, "--state-dir", str(state), str(folder), *rest]) == 2
    assert capsys.readouterr().err.startswith("policy-console: there is no history yet: ")
    assert not state.exists()
    assert main([name, "--state-dir", str(state), str(folder / "no"), *rest]) == 2
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_broken_history(
    kept: Path, state: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    history_path(kept, state).write_bytes(b"no database, that is for sure" * 100)
    name, *rest = command
    assert main([name, "--state-dir", str(state), str(kept), *rest]) == 2
    said = capsys.readouterr().err
    assert "cannot be used" in said
    assert said.count("\n") == 1


def test_a_tag_that_nothing_has_is_said(
    kept: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert history(kept, state, "a-policy", "--tagged", "nothing") == 0
    assert capsys.readouterr().err == "policy-console: a-policy has no revision tagged nothing\n"
    assert history(kept, state, "--tagged", "nothing") == 0
    assert capsys.readouterr().err == "policy-console: no policy has a revision tagged nothing\n"
