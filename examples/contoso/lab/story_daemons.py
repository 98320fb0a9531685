"""The daemons of the story: two restart gracefully, and one writes all that it receives."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from bird import Bird
from daemon import wait_until
from frr import Frr
from gobgp import Gobgp

#: How long a neighbor waits for a router that restarts gracefully.
RESTART_SECONDS = 60
_END_SECONDS = 5.0


class RestartingBird(Bird):
    """BIRD with graceful restart (RFC 4724)."""

    _recovers = False

    def config(self) -> str:
        """Return the contents of the configuration file."""
        options = f"graceful restart on;\n  graceful restart time {RESTART_SECONDS};\n"
        text = super().config().replace("  error wait time", f"  {options}  error wait time")
        return f"graceful restart wait {RESTART_SECONDS};\n{text}"

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        recover = ("-R",) if self._recovers else ()
        return (*super().command(), *recover)

    def restart(self) -> None:
        """Restart gracefully: neighbors keep the routes meanwhile."""
        self._ask("graceful", "restart")
        if not wait_until(lambda: self.has_ended, _END_SECONDS):
            raise self.error(f"has not ended in {_END_SECONDS:.0f} s")
        self._recovers = True
        self.start()


class HelpingGobgp(Gobgp):
    """GoBGP that keeps the routes of neighbors while they restart gracefully.

    By BMP it shows what it received only: if a station connects when sessions are up, GoBGP 3.10
    leaves out withdrawals after policy, and the two tables contradict each other.
    """

    bmp_policy: ClassVar[str] = "pre-policy"
    _options = "helper-only = true"

    def config(self) -> str:
        """Return the contents of the configuration file."""
        graceful = _GRACEFUL.format(options=self._options)
        before, *neighbors = super().config().split("[[neighbors]]\n")
        return "[[neighbors]]\n".join([before, *(f"{each}{graceful}" for each in neighbors)])


class RestartingGobgp(HelpingGobgp):
    """GoBGP with graceful restart."""

    _options = f"restart-time = {RESTART_SECONDS}"
    _recovers = False

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        recover = ("--graceful-restart",) if self._recovers else ()
        return (*super().command(), *recover)

    def restart(self) -> None:
        """Restart without a goodbye: neighbors keep the routes meanwhile."""
        self.kill()
        self._recovers = True
        self.start()


_GRACEFUL = """\
[neighbors.graceful-restart.config]
enabled = true
{options}
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv4-unicast"
[neighbors.afi-safis.mp-graceful-restart.config]
enabled = true
"""


class WritingFrr(Frr):
    """FRRouting as Microsoft's router: by BMP what it received, and in MRT all messages."""

    bmp_policies: ClassVar[tuple[str, ...]] = ("pre-policy",)

    @property
    def mrt(self) -> Path:
        """The folder of the MRT files."""
        return self.folder / "mrt"

    @property
    def dump_file(self) -> Path:
        """Where the daemon writes its RIB in MRT."""
        return self.mrt / "rib.mrt"

    @property
    def updates_file(self) -> Path:
        """Where the daemon writes messages and changes of state in MRT."""
        return self.mrt / "updates.mrt"

    def config(self) -> str:
        """Return the contents of the configuration file."""
        return f"dump bgp all-et {self.updates_file}\n{super().config()}"

    def start(self) -> None:
        """Make the folder of the MRT files, and start the daemon."""
        self.mrt.mkdir(parents=True)
        super().start()
