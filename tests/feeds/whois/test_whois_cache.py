"""Answers are kept with their time, in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from peerlint.registry.whois import Answer, AnswerCache, AnswerKind, WhoisAnswer

RADB = ("RADB",)


def answer(query: str, *, octets: int = 10, time: int = 0) -> WhoisAnswer:
    """Return an answer of a size."""
    result = Answer(AnswerKind.DATA, b"x" * octets)
    return WhoisAnswer(query, RADB, (), "whois.example.net", result, time)


def test_the_age_of_an_answer_is_never_negative() -> None:
    """A clock that was set back makes an answer new, not one of the future."""
    assert 5 == answer("!gAS64500", time=10).age(15)
    assert 0 == answer("!gAS64500", time=10).age(7)


def test_an_answer_is_of_its_sources() -> None:
    """Another selection of sources, or another order, is another question."""
    cache = AnswerCache()
    cache.put(answer("!gAS64500"))

    assert cache.get("!gAS64500", RADB) == answer("!gAS64500")
    assert cache.get("!gAS64500", ("RIPE", "RADB")) is None


def test_a_new_answer_takes_the_place_of_the_old_one() -> None:
    """There is one answer to a question."""
    cache = AnswerCache()
    cache.put(answer("!gAS64500", time=1))
    cache.put(answer("!gAS64500", time=2))

    assert len(cache) == 1
    assert cache.get("!gAS64500", RADB) == answer("!gAS64500", time=2)


def test_the_answer_that_was_used_longest_ago_is_forgotten() -> None:
    """Room is made by what was not used, and counted."""
    cache = AnswerCache(answers=2)
    for query in ("!gAS64500", "!gAS64501"):
        cache.put(answer(query))
    cache.get("!gAS64500", RADB)
    cache.put(answer("!gAS64502"))

    assert cache.get("!gAS64501", RADB) is None
    assert cache.get("!gAS64500", RADB) is not None
    assert cache.forgotten == 1


def test_an_answer_that_is_larger_than_the_cache_is_not_kept() -> None:
    """One large answer does not push out all others."""
    cache = AnswerCache(octets=5000)
    cache.put(answer("!gAS64500"))
    cache.put(answer("!gAS64501", octets=6000))

    assert len(cache) == cache.forgotten == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000)), max_size=40))
def test_a_cache_stays_within_its_bounds(puts: list[tuple[int, int]]) -> None:
    """No sequence of answers makes it larger, and it knows its size."""
    cache = AnswerCache(answers=4, octets=6000)
    for number, octets in puts:
        cache.put(answer(f"!gAS{number}", octets=octets))

        assert len(cache) <= 4
        assert cache.octets <= 6000
        assert (cache.octets == 0) == (len(cache) == 0)
