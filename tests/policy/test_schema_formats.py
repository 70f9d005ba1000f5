"""Formats as an API server takes them: https://github.com/kubernetes/kube-openapi, pkg/validation/strfmt."""

from __future__ import annotations

import time

import pytest

from auditor.policy.schemas.formats import FORMATS

TAKEN = {
    "bsonobjectid": ["507f1f77bcf86cd799439011"],
    "byte": ["", "YQ==", "YWJj", "YW\nJj"],
    "cidr": ["10.0.0.0/8", "10.1.2.3/24", "::/0", "fd00::1/64"],
    "creditcard": ["4111 1111 1111 1111"],
    "date": ["2024-02-29", "0001-01-01"],
    "date-time": ["2024-02-29T23:59:59Z", "2024-01-01T00:00:00.123+02:00", "2024-01-01t00:00:00z"],
    "datetime": ["2024-02-29T23:59:59Z"],
    "duration": ["0", "5s", "1h30m", "-1.5h", "10us", "10µs", ".5m", "22 ns", "3 days", "1 week", "2 hours"],
    "email": ["a@example.com", "Ann <a@example.com>"],
    "hexcolor": ["#FFFFFF", "fff"],
    "hostname": ["a", "a.example.com", "xn--bcher-kva.example"],
    "ipv4": ["10.0.0.1"],
    "ipv6": ["::1", "2001:db8::1", "::ffff:10.0.0.1"],
    "isbn": ["0321751043", "978-0321751041"],
    "isbn10": ["0321751043", "080442957X"],
    "isbn13": ["978-0321751041"],
    "mac": ["01:23:45:67:89:ab", "01-23-45-67-89-AB", "0123.4567.89ab"],
    "rgbcolor": ["rgb(255,255,255)", "rgb(0, 10, 99)"],
    "ssn": ["123-45-6789", "123456789"],
    "uri": ["https://example.com/a?b#c", "/path", "mailto:a@example.com", "oci://ghcr.io/a/b"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"],
    "uuid3": ["a3bb189e-8bf9-3888-9912-ace4e6543002"],
    "uuid4": ["f47ac10b-58cc-4372-a567-0e02b2c3d479"],
    "uuid5": ["886313e1-3b8a-5372-9b90-0c9aee199e5d"],
}
REFUSED = {
    "bsonobjectid": ["507f"],
    "byte": ["a", "YQ=", "not base64"],
    "cidr": ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/x", "/8", "10.0.0.0/255.0.0.0"],
    "creditcard": ["1234"],
    "date": ["2023-02-29", "2024-1-1", "today", "2024-13-01"],
    "date-time": ["2024-01-01", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z", "2024-01-01 00:00:00Z"],
    "datetime": ["2024-01-01"],
    "duration": ["", "5", "s", "5 x", "soon"],
    "email": ["a", "@example.com", "a@", "a b@c"],
    "hexcolor": ["#FFFF", "red"],
    "hostname": ["", "-a", "a_b", "a..b", "a b"],
    "ipv4": ["10.0.0.256", "::1", "10.0.0", "010.0.0.1"],
    "ipv6": ["10.0.0.1", ":::", "fe80::1%eth0"],
    "isbn": ["0321751044"],
    "isbn10": ["0321751044", "978-0321751041"],
    "isbn13": ["978-0321751042"],
    "mac": ["01:23:45:67:89", "01:23:45-67:89:ab"],
    "rgbcolor": ["rgb(256,0,0)", "rgb(1,2)"],
    "ssn": ["12-345-6789"],
    "uri": ["", "example.com/a", "a b", "https://exa mple.com/", "http://a/%zz"],
    "uuid": ["123e4567", "g23e4567-e89b-12d3-a456-426614174000"],
    "uuid3": ["123e4567-e89b-12d3-a456-426614174000"],
    "uuid4": ["f47ac10b-58cc-4372-1567-0e02b2c3d479"],
    "uuid5": ["f47ac10b-58cc-4372-a567-0e02b2c3d479"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TAKEN.items() for text in texts])
def test_taken(name: str, text: str) -> None:
    assert FORMATS[name](text)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts]
)
def test_refused(name: str, text: str) -> None:
    assert not FORMATS[name](text)


def test_every_format_is_tried_both_ways() -> None:
    assert set(TAKEN) == set(REFUSED) == set(FORMATS)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"byte"}))
def test_no_format_reads_a_megabyte(name: str) -> None:
    for text in ("1" * 1_000_000, "a." * 500_000, "1s" * 500_000, "a@" * 500_000, " " * 1_000_000):
        assert not FORMATS[name](text)


def test_a_long_number_is_no_reason_to_wait() -> None:
    """A search that begins anew at each digit takes a second for one such text, and a manifest holds hundreds."""
    started = time.process_time()
    assert not any(FORMATS["duration"]("1" * 4096) for _ in range(100))
    assert FORMATS["duration"]("1" * 4000 + " days")
    assert time.process_time() - started < 5
