"""The pipeline: from a folder of files to the policies in force."""

from policyconsole.engine.engine import PolicyApplicationEngine

__all__ = ["PolicyApplicationEngine"]
