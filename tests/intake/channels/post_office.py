"""A real IMAP server of this process, into which tests put letters over IMAP as programs do."""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

USER, PASSWORD = "wall", "open sesame"
CAME = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class PostOffice:
    """The server, and what a test does there."""

    def __init__(self, port: int, tls: str, ca_file: Path) -> None:
        self.port = port
        self.tls = tls
        self.ca_file = ca_file
        self.closed = False

    def away(self) -> None:
        """Hang up on whoever calls."""
        self.closed = True

    def back(self) -> None:
        """Answer again."""
        self.closed = False

    @property
    def settings(self) -> dict[str, Any]:
        """A channel's settings to read here."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "tls": self.tls,
            "ca_file": str(self.ca_file) if self.tls != "none" else "",
            "user": USER,
            "password": "wall",
            "timeout_s": 5,
        }

    async def deliver(self, *letters: bytes, came: datetime = CAME, folder: str = "INBOX") -> None:
        """Letters come in."""

        def append(client: IMAPClient) -> None:
            for letter in letters:
                client.append(folder, letter, msg_time=came)

        await self.do(append)

    async def do(self, work: Any) -> Any:
        """Do something with the mailbox, in a thread, over a connection of its own."""

        def whole() -> Any:
            context = ssl.create_default_context(cafile=self.ca_file)
            implicit = self.tls == "tls"
            with IMAPClient(
                "127.0.0.1",
                self.port,
                ssl=implicit,
                ssl_context=context if implicit else None,
                timeout=5,
            ) as client:
                if self.tls == "starttls":
                    client.starttls(context)
                client.login(USER, PASSWORD)
                client.select_folder("INBOX")
                return work(client)

        return await asyncio.to_thread(whole)

    async def flags(self) -> list[tuple[bytes, ...]]:
        """The flags of all letters, without the server's own marks."""

        def read(client: IMAPClient) -> list[tuple[bytes, ...]]:
            found = client.get_flags(client.search())
            return [tuple(f for f in found[uid] if f != b"\\Recent") for uid in sorted(found)]

        found: list[tuple[bytes, ...]] = await self.do(read)
        return found

    async def delete(self, *places: int) -> None:
        """Somebody throws letters away, by their places in the folder."""

        def throw(client: IMAPClient) -> None:
            uids = sorted(client.search())
            client.delete_messages([uids[place] for place in places])
            client.expunge()

        await self.do(throw)


@asynccontextmanager
async def post_office(folder: Path, tls: str = "none") -> AsyncIterator[PostOffice]:
    """A running server with one empty mailbox."""
    certificate, key = folder / "ca.pem", folder / "key.pem"
    if not certificate.exists():
        _self_signed(certificate, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    args = Namespace(
        host="127.0.0.1",
        port=0,
        debug=False,
        cert=None,
        key=None,
        tls=tls == "starttls",
        passlib_cfg=None,
        proxy_protocol=None,
        demo_data=False,
        demo_user=USER,
        demo_password=PASSWORD,
    )
    # Slow hashes are for passwords that are worth something.
    backend, config = await DictBackend.init(
        args, ssl_context=context, invalid_user_sleep=0, hash_context=BuiltinHash(rounds=1)
    )
    config.apply_context()
    served = ProxyProtocolReader(config.proxy_protocol).get_callback(
        IMAPServer(backend.login, config)
    )

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if office.closed:
            writer.close()
        else:
            await served(reader, writer)

    server = await asyncio.start_server(
        answer, "127.0.0.1", 0, ssl=context if tls == "tls" else None
    )
    office = PostOffice(server.sockets[0].getsockname()[1], tls, certificate)
    try:
        yield office
    finally:
        server.close()


def _self_signed(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.IPAddress(ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def letter(
    text: str = "路灯不亮", subject: str = "路灯", message_id: str = "", **more: str
) -> bytes:
    """A plain letter in UTF-8. ``more``: headers, with _ for -."""
    headers = {
        "From": "Li Lei <lilei@mail.example>",
        "To": "wall@city.example",
        "Date": "Sun, 22 Nov 2026 15:00:00 +0800",
        "Subject": subject,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    if message_id:
        headers["Message-ID"] = f"<{message_id}>"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return (head + "\r\n" + text.replace("\n", "\r\n")).encode()
