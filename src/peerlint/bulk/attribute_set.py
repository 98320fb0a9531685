"""Attribute lists of routes as octets, decoded on demand."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import attrs

from peerlint.bulk.kernel import attributes_of, nothing_is_missing
from peerlint.model import Prefix, Route
from peerlint.wire.nlri import Nlri

#: Attribute lists that are cached: 200 sessions with hundreds of paths each, in about 40 MB.
_MEMO: Final = 1 << 16
#: Octets of the longest list that is cached.
_LONGEST: Final = 1 << 10


@attrs.frozen
class AttributeSet:
    """The attributes of a row as octets of the dump; equal ones are decoded once.

    Attributes:
        octets: the list.
        form: the row's column of that name.
        family: of the prefix, which tells the next hop.
    """

    octets: bytes
    form: int
    family: int

    def route(self) -> Route:
        """Return the decoded route, with the default route as its prefix."""
        # Long lists rarely repeat, and caching them could take gigabytes.
        decode = _decoded if len(self.octets) <= _LONGEST else _decoded.__wrapped__
        return decode(self.octets, self.form, self.family)


@lru_cache(_MEMO)
def _decoded(octets: bytes, form_code: int, family: int) -> Route:
    in_rib = nothing_is_missing(form_code)
    return attributes_of(octets, form_code).route(Nlri(Prefix(family, 0, 0)), in_rib=in_rib)
