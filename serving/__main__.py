"""One worker of the BentoML service in this process: what `balefire serve` runs.

    python -m serving

`bentoml serve` runs the same service under a supervisor, which imports everything twice: three seconds more until the first
frame is answered, and 80 MB. Whoever restarts a process that died (systemd, Kubernetes) needs no second one.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")  # before bentoml is imported: nobody is told about this machine

import uvicorn
from bentoml.serving import ensure_prometheus_dir

GRACE_S = 2  # for answers on their way when it is told to end


def main() -> None:
    """Serve until SIGINT or SIGTERM. Mirrors `_bentoml_impl.worker.service.main` of BentoML 1.4, without its supervisor."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = ensure_prometheus_dir()  # before prometheus_client is imported
    from bentoml._internal.context import server_context
    from bentoml._internal.log import configure_server_logging

    configure_server_logging()  # before our own modules are imported: it silences every logger that exists by then
    from serving.service import Balefire, settings

    server_context.service_type = "entry_service"
    service: Any = Balefire  # the decorator made a bentoml.Service of the class
    server_context.service_name = server_context.bento_name = service.name
    server_context.bento_version = "not available"
    server_context.worker_index = 1
    config = uvicorn.Config(
        service.to_asgi(is_main=True),
        host=settings.host,
        port=settings.port,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    with contextlib.suppress(KeyboardInterrupt):  # it has ended in order; that it was Ctrl-C is no error
        uvicorn.Server(config).run()


main()
