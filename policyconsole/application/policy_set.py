"""What is in force: ActivePolicy and PolicySet, both immutable."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from rpds import HashTrieMap

from policyconsole.policy import PolicyConfig

MOST_SHOWN = 200
"""How many policies a notebook shows: what it shows is stored in it."""


@dataclass(frozen=True, slots=True)
class ActivePolicy:
    """One policy in force.

    ``revision`` counts the accepted contents of this id from 1, ``digest`` is
    ``sha256:`` and the SHA-256 of the file's bytes, ``path`` is relative to the
    watched folder, ``since`` is when this revision came into force.
    """

    config: PolicyConfig
    revision: int
    digest: str
    path: str
    since: datetime


_COLUMNS = ("policy", "revision", "version", "environment", "file")


def _cells(active: ActivePolicy) -> tuple[str, ...]:
    config = active.config
    environment = config.environment or ""
    return config.id, str(active.revision), config.version, environment, active.path


@dataclass(frozen=True, slots=True, repr=False)
class PolicySet(Mapping[str, ActivePolicy]):
    """All policies in force at one moment, by id.

    A commit builds a new set and swaps one reference: a set that somebody holds
    never changes. ``generation`` counts the commits. Iterating goes by id in order.
    """

    generation: int = 0
    # Persistent: the next generation shares all but what changes, however many there are.
    _policies: "HashTrieMap[str, ActivePolicy]" = field(default_factory=HashTrieMap)

    def __getitem__(self, policy_id: str) -> ActivePolicy:
        return self._policies[policy_id]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._policies))

    def __len__(self) -> int:
        return len(self._policies)

    def __repr__(self) -> str:
        """Name the first ten ids: there may be thousands of policies."""
        ids = ", ".join(map(repr, islice(self, 10)))
        more = f", and {len(self) - 10:,} more" if len(self) > 10 else ""
        return f"<PolicySet generation {self.generation}: {ids or 'nothing in force'}{more}>"

    def _repr_html_(self) -> str:
        from policyconsole.markup import html_table  # noqa: PLC0415 - only a notebook needs it

        shown = (self[policy_id] for policy_id in islice(self, MOST_SHOWN))
        table = html_table(_COLUMNS, map(_cells, shown), (False, True, False, False, False))
        more = f"<p>and {len(self) - MOST_SHOWN:,} more</p>" if len(self) > MOST_SHOWN else ""
        title = f"generation {self.generation}: {len(self):,} in force"
        return f"<details open><summary>{title}</summary>{table}{more}</details>"

    def commit(self, enter: Mapping[str, ActivePolicy], leave: Iterable[str] = ()) -> "PolicySet":
        """Give the next generation: without the ids in ``leave``, with the policies in ``enter``."""
        policies = self._policies
        for policy_id in leave:
            policies = policies.discard(policy_id)
        return PolicySet(self.generation + 1, policies.update(enter))
