"""The controls above the panes: level, environment, pause, revalidate."""

import threading
from collections.abc import Callable

import ipywidgets

from policyconsole.validation.levels import ValidationLevel


class Controls:
    """ipywidgets that ask and never do: each change calls ``configure`` or ``revalidate``.

    Where the engine's settings change without them (:meth:`follow`), they show the new ones.
    """

    def __init__(
        self,
        level: ValidationLevel,
        environment: str | None,
        configure: Callable[[ValidationLevel, str | None], None],
        revalidate: Callable[[], None],
    ) -> None:
        self._configure = configure
        self._told: tuple[str, str | None] = (level.value, environment)
        self._awaited: dict[str, str | None] = {}
        self._following: int | None = None
        self.level = ipywidgets.Dropdown(
            options=[item.value for item in ValidationLevel],
            value=level.value,
            description="level",
            tooltip="how strict: each level holds the rules of the one before it",
            style={"description_width": "initial"},
            layout={"width": "auto"},
        )
        self.environment = ipywidgets.Text(
            value=environment or "",
            description="environment",
            placeholder="none",
            tooltip="the environment of policies that name none",
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "auto"},
        )
        self.pause = ipywidgets.ToggleButton(
            value=False,
            description="pause",
            icon="pause",
            tooltip="stop the picture; the engine goes on",
            layout={"width": "auto"},
        )
        self.revalidate = ipywidgets.Button(
            description="revalidate",
            icon="refresh",
            tooltip="judge every file anew",
            layout={"width": "auto"},
        )
        self.bar = ipywidgets.HBox([self.level, self.environment, self.pause, self.revalidate])
        self.bar.add_class("policy-console-controls")
        self.level.observe(self._ask, names="value")
        self.environment.observe(self._ask, names="value")
        self.revalidate.on_click(lambda _: revalidate())

    def follow(self, level: str, environment: str | None) -> None:
        """Show the settings that the engine now tells, each unless an own request for it is under way."""
        settings = (level, environment)
        if settings == self._told:
            return
        self._told = settings
        awaited = self._awaited
        if awaited.get("level", level) == level:
            awaited.pop("level", None)
        if awaited.get("environment", environment) == environment:
            awaited.pop("environment", None)
        self._following = threading.get_ident()
        try:
            if "level" not in awaited:
                self.level.value = level
            if "environment" not in awaited:
                self.environment.value = environment or ""
        finally:
            self._following = None

    def disable(self) -> None:
        """Let nothing be asked any more."""
        for control in (self.level, self.environment, self.pause, self.revalidate):
            control.disabled = True

    def _ask(self, _: object) -> None:
        if self._following == threading.get_ident():
            return
        environment = self.environment.value.strip() or None
        asked = {"level": self.level.value, "environment": environment}
        told = dict(zip(asked, self._told, strict=True))
        self._awaited = {name: value for name, value in asked.items() if value != told[name]}
        self._configure(ValidationLevel(self.level.value), environment)
