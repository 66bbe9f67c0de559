"""From a file's content to a policy, or to diagnostics that say what is wrong and where."""

from dataclasses import dataclass, field
from os import PathLike, fspath

from pydantic import ValidationError

from policyconsole.diagnostics import Diagnostic, Severity, error
from policyconsole.escaping import printable
from policyconsole.loading.content import to_text
from policyconsole.loading.formats import DecodeError, Format, decode, format_of
from policyconsole.loading.free_values import refused_values
from policyconsole.loading.saving import save_policy
from policyconsole.loading.spans import place
from policyconsole.loading.type_errors import type_errors
from policyconsole.loading.unknown_fields import unknown_field_warnings, unknown_fields
from policyconsole.policy import PolicyConfig
from policyconsole.reading import UnreadableError, digest, read_file


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy with what it was made from.

    ``digest`` is that of the file's bytes, ``text`` the decoded source without a byte
    order mark, ``diagnostics`` the warnings about unknown fields, placed.
    """

    config: PolicyConfig
    digest: str
    text: str = field(repr=False)
    format: Format
    diagnostics: tuple[Diagnostic, ...] = ()


class PolicyLoadError(Exception):
    """A policy cannot be loaded.

    ``diagnostics`` say why, placed and in order. ``digest`` and ``text`` are those of
    the content, None where it could not be read or is no text; ``policy_id`` is the id
    that the content claims, None where it could not be decoded so far. ``path`` is the
    file, where there is one.
    """

    def __init__(
        self,
        diagnostics: tuple[Diagnostic, ...],
        *,
        digest: str | None = None,
        text: str | None = None,
        policy_id: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics
        self.digest = digest
        self.text = text
        self.policy_id = policy_id
        self.path = path

    def __str__(self) -> str:
        return "\n".join(_line(item, self.path) for item in self.diagnostics)


def parse(
    content: bytes,
    format: Format,  # noqa: A002 - the word of the contracts
    identity: str | None = None,
) -> LoadedPolicy:
    """Make a policy of a file's content; raises :class:`PolicyLoadError`.

    ``identity`` is the content's digest where the caller has it already.
    """
    identity = identity or digest(content)
    text: str | None = None
    try:
        text = to_text(content)
        data = decode(text, format)
    except DecodeError as problem:
        raise PolicyLoadError((problem.diagnostic,), digest=identity, text=text) from None
    unknown = unknown_fields(data)
    findings = list(unknown_field_warnings([path for path, _ in unknown])) if unknown else []
    if unknown or data.get("custom"):
        findings += refused_values((*unknown, (("custom",), data.get("custom"))))
    config: PolicyConfig | None = None
    try:
        config = PolicyConfig.model_validate(data)
    except ValidationError as problem:
        findings += type_errors(problem, format)
    placed = place(findings, text, format) if findings else ()
    if config is None or any(item.blocks for item in placed):
        claimed = data.get("id")
        raise PolicyLoadError(
            placed,
            digest=identity,
            text=text,
            policy_id=claimed if isinstance(claimed, str) and claimed else None,
        )
    return LoadedPolicy(config, identity, text, format, placed)


class PolicyLoader:
    """Policies from files and back, in the format that the suffix names."""

    @staticmethod
    def load(path: str | PathLike[str]) -> PolicyConfig:
        """Read a policy file.

        Raises :class:`PolicyLoadError` for whatever is wrong: a file that cannot be read,
        content that is not well-formed, a value of the wrong type.
        """
        try:
            return _load(fspath(path)).config
        except PolicyLoadError as problem:
            problem.path = fspath(path)
            raise

    @staticmethod
    def save(config: PolicyConfig, path: str | PathLike[str]) -> None:
        """Write a policy so that a reader sees the old file or the new one, never a part.

        Fields that were never set are left out, and so are comments. A link is
        followed, mode and owner of the file are kept; a new file gets mode 600. In JSON,
        dates and times below ``custom`` become RFC 3339 text, in YAML times without a
        date. Raises :class:`~policyconsole.loading.saving.PolicySaveError` for what the
        format cannot hold, OSError where the file cannot be written.
        """
        save_policy(config, path)


def _load(path: str) -> LoadedPolicy:
    form = format_of(path)
    if form is None:
        raise PolicyLoadError((_no_format(),))
    try:
        content = read_file(path)
    except UnreadableError as problem:
        raise PolicyLoadError((problem.diagnostic,)) from None
    return parse(content, form)


def _no_format() -> Diagnostic:
    return error(
        "FILE001",
        Severity.CRITICAL,
        "cannot be read: its name does not say in which format it is",
        help="give it the suffix .toml, .yaml, .yml or .json",
    )


def _line(diagnostic: Diagnostic, path: str | None) -> str:
    """Say a finding in one line, as an exception's message."""
    place = diagnostic.place
    where = [path or "", f"{place.line}:{place.column}" if place else ""]
    what = [diagnostic.code, diagnostic.field or "", diagnostic.message]
    return printable(": ".join(filter(None, (*where, *what))))
