"""Which servers are asked. A repository names the addresses, so it must not choose what is inside our network."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from auditor.errors import FetchError


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowed:
    """What the operator allows besides HTTPS to public addresses."""

    plain_http: bool = False
    private: bool = False

    def check(self, url: str) -> None:
        """Raises FetchError for an address that is not asked: another scheme, or a server that is not public."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 443
        except ValueError as error:
            raise FetchError(f"{url[:200]!r} is no address", hint="correct it in the repository") from error
        if parts.scheme not in ("https", "http") or not host:
            raise FetchError(
                f"{url[:200]!r} is not fetched: only https:// and oci:// addresses are",
                hint="keep such a chart in the repository",
            )
        if parts.scheme == "http" and not self.plain_http:
            raise FetchError(
                f"{url[:200]} is not fetched: its answers could be changed on the way",
                hint="--allow-http asks it all the same",
            )
        if parts.username or parts.password:
            raise FetchError(f"an address of {host} holds a user or password", hint="it is not used")
        if not self.private:
            for address in _addresses(host, port):
                self.check_peer(host, address)

    def check_peer(self, host: str, address: str) -> None:
        """Raises FetchError where the address that a name stands for is not public."""
        if self.private:
            return
        found = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(found, "ipv4_mapped", None)
        if not (mapped or found).is_global or found.is_multicast:
            raise FetchError(
                f"{host} is not asked: its address {address} is not a public one",
                hint="--allow-private asks servers of your own network",
            )


def _addresses(host: str, port: int) -> list[str]:
    try:
        return sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError) as error:
        raise FetchError(f"{host} cannot be found: {error}", hint="is the network there?") from error
