"""One who is restarted or hands over is nobody's rival; two who send in turn are."""

from __future__ import annotations

import pytest

from balefire.domain.senders import MOST_KNOWN, RETURNS, Senders
from tests.builders import at


def after(frames: str, every_s: float = 1.0, start: Senders | None = None) -> Senders:
    """A letter a frame: who sent it."""
    senders = start or Senders()
    for number, agent in enumerate(frames):
        senders = senders.take(agent, at(number * every_s))
    return senders


@pytest.mark.parametrize("frames", ["AAAAAAAA", "AAAABBBB", "ABCDEFGHIJ", "AABAAAAA", "AABBAABB"[:6]])
def test_restarts_and_one_handing_over_are_no_contest(frames: str) -> None:
    assert not after(frames).contested(held=False)


@pytest.mark.parametrize(("frames", "every_s"), [("ABABA", 1), ("AAAAABAAAAABA", 5), ("ABCABC", 1), ("ABABA", 60)])
def test_two_in_turn_are_told_at_any_rate(frames: str, every_s: float) -> None:
    assert after(frames, every_s).contested(held=False)


def test_it_ends_when_none_came_back_for_three_minutes() -> None:
    both = after("ABABA")
    assert both.take("A", at(120)).contested(held=True)
    assert not both.take("A", at(190)).contested(held=True)


def test_what_is_remembered_stays_small() -> None:
    senders = after("ABCDEFGHIJKLMNOPQRST" * 20)
    assert (len(senders.known), len(senders.returns)) == (MOST_KNOWN, 0)
    assert len(after("AB" * 50).returns) == RETURNS
