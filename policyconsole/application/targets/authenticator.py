"""The authenticator: who may come in follows ``authentication``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from policyconsole.application.authentication.answers import refuse
from policyconsole.application.authentication.api_key import ApiKeyCheck
from policyconsole.application.authentication.basic import BasicCheck, VerifiedPasswords
from policyconsole.application.authentication.bearer import BearerCheck
from policyconsole.application.authentication.certificate import CertificateCheck
from policyconsole.application.authentication.credentials import Credentials, stored_rounds
from policyconsole.application.request import Decision, Refusal, Request
from policyconsole.application.target import Transition
from policyconsole.policy import PolicyConfig

MOST_ITERATIONS = 10_000_000
"""The most rounds of PBKDF2 that a policy may ask of ``basic``: two seconds, at each wrong password."""


class Method(Protocol):
    """One method of authentication, ready to judge requests from any thread."""

    @property
    def challenge(self) -> str | None:
        """What a WWW-Authenticate header says of the method, None where there is no such scheme."""

    def __call__(self, request: Request, now: float, /) -> Decision | None:
        """Give the refusal, or None where there is nothing to object to."""


class Authenticator:
    """Lets in whom the policy in force and the service's credentials let in.

    ``credentials`` is what the service knows its clients by: one value for all
    policies, or a function that gives it for a policy's id. A method that nothing is
    given for refuses everything; a policy whose authentication is off, or whose
    method is ``none``, lets everyone in.

    Of ``security`` only ``encryption.pbkdf2_iterations`` matters, and only to ``basic``.
    """

    name = "authenticator"
    sections = frozenset({"authentication", "security"})

    def __init__(self, credentials: Credentials | Callable[[str], Credentials]) -> None:
        self._credentials = credentials
        self._in_force: dict[str, _InForce] = {}

    async def prepare(self, transition: Transition) -> "_MethodChange":
        """Make the method ready; see :class:`Target`.

        Raises ValueError where a stored password cannot be read, or where each would take
        more than ``MOST_ITERATIONS`` rounds.
        """
        old = self._in_force.get(transition.policy_id)
        new = None
        if transition.new is not None:
            settings = _Settings.of(transition.new)
            new = old if old and old.settings == settings else self._made(transition, settings, old)
        return _MethodChange(self._in_force, transition.policy_id, new, old)

    def check(self, policy_id: str, request: Request, now: float) -> Decision | None:
        """Judge a request by the policy in force; see :class:`Guarding`.

        ``basic`` takes as long as the rounds of PBKDF2 do, unless the password was right
        a moment ago: on a loop, call it in a thread.
        """
        in_force = self._in_force.get(policy_id)
        if in_force is None:
            return refuse("no policy of that id is in force", Refusal.NO_POLICY)
        return in_force.check(request, now)

    def challenge(self, policy_id: str) -> str | None:
        """Give the WWW-Authenticate header that goes with a 401, or None if there is none."""
        in_force = self._in_force.get(policy_id)
        return in_force.check.challenge if in_force else None

    def due_for_renewal(self, policy_id: str) -> tuple[str, ...]:
        """List the users whose passwords are stored with other rounds than the policy says.

        They still come in. Store ``hash_password`` of the password at the next change
        of it. Empty where the method is not ``basic``. Raises ValueError where one cannot
        be read.
        """
        in_force = self._in_force.get(policy_id)
        if in_force is None or not isinstance(in_force.check, BasicCheck):
            return ()
        rounds = in_force.settings.iterations
        stored = stored_rounds(in_force.check.users)
        return tuple(user for user, iterations in stored.items() if iterations != rounds)

    def _made(
        self, transition: Transition, settings: "_Settings", old: "_InForce | None"
    ) -> "_InForce":
        method = settings.method
        given = self._credentials
        credentials = given if isinstance(given, Credentials) else given(transition.policy_id)
        return _InForce(settings, _check(method, settings, credentials, old) or _Nothing(method))


@dataclass(frozen=True, slots=True)
class _Settings:
    """What of a policy the authenticator goes by."""

    method: str
    require_mfa: bool
    session_seconds: int
    iterations: int

    @classmethod
    def of(cls, config: PolicyConfig) -> "_Settings":
        section = config.authentication
        return cls(
            section.method if section.enabled else "none",
            section.require_mfa,
            section.session_timeout_seconds,
            config.security.encryption.pbkdf2_iterations,
        )


@dataclass(frozen=True, slots=True)
class _InForce:
    """How requests are judged by one policy."""

    settings: _Settings
    check: Method


@dataclass(frozen=True, slots=True)
class _MethodChange:
    """One policy on its way to another method; one assignment, so readers see all or nothing."""

    in_force: dict[str, _InForce]
    policy_id: str
    new: _InForce | None
    old: _InForce | None

    async def commit(self) -> None:
        self._put(self.new)

    async def undo(self) -> None:
        self._put(self.old)

    def _put(self, value: _InForce | None) -> None:
        if value is None:
            self.in_force.pop(self.policy_id, None)
        else:
            self.in_force[self.policy_id] = value


class _Open:
    """Lets everyone in."""

    challenge = None

    def __call__(self, _request: Request, _now: float, /) -> Decision | None:
        return None


class _Nothing:
    """Refuses everything: the service gave nothing that the method could go by."""

    challenge = None

    def __init__(self, method: str) -> None:
        self._reason = f"the policy asks for {method}, and the service gave no credentials for it"

    def __call__(self, _request: Request, _now: float, /) -> Decision | None:
        return refuse(self._reason, Refusal.FORBIDDEN)


def _check(
    method: str, settings: _Settings, credentials: Credentials, old: _InForce | None
) -> Method | None:
    """Make the check of a method; None where the service gave nothing for it."""
    if method == "none":
        return _Open()
    if method == "basic" and credentials.users is not None:
        return _basic(settings, credentials.users, old)
    if method == "api_key" and credentials.api_keys is not None:
        return ApiKeyCheck(credentials.api_keys, credentials.api_key_header)
    if method in {"jwt", "oauth2"} and credentials.token_issuer is not None:
        return BearerCheck(
            credentials.token_issuer,
            require_mfa=settings.require_mfa,
            session_seconds=settings.session_seconds,
        )
    if method == "mtls" and credentials.client_names is not None:
        return CertificateCheck(credentials.client_names)
    return None


def _basic(settings: _Settings, users: Mapping[str, str], old: _InForce | None) -> BasicCheck:
    """What was verified is verified still while the method stays: it depends on no other setting."""
    if settings.iterations > MOST_ITERATIONS:
        raise ValueError(
            f"security.encryption.pbkdf2_iterations: {settings.iterations:,} rounds at each login "
            f"would stop the service; at most {MOST_ITERATIONS:,}"
        )
    kept = old.check.verified if old and isinstance(old.check, BasicCheck) else VerifiedPasswords()
    return BasicCheck(
        users,
        max([settings.iterations, *stored_rounds(users).values()]),
        require_mfa=settings.require_mfa,
        verified=kept,
    )
