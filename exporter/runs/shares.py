"""What the tokens of each team hold of something limited, so that no team can push out the others."""

from collections import OrderedDict


class Shares:
    """Names by team, at most `most` of each, the oldest first. What nobody's token told is nobody's share."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held: dict[str, OrderedDict[str, None]] = {}

    def add(self, team: str | None, name: str) -> str | None:
        """Hold a name as the team's newest; the oldest of that team if it is one too many."""
        if team is None:
            return None
        held = self.held.setdefault(team, OrderedDict())
        held[name] = None
        held.move_to_end(name)
        return next(iter(held)) if len(held) > self.most else None

    def remove(self, team: str | None, name: str) -> None:
        """Hold it no longer."""
        if team is not None and (held := self.held.get(team)) is not None:
            held.pop(name, None)
            if not held:
                del self.held[team]

    def is_full(self, team: str | None) -> bool:
        """Whether the team holds as much as it may."""
        return team is not None and len(self.held.get(team, ())) >= self.most
