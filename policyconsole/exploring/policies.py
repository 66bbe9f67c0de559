"""Policies: a folder's policies as values to look at; Policy: one of them."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from policyconsole.application.policy_set import ActivePolicy
from policyconsole.configuration.load import load_configuration
from policyconsole.configuration.model import Configuration
from policyconsole.configuration.settings import Settings
from policyconsole.dashboard import Side, effective
from policyconsole.diagnostics import Diagnostic
from policyconsole.escaping import printable
from policyconsole.exploring.difference import PolicyDifference
from policyconsole.exploring.findings import Findings
from policyconsole.exploring.table import Table
from policyconsole.exploring.unknown import UnknownNameError
from policyconsole.files import taken_by_another
from policyconsole.judging import Judgement, judge, judge_loaded, unreadable
from policyconsole.loading.formats import format_of
from policyconsole.loading.loader import LoadedPolicy
from policyconsole.policy import PolicyConfig
from policyconsole.reading import UnreadableError, read_with_mode, writable_by_others
from policyconsole.validation.levels import ValidationLevel
from policyconsole.validation.ruleset import Ruleset
from policyconsole.watching.folder import find_policy_files
from policyconsole.wording import one_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class Policy:
    """One policy as its file says it; as the last line of a cell it shows every value and where it is from.

    ``path`` is relative to the folder, ``loaded`` what was read.
    """

    path: str
    loaded: LoadedPolicy
    folder: str
    configuration: Configuration
    shared: bool = False

    @property
    def config(self) -> PolicyConfig:
        """The values, typed and immutable."""
        return self.loaded.config

    @property
    def id(self) -> str:
        """The id of the policy."""
        return self.loaded.config.id

    @property
    def text(self) -> str:
        """The source, secrets and all: it is yours; what shows itself masks them."""
        return self.loaded.text

    def validate(
        self, level: ValidationLevel | str | None = None, environment: str | None = None
    ) -> Findings:
        """Judge it as ``policy-console check`` would; what is not said the configuration says.

        Raises ValueError for a level that there is not.
        """
        rules = ruleset(self.folder, self.configuration, level, environment)
        path = os.path.join(self.folder, self.path)
        judged = judge_loaded(self.loaded, rules, path, writable_by_others=self.shared)
        return Findings(self.id, rules.level, judged.diagnostics, judged.accepted, self.text)

    def diff(self, other: "Policy | ActivePolicy | PolicyConfig") -> PolicyDifference:
        """Say what differs between this policy and another one: of a folder, or in force in an engine.

        Raises TypeError for anything else.
        """
        return PolicyDifference.of(self.side, _side(other))

    @property
    def side(self) -> Side:
        """It as one side of a comparison."""
        return Side(self.id, self.config, self.text)

    def values(self) -> Table:
        """List every value and where it comes from: a line of the file, or a default."""
        now = ActivePolicy(self.config, 0, self.loaded.digest, self.path, datetime.now(UTC))
        rows = tuple(
            (value.table, value.name, value.value, value.origin)
            for value in effective(now, self.text)
        )
        title = f"{self.id}  {self.config.version}  {self.path}"
        return Table(title, ("section", "field", "value", "from"), rows)

    def to_frame(self) -> "pd.DataFrame":
        """Give the values as a pandas frame, secrets masked."""
        return self.values().to_frame()

    def __repr__(self) -> str:
        return printable(f"<Policy {self.id} {self.config.version} from {self.path}>")

    def _repr_html_(self) -> str:
        return self.values().html()


def _side(other: object) -> Side:
    match other:
        case Policy():
            return other.side
        case ActivePolicy():
            return Side(f"{other.config.id} r{other.revision} in force", other.config)
        case PolicyConfig():
            return Side(other.id, other)
        case _:
            raise TypeError(
                f"a policy is compared with a policy, not with a {type(other).__name__}"
            )


class Policies(Mapping[str, Policy]):
    """The policies of a folder by id; files that cannot be used are :attr:`problems`, by path."""

    def __init__(
        self, folder: str, policies: Mapping[str, Policy], problems: Mapping[str, Findings]
    ) -> None:
        self.folder = folder
        self.problems = problems
        self._policies = dict(policies)

    def __getitem__(self, policy_id: str) -> Policy:
        """Give the policy of an id; raises KeyError, with the id that is probably meant."""
        try:
            return self._policies[policy_id]
        except KeyError:
            raise UnknownNameError("policy", policy_id, self._policies) from None

    def _ipython_key_completions_(self) -> list[str]:
        """Give what IPython offers after ``policies["``."""
        return list(self._policies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __len__(self) -> int:
        return len(self._policies)

    def validate(
        self, level: ValidationLevel | str | None = None, environment: str | None = None
    ) -> Table:
        """Judge all of them; gives what each comes to."""
        judged = [(policy, policy.validate(level, environment)) for policy in self.values()]
        rows = tuple(
            (
                policy.id,
                "valid" if found.accepted else "refused",
                len(found.errors),
                len(found.warnings),
                len(found.recommendations),
                " ".join(found.codes),
            )
            for policy, found in judged
        )
        at = judged[0][1].level if judged else level or "standard"
        columns = ("policy", "verdict", "errors", "warnings", "recommendations", "codes")
        return Table(f"{self.folder} at {at}", columns, rows, self._note())

    def table(self) -> Table:
        """List them."""
        rows = tuple(
            (
                policy.id,
                policy.path,
                policy.config.version,
                policy.config.environment,
                policy.config.name,
            )
            for policy in self.values()
        )
        columns = ("policy", "file", "version", "environment", "name")
        return Table(f"{self.folder}: {len(self)} policies", columns, rows, self._note())

    def to_frame(self) -> "pd.DataFrame":
        """Give the list as a pandas frame."""
        return self.table().to_frame()

    def _note(self) -> str:
        count = len(self.problems)
        if not count and not self._policies:
            return "there is no policy file in it"
        files = "1 file" if count == 1 else f"{count:,} files"
        return f"{files} cannot be used: see .problems" if count else ""

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table().html()


def load_folder(
    folder: str | os.PathLike[str], *, configuration: Configuration | None = None
) -> Policies:
    """Read every policy file below a folder, once; nothing is watched.

    Which files count, and how they are validated, the nearest configuration says, as for the
    commands. Of two files with one id the first by path that is valid has it, and the other is
    a problem (SET001). Raises
    :class:`~policyconsole.watching.folder.RootLostError` where there is no such folder, and
    ConfigurationError for a configuration that cannot be used.
    """
    root = os.fspath(folder)
    configuration = load_configuration(root) if configuration is None else configuration
    rules = ruleset(root, configuration, None, None)
    policies: dict[str, Policy] = {}
    problems: dict[str, Findings] = {}

    def problem(path: str, judged: Judgement, found: tuple[Diagnostic, ...]) -> None:
        problems[path] = Findings(path, rules.level, found, False, judged.text or "")

    paths = sorted(find_policy_files(root, configuration.files(root)).files)
    read = [(path, *_read(os.path.join(root, path), rules)) for path in paths]
    for path, judged, shared in sorted(read, key=lambda one: not one[1].accepted):
        if judged.policy is None:
            problem(path, judged, judged.diagnostics)
            continue
        policy = Policy(path, judged.policy, root, configuration, shared)
        holder = policies.setdefault(policy.id, policy)
        if holder is not policy:
            problem(path, judged, taken_by_another(judged, holder.path))
    in_order = sorted(policies.values(), key=lambda policy: policy.path)
    return Policies(printable(root), {policy.id: policy for policy in in_order}, problems)


def ruleset(
    folder: str,
    configuration: Configuration,
    level: ValidationLevel | str | None,
    environment: str | None,
) -> Ruleset:
    """Give what the policies of a folder are judged by; raises ValueError for an unknown level."""
    asked: dict[str, object] = {}
    if level is not None:
        asked["level"] = one_of(ValidationLevel, "level", level)
    if environment is not None:
        asked["environment"] = environment
    return Settings(configuration, asked).effective.ruleset(folder)


def _read(path: str, rules: Ruleset) -> tuple[Judgement, bool]:
    form = format_of(path)
    try:
        content, mode = read_with_mode(path)
    except UnreadableError as problem:
        return unreadable(problem.diagnostic), False
    if form is None:
        raise ValueError(f"{path} does not have the suffix of a policy")
    shared = writable_by_others(mode)
    return judge(content, form, rules, path, writable_by_others=shared), shared
