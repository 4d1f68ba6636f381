"""Token buckets: so many at once, then so many a second."""

from collections import OrderedDict
from dataclasses import dataclass

MOST_CLIENTS = 10_000


@dataclass(slots=True)
class Bucket:
    """What one client has left, at `time` in seconds of any clock."""

    left: float
    time: float


class Buckets:
    """A bucket for each client: `size` at once, refilled by `rate` a second.

    Only the last clients are remembered. Who is forgotten has a full bucket again, and to push others out
    takes thousands of clients.
    """

    def __init__(self, size: float, rate: float, most: int = MOST_CLIENTS) -> None:
        self.size, self.rate, self.most = size, rate, most
        self.clients: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Take one. 0.0 when there was one, else the seconds until there is one again."""
        bucket = self.clients.pop(client, None) or Bucket(self.size, now)
        self.clients[client] = bucket
        if len(self.clients) > self.most:
            self.clients.popitem(last=False)
        bucket.left = min(self.size, bucket.left + max(0.0, now - bucket.time) * self.rate)
        bucket.time = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0.0
        return (1 - bucket.left) / self.rate
