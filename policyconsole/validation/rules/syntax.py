"""SYNTAX: what every policy says about itself. These rules run at every level."""

import re

from policyconsole.diagnostics import Severity
from policyconsole.validation.rule import Context, Finding, rule
from policyconsole.wording import quoted

_THREE_NUMBERS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


@rule("SYNTAX001", error=Severity.CRITICAL, field="id")
def empty_id(context: Context) -> Finding | None:
    """The id is empty, or white space only.

    Events, history and rollback name a policy by its id. Without one, nobody can say which
    policy is meant, and two nameless ones would be taken for the same.

    Example:
        id = ""

    Passes:
        id = "payment-service-policy"

    Fix: Give the policy an id that no other file of the folder has.
    """
    if context.config.id.strip():
        return None
    return Finding("the id is empty", 'set an id of its own, such as "payment-service-policy"')


@rule("SYNTAX002", error=Severity.CRITICAL, field="name")
def empty_name(context: Context) -> Finding | None:
    """The name is empty, or white space only.

    The name is what people read in a list of policies and in an alert at night.

    Example:
        name = " "

    Passes:
        name = "Payment service"

    Fix: Give the policy a name that the people on call will recognise.
    """
    if context.config.name.strip():
        return None
    return Finding("the name is empty", 'set a name for people, such as "Payment service"')


@rule("SYNTAX003", error=Severity.HIGH, field="version")
def empty_version(context: Context) -> Finding | None:
    """The version is empty, or white space only.

    The version is how its authors tell one state of a policy from the next.

    Example:
        version = ""

    Passes:
        version = "1.0.0"

    Fix: Set three whole numbers with dots between them, such as "1.0.0".
    """
    if context.config.version.strip():
        return None
    return Finding("the version is empty", 'set three whole numbers, such as "1.0.0"')


@rule("SYNTAX004", field="version")
def unusual_version(context: Context) -> Finding | None:
    """The version is not three whole numbers with dots between them.

    Versions of one form can be compared by people and by tools: 1.10.0 comes after 1.9.0.
    An empty version is SYNTAX003's.

    Example:
        version = "v2"

    Passes:
        version = "2.0.0"

    Fix: Write major, minor and patch number, such as "2.1.0".

    Source: Semantic Versioning 2.0.0, item 2.
    """
    version = context.config.version
    if _THREE_NUMBERS.fullmatch(version) or not version.strip():
        return None
    return Finding(
        f"the version {quoted(version)} is not three whole numbers with dots between them",
        'write major.minor.patch, such as "2.1.0" (Semantic Versioning 2.0.0)',
    )


@rule("SYNTAX005", error=Severity.MEDIUM, field="created_at")
def created_after_update(context: Context) -> Finding | None:
    """The policy was created later than it was last updated.

    One of the two times is wrong, and an audit can rely on neither. Equal times are fine, as
    is one of them alone.

    Example:
        created_at = 2026-05-02T09:00:00Z
        updated_at = 2026-05-01T09:00:00Z

    Passes:
        created_at = 2026-05-01T09:00:00Z
        updated_at = 2026-05-02T09:00:00Z

    Fix: Correct whichever time is wrong.
    """
    created, updated = context.config.created_at, context.config.updated_at
    if created is None or updated is None or created <= updated:
        return None
    return Finding(
        f"created at {created.isoformat()}, which is later than updated_at",
        f"set a time not later than {updated.isoformat()}, or correct updated_at",
    )


RULES = (empty_id, empty_name, empty_version, unusual_version, created_after_update)
"""The rules of this module, in order."""
