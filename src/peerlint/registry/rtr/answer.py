"""An answer of a cache: what it announces and withdraws, kept until it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from peerlint.errors import PeerlintError
from peerlint.registry.rtr.vrps import DeltaError, VrpSet, joined
from peerlint.wire.rtr import ErrorCode, PduError, PrefixRun, encode_pdu, pdu_of

if TYPE_CHECKING:
    import numpy.typing as npt

_WITHDRAWN: Final = ErrorCode.WITHDRAWAL_OF_UNKNOWN_RECORD


class AnswerError(PeerlintError):
    """An answer that cannot be used.

    Attributes:
        code: the code of the Error Report that says so to the cache.
        pdu: the PDU that is wrong; empty if no single one is.
    """

    def __init__(self, text: str, *, code: ErrorCode, pdu: bytes = b"") -> None:
        """Keep the parts."""
        self.code, self.pdu = code, pdu
        super().__init__(text)


class Answer:
    """What came since the Cache Response; nothing of it is used before the End of Data.

    Attributes:
        session_id: that of the Cache Response.
        is_reset: whether all data was asked for.
        count: the number of prefix PDUs.
        router_keys: the number of Router Keys.
    """

    def __init__(self, session_id: int, *, is_reset: bool, limit: int) -> None:
        """Start without PDUs.

        Args:
            session_id: that of the Cache Response.
            is_reset: whether all data was asked for.
            limit: the number of prefix PDUs at most.
        """
        self.session_id, self.is_reset = session_id, is_reset
        self.count = self.router_keys = 0
        self._limit = limit
        self._keys: list[npt.NDArray[np.bytes_]] = []
        self._is_announcement: list[npt.NDArray[np.bool_]] = []

    def add(self, run: PrefixRun) -> None:
        """Keep prefix PDUs.

        Raises:
            PduError: all data was asked for, and one of them is a withdrawal.
            AnswerError: there are too many.
        """
        if self.is_reset and not run.is_announcement.all():
            start = int(run.offsets[int(run.is_announcement.argmin())])
            expected = "announcements only, in the answer to a Reset Query"
            raise PduError(
                start + 8, start=start, expected=expected, found="a withdrawal", code=_WITHDRAWN
            )
        self.count += len(run)
        if self.count > self._limit:
            text = f"the cache sent more than {self._limit:,} VRPs in one answer"
            raise AnswerError(text, code=ErrorCode.INTERNAL_ERROR)
        self._keys.append(run.keys)
        self._is_announcement.append(run.is_announcement)

    def result(self, before: VrpSet, version: int) -> VrpSet:
        """Return the set of VRPs after the answer.

        Args:
            before: the set before.
            version: of the protocol.

        Raises:
            AnswerError: the changes do not fit the set, or it would be too large.
        """
        keys = joined(self._keys)
        if self.is_reset:
            return VrpSet.of(keys)
        flags = np.concatenate([np.zeros(0, np.bool_), *self._is_announcement])
        try:
            found = before.changed(keys, flags)
        except DeltaError as error:
            wrong = pdu_of(bytes(keys[error.row]), is_announcement=error.is_announcement)
            what, code = (
                ("announced, and is there already", ErrorCode.DUPLICATE_ANNOUNCEMENT)
                if error.is_announcement
                else ("withdrawn, and is not there", _WITHDRAWN)
            )
            text = f"{wrong.prefix} up to /{wrong.max_length} of AS{wrong.asn} was {what}"
            raise AnswerError(text, code=code, pdu=encode_pdu(wrong, version)) from None
        if len(found) > self._limit:
            text = f"the cache has more than {self._limit:,} VRPs"
            raise AnswerError(text, code=ErrorCode.INTERNAL_ERROR)
        return found
