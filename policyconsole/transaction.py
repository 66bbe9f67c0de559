"""All files of a folder or none: which of them wait, and for which other one."""

from collections.abc import Iterable
from dataclasses import replace

from policyconsole.application.policy_set import PolicySet
from policyconsole.diagnostics import Diagnostic
from policyconsole.files import FileTable, held_back_by


class Transaction:
    """Holds files back while one of the folder cannot come into force, if ``together`` says so.

    What is on disk decides, not what was seen in one look: as long as any file is refused, no
    other content comes into force; once none is, all do. A file that is gone, or whose
    content is in force already under its id, concerns nobody. ``obstacle`` is the first
    file that the others wait for, None where they need not.
    """

    def __init__(self, files: FileTable) -> None:
        self.together = False
        self.obstacle: str | None = None
        self._files = files
        self._held: set[str] = set()
        self._news: set[str] = set()

    @property
    def held(self) -> int:
        """How many files wait."""
        return len(self._held)

    def hold_back(self, judged: Iterable[str], policies: PolicySet) -> set[str]:
        """Let all files wait or none, as the folder is now; give the ids that this concerns.

        ``judged`` are the files that were judged or dropped just now.
        """
        if not self.together and not self._held:
            return set()
        self._held = {path for path in self._held if path in self._files}
        before, self.obstacle = self.obstacle, self._files.obstacle() if self.together else None
        if self.obstacle is None:
            return self._set(tuple(self._held), waits=False)
        ids: set[str] = set()
        for path in judged:
            if path in self._files:
                ids |= self._set((path,), waits=self._is_new(path, policies))
        if self.obstacle != before:
            self._news |= self._held
        return ids

    def wait_for(self, obstacle: str, others: Iterable[str]) -> set[str]:
        """Let others wait for a file that a target would not take; give the ids that this concerns."""
        self.obstacle = obstacle
        return self._set(others, waits=True)

    def reason(self, path: str) -> tuple[Diagnostic, ...]:
        """Give the diagnostics of a file that waits."""
        judgement = self._files[path].judgement
        return (
            judgement.diagnostics
            if self.obstacle is None
            else held_back_by(judgement, self.obstacle)
        )

    def news(self) -> set[str]:
        """Give the files of which something else is to be said now, once."""
        news, self._news = self._news, set()
        return news

    def _is_new(self, path: str, policies: PolicySet) -> bool:
        """Whether a file has a valid content that is not in force."""
        judgement = self._files[path].judgement
        if not judgement.accepted or judgement.policy_id is None:
            return False
        active = policies.get(judgement.policy_id)
        return active is None or active.digest != judgement.digest

    def _set(self, paths: Iterable[str], *, waits: bool) -> set[str]:
        ids: set[str] = set()
        for path in paths:
            file = self._files[path]
            if file.held_back != waits:
                ids |= self._files.put(replace(file, held_back=waits))
                self._news.add(path)
            if waits:
                self._held.add(path)
            else:
                self._held.discard(path)
        return ids
