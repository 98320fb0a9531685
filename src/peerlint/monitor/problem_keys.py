"""What a problem is about, so that it is known again when it comes back or goes."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.results import Finding

#: In place of a rule: a session is down.
SESSION_DOWN: Final = "session.down"
#: In place of a rule: a feed shows no sign of life, or its router is lost.
FEED_SILENT: Final = "feed.silent"


@attrs.frozen(cache_hash=True)
class ProblemKey:
    """What a problem is about; equal keys are one problem at different times.

    Attributes:
        rule: the id of the rule; `SESSION_DOWN` or `FEED_SILENT` for what no rule is about.
        peering: the name of the peering; empty if it is about none.
        connection: the name of the connection; empty if it is about none.
        session: the id of the session; empty if it is about none.
        prefix: the prefix as declared; empty if it is about none.
        about: what distinguishes it from other problems with the same rule and names; the name of
            the feed for `FEED_SILENT`.
    """

    rule: str
    peering: str = ""
    connection: str = ""
    session: str = ""
    prefix: str = ""
    about: str = ""

    @classmethod
    def of(cls, finding: Finding) -> ProblemKey:
        """Return the key of the problem that a finding reports."""
        subject = finding.subject
        return cls(
            finding.rule,
            subject.peering or "",
            subject.connection or "",
            subject.session or "",
            subject.prefix or "",
            finding.about or "",
        )
