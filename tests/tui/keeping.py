"""A history for the app: it holds the revisions that a test says."""

from collections.abc import Callable
from datetime import timedelta

from policyconsole.events import Change
from policyconsole.history.records import RefusedContent, Revision
from policyconsole.history.store import HistoryError
from policyconsole.reading import digest
from tests.tui.scripted import NOON, ScriptedEngine
from tests.tui.stories import usual

POLICY = "production-security-policy"


class Kept:
    """A history that holds what a test says."""

    def __init__(self, *revisions: Revision) -> None:
        self.kept = revisions
        self.refused: tuple[RefusedContent, ...] = ()
        self.problem: HistoryError | None = None

    def revisions(self, policy_id: str) -> tuple[Revision, ...]:
        if self.problem is not None:
            raise self.problem
        return tuple(kept for kept in self.kept if kept.policy_id == policy_id)

    def refusals(
        self, policy_id: str | None = None, path: str | None = None, limit: int | None = None
    ) -> tuple[RefusedContent, ...]:
        if self.problem is not None:
            raise self.problem
        found = (
            known
            for known in self.refused
            if policy_id in {None, known.policy_id} and path in {None, known.path}
        )
        return tuple(found)[:limit]


def revision(
    number: int,
    rate: int = 60,
    *,
    policy_id: str = POLICY,
    tags: tuple[str, ...] = (),
    changes: tuple[Change, ...] = (),
    extra: str = "",
) -> Revision:
    content = f"""\
id = "{policy_id}"
name = "{policy_id}"
version = "1.0.0"
{extra}
[security.rate_limiting]
requests_per_minute = {rate}
""".encode()
    return Revision(
        policy_id=policy_id,
        revision=number,
        digest=digest(content),
        path=f"{policy_id}.toml",
        content=content,
        time=NOON - timedelta(minutes=number),
        sections=(),
        changes=changes,
        parent=None,
        confirmed=True,
        forced=False,
        tags=tags,
    )


RATE = "security.rate_limiting.requests_per_minute"
REVISIONS = (
    revision(12, changes=(Change(RATE, 40, 60),)),
    revision(11, 40, tags=("known-good",), changes=(Change(RATE, 50, 40),)),
    revision(10, 50, extra='[custom]\napi_key = "sk-live-0123456789"\n'),
)


def keeping(*revisions: Revision) -> Callable[[ScriptedEngine], None]:
    def story(engine: ScriptedEngine) -> None:
        usual(engine)
        engine.history = Kept(*revisions)

    return story
