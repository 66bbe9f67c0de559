"""The codes that other stages report: catalogued, so that every code has one entry.

FILE comes from reading, PARSE, TYPE and FIELD from loading, SET from the set of
policies in force, RULE from the validation engine itself, SUPP from the comments that
suppress findings, CONF from the configuration. They hold at every level.
"""

from policyconsole.diagnostics import Severity
from policyconsole.validation.rule import reported_elsewhere

unreadable = reported_elsewhere(
    "FILE001",
    """The file cannot be read.

    A policy that nobody can read is not judged. What was in force before stays in force.

    Example:
        a file without read permission, a link that points at nothing, a named pipe

    Passes:
        a regular file that its owner and the user running policy-console may read

    Fix: Make it a regular file that the user running policy-console may read.
    """,
    error=Severity.CRITICAL,
)

too_large = reported_elsewhere(
    "FILE002",
    """The file is larger than 10 MiB.

    A policy is settings only, a few kilobytes. What is a thousand times that is something
    else under a policy's name, and reading it would take memory and time from the others.

    Example:
        a log of 200 MB that was saved as policy.json

    Passes:
        a file of a few kilobytes

    Fix: Keep the data elsewhere, or give the file a name that is not a policy's.

    Source: The limit is policy-console's own.
    """,
    error=Severity.CRITICAL,
)

not_utf8 = reported_elsewhere(
    "FILE003",
    """The file is not UTF-8 text.

    In another encoding the same bytes are other characters, so nobody could tell what the
    policy says.

    Example:
        a file that an editor saved as UTF-16 or Latin-1

    Passes:
        the same file saved as UTF-8, with or without a byte order mark

    Fix: Save it as UTF-8.

    Source: TOML 1.0.0, "Spec"; RFC 8259, section 8.1.
    """,
    error=Severity.CRITICAL,
)

empty = reported_elsewhere(
    "FILE004",
    """The file is empty, or holds only white space and comments.

    An empty file is what a save that was cut short leaves behind. Were it taken for a policy
    that is all defaults, an accident would change what is in force.

    Example:
        a file of 0 bytes, or of comments only

    Passes:
        a file with an id, a name and a version

    Fix: Write the policy, or delete the file if the policy is to be retired.
    """,
    error=Severity.CRITICAL,
)

failed_on = reported_elsewhere(
    "FILE005",
    """The file makes policy-console itself fail.

    What was not judged is not accepted: the policy stays out of force, and what was in force
    before stays. The other files are judged all the same.

    Example:
        a file that makes the process run out of memory

    Passes:
        any other file

    Fix: Report it with the place that the message names; a simpler file may help until then.
    """,
    error=Severity.CRITICAL,
)

not_well_formed = reported_elsewhere(
    "PARSE001",
    """The file is not well-formed TOML, YAML or JSON.

    The parser could not make sense of it; the line and column are where it gave up, and the
    mistake is there or just before.

    Example:
        monitoring.interval_seconds =

    Passes:
        monitoring.interval_seconds = 60

    Fix: Mend the syntax at that place. An editor that highlights the format shows it too.

    Source: TOML 1.0.0; YAML 1.1 as PyYAML reads it; RFC 8259.
    """,
    error=Severity.CRITICAL,
)

duplicate_key = reported_elsewhere(
    "PARSE002",
    """The same key stands twice in one table or mapping.

    Parsers disagree which of the two counts, and most keep the last one silently: a second
    "enabled: false" far below could switch off what a reader of the first line believes in.

    Example:
        {"id": "a-policy", "id": "another-policy"}

    Passes:
        {"id": "a-policy", "name": "A policy", "version": "1.0.0"}

    Fix: Keep the one that is meant and delete the other.

    Source: RFC 8259, section 4; TOML 1.0.0, "Keys"; YAML 1.2.2, section 3.2.1.1.
    """,
    error=Severity.CRITICAL,
)

too_deep = reported_elsewhere(
    "PARSE003",
    """The file is nested too deep, holds too many values, or its aliases expand too far.

    64 levels and 20,000 values are the most. A few hundred bytes of YAML aliases can stand for
    gigabytes, and deep nesting exhausts a parser's stack. No policy needs either.

    Example:
        a hundred thousand opening brackets

    Passes:
        sections one below the other, as deep as a policy has them

    Fix: Write the values out, and keep the nesting as shallow as the sections are.

    Source: CWE-674 (uncontrolled recursion); CWE-776 (recursive entity references).
    """,
    error=Severity.CRITICAL,
)

wrong_type = reported_elsewhere(
    "TYPE001",
    """A value has the wrong type.

    Nothing is converted: "60" is not a number and yes is not a count, because a guess that is
    wrong would be in force. A time needs an offset, or it would mean another moment elsewhere.

    Example:
        monitoring.interval_seconds = "60"

    Passes:
        monitoring.interval_seconds = 60

    Fix: Write a value of the type that the message names, such as 60 without quotes.

    Source: RFC 3339, section 5.6, for times.
    """,
    error=Severity.HIGH,
)

