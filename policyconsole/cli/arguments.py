"""The arguments of every command; what carries a command out is loaded only afterwards."""

import argparse
import math
from typing import NoReturn

from policyconsole.escaping import printable
from policyconsole.validation.levels import ValidationLevel

PROGRAM = "policy-console"

COMMANDS = (
    "check",
    "watch",
    "rule",
    "convert",
    "schema",
    "history",
    "diff",
    "rollback",
    "serve",
    "demo",
    "replay",
)
"""The commands; anything else that comes first is the FOLDER of the terminal app."""

WRONG_USAGE = 2
"""The exit code for wrong usage, a PATH that does not exist, or output that cannot be written."""

SWITCH_INTERVAL = 0.0005
"""Seconds for which one thread may keep the interpreter while another waits for it.

With Python's own 5 ms, one line of a hundred of ``watch`` came 2.6 ms after its event
instead of 0.6, and in the terminal app a change waited for the drawing of the one before.
"""

GARBAGE_THRESHOLD = 50_000
"""How many new objects there may be before Python looks for garbage in cycles.

Policies are values without cycles: with Python's own 700, looking for some was a third of the
first load of 10,000 policies, and a pause within changes after it.
"""

METRICS_ADDRESS = "127.0.0.1"
"""Where metrics are served unless another address is asked for: on this machine only."""

SERVE_ADDRESS = "127.0.0.1"
"""Where the page is served unless another address is asked for: on this machine only."""

DEMO_PACE = 5.0
"""Seconds for which a step can be read before it happens by itself."""

SERVE_PORT = 8000
"""The port of the page unless another is asked for."""

WATCHERS = ("auto", "inotify", "watchfiles", "poll")
"""The values of ``WatcherKind``, written out: importing it brings asyncio, and ``--help`` needs none."""

SEVERITIES = ("critical", "high", "medium", "low")
"""The values of ``Severity``."""

WEIGHTS = (*SEVERITIES, "warning", "recommendation", "off")
"""The values of ``Weight``, written out: importing it brings pydantic."""

FAIL_ON = ("refused", *SEVERITIES, "warning", "recommendation", "never")
"""The values of ``FailOn``, written out likewise."""

_CONFIGURATION = """\
Options are stronger than the environment (POLICY_CONSOLE_LEVEL, ...), that is stronger
than the configuration; docs/configuration.md has every setting.
"""

_EXIT_CODES = """\
exit codes:
  0  no file refused
  1  at least one file refused (check; --fail-on says otherwise)
  2  wrong usage, a configuration with mistakes, a PATH that does not exist, or output that
     cannot be written
"""

_APP_USAGE = f"""\
{PROGRAM} [OPTIONS] [FOLDER]
       {PROGRAM} check [OPTIONS] PATH...
       {PROGRAM} watch [OPTIONS] FOLDER
       {PROGRAM} history [OPTIONS] FOLDER [POLICY]
       {PROGRAM} diff [OPTIONS] FOLDER POLICY A B
       {PROGRAM} rollback [OPTIONS] FOLDER POLICY REVISION
       {PROGRAM} convert [OPTIONS] SOURCE TARGET
       {PROGRAM} rule [OPTIONS] [CODE]
       {PROGRAM} schema
       {PROGRAM} serve [OPTIONS] FOLDER
       {PROGRAM} demo [OPTIONS]
       {PROGRAM} replay [OPTIONS] FILE"""

_APP_DESCRIPTION = """\
Watch a folder of security policies, validate every change, and keep only valid
ones in force.

  policy-console [FOLDER]      the terminal app on FOLDER
                               (default: ./policies if there is one, else the current folder)
  policy-console check PATH... validate files or folders once
  policy-console watch FOLDER  the engine without a face: events on standard output
                               until Ctrl-C or SIGTERM
  policy-console history FOLDER [POLICY]
                               the revisions that are kept
  policy-console diff FOLDER POLICY A B
                               what differs between two of them, field by field
  policy-console rollback FOLDER POLICY REVISION
                               write an earlier revision back to its file
  policy-console convert SOURCE TARGET
                               rewrite a policy in the format of TARGET's suffix
  policy-console rule [CODE]   list the rules, or explain one: what, why, example, fix, source
  policy-console schema        the JSON Schema of a policy file, for editors
  policy-console serve FOLDER  the terminal app in a web browser, until Ctrl-C or SIGTERM
  policy-console demo          the terminal app on sample policies, and a scenario step by step
  policy-console replay FILE   a session that --record has written, in the terminal app

'policy-console COMMAND --help' says more about a command. A folder that is called
like a command is named as ./check."""

