"""Average precision on examples small enough to count by hand."""

from __future__ import annotations

import pytest

from tests.training.looks import HERE, THERE, looked
from training.precision import average_precision

ALMOST = (0.1, 0.1, 0.5, 0.4)  # IoU 0.75 with HERE


@pytest.mark.parametrize(
    ("pictures", "ap50", "ap50_95"),
    [
        ([looked({HERE: "flame"}, [("flame", 0.9, HERE)])], 1.0, 1.0),
        ([looked({HERE: "flame"}, [("flame", 0.9, ALMOST)])], 1.0, 0.6),  # right at IoU 0.5 … 0.75
        ([looked({HERE: "flame"}, [("flame", 0.9, THERE)])], 0.0, 0.0),
        ([looked({HERE: "flame"}, [])], 0.0, 0.0),
        ([looked({HERE: "flame"}, [("flame", 0.9, THERE), ("flame", 0.8, HERE)])], 0.5, 0.5),
        # the second of two boxes is missed: precision 1 up to recall 0.5, that is 51 of 101 points
        ([looked({HERE: "flame", THERE: "flame"}, [("flame", 0.9, HERE)])], 51 / 101, 51 / 101),
        # a false alarm on an empty picture, surer than the hit
        ([looked({HERE: "flame"}, [("flame", 0.5, HERE)]), looked({}, [("flame", 0.6, HERE)])], 0.5, 0.5),
        # boxes of a class that is not judged change nothing
        ([looked({HERE: "flame"}, [("smoke", 0.99, THERE), ("flame", 0.9, HERE)])], 1.0, 1.0),
    ],
)
def test_flame(pictures: list[object], ap50: float, ap50_95: float) -> None:
    figures = average_precision(pictures, ["flame"])["flame"]  # type: ignore[arg-type]
    assert figures.ap50 == pytest.approx(ap50, abs=1e-6)
    assert figures.ap50_95 == pytest.approx(ap50_95, abs=1e-6)


def test_each_class_by_itself() -> None:
    pictures = [looked({HERE: "flame", THERE: "smoke"}, [("flame", 0.9, HERE), ("smoke", 0.9, HERE)])]
    figures = average_precision(pictures, ["flame", "smoke"])
    assert (figures["flame"].ap50, figures["smoke"].ap50) == (1.0, 0.0)


def test_a_class_that_is_not_there_has_no_figure() -> None:
    figures = average_precision([looked({HERE: "flame"}, [])], ["flame", "smoke"])
    assert (figures["smoke"].boxes, figures["smoke"].ap50) == (0, None)


def test_by_size() -> None:
    small, large = (0.1, 0.1, 0.2, 0.3), (0.3, 0.1, 0.9, 0.95)  # 20 × 20 and 120 × 85 pixels
    figures = average_precision([looked({small: "flame", large: "flame"}, [("flame", 0.9, large)])], ["flame"])["flame"]
    assert figures.by_size == {"small": 0.0, "medium": None, "large": 1.0}
