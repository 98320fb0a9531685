"""Two dumps of one registry are told apart from one registry in several files."""

from __future__ import annotations

from peerlint.registry.irr import IrrDump, Repeated, read_irr_chunks, repeated

_ROUTE = "route: 203.0.113.0/24\norigin: AS64500\nsource: RIPE\n"
_ROUTE6 = "route6: 2001:db8::/32\norigin: AS64500\nsource: RIPE\n"
_AUT_NUM = "aut-num: AS64500\nsource: RIPE\n"
_AS_SET = "as-set: AS-CONTOSO\nsource: RIPE\n"


def _dump(name: str, *objects: str) -> IrrDump:
    return read_irr_chunks(["\n".join(objects).encode()], name)


def test_files_by_class() -> None:
    """A registry whose classes are in files of their own is not repeated."""
    dumps = [_dump("route", _ROUTE), _dump("route6", _ROUTE6, _ROUTE6), _dump("rest", _AUT_NUM)]
    assert repeated([*dumps, _dump("as-set", _AS_SET)]) == ()


def test_registries_in_one_file() -> None:
    """Other registries' objects of the same class are not the same."""
    assert repeated([_dump("a", _ROUTE), _dump("b", _ROUTE.replace("RIPE", "RADB"))]) == ()


def test_two_dumps_of_one_registry() -> None:
    """A class of a registry that is in two dumps is named, with both."""
    old, new = _dump("old", _ROUTE, _ROUTE6, _AS_SET), _dump("new", _AS_SET, _ROUTE6, _AUT_NUM)
    names = ("old", "new")
    expected = (Repeated("RIPE", "as-set", names), Repeated("RIPE", "route6", names))
    assert expected == repeated([old, new])
    assert str(expected[1]) == (
        "route6 objects of RIPE are in several dumps, and objects that the newer one has no longer "
        "still count: old, new; give one of them"
    )