_APP_EPILOG = f"""\
{_CONFIGURATION}
{_EXIT_CODES}
examples:
  policy-console
  policy-console --level strict --environment production policies/
  policy-console check --level strict policies/
"""

_CHECK_EPILOG = f"""\
Each PATH goes by its own nearest configuration.
{_CONFIGURATION}
{_EXIT_CODES}
examples:
  policy-console check policies/
  policy-console check --level strict --environment production policies/ extra.yaml
  policy-console check --format json policies/ | jq '.files[] | select(.valid | not)'
  policy-console check --ignore SEC004,REC --fail-on warning policies/
  policy-console check --level strict --write-baseline .baseline.json policies/
  policy-console check --format sarif --output policies.sarif policies/
  policy-console check --fix policies/
  policy-console check --diff --unsafe-fixes policies/ | less
"""

_WATCH_EPILOG = f"""\
FOLDER must be there; the policy files may come later. The configuration is followed while
it runs: what is changed in it counts at once, a mistake in it changes nothing.
{_CONFIGURATION}
exit codes:
  0  ended by Ctrl-C or SIGTERM, or because nobody reads the output any more
  2  wrong usage, a configuration with mistakes, a FOLDER that does not exist, or a port that
     cannot be served on

examples:
  policy-console watch policies/
  policy-console watch --level strict --format jsonl policies/ | jq -c 'select(.type == "rejected")'
  policy-console watch --watcher poll /mnt/shared/policies
  policy-console watch --metrics-port 9464 --log-file policies.log policies/
"""

_SERVE_EPILOG = f"""\
Every page is an app of its own, with an engine of its own; 8 may be open at once. When a page
is closed, its app ends. On another address than this machine's own, or with --public-url, a
page must bring a token: the URL that is said on standard error has it. docs/serve.md says more.
{_CONFIGURATION}
exit codes:
  0  ended by Ctrl-C or SIGTERM
  2  wrong usage, a configuration with mistakes, a FOLDER that does not exist, no token, a port
     that cannot be served on, or an installation without the extra 'serve'

examples:
  policy-console serve policies/
  policy-console serve --port 0 --level strict policies/
  policy-console serve --host 0.0.0.0 --token @token.txt policies/
  policy-console serve --public-url https://policies.example/ policies/
"""

_DEMO_EPILOG = """\
n does the next step, a plays them one after the other. The folder is a temporary one; it and
what is kept of it are deleted at the end. docs/demo.md says what happens.

exit codes:
  0  ended by q or Ctrl-C
  2  wrong usage, no terminal, or a FILE that cannot be written

examples:
  policy-console demo
  policy-console demo --automatic --pace 8
  policy-console demo --record reload.jsonl
"""

_REPLAY_EPILOG = """\
FILE is what 'policy-console demo --record FILE' or 'policy-console --record FILE FOLDER' has
written. Nothing on disk is looked at or changed. docs/demo.md says what is in FILE.

exit codes:
  0  ended by q or Ctrl-C
  2  wrong usage, no terminal, or a FILE that cannot be read or is no recording

examples:
  policy-console replay reload.jsonl
  policy-console replay --speed 4 reload.jsonl
"""

_RULE_EPILOG = """\
The beginning of a code lists the rules whose codes begin like that.

exit codes:
  0  there is such a rule
  2  wrong usage, or no such rule

examples:
  policy-console rule
  policy-console rule SEC
  policy-console rule SEC003
  policy-console rule --format json | jq -r '.rules[] | select(.kind == "error") | .code'
"""

_SCHEMA_EPILOG = """\
The schema accepts whatever loads: what only a rule minds is said by 'policy-console check'.

example:
  policy-console schema > policies/.policy.schema.json
"""


_CONVERT_EPILOG = """\
All fields are kept, unknown ones and those below custom too; comments are not.
SOURCE may break rules, but it must load. A new file can be read by its owner only.

exit codes:
  0  TARGET is written
  1  SOURCE cannot be loaded, or TARGET's format cannot hold it (TOML has no null)
  2  wrong usage, TARGET is there already, or it cannot be written

examples:
  policy-console convert production.toml production.yaml
  policy-console convert --force gateway.json gateway.toml
"""

