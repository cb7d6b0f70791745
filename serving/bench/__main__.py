"""Measure the service on this machine.

    make bench                                   # ratios: prints a table, writes build/bench.json (or --out)
    balefire bench --cameras 40                  # how many cameras these cores hold, and what happens beyond
    balefire bench --soak 20                     # minutes at 80 % of what it holds: memory and open files
    balefire bench --webhook 10                  # from the raising frame to the webhook at its receiver, so many rounds
    balefire bench --streams 16                  # what so many RTSP streams cost the machine that reads them
    balefire bench --agent 20                    # minutes of four mixed sources while the server is restarted: counts add up
    balefire bench --kill 20                     # kill -9 under load, so many times: nothing acknowledged is lost or doubled
    balefire bench --queue 10000                 # so many places wait: how soon the page and the next event are seen

Figures are ratios within one run, or sizes: this machine may be shared, so absolute speeds mean little. Rounds of each
contestant take turns, so that a slow minute hits them all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from balefire.settings import Settings
from balefire.vision.bundles import champion_folders
from serving.bench import agent, contest, kill, queue, soak, streams, webhook
from serving.bench import cameras as camera_bench
from serving.bench.report import console, write


def main(
    rounds: Annotated[int, typer.Option(help="turns of each contestant")] = 5,
    seconds: Annotated[float, typer.Option(help="length of one turn, or of one step of cameras")] = 0.0,
    cameras: Annotated[int, typer.Option(min=0, help="the most cameras to try, at one 1080p frame a second")] = 0,
    soak_min: Annotated[float, typer.Option("--soak", min=0, help="minutes at 80 % of what this machine holds")] = 0.0,
    kills: Annotated[int, typer.Option("--kill", min=0, help="how often to kill it under load")] = 0,
    webhooks: Annotated[int, typer.Option("--webhook", min=0, help="rounds of ten cameras whose events go to a webhook")] = 0,
    read: Annotated[int, typer.Option("--streams", min=0, help="RTSP streams of 1080p25 in one agent")] = 0,
    agent_min: Annotated[
        float, typer.Option("--agent", min=0, help="minutes of an agent beside a server that is restarted")
    ] = 0,
    places: Annotated[int, typer.Option("--queue", min=0, help="places that wait in the queue of a page in Chromium")] = 0,
    out: Annotated[Path, typer.Option(help="the JSON file to write")] = Path("build") / "bench.json",
) -> None:
    """Run one bench and write its rows to the file, beside those of the others."""
    if cameras:
        rows = camera_bench.run(cameras, seconds or 15.0, out.parent)
    elif soak_min:
        rows = soak.run(soak_min, out.parent)
    elif kills:
        rows = kill.run(kills)
    elif agent_min:
        rows = agent.run(agent_min)
    elif read:
        rows = streams.run(read, seconds or 60.0)
    elif places:
        rows = queue.run(places)
    elif webhooks:
        rows = webhook.run(webhooks)
    else:
        folder = champion_folders(Settings().models, ["fire"])["fire"]
        rows = contest.run(folder, rounds, seconds or 4.0)
    write(out, rows)
    if any(row.reached is False for row in rows.values()):
        console.print("some bars were not reached")


if __name__ == "__main__":
    typer.run(main)
