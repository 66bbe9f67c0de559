"""The alarm: soon where something is new, else once a second."""

import asyncio
import threading

from policyconsole.tui.alarm import REST, TICK, Alarm
from tests.waiting import eventually


class Looks:
    def __init__(self, *, restless: bool = False) -> None:
        self.times: list[float] = []
        self.alarm = Alarm(self.look, lambda: restless)
        self.alarm.start(lambda look: look())

    def look(self) -> None:
        self.times.append(asyncio.get_running_loop().time())


async def test_at_rest_it_looks_once_a_second() -> None:
    looks = Looks()
    await eventually(lambda: len(looks.times) == 3)
    looks.alarm.stop()
    assert looks.times[2] - looks.times[1] >= REST


async def test_what_is_new_is_looked_at_soon_from_whichever_thread() -> None:
    looks = Looks()
    await eventually(lambda: looks.times)
    before = looks.times[0]
    for _ in range(50):  # a thousand a second come on another thread
        threading.Thread(target=looks.alarm.wake).start()
    await eventually(lambda: len(looks.times) == 2)
    looks.alarm.stop()
    assert TICK <= looks.times[1] - before < REST


async def test_a_restless_picture_is_looked_at_all_the_time() -> None:
    looks = Looks(restless=True)
    await eventually(lambda: len(looks.times) == 4)
    looks.alarm.stop()
    assert looks.times[3] - looks.times[0] < REST


async def test_nobody_looks_after_the_end() -> None:
    looks = Looks()
    looks.alarm.stop()
    looks.alarm.wake()
    await asyncio.sleep(0)
    assert looks.times == []