_HISTORY_EPILOG = """\
Without POLICY every policy is listed; with it, its revisions from the newest on, and what
of it was refused. Times are local ones; in json they are in UTC.

exit codes:
  0  it is shown, or the tag is set or taken away
  2  wrong usage, no history of FOLDER, no such policy, revision or tag, or a history that
     cannot be read

examples:
  policy-console history policies/
  policy-console history policies/ production-security-policy
  policy-console history policies/ production-security-policy --tag known-good
  policy-console history policies/ --tagged known-good
  policy-console history policies/ production-security-policy --content 6 > before.toml
  policy-console history --format json policies/ production-security-policy | jq '.revisions[0]'
"""

_DIFF_EPILOG = """\
A and B are numbers of revisions, or tags. Secrets are masked.

exit codes:
  0  what differs is shown, or nothing does
  2  wrong usage, no history of FOLDER, no such policy or revision, one that cannot be
     loaded any more, or a history that cannot be read

examples:
  policy-console diff policies/ production-security-policy 6 7
  policy-console diff --source policies/ production-security-policy known-good 7
"""

_ROLLBACK_EPILOG = f"""\
REVISION is the number of a revision, or a tag. Its content is written to the policy's file
in one step; a 'watch' or terminal app on FOLDER puts it in force like any other change, as
does the next start of one. What it replaces is kept: 'policy-console history' shows it.
{_CONFIGURATION}
exit codes:
  0  it is written, or the file has this content already
  1  today's rules refuse it (--force writes it all the same), or the file's format cannot
     hold it
  2  wrong usage, a configuration with mistakes, no history of FOLDER, no such policy or
     revision, or a file or history that cannot be written

examples:
  policy-console rollback policies/ production-security-policy 6
  policy-console rollback policies/ production-security-policy known-good
"""


def app_parser() -> argparse.ArgumentParser:
    """Make the parser of the terminal app's arguments, whose help is that of the whole program."""
    made = _Parser("", _APP_USAGE, _APP_DESCRIPTION, _APP_EPILOG)
    made.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    made.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder of policy files")
    made.add_argument("too_many", nargs="*", help=argparse.SUPPRESS)
    _add_validation_options(made)
    _add_watcher_option(made)
    _add_history_options(made)
    _add_record_option(made)
    return made


def demo_parser() -> argparse.ArgumentParser:
    """Make the parser of ``demo``'s arguments."""
    made = _Parser(
        "demo",
        "policy-console demo [OPTIONS]",
        "Show the terminal app on a copy of the sample policies, and play a scenario in it: good and\n"
        "bad changes, half a file, a burst, requests, a deletion, a rollback.",
        _DEMO_EPILOG,
    )
    made.add_argument(
        "--automatic", action="store_true", help="play the steps one after the other from the start"
    )
    made.add_argument(
        "--pace",
        type=_seconds,
        default=DEMO_PACE,
        metavar="SECONDS",
        help=f"how long each step can be read before it happens by itself (default: {DEMO_PACE:g})",
    )
    _add_record_option(made)
    return made


def replay_parser() -> argparse.ArgumentParser:
    """Make the parser of ``replay``'s arguments."""
    made = _Parser(
        "replay",
        "policy-console replay [OPTIONS] FILE",
        "Show in the terminal app what was recorded.",
        _REPLAY_EPILOG,
    )
    made.add_argument("file", metavar="FILE", help="the recording")
    made.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="how many times as fast as it was (default: 1), from 0.1 to 100",
    )
    return made


