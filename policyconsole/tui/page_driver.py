"""PageDriver: draws the app for a page of ``policy-console serve`` instead of a terminal."""

from contextlib import suppress

from textual.color import Color, ColorParseError
from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class PageDriver(WebDriver):
    """textual's driver for pages, for a process that ends when whoever serves the page has gone."""

    def start_application_mode(self) -> None:
        """Begin to draw, and give the page's margins the background of the theme."""
        super().start_application_mode()
        self._app.watch(self._app, "theme", self._show_background)

    def _show_background(self) -> None:
        try:
            background = Color.parse(self._app.theme_variables.get("background", ""))
        except ColorParseError:
            return  # the terminal's own, whatever that is
        if background.ansi is None:
            self.write(f"\x1b]11;{background.hex6}\x1b\\")

    def run_input_thread(self) -> None:
        """Take what the page sends; when nobody can send any more, end the app."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())

    def write(self, data: str) -> None:
        """Write to the page, or to nobody where it has gone: then the input has ended too."""
        with suppress(BrokenPipeError):
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        """Likewise for what is not drawn."""
        with suppress(BrokenPipeError):
            super().write_meta(data)
