"""Certificates for tests: an authority made on the spot, and what it issues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
USES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
PLAIN = serialization.NoEncryption()


@dataclass(frozen=True)
class Identity:
    """Files in PEM: a certificate and its key."""

    certificate: Path
    key: Path


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def general_name(text: str) -> x509.GeneralName:
    """An address, a URI, an e-mail address, or else the name of a host."""
    if "://" in text:
        return x509.UniformResourceIdentifier(text)
    if "@" in text:
        return x509.RFC822Name(text)
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def private(key: ec.EllipticCurvePrivateKey, passphrase: str = "") -> bytes:
    secret = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else PLAIN
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)


class Authority:
    """One that tests trust; its own certificate is `file`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = named(name)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        builder = self.builder(self.name, self.key).add_extension(constraints, critical=True)
        certificate = builder.sign(self.key, hashes.SHA256())
        self.file = written(folder / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM))

    def builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
        )

    def issue(self, name: str, sans: Sequence[str] = ("127.0.0.1",), passphrase: str = "") -> Identity:
        """A certificate for servers and clients, in the authority's folder as `name`.pem and `name`.key."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([general_name(san) for san in sans])
        certificate = (
            self.builder(named(name), key)
            .add_extension(alternatives, critical=False)
            .add_extension(x509.ExtendedKeyUsage(USES), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return Identity(
            written(self.folder / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM)),
            written(self.folder / f"{name}.key", private(key, passphrase)),
        )
