"""What registries (RPKI, IRR) say of announcements: the interface that rules and the API use.

No registry can be read yet, so nothing implements it: without one, rules that need such data are
unknown.
"""

from peerlint.registry.registry import Announcements, OriginState, Registry

__all__ = ["Announcements", "OriginState", "Registry"]
