"""Count the work that a password takes, for time itself is no measure in a test."""

import pytest

from policyconsole.application.authentication import passwords


def count_rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the list that the rounds of PBKDF2 are added to from now on, call by call."""
    done: list[int] = []
    derive = passwords._derive

    def counting(password: str, salt: bytes, iterations: int) -> bytes:
        done.append(iterations)
        return derive(password, salt, iterations)

    monkeypatch.setattr(passwords, "_derive", counting)
    return done
