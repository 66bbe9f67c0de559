"""What a rollback would write, and whether it may: today's rules and the file on disk decide."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from policyconsole.diagnostics import Diagnostic
from policyconsole.history.records import Revision
from policyconsole.judging import Judgement, judge
from policyconsole.loading.converting import ConversionError, convert
from policyconsole.loading.formats import Format, format_of
from policyconsole.loading.loader import PolicyLoadError
from policyconsole.reading import digest, writable_by_others
from policyconsole.rollback.comparison import loaded
from policyconsole.validation.ruleset import Ruleset


class RollbackError(Exception):
    """An earlier revision does not come back; nothing of what is in force has changed.

    ``diagnostics`` say what refuses its content, where that is the reason; they count in
    ``source``, the text that would have been written to ``path``. ``forceable`` says that it
    comes back all the same where that is forced.
    """

    def __init__(
        self,
        message: str,
        diagnostics: tuple[Diagnostic, ...] = (),
        *,
        source: str | None = None,
        path: str | None = None,
        forceable: bool = False,
    ) -> None:
        super().__init__(message)
        self.forceable = forceable
        self.diagnostics = diagnostics
        self.source = source
        self.path = path


@dataclass(frozen=True, slots=True)
class Plan:
    """A content that may be written to a file so that an earlier revision is in force again.

    ``parent`` is that revision, ``path`` the file relative to the watched folder and
    ``file`` the same with the folder. ``forced`` says that today's rules refuse it.
    """

    policy_id: str
    parent: int
    path: str
    file: str
    content: bytes
    digest: str
    judgement: Judgement
    forced: bool


def plan(root: str, path: str, old: Revision, rules: Ruleset, *, force: bool) -> Plan:
    """Say what has to be written to ``path`` below ``root`` for the content of ``old``.

    Where the suffix names another format than the content has, it is converted. Raises
    :class:`RollbackError` for what cannot be converted or loaded any more, and for what
    ``rules`` refuse unless ``force`` is given.
    """
    form = format_of(path)
    if form is None:
        raise RollbackError(f"{path} does not have the suffix of a policy")
    file = os.path.join(root, path)
    content = _in_format(old, form)
    judgement = judge(content, form, rules, file, writable_by_others=_others_may_write(file))
    name = f"revision {old.revision} of {old.policy_id}"
    if judgement.policy is None or judgement.policy_id != old.policy_id:
        reason = f"{name} cannot be loaded any more"
        raise RollbackError(reason, judgement.diagnostics, source=judgement.text, path=path)
    if not judgement.accepted and not force:
        blocking = tuple(found for found in judgement.diagnostics if rules.blocks((found,)))
        codes = " ".join(dict.fromkeys(found.code for found in blocking))
        raise RollbackError(
            f"today's rules refuse {name}: {codes}",
            judgement.diagnostics,
            source=judgement.text,
            path=path,
            forceable=True,
        )
    return Plan(
        policy_id=old.policy_id,
        parent=old.revision,
        path=path,
        file=file,
        content=content,
        digest=digest(content),
        judgement=judgement,
        forced=not judgement.accepted,
    )


def no_such_revision(policy_id: str, wanted: int | str, known: Iterable[int]) -> RollbackError:
    """Say that a policy has no such revision, and which it has."""
    numbers = sorted(known)
    if not numbers:
        return RollbackError(f"no revision of {policy_id} is kept")
    kept = f"are {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"is {numbers[0]}"
    what = f"revision {wanted}" if isinstance(wanted, int) else f"revision tagged {wanted}"
    return RollbackError(f"{policy_id} has no {what}: kept {kept}")


def _in_format(old: Revision, form: Format) -> bytes:
    if format_of(old.path) is form:
        return old.content
    try:
        policy = loaded(old)
    except PolicyLoadError as problem:
        reason = f"revision {old.revision} of {old.policy_id} cannot be loaded any more"
        raise RollbackError(
            reason, problem.diagnostics, source=problem.text, path=old.path
        ) from None
    try:
        return convert(policy, form).text.encode()
    except ConversionError as problem:
        reason = f"revision {old.revision} of {old.policy_id} cannot be written as {form.upper()}"
        raise RollbackError(
            reason, problem.diagnostics, source=policy.text, path=old.path
        ) from None


def _others_may_write(file: str) -> bool:
    """Tell whether every user may write to the file, whose mode it will keep."""
    try:
        status = os.stat(file)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and writable_by_others(status.st_mode)
