"""A certificate authority of our own, for one control plane."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
ENDS = datetime(2049, 1, 1, tzinfo=UTC)
SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
LOOPBACK = IPv4Address("127.0.0.1")
OURS_ALONE = 0o600

Key = ec.EllipticCurvePrivateKey


def new_key() -> Key:
    """A new private key."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates, and keeps them all in one folder."""

    folder: Path
    key: Key = field(default_factory=new_key)

    @property
    def certificate(self) -> Path:
        """The file by which others trust us."""
        return self.folder / "ca.crt"

    @classmethod
    def found(cls, folder: Path) -> "Authority":
        """A new authority, its own certificate written."""
        authority = cls(folder)
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        signed = authority._signed(_OURSELVES, authority.key, constraints)
        write(authority.certificate, signed.public_bytes(serialization.Encoding.PEM))
        return authority

    def server(self) -> Pair:
        """What a server on loopback shows."""
        names = [x509.DNSName(name) for name in SERVER_NAMES]
        subject = _name("kube-apiserver", ())
        alternatives = x509.SubjectAlternativeName([*names, x509.IPAddress(LOOPBACK)])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return self._issued("server", subject, alternatives, usage)

    def client(self, user: str, groups: tuple[str, ...] = ()) -> Pair:
        """What Kubernetes knows a user and its groups by."""
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        return self._issued(file_name(user), _name(user, groups), usage)

    def _issued(self, name: str, subject: x509.Name, *extensions: x509.ExtensionType) -> Pair:
        key = new_key()
        signed = self._signed(subject, key, *extensions)
        pair = Pair(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        write(pair.certificate, signed.public_bytes(serialization.Encoding.PEM))
        write(pair.key, private_bytes(key))
        return pair

    def _signed(
        self, subject: x509.Name, key: Key, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_OURSELVES)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(BEGINS)
            .not_valid_after(ENDS)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def private_bytes(key: Key) -> bytes:
    """The private key as a file holds it, in the one form that kube-apiserver takes everywhere."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def write(path: Path, content: bytes) -> Path:
    """The file, written for our eyes alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=OURS_ALONE)
    path.write_bytes(content)
    return path


def file_name(user: str) -> str:
    """A user's name as the name of a file."""
    return user.replace(":", ".").replace("/", ".")


def _name(user: str, groups: tuple[str, ...]) -> x509.Name:
    organizations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user), *organizations])


_OURSELVES = _name("crossfade-test", ())
