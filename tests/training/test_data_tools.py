"""`python -m training.data` on a small set of its own: every fault named, copies found, corrections applied."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from balefire.domain.errors import BadInput, BadLabel, BadSetting
from tests.training.small_set import RECIPE, image, label, small_set, write
from training import data_tools
from training.data import labels_of, read_dataset
from training.places import Places
from training.prepare import prepare


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    made = small_set(tmp_path)
    draw(made, seed=0)
    monkeypatch.setattr(data_tools, "usual_places", lambda: made)
    return made


def draw(places: Places, seed: int) -> None:
    """Eight pictures of soft spots, each unlike the others."""
    random = np.random.default_rng(seed)
    for number in range(8):
        spots = random.integers(0, 255, (6, 8, 3)).astype(np.uint8)
        cv2.imwrite(str(places.pictures / image(number)), cv2.resize(spots, (160, 120), interpolation=cv2.INTER_CUBIC))


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(data_tools.app, list(map(str, words)), env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_every_fault_is_named_not_only_the_first(places: Places, tmp_path: Path) -> None:
    assert run("check", "small")[0] == 0
    write(label(places, 0), "0 0.5 0.5 0.25 0.5\n7 0.5 0.5 0.1 0.1\n")
    write(label(places, 2), "0 0.99 0.5 0.5 0.5\n")
    whole = (places.pictures / image(4)).read_bytes()
    write(places.pictures / image(4), whole[: len(whole) // 2])
    (places.pictures / image(7)).unlink()
    cv2.imwrite(str(places.pictures / "small/images/5.png"), np.zeros((8, 8, 3), np.uint8))
    write(label(places, 6), "0 0.5 0.5 0.25 0.5\n0 0.5 0.5 0.25 0.5\n0 0.5 0.5 1 1\n0 0.5 0.5 0.01 0.5\n")
    code, said = run("check", "small", "--out", tmp_path / "out")
    assert code == 2
    for fault in (
        "0.txt:2: class 7 does not exist", "2.txt:1: box outside the picture", "4.jpg: ", "7.jpg: test all names it",
        "two pictures for one label: 5.jpg and 5.png", "the same box twice", "the whole picture", "a side below 4 pixels",
    ):  # fmt: skip
        assert fault in said, said
    assert cv2.imread(str(tmp_path / "out/faults.png")) is not None


def test_a_training_picture_that_is_nearly_a_test_picture_is_refused_until_it_is_dropped(places: Places) -> None:
    test = cv2.imread(str(places.pictures / image(6)))
    assert test is not None
    smaller = cv2.resize(test, (120, 90), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(places.pictures / image(1)), smaller, [cv2.IMWRITE_JPEG_QUALITY, 60])
    code, said = run("duplicates", "small")
    assert code == 2
    assert "small/images/1.jpg (train) is nearly small/images/6.jpg (test all)" in said
    with pytest.raises(BadLabel, match=r"1\.jpg: is nearly the test picture small/images/6\.jpg \(all\)"):
        prepare(RECIPE, places)
    correct(places, f'[[picture]]\npath = "{image(1)}"\nreason = "nearly 6"\n')
    assert run("duplicates", "small")[0] == 0
    assert image(1) not in {sample.image for sample in prepare(RECIPE, places).samples}


def correct(places: Places, text: str) -> None:
    write(places.descriptions / "small" / "corrections.toml", text)


def test_a_correction_changes_what_is_trained_on_and_not_the_source(places: Places) -> None:
    before = prepare(RECIPE, places)
    text = label(places, 0).read_text()
    fix = f'[[label]]\npicture = "{image(0)}"\nwas = "{text.strip()}"\nnow = "1 0.5 0.5 0.25 0.5"\nreason = "it is smoke"\n'
    correct(places, fix)
    after = prepare(RECIPE, places)
    assert after.fingerprint != before.fingerprint
    assert (after.folder / "small/labels/0.txt").read_text().startswith("1 ")
    assert label(places, 0).read_text() == text
    boxes, _ = labels_of(places.pictures, read_dataset(places.descriptions, "small"), image(0))
    assert [box.class_index for box in boxes] == [1]
    correct(places, fix.replace('now = "1 0.5 0.5 0.25 0.5"\n', ""))
    assert labels_of(places.pictures, read_dataset(places.descriptions, "small"), image(0))[0] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'[[label]]\npicture = "{image(0)}"\nwas = "0 0.1 0.1 0.1 0.1"\nreason = "x"', "does not stand there"),
        (f'[[label]]\npicture = "{image(6)}"\nwas = "0 0.5 0.5 0.25 0.5"\nreason = "x"', "test labels stay as they are"),
        (f'[[picture]]\npath = "{image(6)}"\nreason = "x"', "test labels stay as they are"),
        (f'[[picture]]\npath = "{image(0)}"', "reason"),
        (f'[[label]]\npicture = "{image(0)}"\nwas = "0 0.5 0.5 0.25 0.5"\nnow = "9 0.5 0.5 0.2 0.2"\nreason = "x"', "class 9"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(places: Places, text: str, said: str) -> None:
    correct(places, text)
    with pytest.raises(BadInput) as refused:
        prepare(RECIPE, places)
    assert said in str(refused.value)


def test_a_set_of_ones_own_is_taken_in_trained_on_and_written_out_again(places: Places, tmp_path: Path) -> None:
    assert run("export", "small", tmp_path / "out.zip", "--format", "cvat")[0] == 0
    draw(places, seed=9)  # so that what comes back is no copy
    options = ["--source", "yard", "--licence", "CC BY 4.0", "--origin", "a yard"]
    code, said = run("import", "small", tmp_path / "out.zip", *options)
    assert (code, "4 train, 2 val, 2 test" in said) == (0, True), said
    dataset = read_dataset(places.descriptions, "small")
    assert dataset.sources["yard"].licence == "CC BY 4.0"
    assert set(dataset.lists.test) == {"all", "yard"}
    prepared = prepare(RECIPE, places)
    assert sum(sample.source == "yard" for sample in prepared.samples) == 6
    assert run("check", "small")[0] == 0
    code, said = run("import", "small", tmp_path / "out.zip", *options)
    assert (code, "has a source yard already" in said) == (2, True)
    assert run("stats", "small", "--out", tmp_path)[0] == 0
    assert cv2.imread(str(tmp_path / "stats.png")) is not None


def test_a_faulty_set_is_refused_and_nothing_stays(places: Places, tmp_path: Path) -> None:
    assert run("export", "small", tmp_path / "out", "--format", "yolo")[0] == 0
    broken = next((tmp_path / "out/labels/train").glob("*.txt"))
    broken.write_text("0 0.5 0.5 9 9\n")
    before = sorted(places.pictures.rglob("*"))
    code, said = run("import", "small", tmp_path / "out", "--source", "yard", "--licence", "mine")
    assert code == 2
    assert f"{broken.name}:1: box outside the picture" in said
    code, said = run("import", "small", tmp_path / "out", "--source", "No Slug", "--licence", "mine")
    assert code == 2
    assert sorted(places.pictures.rglob("*")) == before
    assert not (places.descriptions / "small/sources").exists()


def test_sources_are_left_out_by_a_part_of_their_licence(places: Places) -> None:
    text = (places.descriptions / "small/dataset.toml").read_text()
    write(places.descriptions / "small/dataset.toml", text.replace('licence = "none"', 'licence = "CC BY-NC-SA 4.0"'))
    with pytest.raises(BadSetting, match="the training set is empty"):
        prepare(RECIPE.model_copy(update={"exclude_licences": ["NC"]}), places)
    with pytest.raises(BadSetting, match="exclude_licences: NCC is in no licence of small"):
        prepare(RECIPE.model_copy(update={"exclude_licences": ["NCC"]}), places)
