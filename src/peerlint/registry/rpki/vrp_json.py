"""VRPs in JSON: rpki-client, Routinator (`json`, `jsonext`), StayRTR."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from peerlint.errors import InputError
from peerlint.registry.json_stream import JsonStream, Readable
from peerlint.registry.rpki.builder import BATCH, VrpBatch, VrpBuilder
from peerlint.registry.rpki.fields import NEVER, asn_of, max_length_of
from peerlint.registry.seconds import INVALID, seconds_of
from peerlint.wording import Words

#: When the file was made: rpki-client and StayRTR, then Routinator.
_GENERATED: Final = ("buildtime", "generated", "generatedTime")
Json = dict[str, object]


def read_vrp_json(file: Readable, name: str, builder: VrpBuilder) -> int | None:
    """Add the VRPs of a file to a builder; members that are not known are skipped.

    Args:
        file: the JSON, in UTF-8.
        name: the file's name, as given.
        builder: takes the VRPs.

    Returns:
        When the file was made, in microseconds since 1970; None if it does not say.

    Raises:
        InputError: the file is cut or no JSON, or has not exactly one list `roas`.
    """
    stream = JsonStream(file, name)
    generated: int | None = None
    lists = 0
    for key in stream.members():
        if key == "metadata" and stream.next_is("{"):
            generated = _generated(cast("Json", stream.value()))
        elif key == "roas":
            lists += 1
            _read_entries(stream, builder)
    stream.end()
    if lists != 1:
        found = Words("none" if not lists else f"{lists}")
        hint = "give JSON of rpki-client, Routinator (json, jsonext) or StayRTR, or CSV"
        raise InputError(name, expected='one list "roas"', found=found, hint=hint)
    return generated


def _read_entries(stream: JsonStream, builder: VrpBuilder) -> None:
    batch = VrpBatch()
    for entry in stream.elements():
        prefix = entry.get("prefix") if isinstance(entry, dict) else None
        if not isinstance(prefix, str) or not isinstance(entry, dict):
            builder.skip("the entry is no object with a prefix", stream.octet)
            continue
        source, expires = entry.get("ta"), seconds_of(entry.get("expires"))
        if (objects := entry.get("source")) is not None:
            source, expires = _of_objects(objects, source, expires)
        batch.prefixes.append(prefix)
        batch.asns.append(asn_of(entry.get("asn")))
        batch.max_lengths.append(max_length_of(entry.get("maxLength")))
        batch.sources.append(source if isinstance(source, str) else None)
        batch.expires.append(expires)
        batch.places.append(stream.octet)
        if len(batch) == BATCH:
            builder.add(batch)
            batch = VrpBatch()
    builder.add(batch)


def _of_objects(objects: object, source: object, expires: int) -> tuple[object, int]:
    """Return the trust anchor and the expiry time that `source` of Routinator's jsonext gives.

    It lists the objects that the VRP comes from. The VRP is valid as long as one of them is.
    """
    known = [cast("Json", each) for each in _items(objects) if isinstance(each, dict)]
    if source is None:
        source = next((each["tal"] for each in known if isinstance(each.get("tal"), str)), None)
    if expires == NEVER and known:
        ends = [_end(each) for each in known]
        expires = NEVER if NEVER in ends else max(ends)
    return source, expires


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _end(source: Json) -> int:
    """Return when an object expires: with its chain, or when a manifest or CRL gets stale.

    A local exception (SLURM) has no such time: `NEVER`.
    """
    chain = source.get("chainValidity") or source.get("validity")
    after = chain.get("notAfter") if isinstance(chain, dict) else None
    ends = [seconds_of(after), seconds_of(source.get("stale") or None)]
    if INVALID in ends:
        return INVALID
    return min((each for each in ends if each != NEVER), default=NEVER)


def _generated(metadata: Json) -> int | None:
    times = (seconds_of(metadata.get(key)) for key in _GENERATED)
    return next((each * 1_000_000 for each in times if each >= 0), None)
