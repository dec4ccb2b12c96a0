from __future__ import annotations

import pytest

from cbir.work.pace import Pace, Rate


def test_speed_and_time_left() -> None:
    pace = Pace()
    pace.feed(0, 1000, 50.0)
    assert pace.rate(50.0) is None
    pace.feed(100, 1000, 52.0)
    pace.feed(300, 1000, 56.0)
    assert pace.rate(56.0) == Rate(50.0, 14.0)


def test_a_slow_start_tells_no_time_left_and_does_not_count() -> None:
    pace = Pace()
    pace.feed(0, 493, 0.0)
    pace.feed(1, 493, 27.0)  # the model was loaded first
    assert pace.rate(27.0) is None
    pace.feed(2, 493, 27.5)
    assert pace.rate(27.5) == Rate(2.0, None)
    pace.feed(9, 493, 29.0)
    assert pace.rate(29.0) == Rate(4.0, None)
    pace.feed(13, 493, 30.0)
    assert pace.rate(30.0) == Rate(4.0, 120.0)
    slow = Pace()
    for done in range(5):
        slow.feed(done, 493, 20.0 * done)
    rate = slow.rate(80.0)
    assert rate is not None and rate.seconds is None  # three beside the first tell too little


def test_nothing_is_told_without_a_total_or_too_soon() -> None:
    pace = Pace()
    assert pace.rate(0.0) is None
    pace.feed(0, None, 0.0)
    pace.feed(5, None, 5.0)
    assert pace.rate(5.0) is None
    pace.feed(0, 10, 6.0)
    pace.feed(1, 10, 6.1)
    assert pace.rate(6.1) is None


def test_a_new_count_begins_anew() -> None:
    pace = Pace()
    for now in range(5):
        pace.feed(now * 100, 1000, float(now))
    assert pace.rate(4.0) == Rate(100.0, 6.0)
    pace.feed(0, 1000, 5.0)  # from zero, as after a part that was of no use
    assert pace.rate(5.0) is None
    pace.feed(10, 1000, 6.0)
    pace.feed(40, 1000, 9.0)
    assert pace.rate(9.0) == Rate(10.0, 96.0)
    pace.feed(10, 20, 10.0)  # another total
    pace.feed(11, 20, 11.0)
    pace.feed(17, 20, 14.0)
    assert pace.rate(14.0) == Rate(2.0, 1.5)


def test_the_last_seconds_count_and_not_the_whole_job() -> None:
    pace = Pace()
    for second in range(100):
        pace.feed(1_000 * second, 1_000_000, float(second))
    for second in range(20):
        pace.feed(99_000 + 10 * second, 1_000_000, 99.0 + second)
    rate = pace.rate(118.0)
    assert rate is not None
    assert rate.speed == pytest.approx(10.0)


def test_silence_slows_it_down_after_a_while() -> None:
    pace = Pace()
    for second in range(11):
        pace.feed(100 * second, 10_000, float(second))
    speeds = [rate.speed for now in (10.0, 12.9, 16.0, 20.0) if (rate := pace.rate(now))]
    assert speeds[0] == speeds[1] == 100.0
    assert speeds[1] > speeds[2] > speeds[3] > 0
    assert pace.rate(60.0) is None


def test_what_is_told_changes_twice_a_second_at_most() -> None:
    pace, told = Pace(), set()
    for tick in range(1000):
        pace.feed(tick * tick, 2_000_000, tick / 100)
        told.add(pace.rate(tick / 100))
    assert len(told) <= 22
