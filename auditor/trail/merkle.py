"""RFC 6962's Merkle tree: roots, inclusion and consistency proofs, and the verification of both.

Leaf hashes come joined, 32 bytes each, so that a million of them take 32 MB. Building a proof costs one pass over
them; verifying one costs its own length, and needs no leaf but the one in question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from auditor.trail.log import EMPTY_ROOT, HASH_BYTES, folded, root_of

Proof = Sequence[bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves: bytes) -> bytes:
    """The root over the leaf hashes; SHA-256 of nothing where there are none."""
    return root_of(folded(0, b"", leaves))


def inclusion_proof(leaves: bytes, index: int) -> list[bytes]:
    """The path of leaf `index` to the root, lowest first (RFC 6962, section 2.1.1). IndexError outside the tree."""
    begin, end = 0, len(leaves) // HASH_BYTES
    if not 0 <= index < end:
        raise IndexError(f"there is no record {index} in a log of {end}")
    path = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_root(leaves, middle, end))
            end = middle
        else:
            path.append(_root(leaves, begin, middle))
            begin = middle
    return path[::-1]


def consistency_proof(leaves: bytes, old: int) -> list[bytes]:
    """What shows that the tree over the first `old` leaves is the beginning of this one (section 2.1.2).

    Empty for old = 0 and for the whole tree; IndexError outside it.
    """
    begin, end = 0, len(leaves) // HASH_BYTES
    if not 0 <= old <= end:
        raise IndexError(f"there are no {old} records in a log of {end}")
    if old in (0, end):
        return []
    path = []
    whole = True  # the old tree is, so far, a complete subtree of this one, whose root the verifier has
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_root(leaves, middle, end))
            end = middle
        else:
            path.append(_root(leaves, begin, middle))
            begin = middle
            whole = False
    if not whole:
        path.append(_root(leaves, begin, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Proof, root: bytes) -> bool:
    """Whether the leaf hash stands at `index` of the tree of that size and root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size or any(len(node) != HASH_BYTES for node in (leaf, *proof)):
        return False
    at, last, reached = index, size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached = node_hash(node, reached)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            reached = node_hash(reached, node)
        at >>= 1
        last >>= 1
    return last == 0 and reached == root


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Proof) -> bool:
    """Whether the tree of `old` leaves is the beginning of that of `size` (RFC 9162, section 2.1.4.2).

    An empty tree is the beginning of every tree: no proof is needed, but its root must be that of nothing.
    """
    if not 0 <= old <= size or any(len(node) != HASH_BYTES for node in proof):
        return False
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at >>= 1
        last >>= 1
    reached_old = reached = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached_old = node_hash(node, reached_old)
            reached = node_hash(node, reached)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            reached = node_hash(reached, node)
        at >>= 1
        last >>= 1
    return last == 0 and reached_old == old_root and reached == root


def _split(count: int) -> int:
    """The largest power of two below `count`, which is 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _root(leaves: bytes, begin: int, end: int) -> bytes:
    return tree_root(leaves[begin * HASH_BYTES : end * HASH_BYTES])
