"""`peerlint registry`: build a file of what registries say, and ask it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.profiles import load_profile
from peerlint.api.registry_build import (
    RegistryPaths,
    build_registry_file,
    check_registry_target,
)
from peerlint.api.registry_show import (
    render_registry,
    render_validity,
    show_registry,
    shown_remarks,
    validate_route,
)
from peerlint.cli.arguments import named_options
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format, Output, ProfileName, Quiet, several
from peerlint.cli.output import STDOUT, check_writable, is_stdout, remark, write
from peerlint.cli.progress import progress
from peerlint.errors import InputError, PeerlintError
from peerlint.model.times import parse_time
from peerlint.wording import Words

EXAMPLE: Final = "peerlint registry show registry.peerlint AS64500"
BUILD_EXAMPLE: Final = (
    "peerlint registry build --irr radb.db.gz ripe.db.*.gz --delegated delegated-* "
    "--vrps vrps.json -o registry.peerlint"
)
VALIDATE_EXAMPLE: Final = "peerlint registry validate registry.peerlint 203.0.113.0/24 AS64500"
_Now = Annotated[
    str | None,
    Parameter(
        metavar="TIME",
        help="The time for which to answer, such as 2026-11-21T10:00:00Z, instead of the present.",
    ),
]
_EXITS: Final = {
    "valid": Exit.CLEAN,
    "invalid": Exit.FINDINGS,
    "unknown": Exit.SOURCES,
    "not-found": Exit.NOT_FOUND,
}


def build(
    *,
    irr: Annotated[list[str] | None, several("FILE")] = None,
    delegated: Annotated[list[str] | None, several("FILE")] = None,
    vrps: Annotated[list[str] | None, several("FILE")] = None,
    slurm: Annotated[list[str] | None, several("FILE")] = None,
    peeringdb: Annotated[list[str] | None, several("FILE")] = None,
    output: Annotated[str, Parameter(name=("--output", "-o"), metavar="FILE", show_default=False)],
    now: Annotated[str | None, Parameter(metavar="TIME")] = None,
    taken: Annotated[str | None, Parameter(metavar="TIME")] = None,
    profile: ProfileName = None,
    format: Format = "text",  # noqa: A002  # the option's name
    quiet: Quiet = False,
) -> Exit:
    """Build a registry file from dumps of registries, plain or compressed (gz, bz2, xz, zst).

    The file is written beside the old one and replaces it when it is complete. The same files and
    the same --now give the same octets.

    Parameters
    ----------
    irr
        Dumps of IRRs in RPSL, such as radb.db.gz and ripe.db.route.gz. The `source:` of each object
        decides which registry it belongs to.
    delegated
        The RIRs' delegated-extended files, or the NRO's joint one.
    vrps
        Validated ROA payloads: JSON of rpki-client, Routinator or StayRTR, or CSV.
    slurm
        Local exceptions to VRPs (RFC 8416).
    peeringdb
        A dump of PeeringDB, or files of its API (net, netfac, fac, poc).
    output
        The registry file.
    now
        The time of the build, such as 2026-11-21T10:00:00Z, instead of the present: VRPs that have
        expired by then are left out.
    taken
        When you fetched the files that say no time of themselves, as dumps of IRRs do not.
        Without it, they count as old as their newest object.
    """
    given = {"irr": irr, "delegated": delegated, "vrps": vrps, "slurm": slurm}
    names = {each: tuple(files or ()) for each, files in given.items()}
    names["peeringdb"] = tuple(peeringdb or ())
    _check_given(names, output)
    criteria = load_profile(profile or "direct").registries
    time = datetime.now(UTC) if now is None else parse_time(now, "--now")
    fetched = None if taken is None else parse_time(taken, "--taken")
    check_writable(output, [each for files in names.values() for each in files])
    check_registry_target(output)
    try:
        paths = RegistryPaths.of(**names)
        with progress(quiet=quiet) as on_chunk:
            dumps = paths.read(time, on_chunk)
    except PeerlintError as error:
        remark(f"{error}")
        remark(f"{output}: not written, because a source cannot be used")
        return Exit.SOURCES
    with named_options(taken="--taken", now="--now"):
        built = build_registry_file(dumps, output, now=time, taken=fetched, criteria=criteria)
    write(render_registry(built, format), STDOUT, form=format)
    for text in built.remarks:
        remark(text, quiet=quiet)
    return Exit.SOURCES if dumps.cut else Exit.CLEAN


def show(
    file: str,
    subject: str,
    /,
    *,
    now: _Now = None,
    profile: ProfileName = None,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Show what a registry file says of an AS number or a prefix, and how old each source is.

    Parameters
    ----------
    file
        A file of `peerlint registry build`.
    subject
        An AS number such as AS64500, or a prefix such as 203.0.113.0/24.
    """
    criteria = load_profile(profile or "direct").registries
    time = None if now is None else parse_time(now, "--now")
    check_writable(output, (file,))
    shown = show_registry(file, subject, time, criteria)
    write(render_registry(shown, format), output, (file,), form=format)
    for text in shown_remarks(shown):
        remark(text, quiet=quiet)
    return Exit.CLEAN


def validate(
    file: str,
    prefix: str,
    asn: str,
    /,
    *,
    now: _Now = None,
    profile: ProfileName = None,
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Print the validity of a route (RFC 6811) as Routinator's JSON.

    The exit status is 0 if the route is valid, 1 if it is invalid, 4 if no VRP covers its prefix,
    and 3 if the file has no VRPs.

    Parameters
    ----------
    file
        A file of `peerlint registry build`.
    prefix
        The prefix of the route.
    asn
        The origin of the route, such as AS64500.
    """
    criteria = load_profile(profile or "direct").registries
    time = None if now is None else parse_time(now, "--now")
    check_writable(output, (file,))
    validated = validate_route(file, prefix, asn, time, criteria)
    write(render_validity(validated), output, (file,), form="json")
    for text in validated.remarks:
        remark(text, quiet=quiet)
    if validated.state == "unknown":
        remark(f"{file}: it has no VRPs: build it with --vrps FILE", quiet=quiet)
    return _EXITS[validated.state]


def _check_given(names: dict[str, tuple[str, ...]], output: str) -> None:
    options = ", ".join(f"--{each}" for each in names if each != "slurm")
    if not any(files for kind, files in names.items() if kind != "slurm"):
        raise InputError("sources", expected=f"one of {options} at least", found=Words("none"))
    if names["slurm"] and not names["vrps"]:
        found = Words("none")
        raise InputError("--slurm", expected="--vrps FILE, to which it applies", found=found)
    if is_stdout(output):
        raise InputError("--output", expected="a file", found=Words("standard output"))
