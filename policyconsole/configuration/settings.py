"""Settings: what an engine goes by, a configuration and what was asked for beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from policyconsole.configuration.model import Configuration
from policyconsole.events import Change
from policyconsole.validation.levels import ValidationLevel


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, and level and environment where somebody asked for others.

    ``asked`` has those by name. It is stronger than the configuration, also than one that
    takes its place: what was chosen by hand stays. To ask for what the configuration
    says is to follow it again.
    """

    configuration: Configuration
    asked: Mapping[str, object] = field(default_factory=dict)

    @property
    def effective(self) -> Configuration:
        """The configuration with what was asked for."""
        return self.configuration.model_copy(update=dict(self.asked))

    def asking(self, level: ValidationLevel, environment: str | None) -> "Settings":
        """Give the settings with another level and environment."""
        wanted = {"level": level, "environment": environment}
        now, said = self.effective, self.configuration
        asked = dict(self.asked)
        for name, value in wanted.items():
            if value == getattr(said, name):
                asked.pop(name, None)
            elif value != getattr(now, name):
                asked[name] = value
        return replace(self, asked=asked)

    def configured(self, configuration: Configuration) -> "Settings":
        """Give the settings with another configuration."""
        return replace(self, configuration=configuration)

    def changes_to(self, other: "Settings") -> tuple[Change, ...]:
        """Say what is different with ``other``, setting by setting."""
        before, after = self.effective.plain(), other.effective.plain()
        return tuple(
            Change(key, before[key], after[key]) for key in after if before[key] != after[key]
        )
