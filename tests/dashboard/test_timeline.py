"""What became of a policy over time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policyconsole.dashboard import PolicyRow, Result, RowStatus, timeline
from policyconsole.events import Change
from policyconsole.history.records import Reason, RefusedContent
from tests.tui.keeping import POLICY, RATE, revision
from tests.tui.scripted import NOON
from tests.tui.stories import TLS_TOO_OLD

ROW = PolicyRow("a.toml", POLICY, RowStatus.LIVE, 12, None, (), NOON, in_force_id=POLICY)
REFUSED = replace(ROW, status=RowStatus.REFUSED, diagnostics=(TLS_TOO_OLD,))
REFUSAL = RefusedContent(
    "a.toml", POLICY, "sha256:1", NOON - timedelta(seconds=90), b"", (TLS_TOO_OLD.record(),)
)


def test_the_newest_comes_first_and_the_one_in_force_is_said() -> None:
    moments = timeline((revision(12), revision(11), revision(1)), (REFUSAL,), ROW)
    assert [(moment.number, moment.result) for moment in moments] == [
        (1, Result.EARLIER), (None, Result.REFUSED), (11, Result.EARLIER), (12, Result.IN_FORCE),
    ]  # fmt: skip
    # The numbers of keeping.py are minutes before noon.
    assert moments[1].what == "SEC003"
    assert moments[1].content is REFUSAL


def test_a_revision_says_what_came_with_it_and_what_is_known_of_it() -> None:
    known = replace(
        revision(3, changes=(Change(RATE, 40, 60),), tags=("good\x1b",)),
        parent=1, confirmed=False, forced=True,
    )  # fmt: skip
    (moment,) = timeline((known,), ())
    assert moment.result is Result.UNCONFIRMED
    assert moment.what == f"{RATE}: 40 → 60"
    assert moment.notes == ("good\\x1b", "back to r1", "forced", "not yet in force")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_word(reason: Reason) -> None:
    (moment,) = timeline((), (replace(REFUSAL, reason=reason),))
    assert reason.value in moment.result.value
    assert moment.result.sign


def test_a_refusal_of_now_stands_there_before_it_is_kept() -> None:
    (first, *_) = timeline((revision(12),), (), REFUSED, "sha256:1")
    assert (first.result, first.what, first.time) == (Result.REFUSED, "SEC003", NOON)
    assert first.revision is None
    assert first.content is None


def test_a_refusal_that_is_kept_is_not_told_twice() -> None:
    moments = timeline((revision(12),), (REFUSAL,), REFUSED, "sha256:1")
    assert [moment.result for moment in moments] == [Result.REFUSED, Result.IN_FORCE]
    moments = timeline((revision(12),), (REFUSAL,), REFUSED, "sha256:2")
    assert [moment.result for moment in moments].count(Result.REFUSED) == 2
