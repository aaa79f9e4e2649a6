"""Accounts of the other side: which channels are counted together there, and which stand and fall with one login.

Connectors know it by the settings, which may be secrets: what is kept and compared are blind indexes.
"""

from hub.kit.secrets import Vault
from hub.spec import ChannelConfig, Connector, NamesAccount
from hub.store.accounts import AccountKeys


def keys_of(vault: Vault, connector: Connector, config: ChannelConfig) -> AccountKeys:
    """Without a word of the connector, the channel is an account of its own."""
    if not isinstance(connector, NamesAccount):
        return AccountKeys()
    account, kind = connector.account_of(config), connector.manifest.kind
    limits = vault.blind_index(f"limits {kind} {account.limits}") if account.limits else None
    login = vault.blind_index(f"login {kind} {account.login}") if account.login else None
    return AccountKeys(limits, login)
