"""Personal data and credentials at rest: sealed with AES-256-GCM, found again by a keyed hash (law L17)."""

import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from contextlib import suppress
from hashlib import sha256
from hmac import digest
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.kit.config import Config, folder_unusable
from hub.model.errors import InputError

_KEY_BYTES = 32
_ID_BYTES = 4
_NONCE_BYTES = 12
_REMEDY = "make one with: head -c 32 /dev/urandom | base64"


class Vault:
    """Sealed bytes are key id (4), nonce (12), ciphertext and tag: old rows stay readable when the key is replaced.

    `aad` binds a sealed value to its row and column: bytes copied into another row do not open.
    """

    def __init__(self, key: bytes, *retired: bytes) -> None:
        """Seal with `key`, open with any; ValueError unless each has 32 bytes."""
        for each in (key, *retired):
            if len(each) != _KEY_BYTES:
                msg = f"a key has {len(each)} bytes: it needs {_KEY_BYTES}"
                raise ValueError(msg)
        self._key_id = _key_id(key)
        self._ciphers = {_key_id(each): AESGCM(_derive(each, b"seal")) for each in (key, *retired)}
        self._index_key = _derive(key, b"index")

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return self._key_id + nonce + self._ciphers[self._key_id].encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """Raise InputError where no key of this hub made it, or where it was changed or moved to another row."""
        key_id, nonce, rest = _cut(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            msg = f"a value is sealed with key {key_id.hex()}, unknown here: add it to HUB_SECRET_KEY, after a comma"
            raise InputError(msg, field="HUB_SECRET_KEY")
        try:
            return cipher.decrypt(nonce, rest, aad)
        except InvalidTag as error:
            msg = "a sealed value was changed or moved to another row: restore it from a backup"
            raise InputError(msg) from error

    def blind_index(self, text: str) -> bytes:
        """Hash `text` for finding equal text; the caller brings it to one form first (case, spaces)."""
        return digest(self._index_key, text.encode(), sha256)


def open_vault(config: Config) -> Vault:
    """Use HUB_SECRET_KEY (base64; the current key first, then retired ones), or a key file made once in the folder."""
    if config.secret_key is not None:
        return Vault(*map(_decode, config.secret_key.value.split(",")))
    try:
        return Vault(_decode(_key_file(config.folder / "secret.key")))
    except OSError as error:
        raise folder_unusable(config.folder, error) from error


def _key_file(path: Path) -> str:
    """Make the file whole and private before it has its name, so that two first starts agree on one key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix="secret.key.") as file:
            file.write(b64encode(os.urandom(_KEY_BYTES)).decode())
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                path.hardlink_to(file.name)
    return path.read_text()


def _decode(text: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except Base64Error:
        key = b""
    if len(key) != _KEY_BYTES:
        msg = f"HUB_SECRET_KEY is not the base64 of {_KEY_BYTES} bytes: {_REMEDY}"
        raise InputError(msg, field="HUB_SECRET_KEY")
    return key


def _derive(key: bytes, purpose: bytes) -> bytes:
    return digest(key, b"orderhub/" + purpose, sha256)


def _key_id(key: bytes) -> bytes:
    return _derive(key, b"id")[:_ID_BYTES]


def _cut(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    start = _ID_BYTES + _NONCE_BYTES
    return sealed[:_ID_BYTES], sealed[_ID_BYTES:start], sealed[start:]
