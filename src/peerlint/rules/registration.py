"""Rules about the registration of prefixes."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.model import Fact
from peerlint.rules._declare import Need, Problem, Scope, rule
from peerlint.rules._subject import Context, PrefixSubject, SessionSubject
from peerlint.verdicts import Severity


@rule(
    "registration.missing",
    "Announced prefix is not registered",
    stages="R",
    step=6,
    severity=Severity.ERROR,
    scope=Scope.SESSION,
    needs=(Need.ROUTES,),
    basis=("000", "001", "003", "004"),
    word="not registered",
    fires_on=("ams-1 203.0.113.0/24 path 64500 community 8075:8007",),
    silent_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 community 8075:8007",
        "ams-1 198.51.100.0/24 path 64500",
    ),
)
def missing(subject: SessionSubject, context: Context) -> Iterator[Problem]:
    """Every infrastructure prefix that is announced to Microsoft has to be registered.

    A route that carries the Peering Service community asks for the service, so its prefix has to
    be registered with one of your peerings. Document 001 asks this of every announced prefix.

    What to do: register the prefix, or take the community off its routes.
    """
    if subject.source is None or subject.source.view.is_hint:
        return
    reported = set()
    for observation in subject.source.observations:
        prefix, facts = observation.route.prefix, observation.facts
        wanted = context.all_routes or facts & Fact.TAGGED
        if not wanted or facts & (Fact.IPV6 | Fact.MALFORMED) or prefix in reported:
            continue
        if prefix not in context.registered:
            reported.add(prefix)
            carries = (
                f"carries {context.criteria.community}" if facts & Fact.TAGGED else "is announced"
            )
            yield Problem(
                f"{prefix} {carries}, but no peering of the inventory registers it",
                (observation,),
                prefix=str(prefix),
            )


@rule(
    "registration.single-peering",
    "Prefix is registered more than once",
    stages="R",
    step=3,
    severity=Severity.ERROR,
    scope=Scope.PREFIX,
    basis=("000", "003", "004"),
    word="registered twice",
    fires_on=("registered 203.0.113.0/24 name a\nregistered 203.0.113.0/24 name b",),
    silent_on=("registered 203.0.113.0/24 name a\nregistered 198.51.100.0/24 name b",),
)
def single_peering(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """A prefix can be registered with one peering only.

    Its key is valid wherever the prefix is announced, so one registration is enough.

    What to do: keep one registration and delete the others.
    """
    if subject.prefix is None:
        return
    places = context.registered[subject.prefix]
    if len(places) > 1:
        names = ", ".join(
            f"{peering.name} ({registered.name or 'no name'})" for peering, registered in places
        )
        yield Problem(f"{subject.prefix} is registered {len(places)} times: {names}; wanted once")


@rule(
    "registration.overlap",
    "Registered prefixes overlap",
    stages="R",
    step=3,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    basis=("azure-portal.md asks for it at activation",),
    word="overlap",
    fires_on=("registered 198.18.0.0/22 name a\nregistered 198.18.1.0/24 name b",),
    silent_on=("registered 198.18.0.0/24 name a\nregistered 198.18.1.0/24 name b",),
)
def overlap(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """Two registered prefixes, one inside the other, cannot both be activated.

    Registration takes them; activation answers "Prefix overlaps with an existing prefix".

    What to do: decide which of the two your customers will activate.
    """
    prefix = subject.prefix
    if prefix is None:
        return
    others = [other for other in context.registered if other != prefix and other.overlaps(prefix)]
    if others:
        yield Problem(f"{prefix} overlaps registered {', '.join(map(str, sorted(others)))}")


@rule(
    "registration.name",
    "Registered prefix has no name of its own",
    stages="R",
    step=1,
    severity=Severity.INFO,
    scope=Scope.PREFIX,
    basis=("000", "003", "004"),
    word="no name",
    fires_on=(
        "registered 203.0.113.0/24 unnamed",
        "registered 203.0.113.0/24 name a\nregistered 198.51.100.0/24 name a",
    ),
    silent_on=("registered 203.0.113.0/24 name a",),
)
def name(subject: PrefixSubject, _: Context) -> Iterator[Problem]:
    """The portal asks for a name, and names of one peering have to differ.

    What to do: name it after what it serves.
    """
    own = subject.registered.name
    if own is None:
        yield Problem("found no name, wanted one that no other prefix of the peering has")
        return
    twins = [
        other.prefix
        for other in subject.peering.registered_prefixes
        if other.name == own and other != subject.registered
    ]
    if twins:
        yield Problem(f"{own!r} is the name of {', '.join(twins)} too, wanted another one")
