"""What can go wrong in the lab."""


class LabError(RuntimeError):
    """The lab did not come up, or a daemon did not do what it was asked."""


class LabUnavailableError(RuntimeError):
    """The lab cannot run here: a program or the right to use it is missing."""


class FaultTableError(ValueError):
    """The fault table asks for something that the lab cannot show."""
