"""Files on their way into the local Slack: a ticket and an address, the bytes, then a place in a conversation. No I/O.

Slack takes a file in three steps: `files.getUploadURLExternal` gives an address, the bytes are POSTed there, and
`files.completeUploadExternal` shares them. What a step may be asked is in `slack_file_methods`.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from mimetypes import MimeTypes

from bot.sandbox.slack_workspace import File, SlackRefusal

FILE_BYTES_MAX = 20 * 2**20  # Slack takes 1 GB; these stay in memory
FILES_KEPT_MAX = 100

# Not the functions of the module: those read what the machine has configured, and every machine must say the same.
_TYPES = MimeTypes(filenames=())


@dataclass(frozen=True)
class _Ticket:
    file_id: str
    name: str
    length: int
    alt_txt: str


class Files:
    """Uploads that are not finished, and the bytes of the latest files.

    Attributes:
        url: the base of the addresses to upload to, known once the double listens.
    """

    def __init__(self) -> None:
        self.url = ""
        self._awaited: OrderedDict[str, _Ticket] = OrderedDict()  # by the secret in the address
        self._arrived: dict[str, _Ticket] = {}  # by file id, until it is shared
        self._bytes: OrderedDict[str, bytes] = OrderedDict()

    def reserve(self, name: str, length: int, alt_txt: str) -> tuple[str, str]:
        """Return a file id and the address that takes this many bytes for it."""
        secret, file_id = secrets.token_urlsafe(16), "F" + secrets.token_hex(5).upper()
        self._awaited[secret] = _Ticket(file_id, name, length, alt_txt)
        if len(self._awaited) > FILES_KEPT_MAX:
            self._awaited.popitem(last=False)
        return file_id, f"{self.url}/upload/{secret}"

    def receive(self, secret: str, data: bytes) -> None:
        """Take the bytes that came to an address, once.

        Slack documents no names for what can go wrong here, only that the status is not 200; these are the double's.

        Raises:
            SlackRefusal: `invalid_url`, or `length_mismatch` when they are not as many as announced.
        """
        ticket = self._awaited.get(secret)
        if ticket is None:
            raise SlackRefusal("invalid_url")
        if len(data) != ticket.length:
            raise SlackRefusal("length_mismatch")
        del self._awaited[secret]
        self._arrived[ticket.file_id] = ticket
        self._bytes[ticket.file_id] = data
        if len(self._bytes) > FILES_KEPT_MAX:
            self._arrived.pop(self._bytes.popitem(last=False)[0], None)

    def has_arrived(self, file_id: str) -> bool:
        """Whether the bytes are here and the upload is not finished yet."""
        return file_id in self._arrived

    def finish(self, file_id: str, title: str, user: str, now: float) -> File:
        """End an upload and return the file; one without a title is titled with its name.

        Raises:
            KeyError: it has not arrived, or was finished before.
        """
        ticket = self._arrived.pop(file_id)
        mimetype = _TYPES.guess_type(ticket.name)[0] or "application/octet-stream"
        return File(file_id, ticket.name, title or ticket.name, mimetype, ticket.length, ticket.alt_txt, user, int(now))

    def data(self, file_id: str) -> bytes | None:
        """Return a file's bytes, while they are kept."""
        return self._bytes.get(file_id)
