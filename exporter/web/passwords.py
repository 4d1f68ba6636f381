"""Passwords against their bcrypt hashes: slow on purpose, so beside the event loop, and only once."""

import asyncio
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping

import bcrypt

MOST_REMEMBERED = 100
MOST_WAITING = 32
# Nobody's. Checking it takes as long as checking somebody's, so that time doesn't tell who exists.
FAKE_HASH = "$2b${cost:02}$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"


class TooManyWaitingError(RuntimeError):
    """More passwords are to be checked than can be soon."""


class Passwords:
    """The users, name to hash. What was right is remembered as a keyed hash; what was wrong is not.

    One check at a time: they take all of a processor.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self.users = users
        self.fake = FAKE_HASH.format(cost=max((int(one[4:6]) for one in users.values()), default=10))
        self.key = secrets.token_bytes()
        self.right: OrderedDict[bytes, None] = OrderedDict()
        self.waiting = 0
        self.turn = asyncio.Lock()

    def knows(self, user: str, password: str) -> bool:
        """True for what was found right before."""
        digest = self.digest(user, password)
        if digest not in self.right:
            return False
        self.right.move_to_end(digest)
        return True

    async def check(self, user: str, password: str) -> bool:
        """True for the user's password. Takes as long as bcrypt does, but not the event loop's time."""
        if self.waiting >= MOST_WAITING:
            raise TooManyWaitingError("too many passwords wait to be checked")
        self.waiting += 1
        try:
            async with self.turn:
                matched = self.knows(user, password) or await asyncio.to_thread(self.matches, user, password)
        finally:
            self.waiting -= 1
        if matched:
            self.remember(self.digest(user, password))
        return matched

    def matches(self, user: str, password: str) -> bool:
        """The slow part; the same for a user who doesn't exist."""
        known = self.users.get(user)
        try:
            same = bcrypt.checkpw(password.encode(), (known or self.fake).encode())
        except ValueError:  # longer than bcrypt's 72 bytes
            return False
        return same and known is not None

    def remember(self, digest: bytes) -> None:
        """Keep it, at the expense of what was used longest ago."""
        self.right[digest] = None
        if len(self.right) > MOST_REMEMBERED:
            self.right.popitem(last=False)

    def digest(self, user: str, password: str) -> bytes:
        """What stands for the two, to this process only; a user's name has no NUL."""
        return hmac.digest(self.key, f"{user}\0{password}".encode(), "sha256")
