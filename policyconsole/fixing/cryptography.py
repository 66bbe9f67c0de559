"""Fixes for encryption algorithms and cipher suites."""

from policyconsole.fixing.edits import RemoveItem, SetValue
from policyconsole.fixing.fix import Fix, Fixer, Subject, fix_if_asked, fix_safely
from policyconsole.validation.algorithms import algorithm, nearest_algorithm
from policyconsole.validation.cipher_suites import belongs_to_tls_1_3, nearest_suite

_SUITES = ("security", "tls", "cipher_suites")
_BEST = "AES-256-GCM"


def take_out_idle(subject: Subject) -> Fix | None:
    """Take out the suites that TLS 1.3 cannot use, where others remain."""
    suites = _suites(subject)
    idle = [at for at, suite in enumerate(suites) if belongs_to_tls_1_3(suite) is False]
    if not idle or len(idle) == len(suites):
        return None
    return fix_if_asked(*(RemoveItem((*_SUITES, position)) for position in idle))


def take_out(*, safe: bool) -> Fixer:
    """Make a fixer that takes out the suite that is meant, where others remain."""

    def fixer(subject: Subject) -> Fix | None:
        position = subject.path[-1]
        if not isinstance(position, int) or len(_suites(subject)) < 2:
            return None
        return Fix((RemoveItem(subject.path),), safe)

    return fixer


def known_suite(subject: Subject) -> Fix | None:
    """Set the suite that was meant; safe where only the case and white space around it differ."""
    value = subject.value
    meant = nearest_suite(value.strip()) if isinstance(value, str) else None
    if meant is None or not isinstance(value, str):
        return None
    fix = fix_safely if meant.lower() == value.strip().lower() else fix_if_asked
    return fix(SetValue(subject.path, meant))


def known_algorithm(subject: Subject) -> Fix | None:
    """Set the algorithm that was meant."""
    value = subject.value
    meant = nearest_algorithm(value) if isinstance(value, str) else None
    return fix_if_asked(SetValue(subject.path, meant)) if meant is not None else None


def authenticated_algorithm(subject: Subject) -> Fix | None:
    """Set AES in GCM with a key of the size that the name says."""
    value = subject.value
    sizes = algorithm(value).key_sizes if isinstance(value, str) else ()
    name = f"AES-{sizes[0]}-GCM" if sizes and sizes[0] in {128, 192, 256} else _BEST
    return fix_if_asked(SetValue(subject.path, name))


def _suites(subject: Subject) -> list[str]:
    found = subject.at(_SUITES)
    return [suite for suite in found if isinstance(suite, str)] if isinstance(found, list) else []
