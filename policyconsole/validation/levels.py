"""How strict a validation is."""

from enum import StrEnum


class ValidationLevel(StrEnum):
    """Levels add up: each holds the rules of the one before it.

    Basic holds SYNTAX, Standard adds LOGIC, Strict adds SEC, Custom adds CUSTOM, ENV
    and the user's own rules. REC runs at every level.
    """

    BASIC = "basic"
    STANDARD = "standard"
    STRICT = "strict"
    CUSTOM = "custom"

    @property
    def rank(self) -> int:
        """The place in the order from the most lenient (0) to the strictest (3)."""
        return list(ValidationLevel).index(self)

    def includes(self, other: "ValidationLevel") -> bool:
        """Whether a rule of level ``other`` runs at this level."""
        return other.rank <= self.rank
