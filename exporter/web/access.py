"""Who asks, and what they may do: what the gate leaves for the routes."""

from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Access:
    """The outcome of authentication. A route gets the request's with `access_of(request)`.

    Where nothing authenticates anybody, everybody is an admin, so that routes ask the same questions in every
    setting. `name` says who it is, for refusals and limits: never a secret, empty for who has not said.
    `team` is whose pipelines a token is for; `reads_all` lets read everything and scrape; `alertmanager` lets
    tell of alerts.
    """

    name: str
    admin: bool = False
    team: str | None = None
    reads_all: bool = False
    alertmanager: bool = False

    def may_write(self, team: str | None) -> bool:
        """True for who may post runs and lineage of a pipeline of `team`, or answer its incidents.

        `team` is whose the pipeline is known to be, not what an event claims: else whoever has a token could
        adopt the pipelines of others. None, for a pipeline of nobody, is for admins only.
        """
        return self.admin or (team is not None and team == self.team)

    def may_read(self, team: str | None) -> bool:
        """True for who may see a pipeline of `team`, its incidents and its events."""
        return self.reads_everything or (team is not None and team == self.team)

    @property
    def reads_everything(self) -> bool:
        """True for who may see all teams'."""
        return self.admin or self.reads_all

    @property
    def reads_something(self) -> bool:
        """True for who may see at least their own team's."""
        return self.reads_everything or self.team is not None

    @property
    def writes_something(self) -> bool:
        """True for who may change at least what is their own team's."""
        return self.admin or self.team is not None

    @property
    def only_team(self) -> str | None:
        """The one team that may be seen, None for all; for who reads something."""
        return None if self.reads_everything else self.team


ANONYMOUS = ""
EVERYBODY = Access(ANONYMOUS, admin=True)
NOBODY = Access(ANONYMOUS)


def access_of(request: Request) -> Access:
    """What the gate has found out."""
    access: Access = request.scope["state"]["access"]
    return access
