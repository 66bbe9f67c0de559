"""The notebook view."""

from policyconsole.notebook.console import PolicyConsole

__all__ = ["PolicyConsole"]
