"""Checks what `auditor trail export` wrote, without auditor: `python verify_proof.py PROOF.json --key VERIFIERKEY`.

Needs Python 3.10 or newer and nothing else. The verifier key must come from somebody you trust, not with the proof.
Exit codes: 0 proven; 1 wrong; 3 the hashes fit, but no signature vouches for the root that they lead to.
RFC 6962 and 9162 (trees), RFC 8032 (Ed25519), c2sp.org/signed-note (notes).
"""

import argparse
import base64
import hashlib
import json
import sys

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def need(condition, otherwise):
    """Not an assert: `python -O` would leave those out."""
    if not condition:
        raise ValueError(otherwise)


def node(left, right):
    """An inner node's hash."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def climb(place, last, path, *starts):
    """Each start's hash at the top of the path. The second start takes only what stands on its left."""
    tops = list(starts)
    for other in path:
        need(last > 0, "the path is too long")
        if place & 1 or place == last:
            tops = [node(other, top) for top in tops]
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            tops[0] = node(tops[0], other)
        place, last = place >> 1, last >> 1
    need(last == 0, "the path is too short")
    return tops


def check_record(entry, size, root):
    """The record stands at its place of the log with that root."""
    need(0 <= entry["seq"] < size, "there is no such place")
    leaf = hashlib.sha256(b"\x00" + entry["record"].encode()).digest()
    (top,) = climb(entry["seq"], size - 1, [bytes.fromhex(text) for text in entry["proof"]], leaf)
    need(top == root, "the record is not in this log at this place")


def check_consistency(path, old, old_root, new, new_root):
    """The log of `new` records begins with the one of `old`."""
    if old == new or old == 0:
        need(not path, "there is nothing to climb")
        need(old_root == (new_root if old else hashlib.sha256(b"").digest()), "the roots differ")
        return
    need(0 < old < new, "the sizes are out of order")
    path = path if old & (old - 1) else [old_root, *path]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    top, old_top = climb(place, last, path[1:], path[0], path[0])
    need(top == new_root and old_top == old_root, "the old log is not the beginning of the new one")


def add(p, q):
    """Two points of Edwards25519 in extended coordinates, added (RFC 8032, section 5.1.4)."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    """The point added to itself so many times."""
    total = (0, 1, 1, 0)
    while number:
        total = add(total, point) if number & 1 else total
        point, number = add(point, point), number >> 1
    return total


def point(encoded):
    """The point that 32 bytes stand for (section 5.1.3)."""
    y = int.from_bytes(encoded, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    need(y < P and x * x % P == square and (x or not odd), "this is no point of the curve")
    x = x if x & 1 == odd else P - x
    return x, y, 1, x * y % P


def check_signature(public, text, signature):
    """The key made the signature over the text (section 5.1.7)."""
    need(len(public) == 32 and len(signature) == 64, "a key or a signature has another length")
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    challenge = hashlib.sha512(signature[:32] + public + text).digest()
    left = times(s, point((4 * pow(5, -1, P) % P).to_bytes(32, "little")))
    right = add(r, times(int.from_bytes(challenge, "little") % L, point(public)))
    same = all((left[at] * right[2] - right[at] * left[2]) % P == 0 for at in (0, 1))
    need(s < L and same, "the signature is wrong")


def check_head(head, verifier):
    """The size and root that a proof leads to, and whether the key signed them."""
    size, root = head["size"], base64.b64decode(head["root"])
    if not head["checkpoint"] or not verifier:
        print(f"root of {size} records: {head['root']}, no signature checked")
        return size, root, False
    name, key_hash, encoded = verifier.split("+", 2)
    key = base64.b64decode(encoded)
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    need(key[:1] == b"\x01" and key_id.hex() == key_hash, "this is no Ed25519 verifier key")
    text, _, lines = head["checkpoint"].rpartition("\n\n")
    need(text.split("\n")[1:3] == [str(size), head["root"]], "the checkpoint says something else")
    for line in lines.splitlines():
        dash, signer, signed = line.split(" ")
        signature = base64.b64decode(signed)
        if (dash, signer, signature[:4]) == ("—", name, key_id):
            check_signature(key[1:], f"{text}\n".encode(), signature[4:])
            print(f"root of {size} records: {head['root']}, signed by {name}+{key_hash}")
            return size, root, True
    raise ValueError(f"the checkpoint is not signed by {name}+{key_hash}")


def main():
    """Checks the file that the command line names; the exit code."""
    parser = argparse.ArgumentParser(description="Checks a proof that `auditor trail export` wrote.")
    parser.add_argument("proof")
    parser.add_argument("--key", default="", help="verifier key: name+hash+base64")
    given = parser.parse_args()
    with open(given.proof, encoding="utf-8") as file:  # noqa: PTH123 - one import less
        proof = json.load(file)
    if "consistency" in proof:
        old, old_root, old_signed = check_head(proof["old"], given.key)
        new, new_root, signed = check_head(proof["new"], given.key)
        check_consistency(
            [bytes.fromhex(text) for text in proof["consistency"]], old, old_root, new, new_root
        )
        print(f"the log of {old} records is the beginning of the log of {new}")
        signed = signed and old_signed
    else:
        size, root, signed = check_head(proof, given.key)
        for entry in proof["records"]:
            check_record(entry, size, root)
            print(f"record {entry['seq']} of {size}: {entry['record']}")
    print(
        "signed by " + given.key
        if signed
        else "NOT VERIFIED: no signature vouches for this root (give --key)"
    )
    return 0 if signed else 3


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyError, TypeError, ValueError, OSError) as error:
        sys.exit(f"WRONG: {error or 'this is no proof'}")
