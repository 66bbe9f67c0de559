"""The terminal app in a web browser: one page, one process; needs the extra ``serve``."""
