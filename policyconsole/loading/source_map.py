"""SourceMap: where the keys and values of one source text stand."""

from dataclasses import dataclass, field

from policyconsole.fields import FieldPath
from policyconsole.loading.positions import Stretch


@dataclass(frozen=True, slots=True)
class SourceMap:
    """The stretches of ``source``, in characters, by field path.

    ``keys`` has the key itself, ``values`` what stands for the value: the value, or
    for a table or mapping the key or header that opens it.
    """

    source: str
    keys: dict[FieldPath, Stretch] = field(default_factory=dict)
    values: dict[FieldPath, Stretch] = field(default_factory=dict)

    def key_of(self, path: FieldPath) -> Stretch | None:
        """Give the key at ``path``, or what opens the nearest table above it; None for the top."""
        return self.keys.get(path) or self.value_of(path)

    def value_of(self, path: FieldPath) -> Stretch | None:
        """Give the value at ``path``, or what opens the nearest table above it; None for the top."""
        while path:
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return None
