"""Plays an MP4 file of H.264 at its own pace: /usr/bin/python3 rtsp_server.py FILE PORT   # rtsp://127.0.0.1:PORT/live

Runs under the system's Python, because GStreamer's bindings come from the distribution. All clients see the same moment of it.
"""

import sys

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found,unused-ignore]  # noqa: E402


def main(file: str, port: str) -> None:
    Gst.init(None)
    launch = f"( filesrc location={file} ! qtdemux ! h264parse ! rtph264pay config-interval=1 name=pay0 pt=96 )"
    server = GstRtspServer.RTSPServer(service=port, address="127.0.0.1")
    server.get_mount_points().add_factory("/live", GstRtspServer.RTSPMediaFactory(launch=launch, shared=True))
    if not server.attach(None):
        sys.exit("the port is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