out_of_range = reported_elsewhere(
    "TYPE002",
    """A value is out of range, or is none of the values that the field may have.

    Counts, seconds and bytes run from 1 to 2,147,483,647, what a signed 32-bit number holds;
    a share runs from 0 to 1.

    Example:
        monitoring.metrics.sampling_rate = 1.5

    Passes:
        monitoring.metrics.sampling_rate = 1.0

    Fix: Choose a value inside the range, or one of the values, that the message names.
    """,
    error=Severity.HIGH,
)

missing_field = reported_elsewhere(
    "TYPE003",
    """A required field is missing.

    A policy has an id, a name and a version; everything else has a default. The place is the
    table that should hold the field.

    Example:
        name = "A policy"
        version = "1.0.0"

    Passes:
        id = "a-policy"
        name = "A policy"
        version = "1.0.0"

    Fix: Add the field. In TOML it must stand above the first table.
    """,
    error=Severity.HIGH,
)

unknown_field = reported_elsewhere(
    "FIELD001",
    """A field is not known.

    It is kept, but nothing reads it, so a misspelt setting leaves the default in force. The
    help names the known field that is nearest. Below custom everything is allowed.

    Example:
        security.tls.min_versoin = "TLSv1.2"

    Passes:
        security.tls.min_version = "TLSv1.2"

    Fix: Correct the spelling, or move the field below custom if it is your own.
    """,
)

id_taken = reported_elsewhere(
    "SET001",
    """The id is already taken by another file of the folder.

    An id names one policy. With two files of one id, which of them counts would depend on
    chance; so the file that holds the id keeps it, and the other is refused.

    Example:
        a copy of production.toml beside it whose id was not changed

    Passes:
        the same copy with an id of its own

    Fix: Give the policy an id of its own, or delete one of the two files.
    """,
    error=Severity.HIGH,
)

held_back = reported_elsewhere(
    "SET002",
    """The file waits for another one of the folder that cannot come into force.

    With transaction = "folder" all files come into force together or none does: policies that
    belong together are never in force in part.

    Example:
        a change of two files that belong together, where the other one is refused

    Passes:
        every file of the folder may come into force

    Fix: Mend the file that is named, or let each come into force by itself.
    """,
    error=Severity.HIGH,
)

probation_failed = reported_elsewhere(
    "ROLL001",
    """The content has failed its probation: the guards refused too much by it.

    A change that is valid can still keep out those whom the service is for. With
    rollout.probation-seconds the revision before is in force again when more than
    rollout.max-refusal-rate of the requests are refused.

    Example:
        a rate limit that most of the clients go beyond

    Passes:
        a rate limit that few of them reach

    Fix: Change the policy; validate again to give it another try; or allow a higher rate if
    the policy is meant to refuse more.
    """,
    error=Severity.HIGH,
)

RULE_FAILED = reported_elsewhere(
    "RULE001",
    """A rule that can refuse a policy failed while it ran.

    What was not judged is not accepted: the policy stays out of force, and what was in force
    before stays. The other rules are checked all the same.

    Example:
        a rule of your own that divides by zero

    Passes:
        the same rule after it asks first whether the divisor is 0

    Fix: Mend the rule at the line that the message names, or leave it out until then.
    """,
    error=Severity.HIGH,
)

ADVICE_FAILED = reported_elsewhere(
    "RULE002",
    """A rule that only warns or recommends failed while it ran.

    Advice that could not be given keeps no policy out of force. The other rules are checked
    all the same.

    Example:
        a rule of your own that reads a field below custom that is not there

    Passes:
        the same rule after it asks first whether the field is there

    Fix: Mend the rule at the line that the message names, or leave it out until then.
    """,
)

PLUGIN_FAILED = reported_elsewhere(
    "RULE003",
    """An installed plug-in could not be loaded, or gives a rule that cannot be used.

    What its rules ask is not checked, and nobody should believe that it is: check ends with
    2, the engine says that it is degraded. The other plug-ins and rules count all the same.

    Example:
        a plug-in that imports a package that is not installed, or takes the code SEC003

    Passes:
        a plug-in whose packages are installed, with codes of its own

    Fix: Mend or update the package that the message names, or uninstall it.
    """,
    error=Severity.HIGH,
)

SUPPRESSION_UNUSED = reported_elsewhere(
    "SUPP001",
    """A suppression matches nothing.

    What it was written for is gone, or it stands at the wrong place. Left there it would hide
    the next finding of that code. Rules that do not run at the level are not counted.

    Example:
        # policy-console: ignore[SEC003] the old terminals know no better
        security.tls.min_version = "TLSv1.3"

    Passes:
        # policy-console: ignore[SEC003] the old terminals know no better
        security.tls.min_version = "TLSv1.0"

    Fix: Delete the comment or the code in it, or move it to the line of the finding.
    """,
)

