"""What a picture teaches, by what people said of all that is on it."""

from __future__ import annotations

import pytest

from balefire.domain.detection import Detection, Hazard
from balefire.domain.geometry import Box
from balefire.domain.review import Review, ReviewBox, Verdict
from balefire.domain.sample import Seen, sample
from tests.builders import at, detection, frame

FLAME, SMOKE = detection(Hazard.FLAME, (0.1, 0.1, 0.2, 0.2)), detection(Hazard.SMOKE, (0.5, 0.1, 0.9, 0.6))
LABELS = {found: (found.hazard, found.box) for found in (FLAME, SMOKE)}


def seen(found: Detection, *verdicts: Verdict | None, event: str = "e") -> Seen:
    """None: the verdict before it was taken back."""
    reviews: list[Review] = []
    for number, verdict in enumerate(verdicts):
        undoes = reviews[-1].id if verdict is None else None
        reviews.append(Review(f"{event}{number}", event, verdict or Verdict.REAL, "", "", "li", at(number), undoes=undoes))
    return Seen(event, (found,), tuple(reviews))


REAL, FALSE, UNSURE = Verdict.REAL, Verdict.FALSE, Verdict.UNSURE


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([seen(FLAME, REAL)], (FLAME,)),
        ([seen(FLAME, FALSE)], ()),  # a background
        ([seen(FLAME, UNSURE)], None),
        ([seen(FLAME)], None),
        ([seen(FLAME, REAL, None)], None),  # taken back
        ([seen(FLAME, FALSE, REAL, None)], ()),  # the one before counts again
        ([seen(FLAME, REAL), seen(SMOKE, REAL, event="s")], (FLAME, SMOKE)),
        ([seen(FLAME, REAL), seen(SMOKE, FALSE, event="s")], (FLAME,)),
        ([seen(FLAME, REAL), seen(SMOKE, event="s")], None),  # nobody knows whether that is smoke
        ([seen(FLAME, FALSE), seen(SMOKE, UNSURE, event="s")], None),
    ],
)
def test_the_boxes_of_a_picture(events: list[Seen], expected: tuple[Detection, ...] | None) -> None:
    taught = sample(frame(detections=(FLAME, SMOKE)[: len(events)]), events)
    assert (None if taught is None else taught.labels) == (None if expected is None else tuple(LABELS[one] for one in expected))
    assert taught is None or not taught.by_hand


def test_a_hazard_that_belongs_to_no_event_makes_a_picture_unclear() -> None:
    assert sample(frame(detections=(FLAME, SMOKE)), [seen(FLAME, REAL)]) is None


@pytest.mark.parametrize("verdict", [REAL, FALSE])
def test_what_a_person_set_is_the_whole_truth(verdict: Verdict) -> None:
    shown = frame(detections=(FLAME, SMOKE))
    box = Box(0.3, 0.3, 0.4, 0.4)
    for boxes in ((ReviewBox(shown.id, Hazard.SMOKE, box), ReviewBox("another", Hazard.FLAME, box)), ()):
        review = Review("r", "e", verdict, "", "", "li", at(1), boxes, frames=(shown.id, "another"))
        taught = sample(shown, [Seen("e", (FLAME,), (review,)), seen(SMOKE, event="s")])
        assert taught is not None
        assert taught.labels == tuple((one.hazard, one.box) for one in boxes if one.frame == shown.id)
        assert taught.by_hand
    unsure = Review("u", "e", UNSURE, "", "", "li", at(1), frames=(shown.id,))
    assert sample(shown, [Seen("e", (FLAME,), (unsure,))]) is None


def test_an_event_that_a_frame_only_surrounds_changes_nothing_unless_its_boxes_were_set_there() -> None:
    shown = frame(detections=(FLAME,))
    around = Seen("around", (), ())
    taught = sample(shown, [seen(FLAME, REAL), around])
    assert taught is not None
    assert taught.labels == (LABELS[FLAME],)
    assert sample(shown, [around]) is None
    review = Review("r", "around", REAL, "", "", "li", at(1), frames=(shown.id,))
    set_empty = sample(shown, [seen(FLAME, REAL), Seen("around", (), (review,))])
    assert set_empty is not None
    assert (set_empty.labels, set_empty.by_hand) == ((), True)


def test_only_the_classes_that_are_asked_for() -> None:
    taught = sample(frame(), [seen(FLAME, REAL), seen(SMOKE, REAL, event="s")], (Hazard.SMOKE,))
    assert taught is not None
    assert taught.labels == (LABELS[SMOKE],)
