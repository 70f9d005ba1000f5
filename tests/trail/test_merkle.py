"""RFC 6962 trees: the vectors of Certificate Transparency, and properties against the definition."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.trail.merkle import (
    consistency_proof,
    inclusion_proof,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from auditor.trail.records import leaf_hash

# The eight leaves and roots that the reference implementations of Certificate Transparency test with.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def root(size: int) -> bytes:
    return bytes.fromhex(ROOTS[size])


@pytest.mark.parametrize("size", range(9))
def test_roots_of_certificate_transparency(size: int) -> None:
    assert tree_root(b"".join(LEAVES[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_proofs_of_certificate_transparency(index: int, size: int, path: list[str]) -> None:
    proof = inclusion_proof(b"".join(LEAVES[:size]), index)
    assert [node.hex() for node in proof] == path
    assert verify_inclusion(LEAVES[index], index, size, proof, root(size))


@pytest.mark.parametrize(("old", "size", "path"), CONSISTENCY)
def test_consistency_proofs_of_certificate_transparency(old: int, size: int, path: list[str]) -> None:
    proof = consistency_proof(b"".join(LEAVES[:size]), old)
    assert [node.hex() for node in proof] == path
    assert verify_consistency(old, root(old), size, root(size), proof)


def obvious_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + obvious_root(leaves[:k]) + obvious_root(leaves[k:])).digest()


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def obvious_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*obvious_path(m, leaves[:k]), obvious_root(leaves[k:])]
    return [*obvious_path(m - k, leaves[k:]), obvious_root(leaves[:k])]


def obvious_subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [obvious_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*obvious_subproof(m, leaves[:k], whole), obvious_root(leaves[k:])]
    return [*obvious_subproof(m - k, leaves[k:], False), obvious_root(leaves[:k])]


MANY = [leaf_hash(b"%d" % number) for number in range(70)]


def test_every_proof_of_every_small_tree() -> None:
    for size in range(1, 34):
        leaves = MANY[:size]
        joined = b"".join(leaves)
        whole = obvious_root(leaves)
        assert tree_root(joined) == whole
        for index in range(size):
            proof = inclusion_proof(joined, index)
            assert proof == obvious_path(index, leaves)
            assert verify_inclusion(leaves[index], index, size, proof, whole)
            before = obvious_root(leaves[: index + 1])
            proof = consistency_proof(joined, index + 1)
            assert proof == obvious_subproof(index + 1, leaves, True)
            assert verify_consistency(index + 1, before, size, whole, proof)
    assert verify_consistency(0, tree_root(b""), 5, obvious_root(MANY[:5]), [])
    assert not verify_consistency(0, MANY[0], 5, obvious_root(MANY[:5]), [])


@given(size=st.integers(1, 70), data=st.data())
def test_a_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    """Another leaf, place, size or root, a node more, less or changed: each is refused."""
    index = data.draw(st.integers(0, size - 1))
    joined = b"".join(MANY[:size])
    top = tree_root(joined)
    proof = inclusion_proof(joined, index)
    other = b"x" * 32
    assert not verify_inclusion(other, index, size, proof, top)
    assert not verify_inclusion(MANY[index], index, size, proof, other)
    assert not verify_inclusion(MANY[index], index, size, [*proof, other], top)
    assert not verify_inclusion(MANY[index], size, size, proof, top)
    assert not verify_inclusion(MANY[index], -1, size, proof, top)
    for at in range(len(proof)):
        assert not verify_inclusion(MANY[index], index, size, [*proof[:at], other, *proof[at + 1 :]], top)
        assert not verify_inclusion(MANY[index], index, size, [*proof[:at], *proof[at + 1 :]], top)
    place = data.draw(st.integers(0, size - 1).filter(lambda i: i != index) if size > 1 else st.just(size))
    assert not verify_inclusion(MANY[index], place, size, proof, top)


@given(size=st.integers(2, 70), data=st.data())
def test_a_rewritten_beginning_is_never_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    joined = b"".join(MANY[:size])
    before, top = tree_root(joined[: old * 32]), tree_root(joined)
    proof = consistency_proof(joined, old)
    other = b"x" * 32
    assert verify_consistency(old, before, size, top, proof)
    assert not verify_consistency(old, other, size, top, proof)
    assert not verify_consistency(old, before, size, other, proof)
    assert not verify_consistency(old, before, size, top, [*proof, other])
    assert not verify_consistency(size, top, old, before, proof)
    for at in range(len(proof)):
        assert not verify_consistency(old, before, size, top, [*proof[:at], other, *proof[at + 1 :]])
        assert not verify_consistency(old, before, size, top, [*proof[:at], *proof[at + 1 :]])
    at = data.draw(st.integers(0, old - 1))
    forged = joined[: at * 32] + other + joined[at * 32 + 32 :]
    assert not verify_consistency(old, before, size, tree_root(forged), consistency_proof(forged, old))


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_of_what_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(b"".join(LEAVES[:3]), index)


@pytest.mark.parametrize("old", [-1, 4])
def test_there_is_no_consistency_with_a_longer_tree(old: int) -> None:
    with pytest.raises(IndexError):
        consistency_proof(b"".join(LEAVES[:3]), old)
