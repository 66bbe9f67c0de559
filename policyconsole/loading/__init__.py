"""Bytes in, a LoadedPolicy or diagnostics out."""
