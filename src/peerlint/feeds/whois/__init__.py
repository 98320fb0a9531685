"""Ask whois servers of registries: IRRd's, and plain ones."""

from peerlint.feeds.whois.client import IrrdClient
from peerlint.feeds.whois.ripe import ask_ripe
from peerlint.feeds.whois.servers import MAX_AGE, PORT, WhoisLimits, WhoisServer

__all__ = ["MAX_AGE", "PORT", "IrrdClient", "WhoisLimits", "WhoisServer", "ask_ripe"]
