"""`balefire watch`: one source to one camera of one server, or all cameras of a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def watch(
    source: Annotated[
        str | None,
        typer.Argument(help="video file, folder of pictures, rtsp://, http:// (snapshot, MJPEG, HLS), scene:hillside"),
    ] = None,
    camera: Annotated[str | None, typer.Option(help="the camera's id on the server")] = None,
    config: Annotated[Path | None, typer.Option(help="many cameras: configs/cameras.example.toml shows how")] = None,
    server: Annotated[str | None, typer.Option(envvar="BALEFIRE_SERVER", help="http://127.0.0.1:3000 by default")] = None,
    key: Annotated[str, typer.Option(envvar="BALEFIRE_KEY", help="a key with the scope frames")] = "",
    fps: Annotated[float | None, typer.Option(help="frames a second; 1 by default")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="a file as fast as the server answers, not at its own pace")] = False,
    loop: Annotated[bool, typer.Option("--loop", help="a file again and again")] = False,
    once: Annotated[bool, typer.Option("--once", help="one frame, then end")] = False,
    edge: Annotated[bool, typer.Option("--edge", help="with --config: look here, post only what saw something")] = False,
    models: Annotated[Path, typer.Option(help="with --edge: the folder of released detectors")] = Path("models"),
) -> None:
    """Send SOURCE to the server as a camera's frames, or watch every camera of --config, through restarts and dead
    streams, until Ctrl-C."""
    from balefire.domain.errors import BadInput

    if config is not None:
        if source or camera or fps or fast or loop or once:
            raise BadInput("--config says what is watched: SOURCE and the options of one source do not go with it")
        return _all_of(config, server, key, models if edge else None)
    if source is None or camera is None:
        raise BadInput("one source needs SOURCE and --camera; many cameras need --config")
    if edge:
        raise BadInput("--edge goes with --config")
    from balefire.camera.watch import watch as run

    run(source, camera, server or "http://127.0.0.1:3000", key, fps=fps, realtime=not fast, loop=loop, once=once)
    return None


def _all_of(config: Path, server: str | None, key: str, models: Path | None) -> None:
    from balefire.camera.agent import Agent
    from balefire.camera.config import read_config
    from balefire.camera.edge import EdgeEyes

    read = read_config(config, server, key)
    names = sorted({name for camera in read.cameras for name in camera.detectors})
    Agent(read, eyes=EdgeEyes.load(models, names) if models else None).run()
