"""What the model writes into files, and what the rules of the design say of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import tomli_w
import yaml

from policyconsole.validation.levels import ValidationLevel

Kind = Literal[
    "fine", "bare", "debug", "old_tls", "no_mfa", "unknown_field",
    "torn", "twice", "wrong_type", "no_name", "no_id", "empty_id", "empty", "not_utf8", "too_large",
]  # fmt: skip

SMALL_LIMIT = 8192
"""The largest policy file while the model runs, in bytes."""

ODD = ("fifo", "folder", "dangling", "circle", "device")
"""What is no regular file, though its name says that it is a policy: FILE001 at every level."""


@dataclass(frozen=True)
class Content:
    """One policy text: what kind, the id that it claims, and a number that makes it differ."""

    kind: Kind
    policy_id: str = "x"
    number: int = 20

    def data(self) -> bytes | dict[str, Any]:
        """The values, or the bytes of what is no policy in any format."""
        policy: dict[str, Any] = {"id": self.policy_id, "name": "A policy", "version": "1.0.0"}
        monitoring: dict[str, object] = {"interval_seconds": self.number}
        match self.kind:
            case "bare":
                return policy
            case "debug":
                monitoring["log_level"] = "debug"
            case "old_tls":
                policy["security"] = {"tls": {"min_version": "TLSv1.0"}}
            case "no_mfa":
                policy["authentication"] = {"require_mfa": False}
            case "unknown_field":
                policy["colour"] = "blue"
            case "wrong_type":
                monitoring["interval_seconds"] = f"{self.number}"
            case "no_name":
                del policy["name"]
            case "no_id":
                del policy["id"]
            case "empty_id":
                policy["id"] = ""
            case "empty":
                return b""
            case "not_utf8":
                return b'name = "caf\xe9 %d"\n' % self.number
            case "too_large":
                return b"#" * (SMALL_LIMIT + self.number)
            case _:
                pass
        return policy | {"monitoring": monitoring}

    def in_format(self, suffix: str) -> bytes:
        """The bytes in the format of ``suffix``."""
        data = self.data()
        if isinstance(data, bytes):
            return _known(data, suffix, self)
        if self.kind == "twice":
            return _known(_TWICE[suffix].replace("ID", f"{self.number}").encode(), suffix, self)
        text = _text(data, suffix)
        if self.kind == "torn":
            text = text[: text.rindex("d")] + {".toml": " = [", ".yaml": ": [", ".json": ""}[suffix]
        return _known(text.encode(), suffix, self)

    def in_pieces(self, suffix: str) -> tuple[bytes, bytes]:
        """The bytes in two parts: the first is a valid policy of its own, except in JSON."""
        whole = self.in_format(suffix)
        if suffix == ".json" and self.kind not in _NO_PIECES:
            half = len(whole) // 2
            return _known(whole[:half], suffix, Content("torn")), whole[half:]
        first = Content("bare", self.policy_id).in_format(suffix)
        if not whole.startswith(first):
            return whole, b""
        return first, whole[len(first) :]


@dataclass(frozen=True)
class Expected:
    """What the design says of one content at one level: accepted or not, why, which id it claims."""

    accepted: bool
    codes: tuple[str, ...]
    policy_id: str | None
    interval: int | None = None


_WRITTEN: dict[tuple[str, bytes], Content] = {}

_TWICE = {
    ".toml": 'name = "ID"\nname = "b"\n',
    ".yaml": "name: a ID\nname: b\n",
    ".json": '{"name": "ID", "name": "b"}',
}

_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "torn": ("PARSE001",),
    "twice": ("PARSE002",),
    "wrong_type": ("TYPE001",),
    "no_name": ("TYPE003",),
    "no_id": ("TYPE003",),
    "empty_id": ("SYNTAX001",),
    "empty": ("FILE004",),
    "not_utf8": ("FILE003",),
    "too_large": ("FILE002",),
}
_CLAIMS = {"torn", "twice", "no_id", "empty", "not_utf8", "too_large"}
"""Kinds whose id nobody can tell."""

_NO_PIECES = {"twice", "empty", "not_utf8", "too_large"}
"""Kinds that are written in one piece."""


def expected(data: bytes, suffix: str, level: ValidationLevel, environment: str | None) -> Expected:
    """Look up what the rules say of bytes that the model has written."""
    content = _WRITTEN[suffix, data]
    if content.kind in _ALWAYS:
        claimed = None if content.kind in _CLAIMS else content.policy_id
        if content.kind == "empty_id":
            claimed = ""
        return Expected(False, _ALWAYS[content.kind], claimed)
    strict = level in (ValidationLevel.STRICT, ValidationLevel.CUSTOM)
    production = level is ValidationLevel.CUSTOM and environment == "production"
    accepted, codes = True, list[str]()
    match content.kind:
        case "debug" if production:
            codes.append("ENV003")
        case "old_tls" if strict:
            accepted = False
            codes.append("SEC003")
        case "no_mfa":
            codes.append("REC004")
            if production:
                accepted = False
                codes.append("ENV002")
        case "unknown_field":
            codes.append("FIELD001")
        case _:
            pass
    interval = 60 if content.kind == "bare" else content.number
    return Expected(accepted, tuple(sorted(codes)), content.policy_id, interval)


def written(data: bytes, suffix: str) -> Content:
    """Give the content that bytes were made from."""
    return _WRITTEN[suffix, data]


def _known(data: bytes, suffix: str, content: Content) -> bytes:
    _WRITTEN[suffix, data] = content
    return data


def _text(data: dict[str, Any], suffix: str) -> str:
    if suffix == ".toml":
        return tomli_w.dumps(data)
    if suffix == ".yaml":
        return yaml.safe_dump(data, sort_keys=False)
    return json.dumps(data)
