"""Recordings: what an engine told, kept as JSON lines, and an engine that tells it again."""
