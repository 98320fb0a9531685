"""Validated ROA payloads (VRPs) of relying-party software, and local exceptions to them (SLURM)."""

from peerlint.registry.rpki.slurm import (
    PrefixAssertion,
    PrefixFilter,
    Slurm,
    merge_slurm,
    read_slurm,
)
from peerlint.registry.rpki.slurm_apply import apply_slurm
from peerlint.registry.rpki.vrps import VrpDump, read_vrps

__all__ = [
    "PrefixAssertion",
    "PrefixFilter",
    "Slurm",
    "VrpDump",
    "apply_slurm",
    "merge_slurm",
    "read_slurm",
    "read_vrps",
]
