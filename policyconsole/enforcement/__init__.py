"""From files that changed to what is in force: one look, one generation."""

from policyconsole.enforcement.enforcement import Enforcement
from policyconsole.enforcement.work import Outcome

__all__ = ["Enforcement", "Outcome"]
