"""Local exceptions to VRPs: SLURM files (RFC 8416)."""

from __future__ import annotations

import json
from itertools import combinations
from typing import BinaryIO, Final, Self

import attrs

from peerlint.errors import InputError, Mistake, MistakesError
from peerlint.model import Prefix
from peerlint.registry.rpki.slurm_members import Members, unique_members
from peerlint.wording import Words

#: The maximum size of a file, in octets; people write them.
MAX_SIZE: Final = 1 << 24
_TOP: Final = "the file"
_VERSION: Final = "slurmVersion"
_FILTERS: Final = "validationOutputFilters"
_ASSERTIONS: Final = "locallyAddedAssertions"


@attrs.frozen
class PrefixFilter:
    """VRPs to remove (RFC 8416 section 3.3.1). A part that is None matches every VRP.

    Attributes:
        prefix: matches VRPs of this prefix and of more specific ones.
        asn: matches VRPs of this AS.
    """

    prefix: Prefix | None
    asn: int | None


@attrs.frozen
class PrefixAssertion:
    """A VRP to add (RFC 8416 section 3.4.1).

    Attributes:
        prefix: the prefix.
        asn: the AS that may originate it.
        max_length: the maximum length, in bits.
    """

    prefix: Prefix
    asn: int
    max_length: int


@attrs.frozen
class Slurm:
    """The local exceptions of one file, or of several that do not conflict.

    Exceptions of BGPsec router keys are checked and counted; peerlint judges no BGPsec.

    Attributes:
        name: the file's name, as given.
        filters: VRPs to remove.
        assertions: VRPs to add; filters do not remove them.
        router_keys: the AS numbers of BGPsec filters and assertions; None for a filter of any AS.
    """

    name: str
    filters: tuple[PrefixFilter, ...] = ()
    assertions: tuple[PrefixAssertion, ...] = ()
    router_keys: tuple[int | None, ...] = ()

    @classmethod
    def of(cls, name: str, value: object) -> Self:
        """Make it from parsed JSON.

        Raises:
            MistakesError: the JSON is not what RFC 8416 demands; with all mistakes.
        """
        mistakes: list[Mistake] = []
        top = Members(_TOP, value, mistakes)
        top.only(_VERSION, _FILTERS, _ASSERTIONS)
        version = top.get(_VERSION)
        if version != 1 or isinstance(version, bool):
            top.wrong(_VERSION, "1 (RFC 8416)")
        filters = top.table(_FILTERS)
        filters.only("prefixFilters", "bgpsecFilters")
        assertions = top.table(_ASSERTIONS)
        assertions.only("prefixAssertions", "bgpsecAssertions")
        removed = [_filter(each) for each in filters.tables("prefixFilters")]
        added = [_assertion(each) for each in assertions.tables("prefixAssertions")]
        keys = [_key_filter(each) for each in filters.tables("bgpsecFilters")]
        keys += [_key_assertion(each) for each in assertions.tables("bgpsecAssertions")]
        if mistakes:
            raise MistakesError(name, tuple(mistakes))
        return cls(
            name,
            tuple(each for each in removed if each),
            tuple(each for each in added if each),
            tuple(keys),
        )


def read_slurm(file: BinaryIO, name: str) -> Slurm:
    """Read a SLURM file, version 1, strictly: RFC 8416 section 3.1 allows no deviation.

    Args:
        file: the JSON, in UTF-8.
        name: the file's name, as given.

    Raises:
        MistakesError: it is not what RFC 8416 demands; with all mistakes.
        InputError: it is no JSON, has a member twice, or more than `MAX_SIZE` octets.
    """
    octets = file.read(MAX_SIZE + 1)
    if len(octets) > MAX_SIZE:
        raise InputError(name, expected=f"at most {MAX_SIZE:,} octets", found=Words("more"))
    try:
        value = json.loads(octets.decode("utf-8-sig"), object_pairs_hook=unique_members)
    except RecursionError:
        found = Words("lists and objects of too many levels")
        raise InputError(name, expected="JSON of RFC 8416", found=found) from None
    except InputError as error:
        raise InputError(name, expected=error.expected or "", found=error.found) from None
    except ValueError as error:  # also octets that are not UTF-8
        raise InputError(name, expected="JSON of RFC 8416", found=Words(str(error))) from None
    return Slurm.of(name, value)


def merge_slurm(files: tuple[Slurm, ...]) -> Slurm:
    """Return the exceptions of several files as one.

    Raises:
        InputError: two files concern the same address, or router keys of the same AS: RFC 8416
            section 4.2 rejects such a set.
    """
    for one, other in combinations(files, 2):
        _check_conflict(one, other)
    return Slurm(
        ", ".join(each.name for each in files),
        tuple(rule for each in files for rule in each.filters),
        tuple(rule for each in files for rule in each.assertions),
        tuple(asn for each in files for asn in each.router_keys),
    )


def _check_conflict(one: Slurm, other: Slurm) -> None:
    expected = f"no exceptions that {one.name} has too (RFC 8416 section 4.2)"
    hint = "give one file with all exceptions"
    overlap = _overlap(_prefixes(one), _prefixes(other))
    if overlap:
        found = Words(f"{overlap[1]}, which overlaps {overlap[0]}")
        raise InputError(other.name, expected=expected, found=found, hint=hint)
    same = set(one.router_keys) & set(other.router_keys) - {None}
    if same:
        found = Words(f"BGPsec router keys of AS{min(filter(None, same), default=0)}")
        raise InputError(other.name, expected=expected, found=found, hint=hint)


def _prefixes(slurm: Slurm) -> list[Prefix]:
    filtered = [each.prefix for each in slurm.filters if each.prefix is not None]
    return sorted({*filtered, *(each.prefix for each in slurm.assertions)})


def _overlap(one: list[Prefix], other: list[Prefix]) -> tuple[Prefix, Prefix] | None:
    """Return a prefix of each list that overlap; None if none do. Both lists are sorted."""
    i = j = 0
    while i < len(one) and j < len(other):
        if one[i].overlaps(other[j]):
            return one[i], other[j]
        if (one[i].family, one[i].last) < (other[j].family, other[j].last):
            i += 1
        else:
            j += 1
    return None


def _filter(members: Members) -> PrefixFilter | None:
    members.only("prefix", "asn", "comment")
    members.comment()
    prefix = members.prefix() if members.has("prefix") else None
    asn = members.asn() if members.has("asn") else None
    if not members.has("prefix") and not members.has("asn"):
        members.wrong("", "a prefix, an asn, or both")
        return None
    return PrefixFilter(prefix, asn)


def _assertion(members: Members) -> PrefixAssertion | None:
    members.only("prefix", "asn", "maxPrefixLength", "comment")
    members.comment()
    prefix, asn = members.prefix(), members.asn()
    if prefix is None or asn is None:
        return None
    max_length = prefix.length
    if members.has("maxPrefixLength"):
        bits = 32 if prefix.family == 4 else 128
        given = members.number("maxPrefixLength", prefix.length, bits)
        if given is None:
            return None
        max_length = given
    return PrefixAssertion(prefix, asn, max_length)


def _key_filter(members: Members) -> int | None:
    members.only("asn", "SKI", "comment")
    members.comment()
    if members.has("SKI"):
        members.base64("SKI")
    elif not members.has("asn"):
        members.wrong("", "an asn, a SKI, or both")
    return members.asn() if members.has("asn") else None


def _key_assertion(members: Members) -> int | None:
    members.only("asn", "SKI", "routerPublicKey", "comment")
    members.comment()
    members.base64("SKI")
    members.base64("routerPublicKey")
    return members.asn()
