"""Settings: the level and the environment that were asked for last, whatever the picture shows."""

from policyconsole.events import EventType
from policyconsole.hosted import HostedEngine
from policyconsole.validation.levels import ValidationLevel


class Settings:
    """What a change of one setting has to leave of the other.

    The dashboard lags behind the engine, and stands still while it is paused. So what
    was asked for counts here from the moment that it is asked, until the engine has
    told of it; from then on what the engine tells counts.
    """

    def __init__(self, engine: HostedEngine) -> None:
        self._engine = engine
        self._subscription = engine.subscribe()
        self._told: tuple[str, str | None] = (ValidationLevel.STANDARD.value, None)
        self._asked: tuple[str, str | None] | None = None
        self._seq = 0

    @property
    def level(self) -> ValidationLevel:
        """The level of now, or of as soon as the engine comes to it."""
        return ValidationLevel((self._asked or self._told)[0])

    @property
    def environment(self) -> str | None:
        """The environment likewise, None for none."""
        return (self._asked or self._told)[1]

    def start(self) -> None:
        """Begin with the engine's settings of this moment."""
        snapshot = self._engine.snapshot()
        self._told, self._seq = (snapshot.level, snapshot.environment), snapshot.seq

    def set_level(self, level: ValidationLevel) -> None:
        """Ask for this level and leave the environment."""
        self._ask(level, self.environment)

    def set_environment(self, environment: str | None) -> None:
        """Ask for this environment and leave the level."""
        self._ask(self.level, environment)

    def _ask(self, level: ValidationLevel, environment: str | None) -> None:
        self.pull()
        self._asked = (level.value, environment) if self._known(level, environment) else None
        self._engine.configure(level, environment)
        self.pull()

    def _known(self, level: ValidationLevel, environment: str | None) -> bool:
        """Whether the engine is going to tell of this: it does not where nothing changes."""
        return self._asked is not None or (level.value, environment) != self._told

    def pull(self) -> None:
        """Take in what the engine has told of its settings."""
        for event in self._subscription.drain():
            if event.type is EventType.LAGGED:
                self.start()
                self._forget_what_is_told()
            elif event.type is EventType.CONFIGURED and event.seq > self._seq:
                level, environment = self._told
                for change in event.changes:
                    if change.field == "level" and isinstance(change.new, str):
                        level = change.new
                    if change.field == "environment" and isinstance(change.new, str | None):
                        environment = change.new
                self._told = (level, environment)
                self._forget_what_is_told()

    def _forget_what_is_told(self) -> None:
        if self._told == self._asked:
            self._asked = None

    def close(self) -> None:
        """Take no more."""
        self._subscription.close()
