"""Policies in a cell: load, validate, compare, ask what if, and see it; no widget is needed."""
