"""Runs the sample service: `VERSION=v1 PORT=9001 python -m crossfade_dummy`."""

import signal
import socket
import sys

import uvicorn

from crossfade_dummy.service import Service
from crossfade_dummy.settings import Settings, from_environment

BACKLOG = 2_048
FINISH_WITHIN_S = 10


def main() -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests under way."""
    try:
        settings = from_environment()
    except ValueError as error:
        sys.exit(f"crossfade-dummy: {error}")
    # uvicorn raises the signal again when it has shut down; stopping as asked is no failure
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    signal.signal(signal.SIGINT, lambda _number, _frame: sys.exit(0))
    with _listen(settings) as listener:
        host, port = listener.getsockname()[:2]
        sys.stdout.write(f"crossfade-dummy {settings.version} listens on http://{host}:{port}\n")
        sys.stdout.flush()
        _server(settings).run(sockets=[listener])


def _server(settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            Service(settings),
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=FINISH_WITHIN_S,
        )
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)


if __name__ == "__main__":
    main()
