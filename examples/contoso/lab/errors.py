"""The errors of the lab."""


class LabError(RuntimeError):
    """The lab did not come up, or a daemon did not follow a request."""


class LabUnavailableError(RuntimeError):
    """The lab cannot run here: a program or the right to use it is missing."""


class FaultTableError(ValueError):
    """The fault table has something that the lab cannot announce."""