def _add_record_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--record``."""
    parser.add_argument(
        "--record",
        metavar="FILE",
        help="write what happens to FILE, which must not be there yet: 'policy-console replay FILE' shows it",
    )


def check_parser() -> argparse.ArgumentParser:
    """Make the parser of ``check``'s arguments."""
    made = _Parser(
        "check",
        "policy-console check [OPTIONS] PATH...",
        "Validate policy files, or every policy file below a folder, once.",
        _CHECK_EPILOG,
    )
    made.add_argument("paths", nargs="+", metavar="PATH", help="a policy file, or a folder of them")
    _add_validation_options(made)
    made.add_argument(
        "--fail-on",
        choices=FAIL_ON,
        metavar="WHAT",
        help="exit with 1 for a refused file (refused, the default), for a finding at least this grave"
        " (critical, high, medium, low, warning, recommendation), or never",
    )
    made.add_argument(
        "--write-baseline",
        metavar="FILE",
        help="write everything that is found to FILE as a baseline, and report what cannot be in one",
    )
    made.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github", "junit"),
        default="text",
        help="text (default) for people, json for programs, sarif for code scanning,\n"
        "github for annotations in a workflow, junit for test reports",
    )
    made.add_argument(
        "--output",
        metavar="FILE",
        help="write the report to FILE, as a whole or not at all, and the counts to standard output;\n"
        "never over a file that is checked",
    )
    _add_fix_options(made)
    return made


def _add_fix_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--fix``, ``--diff`` and ``--unsafe-fixes``."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--fix",
        action="store_true",
        help="mend in the files what has one safe answer, and report what is left",
    )
    either.add_argument(
        "--diff",
        action="store_true",
        help="write what --fix would change as a unified diff, and change nothing; exit code 1 if "
        "there is something to change or a file is refused",
    )
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: also what changes the meaning of a policy",
    )


def watch_parser() -> argparse.ArgumentParser:
    """Make the parser of ``watch``'s arguments."""
    made = _Parser(
        "watch",
        "policy-console watch [OPTIONS] FOLDER",
        "Keep the valid policies of a folder in force and write what happens, one event a line,\n"
        "until Ctrl-C or SIGTERM.",
        _WATCH_EPILOG,
    )
    made.add_argument("folder", metavar="FOLDER", help="the folder of policy files")
    _add_validation_options(made)
    _add_watcher_option(made)
    _add_history_options(made)
    made.add_argument(
        "--format",
        choices=("text", "jsonl"),
        default="text",
        help="text (default) for people, jsonl for programs: one JSON object a line",
    )
    made.add_argument(
        "--metrics-port",
        type=_port,
        metavar="PORT",
        help="serve metrics for Prometheus on this port; 0 takes a free one, and says which",
    )
    made.add_argument(
        "--metrics-address",
        metavar="ADDRESS",
        help=f"the address that they are served on (default: {METRICS_ADDRESS}, for this machine only)",
    )
    made.add_argument(
        "--log-file",
        metavar="FILE",
        help="append a log to FILE, one JSON object a line; - is standard error",
    )
    return made


def convert_parser() -> argparse.ArgumentParser:
    """Make the parser of ``convert``'s arguments."""
    made = _Parser(
        "convert",
        "policy-console convert [OPTIONS] SOURCE TARGET",
        "Rewrite a policy in the format of TARGET's suffix: .toml, .yaml, .yml or .json.",
        _CONVERT_EPILOG,
    )
    made.add_argument("source", metavar="SOURCE", help="a policy file")
    made.add_argument("target", metavar="TARGET", help="the file to write")
    made.add_argument("--force", action="store_true", help="replace TARGET if it is there already")
    return made


def history_parser() -> argparse.ArgumentParser:
    """Make the parser of ``history``'s arguments."""
    made = _Parser(
        "history",
        "policy-console history [OPTIONS] FOLDER [POLICY]",
        "Show the revisions that are kept of the policies of a folder, and give them names.",
        _HISTORY_EPILOG,
    )
    made.add_argument("folder", metavar="FOLDER", help="the folder of policy files")
    made.add_argument("policy", nargs="?", metavar="POLICY", help="the id of a policy")
    either = made.add_mutually_exclusive_group()
    either.add_argument(
        "--tag", metavar="NAME", help="give a revision of POLICY this name; it may move on later"
    )
    either.add_argument("--untag", metavar="NAME", help="take the name away again")
    either.add_argument("--tagged", metavar="NAME", help="show only what has this name")
    either.add_argument(
        "--content",
        metavar="WHICH",
        help="write a content as it was, secrets too (a terminal gets them masked): a revision,\n"
        "a tag, or the beginning of the digest of what was refused",
    )
    made.add_argument(
        "--revision",
        metavar="N",
        help="with --tag: the revision that is meant (default: the one in force)",
    )
    _add_shown_as(made)
    _add_config_option(made, "in the folder or above it")
    add_state_option(made)
    return made


