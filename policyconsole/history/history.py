"""History: what was kept, for those who only read it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from policyconsole.history.records import KeptPolicy, RefusedContent, Revision
from policyconsole.history.store import HistoryStore

Result = TypeVar("Result")


class History:
    """Reads the history of one folder, and tags revisions in it; may be used from any thread.

    Each call has a connection of its own, and may raise
    :class:`~policyconsole.history.store.HistoryError`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """``path`` is that of the database."""
        self.path = Path(path)

    def policies(self) -> list[KeptPolicy]:
        """List every policy that was ever in force and is still kept, by id."""
        return self._ask(HistoryStore.policies)

    def revisions(self, policy_id: str, limit: int | None = None) -> list[Revision]:
        """List the revisions of a policy, the newest first, at most ``limit``."""
        return self._ask(lambda store: store.revisions(policy_id, limit))

    def revision(self, policy_id: str, number: int) -> Revision | None:
        """Give one revision, None where it is not kept."""
        return self._ask(lambda store: store.revision(policy_id, number))

    def refusals(
        self, policy_id: str | None = None, path: str | None = None, limit: int | None = None
    ) -> list[RefusedContent]:
        """List what was refused, the newest first: all, or of one policy or one file."""
        return self._ask(lambda store: store.refusals(policy_id, path, limit))

    def tag(self, policy_id: str, revision: int, name: str) -> None:
        """Give a revision a name; one that another revision of the policy has moves."""
        self._ask(lambda store: store.tag(policy_id, revision, name))

    def untag(self, policy_id: str, name: str) -> bool:
        """Take a name away; False where no revision of the policy has it."""
        return self._ask(lambda store: store.untag(policy_id, name))

    def tagged(self, policy_id: str, name: str) -> int | None:
        """Give the revision that has a name; None where none has it."""
        return self._ask(lambda store: store.tagged(policy_id, name))

    def _ask(self, question: Callable[[HistoryStore], Result]) -> Result:
        with HistoryStore.open(self.path, create=False) as store:
            return question(store)
