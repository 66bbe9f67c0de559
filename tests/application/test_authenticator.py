import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

from policyconsole import EventType
from policyconsole.application.applier import ApplyError, apply
from policyconsole.application.authentication.credentials import Credentials, hash_api_key
from policyconsole.application.authentication.passwords import hash_password
from policyconsole.application.changes import changed_sections
from policyconsole.application.request import Decision, Refusal, Request
from policyconsole.application.target import Transition
from policyconsole.application.targets.authenticator import Authenticator
from policyconsole.policy import AuthenticationMethod, PolicyConfig
from tests.application.authentication.rounds import count_rounds
from tests.application.authentication.signing import NOW, issuer, token
from tests.story import watching
from tests.waiting import eventually

PASSWORD = Request(headers={"authorization": f"Basic {b64encode(b'ada:secret').decode()}"})
KEY = Request(headers={"x-api-key": "a-long-random-key"})
TOKEN = Request(headers={"authorization": f"Bearer {token(amr=['pwd', 'otp'])}"})
CERTIFICATE = Request(client_name="shop")
SHOWN: Mapping[AuthenticationMethod, Request] = {
    "basic": PASSWORD,
    "api_key": KEY,
    "jwt": TOKEN,
    "oauth2": TOKEN,
    "mtls": CERTIFICATE,
}


def credentials() -> Credentials:
    return Credentials(
        users={"ada": hash_password("secret", 2)},
        api_keys={"shop": hash_api_key("a-long-random-key")},
        token_issuer=issuer(),
        client_names=["shop"],
    )


def policy(iterations: int = 2, *, limit: int = 60, **authentication: object) -> PolicyConfig:
    return PolicyConfig.model_validate(
        {
            "id": "a",
            "name": "A",
            "version": "1.0.0",
            "security": {
                "encryption": {"pbkdf2_iterations": iterations},
                "rate_limiting": {"requests_per_minute": limit},
            },
            "authentication": {"require_mfa": False, **authentication},
        }
    )


class Service:
    """An authenticator, and the policy that is in force for it."""

    def __init__(self, given: Credentials | None = None) -> None:
        self.target = Authenticator(credentials() if given is None else given)
        self.config: PolicyConfig | None = None

    def to(self, new: PolicyConfig | None) -> Transition:
        return Transition("a", self.config, new, changed_sections(self.config, new))

    async def follow(self, new: PolicyConfig | None) -> None:
        await apply(self.to(new), [self.target])
        self.config = new

    def judge(self, request: Request) -> Decision | None:
        return self.target.check("a", request, NOW)

    def code(self, request: Request) -> Refusal | None:
        refusal = self.judge(request)
        return None if refusal is None else refusal.code


@pytest.fixture
def rounds_done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    return count_rounds(monkeypatch)


@pytest.mark.parametrize("method", SHOWN)
async def test_the_method_in_force_is_the_only_one_that_lets_in(
    method: AuthenticationMethod,
) -> None:
    service = Service()
    await service.follow(policy(method=method))
    for request in (PASSWORD, KEY, TOKEN, CERTIFICATE):
        expected = None if request is SHOWN[method] else Refusal.UNAUTHENTICATED
        assert service.code(request) is expected
    assert service.code(Request()) is Refusal.UNAUTHENTICATED


@pytest.mark.parametrize("method", SHOWN)
async def test_a_method_that_the_service_gave_nothing_for_refuses_everything(
    method: AuthenticationMethod,
) -> None:
    service = Service(Credentials())
    await service.follow(policy(method=method))
    refusal = service.judge(SHOWN[method])
    assert refusal is not None
    assert refusal.code is Refusal.FORBIDDEN
    assert refusal.reason == (
        f"the policy asks for {method}, and the service gave no credentials for it"
    )


@pytest.mark.parametrize("off", [policy(method="none"), policy(method="basic", enabled=False)])
async def test_none_and_authentication_that_is_off_let_everyone_in(off: PolicyConfig) -> None:
    service = Service(Credentials())
    await service.follow(off)
    assert service.judge(Request()) is None


async def test_nobody_comes_in_without_a_policy_or_after_it_is_retired() -> None:
    service = Service()
    assert service.code(KEY) is Refusal.NO_POLICY
    await service.follow(policy(method="api_key"))
    assert service.code(KEY) is None
    assert service.target.check("b", KEY, NOW) is not None
    await service.follow(None)
    assert service.code(KEY) is Refusal.NO_POLICY


