"""UPDATEs that are cut off, have unreadable prefixes, or have undeclared path identifiers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.testing import malformed, strategies
from peerlint.wire.attributes import NLRI, Form
from peerlint.wire.bgp import Update, encode_update, read_update
from peerlint.wire.cut_attributes import read_cut_attributes
from peerlint.wire.recorded_update import examine_recorded_update
from peerlint.wire.update import UpdateReading, examine_update

FORM = Form()
ORIGIN, PATH, HOP, TAG = "40010100", "400206 0201 0000fbf4", "400304 c0000201", "c00804 1f8b1f47"
ROUTE = f"{ORIGIN} {PATH} {HOP} {TAG}"
P1, P2, P3 = "18cb0071", "18c63364", "18c00002"  # 203.0.113.0/24, 198.51.100.0/24, 192.0.2.0/24
FIRST, SECOND, THIRD = "203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"
V6, V6_PREFIX = "30 20010db80001", "2001:db8:1::/48"


def attribute(kind: str, value: str) -> str:
    """Return an attribute as hexadecimal digits; `kind` has its flags too."""
    return f"{kind} {len(bytes.fromhex(value)):02x} {value}"


def reach(nlri: str, family: str = "0002 01") -> str:
    """Return an MP_REACH_NLRI (RFC 4760 section 3)."""
    return attribute("800e", f"{family} 10 20010db8 {'00' * 11} 01 00 {nlri}")


def unreach(nlri: str, family: str = "0002 01") -> str:
    """Return an MP_UNREACH_NLRI (RFC 4760 section 4)."""
    return attribute("800f", f"{family} {nlri}")


def body(withdrawn: str = "", attributes: str = "", nlri: str = "") -> bytes:
    """Return the body of an UPDATE (RFC 4271 section 4.3)."""
    fields = [bytes.fromhex(each) for each in (withdrawn, attributes, nlri)]
    sizes = [len(each).to_bytes(2) for each in fields]
    return b"".join((sizes[0], fields[0], sizes[1], fields[1], fields[2]))


def names(update: Update) -> tuple[list[str], list[str]]:
    """Return the prefixes that an UPDATE withdraws and announces."""
    return (
        [str(each.prefix) for each, _ in update.all_withdrawn],
        [str(each.prefix) for each, _ in update.announced],
    )


def lost(reading: UpdateReading) -> int:
    """Return the number of octets that are lost before the cut."""
    return sum(each.end - each.at for each in reading.lost)


BOTH = body(P1, ROUTE, P2 + P3)


@pytest.mark.parametrize(
    ("octets", "missing", "withdrawn", "announced", "after_cut", "why"),
    [
        (BOTH, 0, [FIRST], [SECOND, THIRD], 0, "whole"),
        (BOTH, 1, [FIRST], [SECOND], 3, "inside a prefix"),
        (BOTH, 4, [FIRST], [SECOND], 0, "between two prefixes"),
        (BOTH, 8, [FIRST], [], 0, "between the attributes and the prefixes"),
        (BOTH, 9, [FIRST], [], 6, "in the last attribute: the routes' communities are not there"),
        (BOTH, 8 + 7 + 7 + 9 + 4, [FIRST], [], 0, "before the attributes"),
        (BOTH, 8 + 7 + 7 + 9 + 4 + 1, [FIRST], [], 1, "in the length of the attributes"),
        (BOTH, len(BOTH) - 5, [], [], 3, "in the only withdrawal"),
        (BOTH, len(BOTH) - 1, [], [], 1, "in the length of the withdrawals"),
        (BOTH, len(BOTH), [], [], 0, "before everything"),
        (body(P1 + P2), 2 + 4, [FIRST], [], 0, "between two withdrawals"),
        (body("", unreach(V6 * 2)), 7, [V6_PREFIX], [], 0, "between two in MP_UNREACH_NLRI"),
        (body("", unreach(V6 * 2)), 8, [], [], 6, "inside the first of them"),
        (body("", ROUTE + reach(V6 * 2)), 7, [], [V6_PREFIX], 0, "in MP_REACH_NLRI, the last"),
        (body("", ROUTE + reach(V6 * 2)), 6, [], [V6_PREFIX], 1, "inside its second prefix"),
        (body("", reach(V6 * 2) + ROUTE), 1, [], [], 6, "in a later attribute"),
        (body("", unreach(V6) + ROUTE, P1), 5, [V6_PREFIX], [], 6, "withdrawals count"),
    ],
)  # fmt: skip
def test_cut_by_the_writer(
    octets: bytes,
    missing: int,
    withdrawn: list[str],
    announced: list[str],
    after_cut: int,
    why: str,
) -> None:
    """Everything before a cut is kept, and nothing after it."""
    left = octets[: len(octets) - missing]

    reading = examine_update(left, FORM, missing)

    assert (withdrawn, announced) == names(reading.update), why
    assert (after_cut, 0) == (len(left) - reading.unread, lost(reading)), why
    assert not reading.update.attributes.withdrawn_for(in_rib=False) or not announced


@pytest.mark.parametrize(
    ("octets", "withdrawn", "announced", "octets_lost", "why"),
    [
        (body("", ROUTE, P1 + "18c633"), [], [FIRST], 3, "NLRI over its end"),
        (body("", ROUTE, P1 + "21c6336400"), [], [FIRST], 5, "NLRI longer than 32"),
        (body(P1 + "18c633", ROUTE, P3), [FIRST], [THIRD], 3, "withdrawals over their end"),
        (body("", ROUTE + unreach(V6 + "81"), P1), [V6_PREFIX], [FIRST], 1, "MP_UNREACH_NLRI"),
        (body("", ROUTE + reach(V6 + "30"), P1), [], [FIRST, V6_PREFIX], 1, "MP_REACH_NLRI"),
        (body("", ROUTE + attribute("800e", "0002 01 05 0000000000 00"), P1), [], [FIRST], 11,
         "an MP_REACH_NLRI that cannot be read, with the octet of its length"),
        (body("", ROUTE + unreach(V6) + unreach(V6), P1), [V6_PREFIX], [FIRST], 13, "twice"),
        (body(P1 + "21", ROUTE, P2 + "21"), [FIRST], [SECOND], 2, "in two fields"),
    ],
)  # fmt: skip
def test_prefixes_that_cannot_all_be_read(
    octets: bytes, withdrawn: list[str], announced: list[str], octets_lost: int, why: str
) -> None:
    """Every prefix that can be read is kept, and each announced one is treated as withdrawn.

    RFC 7606 section 5.3 calls the field syntactically incorrect.
    """
    reading = examine_update(octets, FORM)

    assert (withdrawn, announced) == names(reading.update), why
    assert octets_lost == lost(reading), why
    assert NLRI in reading.update.attributes.withdrawn_for(in_rib=False)
    assert reading.unread == len(octets)


@pytest.mark.parametrize(
    ("octets", "withdrawn", "lost_from"),
    [
        (bytes.fromhex("0004"), [], 0),
        (bytes.fromhex("0004 18cb0071 0001"), [FIRST], 6),
        (bytes.fromhex("0004 18cb0071 00"), [FIRST], 6),
        (bytes.fromhex("0004 18cb0071"), [FIRST], 5),
        (b"", [], -1),
    ],
)
def test_wrong_lengths(octets: bytes, withdrawn: list[str], lost_from: int) -> None:
    """Withdrawals before a length that overruns the end are kept; everything after it is lost.

    If nothing is left of the length field, the octet before it is counted as lost.
    """
    reading = examine_update(octets, FORM)

    assert (withdrawn, []) == names(reading.update)
    assert (lost_from, len(octets)) == (reading.lost[-1].at, reading.lost[-1].end)


@pytest.mark.parametrize(
    ("octets", "withdrawn", "part", "found", "why"),
    [
        (body(P1, "40010103"), [FIRST], "40010103", "a malformed ORIGIN", "with withdrawals"),
        (body("", unreach(V6) + "40010103"), [V6_PREFIX], "40010103", "a malformed ORIGIN", "IPv6"),
        (body("", unreach(V6) + "c00808"), [V6_PREFIX], "c00808", "3 octets left", "a list"),
        (body("", reach("") + "c008"), [], "c008", "2 octets left", "nothing in MP_REACH_NLRI"),
        (body("", "40060100" + PATH + "c01901"), [], "c01901", "3 octets left",
         "after one that is discarded"),
    ],
)  # fmt: skip
def test_malformed_where_no_prefix_is_announced(
    octets: bytes, withdrawn: list[str], part: str, found: str, why: str
) -> None:
    """Unknown prefixes may be in a malformed attribute; known ones are withdrawn.

    RFC 7606 section 5.2: a receiver cannot be confident that it found all of them.
    """
    (one,) = (reading := examine_update(octets, FORM)).lost

    assert (withdrawn, []) == names(reading.update), why
    assert (bytes.fromhex(part), found) == (octets[one.at : one.end], one.error.found), why
    assert (True, one.at) == (one.hides_prefixes, one.error.offset), why
    for missing in (1, 7):
        assert not examine_update(octets, FORM, missing).lost, why


ONE = "00000001"
DEFAULT = "0.0.0.0/0"


@pytest.mark.parametrize(
    ("octets", "expected", "path_ids", "why"),
    [
        # Path identifier, length, prefix; as plain prefixes, a small identifier is default routes.
        (body("", ROUTE, ONE + P1), [FIRST], [1], "three default routes, and a /1 that breaks"),
        (body("", ROUTE, ONE + P1 + "00000002" + P2), [FIRST, SECOND], [1, 2], "several"),
        (body(ONE + P1), [FIRST], [1], "withdrawn"),
        (body(ONE + P1, ROUTE, ONE + P2), [FIRST, SECOND], [1, 1], "both"),
        (body("", ROUTE, ONE + "00"), [DEFAULT], [1], "the default route itself"),
        (body(ONE + "00"), [DEFAULT], [1], "its withdrawal"),
        (body("", ROUTE, "00000000 00"), [DEFAULT], [0], "five zeros"),
        (body("", ORIGIN + PATH + reach(ONE + V6)), [V6_PREFIX], [1], "IPv6"),
        (body("", unreach(ONE + V6)), [V6_PREFIX], [1], "IPv6, withdrawn"),
        (body("", ROUTE, "00010a00" + P1), [FIRST], [0x10A00], "one, and bits after a /1"),
        (body("", ROUTE, "00000100" + P1), [FIRST], [256], "two in one field, no bits"),
        (
            body("", ROUTE, "00010000" + P1),
            [FIRST],
            [65536],
            "two in one field, another identifier",
        ),
    ],
)
def test_undeclared_path_identifiers(
    octets: bytes, expected: list[str], path_ids: list[int], why: str
) -> None:
    """An UPDATE with implausible default routes is read with path identifiers (RFC 7911)."""
    reading = examine_recorded_update(octets, FORM)

    withdrawn, announced = names(reading.update)
    found = [each for each, _ in (*reading.update.all_withdrawn, *reading.update.announced)]
    assert expected == [*withdrawn, *announced], why
    assert path_ids == [each.path_id for each in found], why
    assert (True, ()) == (reading.undeclared_path_ids, reading.lost)


@pytest.mark.parametrize(
    ("octets", "expected", "why"),
    [
        (body("", ROUTE, "00"), [DEFAULT], "a default route"),
        (body("", ROUTE, "00" + P1), [DEFAULT, FIRST], "with another route"),
        (body("00", ROUTE, "00"), [DEFAULT, DEFAULT], "withdrawn, and announced again"),
        (body("", ROUTE + reach("00"), "00"), [DEFAULT, "::/0"], "of both families"),
        (body("", ROUTE, "0000"), [DEFAULT, DEFAULT], "twice, but too short for identifiers"),
        (body("", ROUTE, "17cb0071"), ["203.0.112.0/23"], "only bits after a length: cleared"),
        (
            body("", ROUTE, "01ff" + P1),
            ["128.0.0.0/1", FIRST],
            "a default route of one bit: cleared",
        ),
    ],
)
def test_default_routes_that_are_sent(octets: bytes, expected: list[str], why: str) -> None:
    """Plausible default routes stay default routes (RFC 4271 section 4.3)."""
    reading = examine_recorded_update(octets, FORM)

    assert expected == [each for names_ in names(reading.update) for each in names_], why
    assert (False, ()) == (reading.undeclared_path_ids, reading.lost)


@pytest.mark.parametrize(
    ("octets", "found", "why"),
    [
        (body("", ROUTE, "000000"), "3 default routes", "no identifier fits"),
        (body("", ROUTE, ONE + "21cb007100"), "3 default routes", "a /33 after an identifier"),
        (body("", ROUTE, "00" + "17cb0071"), "1 default routes", "bits, and no identifier fits"),
        (body("00", ROUTE + reach("00"), "00"), "3 default routes", "in three fields"),
    ],
)
def test_never_a_silent_default_route(octets: bytes, found: str, why: str) -> None:
    """If such an UPDATE cannot be read with path identifiers either, all of it is lost."""
    reading = examine_recorded_update(octets, FORM)

    assert ([], []) == names(reading.update), why
    assert [found] == [each.error.found for each in reading.lost], why
    assert len(octets) == lost(reading)


def test_identifiers_beside_malformed_attributes() -> None:
    """Malformed attributes are no evidence against path identifiers (RFC 7606 section 5.2)."""
    reading = examine_recorded_update(body(ONE + P1, "40010103"), FORM)

    assert [([FIRST], []), True] == [names(reading.update), reading.undeclared_path_ids]
    assert [(12, 16)] == [(each.at, each.end) for each in reading.lost]


def test_a_declared_form_is_used() -> None:
    """If the form has path identifiers, nothing is guessed; `examine_update` never guesses."""
    octets = body("", ROUTE, "00000001 00 00000002 00 00000003 00")
    with_ids = Form(add_path=True)

    assert examine_update(octets, with_ids) == examine_recorded_update(octets, with_ids)
    assert not examine_recorded_update(octets, with_ids).undeclared_path_ids
    assert {None} == {each.path_id for each in examine_update(octets, FORM).update.nlri}


FORMS = [Form(as4, add_path=add_path) for as4 in (True, False) for add_path in (True, False)]


@given(st.sampled_from(FORMS), st.data())
def test_every_cut(form: Form, data: st.DataObject) -> None:
    """A valid UPDATE that is cut anywhere gives its first prefixes, no others, and no damage."""
    whole = data.draw(strategies.updates(form))
    octets = encode_update(whole, form)
    withdrawn = [each for each, _ in whole.all_withdrawn]
    announced = [each for each, _ in whole.announced]

    for end in range(len(octets)):
        reading = examine_update(octets[:end], form, len(octets) - end)

        gone = [each for each, _ in reading.update.all_withdrawn]
        come = [each for each, _ in reading.update.announced]
        assert set(gone) <= set(withdrawn)
        assert set(come) <= set(announced)
        assert (0 <= reading.unread <= end, ()) == (True, reading.lost)
        if come:
            found = reading.update.attributes
            assert found.path == whole.attributes.path
            assert found.communities == whole.attributes.communities


@given(st.sampled_from(FORMS), st.integers(0, 40), st.data())
def test_lost_octets_add_up(form: Form, missing: int, data: st.DataObject) -> None:
    """Lost ranges of any UPDATE ascend, do not overlap, and are inside the message."""
    written = Form(form.as4, add_path=data.draw(st.booleans()))
    add_path = bool(written.add_path)
    octets = body(
        data.draw(malformed.nlri_octets(add_path=add_path)).hex(),
        data.draw(malformed.attribute_octets(written)).hex(),
        data.draw(malformed.nlri_octets(add_path=add_path)).hex(),
    )
    left = octets[: max(0, len(octets) - missing)]

    for read in (examine_update, examine_recorded_update):
        reading = read(left, form, len(octets) - len(left))

        at = -1
        for each in reading.lost:
            assert at <= each.at < each.end <= reading.unread
            at = each.end
        assert reading.unread <= len(left)


def test_the_lenient_reading_names_the_first_error() -> None:
    """`read_update` returns the readable part, and the error at the first lost octet."""
    octets = body(P1 + "21", ROUTE, P2 + "22")

    update, error = read_update(octets, FORM)

    assert ([FIRST], [SECOND]) == names(update)
    assert error is not None
    assert (6, "33") == (error.offset, error.found)


def test_attributes_of_a_cut_list() -> None:
    """If a list ends inside its MP_REACH_NLRI, everything before its end is read."""
    octets = bytes.fromhex(ROUTE + reach(V6 * 2))[:-3]

    found = read_cut_attributes(octets, FORM)

    assert found.attributes.mp_reach is not None
    assert [V6_PREFIX] == [str(each.prefix) for each in found.attributes.mp_reach.nlri]
    assert (1, len(octets) - 4) == (len(found.attributes.communities), found.unread)
