"""Failed authentications in the log: at most once a minute for each client, however often it tries."""

import logging
from collections import OrderedDict

log = logging.getLogger("exporter.web")
QUIET_SECONDS = 60
MOST_CLIENTS = 1000


class FailureLog:
    """When each of the last clients was logged, in seconds of a steady clock, and its failures since."""

    def __init__(self) -> None:
        self.clients: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def note(self, client: str, reason: str, now: float) -> None:
        """One more; the line has the number of those that were not logged."""
        logged, silent = self.clients.pop(client, (now - QUIET_SECONDS, 0))
        if now - logged < QUIET_SECONDS:
            self.clients[client] = (logged, silent + 1)
            return
        log.warning(
            "authentication failed", extra={"client": client, "reason": reason, "unlogged_before": silent}
        )
        self.clients[client] = (now, 0)
        if len(self.clients) > MOST_CLIENTS:
            self.clients.popitem(last=False)
