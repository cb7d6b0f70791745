"""card.md of a bundle, generated: what it sees and misses, on what data, under which licence, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from balefire.domain.bundle import Bundle
from training.counts import Count
from training.data import Dataset, Source
from training.forms import Form
from training.judging import Figures, ListFigures
from training.parity import SAME_IOU, SCORE_FLOOR
from training.report import counted, peer_cell, shown, spanned
from training.thresholds import Chosen

MISSES_OFTEN = 0.8  # of the pictures that hold a hazard: below it the card says so in words


@dataclass(frozen=True, slots=True)
class CardFacts:
    """All that a card says. `sources`: those that training saw, with their numbers of training pictures; `peers`: name →
    figures.json of others on the same lists; `record`: the run's run.json; `epochs`: those behind the exported weights'
    run; `forms`: of the graph, each against torch."""

    bundle: Bundle
    dataset: Dataset
    figures: Figures
    chosen: Chosen
    forms: Sequence[Form]
    sources: Mapping[str, tuple[Source, int]]
    record: Mapping[str, Any]
    epochs: int
    commercial_use: bool
    peers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def card(facts: CardFacts) -> str:
    """Markdown."""
    bundle = facts.bundle
    parts = [
        [f"# {bundle.reference}", "", _opening(facts)],
        ["## Figures", "", *_figures(facts)],
        ["## What it sees and what it misses", "", *_plain_words(facts)],
        ["## Thresholds", "", *_thresholds(facts.chosen)],
        ["## Data", "", *_data(facts)],
        ["## Licence", "", *_licence(facts)],
        ["## Runtimes and parity", "", *_forms(facts.forms)],
        ["## How to repeat it", "", *_repeat(facts)],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _opening(facts: CardFacts) -> str:
    bundle = facts.bundle
    named = ", ".join(
        f"`{name}` (→ {bundle.hazards[name]})" if name in bundle.hazards else f"`{name}`" for name in bundle.classes
    )
    return (
        f"Finds {named} in pictures, letterboxed to {bundle.input.width} × {bundle.input.height} pixels; "
        f"head: {bundle.head}. Every figure below was measured on the exported graph by the code that serves it."
    )


def _figures(facts: CardFacts) -> Iterator[str]:
    yield "Each test list by itself; none of them was used to choose anything. AP by COCO's rules, with its 95 % interval"
    yield "drawn over scenes. Pictures found: of those that hold the class, the ones in which it is seen at the threshold,"
    yield "with the exact 95 % interval. Others, judged through the same code: AP50, and pictures at their own threshold."
    yield ""
    head = ["list", "pictures", "class", "boxes", "AP50", "95 %", "AP50-95", "AP50 small · medium · large", "pictures found"]
    yield from markdown_table(
        [*head, *facts.peers],
        [row for one in facts.figures.lists if one.false_alarms is None for row in _judged_rows(one, facts.peers)],
    )
    alarms = [(one.name, one.false_alarms) for one in facts.figures.lists if one.false_alarms]
    if alarms:
        yield ""
        rows = [
            [one.name, counted(one.false_alarms), f"{one.false_alarms.share:.1%}", *_peer_cells(facts.peers, one, "")]
            for one in facts.figures.lists
            if one.false_alarms
        ]
        yield from markdown_table(["list without any hazard", "false-alarm pictures", "share", *facts.peers], rows)
    yield ""
    yield "Small: below 32 × 32 pixels of the picture, medium: below 96 × 96."
    yield ""
    yield "![precision over recall](report/precision-recall.png)"


def _judged_rows(one: ListFigures, peers: Mapping[str, Mapping[str, Any]]) -> Iterator[list[str]]:
    for name, count in one.pictures_found.items():
        precision = one.precision.get(name)
        figures = ["", "", "", "", ""]
        if precision:
            sizes = " · ".join(shown(value) for value in precision.by_size.values())
            span = spanned(one.intervals.get(name))
            figures = [str(precision.boxes), shown(precision.ap50), span, shown(precision.ap50_95), sizes]
        yield [one.name, str(one.pictures), name, *figures, counted(count), *_peer_cells(peers, one, name)]


def _peer_cells(peers: Mapping[str, Mapping[str, Any]], one: ListFigures, class_name: str) -> list[str]:
    return [peer_cell(peer, one, class_name) for peer in peers.values()]


def _plain_words(facts: CardFacts) -> Iterator[str]:
    for one in facts.figures.lists:
        note = facts.dataset.lists.test[one.name].note
        for name, count in one.pictures_found.items():
            verdict = "often missed, found on" if count.share < MISSES_OFTEN else "found on"
            yield f"- {name} on {one.name}: {verdict} {count.share:.0%} of {count.of} pictures{_noted(note)}"
        if one.false_alarms:
            yield f"- {one.name}: a false alarm on {_one_in(one.false_alarms)}{_noted(note)}"
    yield ""
    yield "Said of single pictures only: nothing here tells how many false events an hour a camera gives, since an event"
    yield "needs several sightings. It was not tested on pictures of your cameras, in other lands, or through other lenses."


def _one_in(count: Count) -> str:
    return f"one picture in {round(1 / count.share)}" if count.found else f"none of {count.of} pictures"


def _noted(note: str) -> str:
    return f" ({note})" if note else ""


def _thresholds(chosen: Chosen) -> Iterator[str]:
    rows = [
        [name, f"{value:.3f}", f"{chosen.recall[name]:.2f}", f"{chosen.precision[name]:.2f}"]
        for name, value in chosen.thresholds.items()
    ]
    yield from markdown_table(["class", "threshold", "recall of boxes on val", "precision of boxes on val"], rows)
    few = " Under 100 backgrounds: read the interval." if chosen.false_alarms.of < 100 else ""
    yield ""
    yield f"Chosen on val for a budget of {chosen.budget:.1%} false-alarm pictures; there {counted(chosen.false_alarms)}"
    yield f"backgrounds get a detection.{few} Among the thresholds that keep the budget, all hazards together, those with"
    yield "the highest sum of F2 were taken, and none below its class's own best F2 (training/thresholds.py)."


def _data(facts: CardFacts) -> Iterator[str]:
    yield f"Set `{facts.dataset.name}`, manifest {facts.bundle.provenance['data']}."
    yield f"Split {facts.dataset.split_rule}. Training pictures by source:"
    yield ""
    rows = [
        [key, str(count), source.origin, source.licence, "yes" if source.commercial_use else "no", source.note]
        for key, (source, count) in facts.sources.items()
    ]
    yield from markdown_table(["source", "pictures", "what", "licence as stated", "commercial use", "know this"], rows)


def _licence(facts: CardFacts) -> Iterator[str]:
    yield facts.bundle.licence
    yield ""
    yield f"Free for commercial use: **{'yes' if facts.commercial_use else 'no'}**. See LICENSE."


def _forms(forms: Sequence[Form]) -> Iterator[str]:
    first = forms[0]
    yield f"Against the trained model in torch, on {first.parity.pictures} val pictures: boxes with a score ≥ {SCORE_FLOOR}"
    yield f"after suppression; a box matches one of its class at IoU ≥ {SAME_IOU}. Speed: pictures a second, one at a time, as"
    yield f"a multiple of onnxruntime in float32 ({first.milliseconds:.0f} ms on the machine that made the bundle)."
    yield ""
    rows = [
        [
            form.name,
            str(form.parity.boxes),
            f"{form.parity.matched:.2%}",
            f"{form.parity.score_difference:.6f}",
            f"{form.parity.ap50_difference:.4f}",
            f"{form.speed:.2f}",
            form.fault if form.fault else "released" if form.files else "reads model.onnx",
        ]
        for form in forms
    ]
    head = ["form", "boxes", "matched", "largest score difference", "AP50 difference", "speed", ""]
    yield from markdown_table(head, rows)
    yield ""
    yield "A form that falls short has no file here. Bfloat16 is a way of computing and has none: the service takes it only"
    yield "where the golden pictures pass on its own processor (`balefire tune`), or where it is told to."


def _repeat(facts: CardFacts) -> Iterator[str]:
    given, version = facts.bundle.provenance, facts.bundle.version
    plan, versions = facts.record["recipe"]["schedule"], facts.record["versions"]
    if facts.epochs < plan["epochs"]:
        yield f"**Exported from an unfinished run: {facts.epochs} of {plan['epochs']} epochs.**"
        yield ""
    yield "```"
    start = str(facts.record["recipe"]["weights"])
    onwards = f" --weights {start}" if start.startswith("models/") else ""
    yield f"python -m training.train {given['recipe']}{onwards}"
    averaged = facts.record.get("averaged")
    if averaged:
        parent = "models/" + str(averaged["with"]).replace("@", "/")
        yield f"python -m training.average RUN {parent} --share {averaged['share']}      # RUN-averaged is what is exported"
    yield f"python -m training.export RUN --recipe {given['recipe']} --version {version}"
    yield f"python -m training.evaluate models/{facts.bundle.name}/{version}"
    yield "```"
    yield ""
    yield f"{facts.epochs} epochs at {plan['image_size']} pixels from {given['weights']}; code {given['code']}; "
    yield (
        ", ".join(f"{name} {value}" for name, value in versions.items()) + "; on " + (facts.record.get("gpu") or "a CPU") + "."
    )
    yield "Losses and validation figures of each epoch: report/results.csv."
    if not facts.record.get("gpu"):
        yield ""
        yield "**A short recipe, as a CPU allows.** Where there is a GPU, `python -m training.full` trains every detector at"
        yield "640 pixels with a long schedule (configs/training/full), exports, and promotes what is better."


def markdown_table(head: list[str], rows: list[list[str]]) -> list[str]:
    cells = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
