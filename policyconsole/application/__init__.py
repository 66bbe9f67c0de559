"""A valid policy in, live state out."""
