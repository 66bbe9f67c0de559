"""What ``check`` has found, one module a format."""
