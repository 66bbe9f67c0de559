"""The input validator: what a request may hold, by ``security.input_validation``."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

import orjson

from policyconsole.application.injection import (
    is_plain,
    looks_like_script,
    looks_like_sql,
    readings,
)
from policyconsole.application.request import Decision, Refusal, Request
from policyconsole.application.target import Prepared, Transition
from policyconsole.policy import InputValidation, PolicyConfig

HEADERS = ("cookie", "referer", "user-agent", "x-forwarded-for", "x-forwarded-host")
"""The headers that services write into databases and pages, and that are looked into."""

_BINARY = ("image/", "audio/", "video/", "font/", "application/octet-stream", "application/zip")


class InputValidator:
    """Refuses requests that are too long, or look like SQL or script injection.

    Looks into the path, the query, some headers and the body: JSON by its texts, forms by
    their values, anything else that is not declared to be binary as a whole.
    """

    name = "input validator"
    sections = frozenset({"security"})
    immediate = True

    def __init__(self) -> None:
        self._rules: dict[str, InputValidation | None] = {}

    async def prepare(self, transition: Transition) -> Prepared:
        """Take what counts from now on; see :class:`~policyconsole.application.target.Target`."""
        return _RulesChange(self._rules, transition.policy_id, transition.new)

    def check_size(self, policy_id: str, request: Request, now: float) -> Decision | None:  # noqa: ARG002
        """Give the refusal of a request whose path, query and body are too long together."""
        rules = self._rules.get(policy_id)
        if rules is None or _length(request) <= rules.max_input_length:
            return None
        reason = f"longer than {rules.max_input_length} bytes"
        return Decision(False, reason, Refusal.TOO_LARGE)

    def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
        """Give the refusal of a request that is too long or looks like an attack."""
        if policy_id not in self._rules:
            return Decision(False, "no input rules are known for the policy", Refusal.NO_POLICY)
        rules = self._rules[policy_id]
        if rules is None:
            return None
        if (too_long := self.check_size(policy_id, request, now)) is not None:
            return too_long
        sql, script = rules.sql_injection_protection, rules.xss_protection
        if not sql and not script:
            return None
        for where, value in _values(request):
            for text in readings(value):
                if is_plain(text):
                    continue
                if sql and looks_like_sql(text):
                    return _attack("SQL", where)
                if script and looks_like_script(text):
                    return _attack("script", where)
        return None


@dataclass(slots=True)
class _RulesChange:
    """The rules of a policy on their way to those of ``config``; without it, the policy is retired."""

    rules: dict[str, InputValidation | None]
    policy_id: str
    config: PolicyConfig | None
    known: bool | None = None
    before: InputValidation | None = None

    async def commit(self) -> None:
        self.known, self.before = self.policy_id in self.rules, self.rules.get(self.policy_id)
        if self.config is None:
            self.rules.pop(self.policy_id, None)
            return
        security = self.config.security
        on = security.enabled and security.input_validation.enabled
        self.rules[self.policy_id] = security.input_validation if on else None

    async def undo(self) -> None:
        if self.known:
            self.rules[self.policy_id] = self.before
        elif self.known is not None:
            self.rules.pop(self.policy_id, None)


def _attack(kind: str, where: str) -> Decision:
    return Decision(False, f"what looks like {kind} injection in the {where}", Refusal.BAD_INPUT)


def _length(request: Request) -> int:
    """Give the bytes of path, query and body; of a body that was not read, what is announced."""
    if request.body is not None:
        body = len(request.body)
    else:
        announced = request.headers.get("content-length", "")
        body = int(announced[:19]) if announced.isascii() and announced.isdigit() else 0
    return len(request.path) + len(request.query) + body


def _values(request: Request) -> Iterator[tuple[str, str]]:
    """Give every piece of text that is looked into, and where it stands."""
    yield "path", request.path
    for value in _fields(request.query):
        yield "query", value
    for header in HEADERS:
        if (text := request.headers.get(header)) is not None:
            for part in text.split(";") if header == "cookie" else (text,):
                yield f"{header} header", part.partition("=")[2] if header == "cookie" else part
    if request.body:
        for value in _body(request.body, request.headers.get("content-type", "").lower()):
            yield "body", value


def _fields(form: str) -> Iterator[str]:
    """Give the names and values of a query or a form."""
    for pair in form.split("&") if form else ():
        name, _, value = pair.partition("=")
        yield unquote_plus(name, errors="replace")
        yield unquote_plus(value, errors="replace")


def _body(body: bytes, kind: str) -> Iterator[str]:
    if kind.startswith(_BINARY):
        return
    wide = "utf-16" if "utf-16" in kind else "utf-32" if "utf-32" in kind else "utf-8"
    text = body.decode(wide, errors="replace")
    if kind.startswith("application/x-www-form-urlencoded"):
        yield from _fields(text)
    elif "json" in kind.partition(";")[0]:
        try:
            yield from _texts(orjson.loads(text))
        except orjson.JSONDecodeError:
            yield text  # the service may read it in another way
    else:
        yield text


def _texts(value: object) -> Iterator[str]:
    """Give all texts in what JSON says, names too; without recursion, however deep it is."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left.extend(item.keys())
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
