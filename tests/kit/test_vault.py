"""Sealed bytes open only whole, only in their own row, and only with a key of this hub (law L17)."""

from pathlib import Path

import pytest

from hub.kit.config import Config
from hub.kit.secrets import Vault, open_vault
from hub.model.errors import InputError
from hub.spec import Secret

OLD, NEW = b"o" * 32, b"n" * 32
ROW = b"people/42/email"


def test_what_was_sealed_opens_again():
    vault = Vault(NEW)
    assert vault.open(vault.seal(b"ada@example.org", ROW), ROW) == b"ada@example.org"


def test_the_same_text_never_looks_the_same_twice():
    vault = Vault(NEW)
    assert vault.seal(b"ada", ROW) != vault.seal(b"ada", ROW)


@pytest.mark.parametrize("place", [5, 20, -1])
def test_a_changed_byte_is_noticed(place: int):
    sealed = bytearray(Vault(NEW).seal(b"ada", ROW))
    sealed[place] ^= 1
    with pytest.raises(InputError, match="changed or moved"):
        Vault(NEW).open(bytes(sealed), ROW)


def test_bytes_copied_into_another_row_do_not_open():
    with pytest.raises(InputError, match="moved to another row"):
        Vault(NEW).open(Vault(NEW).seal(b"ada", ROW), b"people/43/email")


def test_a_retired_key_still_opens_what_it_sealed():
    assert Vault(NEW, OLD).open(Vault(OLD).seal(b"ada", ROW), ROW) == b"ada"


def test_a_key_the_hub_lacks_is_named():
    with pytest.raises(
        InputError, match=r"sealed with key [0-9a-f]{8}, unknown here: add it to HUB_SECRET_KEY"
    ):
        Vault(NEW).open(Vault(OLD).seal(b"ada", ROW), ROW)


def test_equal_text_has_an_equal_index_under_one_key_only():
    index = Vault(NEW).blind_index("ada@example.org")
    assert index == Vault(NEW, OLD).blind_index("ada@example.org")
    assert index not in {Vault(OLD).blind_index("ada@example.org"), Vault(NEW).blind_index("bob@example.org")}


def test_a_key_is_made_once_and_is_private(tmp_path: Path):
    config = Config(folder=tmp_path / "hub")
    sealed = open_vault(config).seal(b"ada", ROW)
    assert open_vault(config).open(sealed, ROW) == b"ada"
    assert (tmp_path / "hub/secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "hub").iterdir()] == ["secret.key"]


def test_a_key_that_is_not_32_bytes_is_refused_with_the_remedy():
    with pytest.raises(InputError, match="not the base64 of 32 bytes: make one with"):
        open_vault(Config(secret_key=Secret("c2hvcnQ=")))
