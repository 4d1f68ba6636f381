"""The report to a running exporter. Whatever it does, the check and its exit code stay as they are."""

from threading import Thread
from typing import Any

import msgspec

from exporter.sending import TIMEOUT_SECONDS, SendError, asking, place, require_success

JSON = "application/json"
PATH = "/api/v1/checks"


def push(url: str, token: str | None, report: dict[str, Any]) -> None:
    """POST the report. Raises SendError, at the latest after `TIMEOUT_SECONDS`.

    A thread, since an answer that trickles in is late at no single one of its bytes.
    """
    body = msgspec.json.encode(report)
    failed: list[SendError] = []

    def send() -> None:
        try:
            with asking(url, token, JSON) as client:
                require_success(client.post(url.rstrip("/") + PATH, content=body))
        except SendError as error:
            failed.append(error)

    sending = Thread(target=send, name="push", daemon=True)
    sending.start()
    sending.join(TIMEOUT_SECONDS)
    if sending.is_alive():
        raise SendError(f"no exporter at {place(url)}: no answer within {TIMEOUT_SECONDS} s")
    for error in failed:
        raise error
