"""What a verified certificate says of its owner, as Python's ssl tells it."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

Certificate = Mapping[str, Any]

SHORT = {
    "commonName": "CN",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "localityName": "L",
    "stateOrProvinceName": "ST",
}
ADDRESS = "IP Address"


def subject(certificate: Certificate) -> str:
    """`CN=prometheus,O=example`: for people to read, empty for a certificate without subject."""
    pairs = [pair for part in certificate.get("subject", ()) for pair in part]
    return ",".join(f"{SHORT.get(key, key)}={value}" for key, value in pairs)


def alternative_names(certificate: Certificate) -> Iterator[str]:
    """Names of hosts, addresses, e-mail addresses and URIs, as Go's exporters compare them."""
    for kind, value in certificate.get("subjectAltName", ()):
        yield str(ip_address(value.strip())) if kind == ADDRESS else value