SUPPRESSION_MALFORMED = reported_elsewhere(
    "SUPP002",
    """A comment begins like a suppression and is none.

    It suppresses nothing. A suppression names the codes in brackets and gives a reason, so that
    the next reader can tell whether it still holds; ignore-file stands before everything else.

    Example:
        # policy-console: ignore[SEC004]
        security.rate_limiting.requests_per_minute = 1200

    Passes:
        # policy-console: ignore[SEC004] partners come through one address
        security.rate_limiting.requests_per_minute = 1200

    Fix: Write it as # policy-console: ignore[SEC004] and the reason.
    """,
)

SUPPRESSION_UNKNOWN = reported_elsewhere(
    "SUPP003",
    """A suppression names a rule that there is not, or one that cannot be suppressed.

    A code that is misspelt suppresses nothing. FILE, PARSE, TYPE, SET and RULE001 leave nothing
    that could be put in force; SUPP is switched off in the configuration only.

    Example:
        # policy-console: ignore[SEC04] partners come through one address
        security.rate_limiting.requests_per_minute = 1200

    Passes:
        # policy-console: ignore[SEC004] partners come through one address
        security.rate_limiting.requests_per_minute = 1200

    Fix: Name the rule by its whole code; policy-console rule lists them.
    """,
)

configuration_unreadable = reported_elsewhere(
    "CONF001",
    """The configuration cannot be read, or is not well-formed TOML.

    Going on without it would judge policies by other rules than its owner chose. So a command
    does not start, and a running engine keeps the configuration that it has.

    Example:
        policy-console.toml without read permission, or with a quote that nobody closes

    Passes:
        a policy-console.toml that can be read and parsed, or none at all

    Fix: Mend the file at the place that the message names, or delete it if every default will do.
    """,
    error=Severity.CRITICAL,
)

unknown_setting = reported_elsewhere(
    "CONF002",
    """The configuration holds a setting that there is not.

    A misspelt setting would leave the default in force without a word. The help names the
    setting that is nearest; variables that begin with POLICY_CONSOLE_ are settings too.

    Example:
        a policy-console.toml that sets levle to "strict"

    Passes:
        a policy-console.toml that sets level to "strict"

    Fix: Correct the spelling, or delete the line.
    """,
    error=Severity.HIGH,
)

wrong_setting = reported_elsewhere(
    "CONF003",
    """A setting has the wrong type, or a value that it cannot have.

    Nothing is converted and nothing guessed, as in policies.

    Example:
        a policy-console.toml that sets level to "strictest"

    Passes:
        a policy-console.toml that sets level to "strict"

    Fix: Write a value of the kind that the message names.
    """,
    error=Severity.HIGH,
)

unknown_code = reported_elsewhere(
    "CONF004",
    """A rule is chosen that there is not, or that cannot be left out.

    A misspelt code would leave a rule running that should not, or the other way round.
    FILE, PARSE, TYPE, SET001 and RULE001 stay as they are: with one of them there is no
    policy that could be put in force.

    Example:
        a policy-console.toml that ignores SEC999

    Passes:
        a policy-console.toml that ignores SEC004

    Fix: Write a code of the catalogue, the letters that codes begin with, or ALL.
    """,
    error=Severity.HIGH,
)

unusable_rule = reported_elsewhere(
    "CONF005",
    """A rule of the configuration's own cannot be used.

    Its expression does not compile, or its code is that of another rule. A rule that is not
    checked would let pass what it was written to stop.

    Example:
        two tables of [[rules]] with one code

    Passes:
        two tables of [[rules]] with a code each

    Fix: Mend the expression at the place that the message names, or give the rule another code.
    """,
    error=Severity.HIGH,
)

no_baseline = reported_elsewhere(
    "CONF006",
    """The baseline cannot be used: it is not there, or it is not a baseline.

    Without it every finding that it holds would come up again, as if it were new.

    Example:
        a baseline that was deleted, and is still named in the configuration

    Passes:
        a baseline that check --write-baseline has written beside the configuration

    Fix: Correct the path, write the baseline anew with check --write-baseline, or leave it out.
    """,
    error=Severity.HIGH,
)

RULES = (
    unreadable,
    too_large,
    not_utf8,
    empty,
    failed_on,
    not_well_formed,
    duplicate_key,
    too_deep,
    wrong_type,
    out_of_range,
    missing_field,
    unknown_field,
    id_taken,
    held_back,
    probation_failed,
    RULE_FAILED,
    ADVICE_FAILED,
    PLUGIN_FAILED,
    SUPPRESSION_UNUSED,
    SUPPRESSION_MALFORMED,
    SUPPRESSION_UNKNOWN,
    configuration_unreadable,
    unknown_setting,
    wrong_setting,
    unknown_code,
    unusable_rule,
    no_baseline,
)
"""The codes of this module, in order."""
