"""YAML: libyaml parses and writes it, plain data only."""

from collections.abc import Mapping

import yaml

from policyconsole.loading.decode_error import empty
from policyconsole.loading.yaml_build import build
from policyconsole.loading.yaml_compose import compose

_WIDE = 1_000_000
"""Columns: libyaml folds text that is longer than a line, and a folded value is hard to compare."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # either has it
    """Writes each value where it stands, never an alias."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def decode_yaml(text: str) -> object:
    """Decode a YAML text; raises :class:`~policyconsole.loading.decode_error.DecodeError`."""
    root = compose(text)
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value and not root.style):
        raise empty()
    return build(text, root)


def encode_yaml(data: Mapping[str, object]) -> str:
    """Write plain data as YAML in block style, in the order of ``data``."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE)
