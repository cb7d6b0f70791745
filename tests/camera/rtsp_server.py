"""A real RTSP server for the tests: /usr/bin/python3 rtsp_server.py PORT [USER PASSWORD]   # rtsp://127.0.0.1:PORT/live

By the environment: SIZE=640x480, RATE=25 (frames a second, as it says), SLOW=0.5 (but so many seconds between two), KEY=250
(frames between two key frames).

Runs under the system's Python, because GStreamer's bindings come from Debian (python3-gi, gir1.2-gst-rtsp-server-1.0,
gstreamer1.0-plugins-good and -ugly). Else 320x240, 25 frames a second, H.264, a key frame each second.
"""

import os
import sys

import gi  # type: ignore[import-not-found,import-untyped,unused-ignore]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found,unused-ignore]  # noqa: E402

SIZE, RATE = os.environ.get("SIZE", "320x240").split("x"), os.environ.get("RATE", "25")
SLOW = f"! identity sleep-time={float(os.environ['SLOW']) * 1e6:.0f} " if "SLOW" in os.environ else ""
PICTURES = (
    f"( videotestsrc is-live={not SLOW} pattern=ball ! video/x-raw,width={SIZE[0]},height={SIZE[1]},framerate={RATE}/1 {SLOW}"
    f"! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={os.environ.get('KEY', '25')} "
    "! rtph264pay name=pay0 pt=96 )"
)


def main() -> None:
    Gst.init(None)
    for name in ("videotestsrc", "x264enc", "rtph264pay"):
        if Gst.ElementFactory.find(name) is None:
            sys.exit(f"GStreamer has no {name}")
    server = GstRtspServer.RTSPServer(service=sys.argv[1], address="127.0.0.1")
    factory = GstRtspServer.RTSPMediaFactory(launch=PICTURES, shared=True)
    if sys.argv[2:]:
        guard(server, factory, *sys.argv[2:4])
    server.get_mount_points().add_factory("/live", factory)
    if not server.attach(None):
        sys.exit("the port is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


def guard(server: "GstRtspServer.RTSPServer", factory: "GstRtspServer.RTSPMediaFactory", user: str, password: str) -> None:
    """Nobody sees /live without `user` and `password`."""
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


if __name__ == "__main__":
    main()
