"""What is said where a name is asked for that there is not."""

from collections.abc import Iterable

from policyconsole.escaping import printable
from policyconsole.wording import nearest


class UnknownNameError(KeyError):
    """There is no policy or rule of this name; says so, with the one that is probably meant."""

    def __init__(self, what: str, name: object, known: Iterable[str]) -> None:
        super().__init__(name)
        alike = {one.lower(): one for one in known}
        meant = nearest(str(name), alike, 0.4)
        hint = f"; is {alike[meant]!r} meant?" if meant else ""
        self._words = printable(f"there is no {what} {name!r}{hint}")

    def __str__(self) -> str:
        return self._words
