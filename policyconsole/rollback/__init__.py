"""An earlier revision again: what it would change, whether it may, and writing it to the file."""
