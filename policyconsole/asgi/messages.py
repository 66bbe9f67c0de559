"""What ASGI passes around: scopes and messages, as it has them."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
"""What ASGI says of a connection."""
Message: TypeAlias = MutableMapping[str, Any]
"""What ASGI sends and receives."""
Receive: TypeAlias = Callable[[], Awaitable[Message]]
"""Gives the next message."""
Send: TypeAlias = Callable[[Message], Awaitable[None]]
"""Takes the next message."""
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application."""
