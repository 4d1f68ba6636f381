"""Why something that is told is not taken, with nothing changed by it."""


class RefusedError(RuntimeError):
    """Not taken; the message says what was expected."""


class TooManyJobsError(RefusedError):
    """There is no room for one more job."""


class TeamShareError(RefusedError):
    """Its team uses up as much as one team may."""


class NotYoursError(RefusedError):
    """It is about what is another's, or simulated."""
