"""The catalogue's rules, one module a family."""