async def test_mfa_and_the_session_follow_the_policy() -> None:
    service = Service()
    old = Request(headers={"authorization": f"Bearer {token(auth_time=NOW - 1000)}"})
    await service.follow(policy(method="jwt", session_timeout_seconds=3600))
    assert service.code(old) is None
    await service.follow(policy(method="jwt", session_timeout_seconds=900))
    assert service.code(old) is Refusal.UNAUTHENTICATED
    assert service.code(TOKEN) is None
    await service.follow(policy(method="jwt", require_mfa=True))
    assert service.code(old) is Refusal.UNAUTHENTICATED
    assert service.code(TOKEN) is None


@pytest.mark.parametrize("method", ["api_key", "mtls"])
async def test_a_second_factor_is_asked_of_people_not_of_programs(
    method: AuthenticationMethod,
) -> None:
    service = Service()
    await service.follow(policy(method=method, require_mfa=True))
    assert service.code(SHOWN[method]) is None


async def test_a_second_factor_is_asked_of_who_has_a_password() -> None:
    service = Service()
    await service.follow(policy(method="basic"))
    assert service.code(PASSWORD) is None
    await service.follow(policy(method="basic", require_mfa=True))
    refusal = service.judge(PASSWORD)
    assert refusal is not None
    assert "second factor" in refusal.reason


async def test_preparing_changes_nothing_and_undo_puts_back_what_was() -> None:
    service = Service()
    first = await service.target.prepare(service.to(policy(method="api_key")))
    assert service.code(KEY) is Refusal.NO_POLICY
    await first.commit()
    assert service.code(KEY) is None
    await first.undo()
    assert service.code(KEY) is Refusal.NO_POLICY
    await service.follow(policy(method="api_key"))
    for new in (policy(method="mtls"), None):
        change = await service.target.prepare(service.to(new))
        assert service.code(KEY) is None
        await change.commit()
        assert service.code(KEY) is not None
        await change.undo()
        assert service.code(KEY) is None


async def test_only_its_own_sections_concern_it() -> None:
    service = Service()
    assert service.target.sections == {"authentication", "security"}
    assert service.target.name == "authenticator"


async def test_other_changes_keep_what_was_verified(rounds_done: list[int]) -> None:
    service = Service()
    await service.follow(policy(method="basic"))
    assert service.judge(PASSWORD) is None
    rounds_done.clear()
    await service.follow(policy(method="basic", limit=5))
    assert service.judge(PASSWORD) is None
    assert rounds_done == []  # nothing of the method changed: nothing was made anew
    await service.follow(policy(5, method="basic", session_timeout_seconds=5))
    rounds_done.clear()
    assert service.judge(PASSWORD) is None
    assert rounds_done == []


async def test_another_method_forgets_at_once_what_was_verified(
    rounds_done: list[int],
) -> None:
    service = Service()
    await service.follow(policy(method="basic"))
    assert service.judge(PASSWORD) is None
    await service.follow(policy(method="jwt"))
    assert service.code(PASSWORD) is Refusal.UNAUTHENTICATED
    await service.follow(policy(method="basic"))
    rounds_done.clear()
    assert service.judge(PASSWORD) is None
    assert sum(rounds_done) == 2


async def test_a_password_with_other_rounds_verifies_and_is_due_for_renewal() -> None:
    users = {"ada": hash_password("secret", 2), "bob": hash_password("secret", 7)}
    service = Service(Credentials(users=users, api_keys={}))
    assert service.target.due_for_renewal("a") == ()
    await service.follow(policy(7, method="basic"))
    assert service.judge(PASSWORD) is None
    assert service.target.due_for_renewal("a") == ("ada",)
    users["ada"] = hash_password("secret", 8)
    assert service.target.due_for_renewal("a") == ("ada",)
    users["ada"] = hash_password("secret", 7)
    assert service.judge(PASSWORD) is None
    assert service.target.due_for_renewal("a") == ()
    await service.follow(policy(7, method="api_key"))
    assert service.target.due_for_renewal("a") == ()


@pytest.mark.parametrize(("iterations", "most"), [(5, 9), (20, 20)])
async def test_who_is_unknown_waits_as_long_as_who_has_the_most_rounds(
    iterations: int, most: int, rounds_done: list[int]
) -> None:
    users = {"ada": hash_password("another", 9), "bob": hash_password("another", 3)}
    service = Service(Credentials(users=users))
    await service.follow(policy(iterations, method="basic"))
    for name in (b"ada", b"bob", b"nobody"):
        rounds_done.clear()
        given = b64encode(name + b":secret").decode()
        assert service.judge(Request(headers={"authorization": f"Basic {given}"})) is not None
        assert sum(rounds_done) == most


