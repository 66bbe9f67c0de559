"""Where ``serve`` listens, who may come in, and when it ends."""

import argparse
import asyncio
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Sequence

from policyconsole.cli.streams import tell
from policyconsole.escaping import printable
from policyconsole.serving.admission import (
    LOOPBACK_NAMES,
    Admission,
    NoOriginError,
    NoTokenError,
    checked_token,
    new_token,
    origin_of,
)
from policyconsole.serving.server import PageServer

GENERATED = "generated"
"""The value of ``--token`` that asks for one."""

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class NotServedError(Exception):
    """Nothing can be served as the options say; its text says why."""


def serve(options: argparse.Namespace, app_arguments: Sequence[str]) -> None:
    """Serve until a signal ends it; raises :class:`NotServedError`."""
    try:
        public = origin_of(options.public_url) if options.public_url is not None else None
        token = _token(options.token)
    except (NoOriginError, NoTokenError) as problem:
        raise NotServedError(str(problem)) from problem
    with _listening(options.host, options.port) as place:
        address, port = place.getsockname()[:2]
        own_machine = ipaddress.ip_address(address.partition("%")[0]).is_loopback
        if token is None and not (own_machine and public is None):
            token = new_token()
        admission = Admission(
            token=token,
            names=LOOPBACK_NAMES | {_in_url(address)} if own_machine else None,
            public_origin=public,
            cookie=f"policy-console-{port}",
        )
        pages = PageServer(
            [*_program(), *app_arguments],
            f"policy-console {printable(os.path.abspath(options.folder))}",
            admission,
        )
        url = options.public_url or f"http://{_in_url(_reached_as(address))}:{port}/"
        if token is not None:
            url += f"?token={token if options.token in {None, GENERATED} else '(yours)'}"
        asyncio.run(_until_told(pages, place, url))


async def _until_told(pages: PageServer, place: socket.socket, url: str) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in _SIGNALS:
        if sys.platform != "win32":  # there Ctrl-C raises KeyboardInterrupt
            loop.add_signal_handler(getattr(signal, name), told.set)
    tell(f"the page is at {url}")
    await pages.serve(place, told)


def _listening(host: str, port: int) -> socket.socket:
    """Give a socket that listens; raises :class:`NotServedError`."""
    try:
        family, _, _, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server((str(place[0]), port), family=family, backlog=128)
    except (OSError, UnicodeError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise NotServedError(f"cannot serve on {host} port {port}: {why}") from problem


def _token(given: str | None) -> str | None:
    """Give the token that ``--token`` means, None where there is none yet.

    Raises :class:`NoTokenError`.
    """
    if given is None:
        return None
    if given == GENERATED:
        return new_token()
    if not given.startswith("@"):
        return checked_token(given)
    try:
        with open(given[1:], encoding="utf-8") as file:
            return checked_token(file.readline().strip())
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is no text"
        raise NoTokenError(f"cannot read the token from {given[1:]}: {why}") from problem


def _program() -> list[str]:
    """Give what starts this program again.

    With ``-P`` unless it was started as a module, which is how the current folder comes
    before what is installed.
    """
    as_module = getattr(sys.modules["__main__"], "__spec__", None) is not None
    return [sys.executable, *([] if as_module else ["-P"]), "-m", "policyconsole"]


def _reached_as(address: str) -> str:
    """Give the name to reach an address by: that of the machine where it stands for all it has."""
    return socket.gethostname() if ipaddress.ip_address(address).is_unspecified else address


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
