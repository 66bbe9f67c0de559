"""The live widget: a page that draws what it is sent (view.js, view.css)."""

from pathlib import Path
from uuid import uuid4

import anywidget
import traitlets

from policyconsole.notebook.payload import Message

_HERE = Path(__file__).parent


class LiveView(anywidget.AnyWidget):
    """The panes as one widget, drawn in the page by ``view.js``; nothing is fetched.

    ``snapshot`` is the newest whole state, ``paused`` stops the picture in the page
    only, so that it works while the kernel is busy. ``token`` tells widgets apart.
    """

    _esm = _HERE / "view.js"
    _css = _HERE / "view.css"

    snapshot = traitlets.Dict().tag(sync=True)
    token = traitlets.Unicode().tag(sync=True)
    paused = traitlets.Bool(default_value=False).tag(sync=True)

    @traitlets.default("token")
    def _new_token(self) -> str:
        return uuid4().hex

    def publish(self, message: Message) -> None:
        """Send a message to every page that shows this widget; from any thread."""
        if message["type"] == "snapshot":
            self.snapshot = dict(message)
        else:
            self.send(message)
