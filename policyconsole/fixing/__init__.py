"""Findings that can be mended by policy-console itself: what to write instead, and writing it."""