def diff_parser() -> argparse.ArgumentParser:
    """Make the parser of ``diff``'s arguments."""
    made = _Parser(
        "diff",
        "policy-console diff [OPTIONS] FOLDER POLICY A B",
        "Show what differs between two revisions of a policy, field by field.",
        _DIFF_EPILOG,
    )
    made.add_argument("folder", metavar="FOLDER", help="the folder of policy files")
    made.add_argument("policy", metavar="POLICY", help="the id of a policy")
    made.add_argument("old", metavar="A", help="a revision, or a tag")
    made.add_argument("new", metavar="B", help="the one to compare it with")
    made.add_argument(
        "--source", action="store_true", help="show a unified diff of the sources instead"
    )
    _add_shown_as(made)
    _add_config_option(made, "in the folder or above it")
    add_state_option(made)
    return made


def rollback_parser() -> argparse.ArgumentParser:
    """Make the parser of ``rollback``'s arguments."""
    made = _Parser(
        "rollback",
        "policy-console rollback [OPTIONS] FOLDER POLICY REVISION",
        "Write an earlier revision of a policy back to its file.",
        _ROLLBACK_EPILOG,
    )
    made.add_argument("folder", metavar="FOLDER", help="the folder of policy files")
    made.add_argument("policy", metavar="POLICY", help="the id of a policy")
    made.add_argument("revision", metavar="REVISION", help="a revision, or a tag")
    made.add_argument(
        "--force", action="store_true", help="write it though today's rules refuse it"
    )
    _add_validation_options(made)
    add_state_option(made)
    return made


def _add_shown_as(parser: argparse.ArgumentParser) -> None:
    """Add ``--format`` for people and for programs."""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="text (default) for people, json for programs",
    )


def rule_parser() -> argparse.ArgumentParser:
    """Make the parser of ``rule``'s arguments."""
    made = _Parser(
        "rule",
        "policy-console rule [OPTIONS] [CODE]",
        "List the rules, or explain one: what it reports, why, an example that it reports and one\n"
        "that passes, what to do, and where the demand comes from.",
        _RULE_EPILOG,
    )
    made.add_argument(
        "code", nargs="?", metavar="CODE", help="the code of a rule, or its beginning"
    )
    _add_config_option(made, "in the current folder or above it: rules of your own are in it")
    made.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="text (default) for people, json for programs",
    )
    return made


def schema_parser() -> argparse.ArgumentParser:
    """Make the parser of ``schema``'s arguments."""
    return _Parser(
        "schema",
        "policy-console schema",
        "Write the JSON Schema (draft 7) of a policy file to standard output: with it, editors complete\n"
        "fields and values, explain them and mark mistakes. docs/editors.md says how.",
        _SCHEMA_EPILOG,
    )


def serve_parser() -> argparse.ArgumentParser:
    """Make the parser of ``serve``'s arguments."""
    made = _Parser(
        "serve",
        "policy-console serve [OPTIONS] FOLDER",
        "Show the terminal app in a web browser, until Ctrl-C or SIGTERM.",
        _SERVE_EPILOG,
    )
    made.add_argument("folder", metavar="FOLDER", help="the folder of policy files")
    made.add_argument(
        "--host",
        default=SERVE_ADDRESS,
        metavar="ADDRESS",
        help=f"the address to serve on (default: {SERVE_ADDRESS}, for this machine only)",
    )
    made.add_argument(
        "--port",
        type=_port,
        default=SERVE_PORT,
        metavar="PORT",
        help=f"the port to serve on (default: {SERVE_PORT}); 0 takes a free one",
    )
    made.add_argument(
        "--token",
        metavar="TOKEN",
        help="what a page must bring: @FILE for the first line of a file, generated for a new one,\n"
        "anything else is the token itself, which others on this machine can see",
    )
    made.add_argument(
        "--public-url",
        metavar="URL",
        help="where a proxy shows the page, https://policies.example/",
    )
    _add_validation_options(made)
    _add_watcher_option(made)
    _add_history_options(made)
    return made


