"""Which findings have a fix: one entry for every code of the catalogue, with the reason.

docs/fixes.md is this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from policyconsole.fixing.cryptography import (
    authenticated_algorithm,
    known_algorithm,
    known_suite,
    take_out,
    take_out_idle,
)
from policyconsole.fixing.fix import Fix, Fixer, Subject
from policyconsole.fixing.names import known_value, rename_field
from policyconsole.fixing.settings import (
    complete_version,
    half_burst,
    lowest_tls,
    set_if_asked,
    set_safely,
    switch_on,
)
from policyconsole.fixing.types import right_type
from policyconsole.policy import Encryption, Tls
from policyconsole.validation.rules.custom import COMPLIANCE_MODES, ENVIRONMENTS
from policyconsole.validation.rules.environment import FEWEST_REQUESTS
from policyconsole.validation.rules.environment import LONGEST_SESSION as LONGEST_IN_PRODUCTION
from policyconsole.validation.rules.logic import LONGEST_SESSION, SHORTEST_SESSION
from policyconsole.validation.rules.recommendations import GOOD_INTERVAL, IDLE_SESSION
from policyconsole.validation.rules.security import LARGEST_INPUT, MOST_REQUESTS, SMALLEST_KEY

_ITERATIONS = "security.encryption.pbkdf2_iterations"
_INTERVAL = "monitoring.interval_seconds"
_MFA = "authentication.require_mfa"
_RATE = "security.rate_limiting.requests_per_minute"
_TIMEOUT = "authentication.session_timeout_seconds"
_INPUT = "security.input_validation"


@dataclass(frozen=True, slots=True)
class Entry:
    """The fix for one code: what ``--fix`` writes, what only ``--unsafe-fixes`` does, and why so.

    ``leaves`` are findings that may take the place of the one mended: what they say was
    true before, and worse.
    """

    fixer: Fixer
    why: str
    safe: str = ""
    unsafe: str = ""
    leaves: frozenset[str] = frozenset()


def _none(_: Subject) -> Fix | None:
    return None


def _nothing(why: str) -> Entry:
    return Entry(_none, why)


_READ = "what the file should say cannot be told from what it says"
_SWITCH_ON = "it puts in force what was off, on a service that may not be ready for it"
_NAMES = "another name brings other rules to bear"

ENTRIES: Mapping[str, Entry] = {
    "FILE001": _nothing("permissions and links are not the file's content"),
    "FILE002": _nothing("what to leave out, only its author knows"),
    "FILE003": _nothing("in which encoding it was written cannot be told"),
    "FILE004": _nothing("there is nothing to mend"),
    "FILE005": _nothing("the mistake is in policy-console"),
    "PARSE001": _nothing(_READ),
    "PARSE002": _nothing("which of the two is meant, only their author knows"),
    "PARSE003": _nothing(_READ),
    "TYPE001": Entry(
        right_type,
        "the text in quotes, or the word without them, says which value is meant; that a table is "
        "to be all defaults, or a time is in UTC, is a guess",
        safe='"60" to 60, 60.0 to 60, "yes" to true, 1.10 to "1.10", "X" to ["X"]',
        unsafe="a table that is null to an empty one; a time without an offset to UTC",
        leaves=frozenset({"REC002"}),
    ),
    "TYPE002": Entry(
        known_value(),
        "a word in capitals is the same word; a nearby one, or a number out of range, may be a "
        "mistake of another kind",
        safe="the same word in small letters",
        unsafe="the nearest of the words allowed",
    ),
    "TYPE003": _nothing("an id, a name and a version cannot be made up"),
    "FIELD001": Entry(
        rename_field,
        "one or two wrong letters are a slip of the pen if one known name alone is so near; "
        "what is merely alike may count in another unit",
        safe="renamed to the known name that is one slip away, if that is not there yet",
        unsafe="renamed to the nearest known name that does not say the contrary, if that is not there "
        "yet",
    ),
    "SET001": _nothing("which of the two files is to keep the id, only their authors know"),
    "SET002": _nothing("it is another file that has to be mended"),
    "ROLL001": _nothing("what the service should let through, only its authors know"),
    "RULE001": _nothing("the mistake is in the rule"),
    "RULE002": _nothing("the mistake is in the rule"),
    "RULE003": _nothing("the mistake is in the plug-in"),
    "SUPP001": _nothing("whether it is left over or stands at the wrong place cannot be told"),
    "SUPP002": _nothing("a reason cannot be made up"),
    "SUPP003": _nothing("which rule is meant, only its author knows"),
    "CONF001": _nothing("it is in the configuration, not in a policy"),
    "CONF002": _nothing("it is in the configuration, not in a policy"),
    "CONF003": _nothing("it is in the configuration, not in a policy"),
    "CONF004": _nothing("it is in the configuration, not in a policy"),
    "CONF005": _nothing("it is in the configuration, not in a policy"),
    "CONF006": _nothing("it is in the configuration, not in a policy"),
    "SYNTAX001": _nothing("an id cannot be made up"),
    "SYNTAX002": _nothing("a name cannot be made up"),
    "SYNTAX003": _nothing("a version cannot be made up"),
    "SYNTAX004": Entry(
        complete_version,
        "a part that is missing is 0, and v is no part of the number",
        safe='"1" and "1.0" to "1.0.0", "v2.1" to "2.1.0"',
    ),
    "SYNTAX005": _nothing("which of the two times is wrong cannot be told"),
    "LOGIC001": Entry(
        set_if_asked(("security.enabled", True)), _SWITCH_ON, unsafe="security.enabled on"
    ),
    "LOGIC002": Entry(
        set_if_asked(("security.tls.cipher_suites", list(Tls().cipher_suites))),
        "clients that know only older suites stay outside",
        unsafe="the three suites of TLS 1.3, as by default",
    ),
    "LOGIC003": Entry(
        set_if_asked(
            (f"{_INPUT}.sql_injection_protection", True), (f"{_INPUT}.xss_protection", True)
        ),
        "requests that pass today would be refused",
        unsafe="both protections on",
    ),
    "LOGIC004": Entry(
        set_if_asked((_INTERVAL, GOOD_INTERVAL)),
        "checks come more often, which costs something",
        unsafe=f"{GOOD_INTERVAL} seconds, which REC003 asks for too",
    ),
    "LOGIC005": Entry(
        set_if_asked(("monitoring.metrics.sampling_rate", 0.1)),
        "metrics off would mend it too",
        unsafe="0.1, every tenth",
    ),
    "LOGIC006": Entry(
        set_if_asked(("authentication.enabled", True)),
        _SWITCH_ON,
        unsafe="authentication.enabled on",
    ),
    "LOGIC007": Entry(
        set_if_asked((_TIMEOUT, SHORTEST_SESSION)),
        "how long a session lasts is a choice",
        unsafe=f"{SHORTEST_SESSION} seconds",
    ),
    "LOGIC008": Entry(
        set_if_asked((_TIMEOUT, LONGEST_SESSION)),
        "how long a session lasts is a choice",
        unsafe=f"{LONGEST_SESSION} seconds",
    ),
    "LOGIC009": Entry(
        set_if_asked(("security.enabled", True)),
        "which of the two settings is a leftover cannot be told",
        unsafe="security.enabled on",
    ),
    "LOGIC010": Entry(
        set_if_asked(("monitoring.alerts_enabled", True)),
        _SWITCH_ON,
        unsafe="monitoring.alerts_enabled on",
    ),
    "LOGIC011": _nothing("which of the two is wrong cannot be told"),
    "LOGIC012": Entry(
        set_if_asked(("security.tls.cipher_suites", list(Tls().cipher_suites))),
        "an older version of TLS may be what is meant",
        unsafe="the three suites of TLS 1.3, as by default",
    ),
    "LOGIC013": Entry(
        take_out_idle,
        "an older version of TLS may be what is meant",
        unsafe="those that TLS 1.3 cannot use taken out, with their lines",
    ),
    "SEC001": Entry(
        set_if_asked(("security.encryption.key_size", SMALLEST_KEY)),
        "keys in use would no longer fit",
        unsafe=f"{SMALLEST_KEY} bits",
    ),
    "SEC002": Entry(
        set_safely(_ITERATIONS, Encryption().pbkdf2_iterations),
        "one number is recommended, and passwords stored with another can still be checked",
        safe=f"{Encryption().pbkdf2_iterations} rounds",
    ),
    "SEC003": Entry(
        lowest_tls,
        "what is prohibited has one successor that is allowed everywhere; REC002 then advises "
        "1.3, as it would have before",
        safe='"TLSv1.2" for SSL, TLS 1.0 and 1.1; 1.2 and 1.3 under their right names',
        leaves=frozenset({"REC002"}),
    ),
    "SEC004": Entry(
        set_if_asked((_RATE, MOST_REQUESTS)),
        "clients that ask more often would be refused",
        unsafe=f"{MOST_REQUESTS} requests a minute",
    ),
    "SEC005": Entry(
        half_burst,
        "clients that ask in bursts would be refused",
        unsafe="half of requests_per_minute",
    ),
    "SEC006": Entry(
        set_if_asked((f"{_INPUT}.max_input_length", LARGEST_INPUT)),
        "longer inputs would be refused",
        unsafe=f"{LARGEST_INPUT} bytes",
    ),
    "SEC007": Entry(
        set_if_asked(("security.encryption.algorithm", Encryption().algorithm)),
        "what is stored has to be encrypted anew",
        unsafe='"AES-256-GCM"',
    ),
    "SEC008": Entry(
        known_algorithm,
        "it may be one that is not known here",
        unsafe="the nearest algorithm that is known",
    ),
    "SEC009": Entry(
        take_out(safe=True),
        "such a suite protects nobody",
        safe="taken out of the list with its line, if others remain",
    ),
    "SEC010": Entry(
        take_out(safe=False),
        "clients that know no other stay outside",
        unsafe="taken out of the list with its line, if others remain",
    ),
    "SEC011": Entry(
        known_suite,
        "in other capitals it is the same name; a nearby one is another suite",
        safe="the same name in the right capitals",
        unsafe="the nearest name that is known",
    ),
    "SEC012": _nothing("the secret is out: it has to be revoked, not hidden"),
    "SEC013": _nothing("the secret is out: it has to be revoked, not hidden"),
    "SEC014": _nothing("permissions are not the file's content"),
    "CUSTOM001": Entry(
        known_value(ENVIRONMENTS, 0.4),
        _NAMES,
        safe="the same name in small letters",
        unsafe="the nearest of the three names",
    ),
    "CUSTOM002": Entry(
        known_value(COMPLIANCE_MODES, 0.4),
        "a nearby word may be a mistake of another kind",
        safe="the same word in small letters",
        unsafe="the nearest of the three words",
    ),
    "ENV001": Entry(
        set_if_asked(("security.enabled", True)), _SWITCH_ON, unsafe="security.enabled on"
    ),
    "ENV002": Entry(set_if_asked((_MFA, True)), _SWITCH_ON, unsafe="require_mfa on"),
    "ENV003": Entry(
        set_if_asked(("monitoring.log_level", "info")),
        "somebody may be looking for something",
        unsafe='"info"',
    ),
    "ENV004": Entry(
        set_if_asked((_RATE, FEWEST_REQUESTS)),
        "a limit may be what is being tested",
        unsafe=f"{FEWEST_REQUESTS} requests a minute",
    ),
    "ENV005": Entry(
        known_value(ENVIRONMENTS, 0.4),
        _NAMES,
        safe="the same name in small letters, if the policy names it",
        unsafe="the nearest of the three names, if the policy names one",
    ),
    "ENV006": Entry(
        set_if_asked(("security.tls.enforce", True)), _SWITCH_ON, unsafe="tls.enforce on"
    ),
    "ENV007": Entry(
        set_if_asked(("security.rate_limiting.enabled", True)),
        _SWITCH_ON,
        unsafe="rate_limiting.enabled on",
    ),
    "ENV008": Entry(
        switch_on("monitoring.enabled", "monitoring.alerts_enabled"),
        _SWITCH_ON,
        unsafe="monitoring.enabled and monitoring.alerts_enabled on",
    ),
    "ENV009": Entry(
        switch_on("authentication.enabled"),
        "which method the service has cannot be told",
        unsafe="authentication.enabled on; no other method",
    ),
    "ENV010": Entry(
        set_if_asked(("security.tls.enforce", True)), _SWITCH_ON, unsafe="tls.enforce on"
    ),
    "ENV011": Entry(
        set_if_asked((_TIMEOUT, LONGEST_IN_PRODUCTION)),
        "how long a session lasts is a choice",
        unsafe=f"{LONGEST_IN_PRODUCTION} seconds",
    ),
    "REC001": Entry(
        set_safely(_ITERATIONS, Encryption().pbkdf2_iterations),
        "one number is recommended, and passwords stored with another can still be checked",
        safe=f"{Encryption().pbkdf2_iterations} rounds",
    ),
    "REC002": Entry(
        set_if_asked(("security.tls.min_version", "TLSv1.3")),
        "clients that know only 1.2 stay outside",
        unsafe='"TLSv1.3"',
    ),
    "REC003": Entry(
        set_if_asked((_INTERVAL, GOOD_INTERVAL)),
        "checks come more often, which costs something",
        unsafe=f"{GOOD_INTERVAL} seconds",
    ),
    "REC004": Entry(set_if_asked((_MFA, True)), _SWITCH_ON, unsafe="require_mfa on"),
    "REC005": Entry(
        set_safely(_ITERATIONS, Encryption().pbkdf2_iterations),
        "one number is recommended, and passwords stored with another can still be checked",
        safe=f"{Encryption().pbkdf2_iterations} rounds",
    ),
    "REC006": Entry(
        authenticated_algorithm,
        "what is stored has to be encrypted anew",
        unsafe="AES in GCM with a key of the size that is named",
    ),
    "REC007": Entry(
        set_if_asked((_TIMEOUT, IDLE_SESSION)),
        "how long a session lasts is a choice",
        unsafe=f"{IDLE_SESSION} seconds",
    ),
}
"""Every code of the catalogue, in its order; a code that is not here has no fix."""
