"""Every revision, kept: what was in force, what was refused, and what is in force after a restart."""