class _Parser(argparse.ArgumentParser):
    """A parser for one command: no abbreviations, layout of texts kept, messages safe to show."""

    def __init__(self, command: str, usage: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=f"{PROGRAM} {command}".rstrip(),
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )
        self.add_argument("-h", "--help", action="help", help="show this and exit")

    def print_help(self, _file: object = None) -> None:
        """Write the help to standard output."""
        _write(self.format_help().rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        """Say on standard error what is wrong with the arguments, and exit with 2."""
        self.exit(
            WRONG_USAGE, f"{self.prog}: {printable(message)}\nSee '{self.prog} --help' for usage.\n"
        )


def _add_config_option(parser: argparse.ArgumentParser, where: str) -> None:
    """Add ``--config``."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration (default: the nearest policy-console.toml, or pyproject.toml with"
        f" [tool.policy-console], {where})",
    )


def _add_validation_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how policies are judged."""
    parser.add_argument(
        "--level",
        type=_level,
        metavar="LEVEL",
        help="how strict: basic, standard (default), strict or custom; each holds the rules of the one before",
    )
    parser.add_argument(
        "--environment",
        type=_environment,
        metavar="NAME",
        help="the environment of policies that name none in custom.environment",
    )
    _add_config_option(parser, "in the folder or above it")

    parser.add_argument(
        "--select",
        type=_codes,
        action="extend",
        metavar="CODES",
        help="only these rules of the level: codes or their beginnings, SEC003,LOGIC (default: ALL)",
    )
    parser.add_argument(
        "--ignore",
        type=_codes,
        action="extend",
        metavar="CODES",
        help="not these rules; of --select and --ignore the longer beginning counts",
    )
    parser.add_argument(
        "--severity",
        type=_weight,
        action="append",
        metavar="CODE=LEVEL",
        help=f"report these rules as {', '.join(WEIGHTS[:-1])}, or not at all (off)",
    )
    parser.add_argument(
        "--block-on",
        choices=SEVERITIES,
        metavar="SEVERITY",
        help="the least severity of an error that refuses a policy: low (default, any), medium, high, critical",
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        help="leave out what this file of known findings holds; check --write-baseline writes it",
    )


def _add_watcher_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--watcher``."""
    parser.add_argument(
        "--watcher",
        choices=WATCHERS,
        help="how changes are noticed; auto (default): inotify on Linux, watchfiles elsewhere; poll for network folders",
    )


def _add_history_options(parser: argparse.ArgumentParser) -> None:
    """Add what says whether and where revisions are kept."""
    add_state_option(parser)
    parser.add_argument(
        "--no-history", action="store_true", help="keep no revisions, and begin with none"
    )


def add_state_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--state-dir``."""
    parser.add_argument(
        "--state-dir",
        metavar="DIR",
        help="where the history of every folder is kept (default: the platform's folder for state)",
    )


def _level(text: str) -> ValidationLevel:
    try:
        return ValidationLevel(text)
    except ValueError:
        known = ", ".join(ValidationLevel)
        raise argparse.ArgumentTypeError(f"there is no level {text!r}; known: {known}") from None


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")


def _seconds(text: str) -> float:
    return _between(text, 0.1, 3_600, "seconds")


def _speed(text: str) -> float:
    return _between(text, 0.1, 100, "speed")


def _between(text: str, least: float, most: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if least <= number <= most:
        return number
    raise argparse.ArgumentTypeError(f"{text!r} is no {what} from {least:g} to {most:g}")


def _codes(text: str) -> list[str]:
    return [code.strip() for code in text.split(",")]


def _weight(text: str) -> tuple[str, str]:
    code, sign, weight = (part.strip() for part in text.partition("="))
    if not sign or weight not in WEIGHTS:
        known = ", ".join(WEIGHTS)
        raise argparse.ArgumentTypeError(f"{text!r} is not CODE=LEVEL; levels: {known}")
    return code, weight


def _environment(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("an environment needs a name")
    return text


def _write(text: str) -> None:
    """Write to standard output as the commands do, so that a full disk is told like theirs."""
    from policyconsole.cli.streams import Output

    output = Output()
    output.write(text)
    output.flush()


def program_version() -> str:
    """Give the version of the program; looked up each time, so that nobody else pays for it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "(not installed)"


class _ShowVersion(argparse.Action):
    """Show the version; only then is it looked up."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        _write(f"{PROGRAM} {program_version()}")
        parser.exit()
