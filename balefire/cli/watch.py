"""`balefire watch`: one source to one camera of one server."""

from __future__ import annotations

from typing import Annotated

import typer


def watch(
    source: Annotated[str, typer.Argument(help="video file, folder of pictures, rtsp://, http:// snapshot, scene:hillside")],
    camera: Annotated[str, typer.Option(help="the camera's id on the server")],
    server: Annotated[str, typer.Option(envvar="BALEFIRE_SERVER")] = "http://127.0.0.1:3000",
    key: Annotated[str, typer.Option(envvar="BALEFIRE_KEY", help="a key with the scope frames")] = "",
    fps: Annotated[float | None, typer.Option(help="frames a second; 1 by default")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="a file as fast as the server answers, not at its own pace")] = False,
    loop: Annotated[bool, typer.Option("--loop", help="a file again and again")] = False,
    once: Annotated[bool, typer.Option("--once", help="one frame, then end")] = False,
) -> None:
    """Send SOURCE to the server as a camera's frames, through restarts and dead streams, until Ctrl-C."""
    from balefire.camera.watch import watch as run

    run(source, camera, server, key, fps=fps, realtime=not fast, loop=loop, once=once)
