"""What ``check`` says, one module a format: each turns the verdicts of a run into pieces of text."""
