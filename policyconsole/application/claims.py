"""Which file holds which id, when several claim it (architecture, decision 5)."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """What one file has to do with ids.

    ``wants`` is the id that its content on disk claims, None unless that content is
    valid on its own and there. ``holds`` is the id of the policy that is in force from this
    file. ``absent`` says that the file is gone just now (it may come back, or turn
    out to be renamed).
    """

    path: str
    wants: str | None
    holds: str | None
    absent: bool = False


def affected_ids(
    changed: Iterable[str],
    claims: Mapping[str, Claim],
    wanted_by: Mapping[str, AbstractSet[str]],
    held_by: Mapping[str, str],
) -> set[str]:
    """Find every id whose holder may differ now that the files ``changed`` differ.

    An id drags in its claimants, and those the ids that they hold or want: two files
    that swap ids are one question.
    """
    ids: set[str] = set()
    paths, seen = list(changed), set[str]()
    while paths:
        path = paths.pop()
        if path in seen:
            continue
        seen.add(path)
        claim = claims.get(path)
        for policy_id in (claim.wants, claim.holds) if claim else ():
            if policy_id is None or policy_id in ids:
                continue
            ids.add(policy_id)
            paths.extend(wanted_by.get(policy_id, ()))
            if policy_id in held_by:
                paths.append(held_by[policy_id])
    return ids


def assign(
    ids: Iterable[str],
    claims: Mapping[str, Claim],
    wanted_by: Mapping[str, AbstractSet[str]],
    held_by: Mapping[str, str],
) -> dict[str, str | None]:
    """Say which path holds each of ``ids``, or None for an id that nobody holds any more.

    The file in force keeps its id while its content claims it, or while its content
    is refused (last known good). Otherwise the smallest path that claims it takes it
    at once. Where nobody else does, a file that is absent keeps it for now, and so
    does one whose content claims another id that it did not get.
    """
    ids = list(ids)
    taken: dict[str, str | None] = {}
    for policy_id in ids:
        holder = claims.get(held_by.get(policy_id, ""))
        claimants = wanted_by.get(policy_id)
        if holder is not None and not holder.absent and holder.wants in (policy_id, None):
            taken[policy_id] = holder.path
        elif claimants:
            taken[policy_id] = min(claimants)
        elif holder is not None and holder.absent:
            taken[policy_id] = holder.path
    for policy_id in ids:
        if policy_id in taken:
            continue
        holder = claims.get(held_by.get(policy_id, ""))
        moved_on = holder is None or taken.get(holder.wants or "") == holder.path
        taken[policy_id] = None if moved_on or holder is None else holder.path
    return taken