async def test_users_may_come_after_the_policy() -> None:
    users: dict[str, str] = {}
    service = Service(Credentials(users=users))
    await service.follow(policy(method="basic"))
    assert service.code(PASSWORD) is Refusal.UNAUTHENTICATED
    users["ada"] = hash_password("secret", 2)
    assert service.code(PASSWORD) is None


async def test_a_store_that_cannot_be_read_refuses_the_policy_and_the_old_one_stays() -> None:
    users = {"ada": hash_password("secret", 2)}
    service = Service(Credentials(users=users, api_keys=credentials().api_keys))
    await service.follow(policy(method="api_key"))
    users["ada"] = "hunter2"
    with pytest.raises(
        ApplyError, match='failed to prepare: user "ada": not a password as'
    ) as told:
        await service.follow(policy(method="basic"))
    assert "hunter2" not in str(told.value)
    assert service.code(KEY) is None


async def test_rounds_that_would_stop_the_service_refuse_the_policy_and_the_old_one_stays() -> None:
    service = Service()
    await service.follow(policy(10_000_000, method="basic"))
    await service.follow(policy(method="api_key"))
    with pytest.raises(ApplyError, match="10,000,001 rounds at each login would stop the service"):
        await service.follow(policy(10_000_001, method="basic"))
    assert service.code(KEY) is None
    await service.follow(policy(10_000_001, method="api_key"))


async def test_each_policy_may_have_credentials_of_its_own() -> None:
    target = Authenticator(lambda name: credentials() if name == "a" else Credentials(api_keys={}))
    for name in ("a", "b"):
        change = Transition(name, None, policy(method="api_key"), ("authentication",))
        await apply(change, [target])
    assert target.check("a", KEY, NOW) is None
    assert target.check("b", KEY, NOW) is not None


@pytest.mark.parametrize(
    ("method", "scheme"),
    [
        ("basic", "Basic "),
        ("jwt", "Bearer "),
        ("oauth2", "Bearer "),
        ("mtls", None),
        ("none", None),
    ],
)
async def test_the_challenge_names_the_scheme(method: str, scheme: str | None) -> None:
    service = Service()
    assert service.target.challenge("a") is None
    await service.follow(policy(method=method))
    challenge = service.target.challenge("a")
    assert (challenge or "").startswith(scheme or "")
    assert (challenge is None) == (scheme is None)


async def test_each_request_meets_one_policy_while_they_change() -> None:
    """Asked from other threads all the time, the answer is always that of one of the two."""
    service = Service()
    await service.follow(policy(method="api_key"))
    done, answers = threading.Event(), set[Refusal | None]()
    problems: list[BaseException] = []

    def ask() -> None:
        try:
            while not done.is_set():
                answers.add(service.code(KEY))
        except BaseException as problem:
            problems.append(problem)
            raise

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(30):
            await service.follow(policy(method="mtls"))
            await service.follow(policy(method="api_key"))
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not problems
    assert answers <= {None, Refusal.UNAUTHENTICATED}
    assert answers


def test_who_uses_no_tokens_does_not_load_what_reads_them() -> None:
    code = (
        "import sys, policyconsole.application.targets.authenticator as a;"
        "a.Authenticator(a.Credentials());"
        "print([name for name in ('jwt', 'cryptography') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


async def test_the_file_decides_who_comes_in_and_a_refused_change_lets_nobody_else_in(
    tmp_path: Path,
) -> None:
    def write(method: str, rounds: int = 600_000) -> None:
        config = policy(rounds, method="none").model_dump_json(exclude_none=True)
        text = config.replace('"none"', f'"{method}"')
        temporary = tmp_path / "a.tmp"
        temporary.write_text(text)
        temporary.replace(tmp_path / "a.json")

    service = Service()
    write("api_key")
    async with watching(tmp_path, targets=[service.target]) as story:
        await eventually(lambda: service.code(KEY) is None)
        assert service.code(CERTIFICATE) is Refusal.UNAUTHENTICATED
        write("mtls")
        await eventually(lambda: service.code(CERTIFICATE) is None)
        assert service.code(KEY) is Refusal.UNAUTHENTICATED
        write("magic")
        await story.rejections_become(1)
        assert service.code(CERTIFICATE) is None
        write("basic", 10_000_001)
        await eventually(lambda: story.of(EventType.APPLY_FAILED))
        assert service.code(CERTIFICATE) is None
        (tmp_path / "a.json").unlink()
        await eventually(lambda: service.code(CERTIFICATE) is Refusal.NO_POLICY)
