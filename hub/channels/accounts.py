"""Accounts of the other side: which channels are counted together there, and which stand and fall with one login.

Connectors know it by the settings, which may be secrets: what is kept and compared are blind indexes.
"""

from hub.kit.secrets import Vault
from hub.model.errors import InputError
from hub.spec import ChannelConfig, Connector, NamesAccount
from hub.store.accounts import AccountKeys


def keys_of(vault: Vault, connector: Connector, config: ChannelConfig) -> AccountKeys:
    """Without a word of the connector, the channel is an account of its own. Raises InputError where it cannot tell."""
    if not isinstance(connector, NamesAccount):
        return AccountKeys()
    kind = connector.manifest.kind
    try:
        account = connector.account_of(config)
        limits = vault.blind_index(f"limits {kind} {account.limits}") if account.limits else None
        login = vault.blind_index(f"login {kind} {account.login}") if account.login else None
    except Exception as error:  # its text may hold settings, which may be secrets
        msg = (
            f"the {kind} connector cannot tell whose account this is ({type(error).__name__}): check the channel's"
            " settings, and report it to the connector's author where they are right"
        )
        raise InputError(msg) from error
    return AccountKeys(limits, login)
