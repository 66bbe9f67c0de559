"""Which of the policy files below a folder count: the configuration's ``include`` and ``exclude``."""

from dataclasses import dataclass

from policyconsole.globs import matches


@dataclass(frozen=True, slots=True)
class FileChoice:
    """Patterns (:mod:`policyconsole.globs`) that say which policy files count.

    With ``include``, only files that match one of it; never those that match one of
    ``exclude``. The patterns see ``prefix`` before the path below the folder: the way to
    the folder from where they are counted, empty or ending in a slash. ``never`` is a path
    below the folder that is no policy whatever its name: the configuration itself.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    prefix: str = ""
    never: str | None = None

    @property
    def takes_all(self) -> bool:
        """Whether every policy file counts."""
        return not (self.include or self.exclude or self.never)

    def takes(self, path: str) -> bool:
        """Whether the policy file at ``path``, relative to the folder, counts."""
        whole = self.prefix + path
        return (
            path != self.never
            and (not self.include or matches(whole, self.include))
            and not matches(whole, self.exclude)
        )

    def enters(self, folder: str) -> bool:
        """Whether a file below ``folder`` may count."""
        return not matches(self.prefix + folder, self.exclude)
