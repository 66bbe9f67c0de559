"""YAML: libyaml parses and writes it, plain data only."""

import re
from collections.abc import Mapping

import yaml

from policyconsole.loading.decode_error import empty
from policyconsole.loading.yaml_build import build
from policyconsole.loading.yaml_compose import TAG, compose

_WIDE = 1_000_000
"""Columns: libyaml folds text that is longer than a line, and a folded value is hard to compare."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # either has it
    """Writes each value where it stands, never an alias."""

    def ignore_aliases(self, _: object) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Quote what PyYAML reads as text and YAML 1.2, or 1.1 to the letter, as something else."""
        style = "'" if _OTHER_READERS.fullmatch(text) else None
        node: yaml.ScalarNode = self.represent_scalar(TAG + "str", text, style=style)
        return node


_OTHER_READERS = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|[yYnN]", re.ASCII
)
"""YAML 1.2.2, section 10.3.2, and y and n of YAML 1.1's bool."""

_Dumper.add_representer(str, _Dumper.represent_text)


def decode_yaml(text: str) -> object:
    """Decode a YAML text; raises :class:`~policyconsole.loading.decode_error.DecodeError`."""
    root = compose(text)
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value and not root.style):
        raise empty()
    return build(text, root)


def encode_yaml(data: Mapping[str, object]) -> str:
    """Write plain data as YAML in block style, in the order of ``data``."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE)
