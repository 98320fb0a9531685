"""SipHash-1-3 of columns of 64-bit numbers, and the key of this process.

`compiled/siphash.pxd` does the same for the tables of the compiled kernel. Python hashes bytes and
str in the same way, by SipHash with a random key. It hashes numbers, and tuples of numbers, without
a key, so an attacker who chooses the numbers can make every lookup compare all others.
"""

from __future__ import annotations

import secrets
from typing import Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

#: Octets of a key.
KEY_OCTETS: Final = 16
#: The key of this process's tables; `PYTHONHASHSEED` does not change it.
PROCESS_KEY: Final = secrets.token_bytes(KEY_OCTETS)
#: The key of hashes that several processes must share.
SHARED_KEY: Final = bytes(KEY_OCTETS)

_CONSTANTS: Final = b"somepseudorandomlygeneratedbytes"


def siphash(key: bytes, *words: Words) -> Words:
    """Return the SipHash-1-3 of each row of some columns.

    Args:
        key: 16 octets.
        words: the columns; a row is hashed as the octets of its numbers, low octets first.
    """
    rows = len(words[0])
    halves = np.frombuffer(key + key, "<u8")
    starts = np.frombuffer(_CONSTANTS, ">u8") ^ halves
    state = [np.full(rows, start, np.uint64) for start in starts.tolist()]
    for word in (*words, np.full(rows, 8 * len(words) << 56, np.uint64)):
        state[3] = state[3] ^ word
        state = _round(*state)
        state[0] = state[0] ^ word
    state[2] = state[2] ^ np.uint64(0xFF)
    for _ in range(3):
        state = _round(*state)
    hashed: Words = state[0] ^ state[1] ^ state[2] ^ state[3]
    return hashed


def _round(v0: Words, v1: Words, v2: Words, v3: Words) -> list[Words]:
    v0, v2 = v0 + v1, v2 + v3
    v1, v3 = _rotated(v1, 13) ^ v0, _rotated(v3, 16) ^ v2
    v0, v2 = _rotated(v0, 32), v2 + v1
    v0 = v0 + v3
    v1, v3 = _rotated(v1, 17) ^ v2, _rotated(v3, 21) ^ v0
    return [v0, v1, _rotated(v2, 32), v3]


def _rotated(words: Words, bits: int) -> Words:
    return words << np.uint64(bits) | words >> np.uint64(64 - bits)
