"""Profiles, shipped or of a user's own."""

from __future__ import annotations

from pathlib import Path

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError, ProfileError
from peerlint.feeds import read_text
from peerlint.inventory.peering import PROFILES
from peerlint.profiles import Profile, parse_profile, shipped_profile
from peerlint.profiles.template import template
from peerlint.wording import closest


def list_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that are shipped."""
    return tuple(PROFILES)


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """Return a shipped profile, or read a user's.

    Args:
        name: "direct", "partner", "route-server", "maps", "voice", or the path of a .toml file.
        folder: what the path is relative to.

    Raises:
        InputError: there is no such profile.
        FeedError: the file cannot be read.
        ProfileError: it has mistakes.
    """
    must_be("profile", name, str, A_STRING)
    if name in PROFILES:
        return shipped_profile(name)
    if not name.endswith(".toml"):
        expected = f"{', '.join(PROFILES)}, or the path of a .toml file"
        raise InputError("profile", expected=expected, found=name, close=closest(name, PROFILES))
    return parse_profile(read_text((folder or Path()) / name, ProfileError, "TOML"), name)


def inventory_template(profile: str) -> str:
    """Return a commented inventory file to start from, as TOML.

    Args:
        profile: see `load_profile`.

    Raises:
        InputError: there is no such profile.
        FeedError: the profile file cannot be read.
        ProfileError: it has mistakes.
    """
    return template(load_profile(profile))
