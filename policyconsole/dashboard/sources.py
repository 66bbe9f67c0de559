"""Sources: the text that what is in force came from."""

from collections.abc import Iterable

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.history.records import Revision
from policyconsole.snapshot import FileStatus


def text_in_force(
    active: ActivePolicy, status: FileStatus | None, revisions: Iterable[Revision]
) -> str | None:
    """Give the text of a policy in force: the file's while it holds that, else the kept one.

    None where neither is at hand; ``revisions`` are those of the history, and only looked at
    where the file holds something else by now.
    """
    if status is not None and status.digest == active.digest and status.path == active.path:
        return status.source
    for revision in revisions:
        if revision.digest == active.digest:
            return revision.content.decode(errors="replace")
    return None
