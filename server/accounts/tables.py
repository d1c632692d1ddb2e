"""Accounts, grants, sessions and invitations: on the platform, since one person may work in several committees."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Bytea, ForeignKey, SmallInt, Text, Timestamptz
from piccolo.table import Table

from infra.postgres import DB
from tenants.tables import Committee, Province


class Account(Table, db=DB, schema="platform"):
    """Somebody who logs in. Not a member: most members have no account, and some accounts are no member's."""

    id = UUID(primary_key=True)
    login = Text()
    name = Text()
    password_hash = Text(secret=True)
    created_at = Timestamptz()
    disabled_at = Timestamptz(null=True)
    must_change = Boolean()


class AccountGrant(Table, db=DB, schema="platform"):
    """One role of one account in a province or a committee; see ``reader.Grant``."""

    id = UUID(primary_key=True)
    account = ForeignKey(Account, null=False)
    province = ForeignKey(Province, null=True)
    committee = ForeignKey(Committee, null=True)
    role = Text()
    cell = UUID(null=True)
    cell_name = Text()
    group_number = SmallInt(null=True)
    member = UUID(null=True, help_text="which member of the tenant the account is, in the place of the role")
    granted_at = Timestamptz()
    granted_by = Text()
    revoked_at = Timestamptz(null=True)
    expires_at = Timestamptz(null=True, help_text="support ends by itself")


class Session(Table, db=DB, schema="platform"):
    """A log-in on a device; the cookie's token is kept as its SHA-256 only."""

    token_hash = Bytea(primary_key=True)
    account = ForeignKey(Account, null=False)
    created_at = Timestamptz()
    seen_at = Timestamptz()
    expires_at = Timestamptz()
    device = Text()
    factor_at = Timestamptz(null=True, help_text="when this session gave its second factor")
    awaits_factor = Boolean()


class Invitation(Table, db=DB, schema="platform"):
    """A link that lets one person make an account with one role; used once, before it expires."""

    id = UUID(primary_key=True)
    token_hash = Bytea(unique=True)
    committee = ForeignKey(Committee, null=True)
    province = ForeignKey(Province, null=True)
    role = Text()
    cell = UUID(null=True)
    cell_name = Text()
    group_number = SmallInt(null=True)
    member = UUID(null=True)
    invited_name = Text()
    invited_by = Text()
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True)
    withdrawn_at = Timestamptz(null=True)


class PasswordLink(Table, db=DB, schema="platform"):
    """A link that lets one person replace a forgotten password, once: of an administrator of a committee or of a
    province, or (neither, and issued by nobody) of the operator.
    """

    token_hash = Bytea(primary_key=True)
    account = ForeignKey(Account, null=False)
    committee = ForeignKey(Committee, null=True)
    province = ForeignKey(Province, null=True)
    issued_by = ForeignKey(Account, null=True)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True)


class PushSubscription(Table, db=DB, schema="platform"):
    """A browser that may be told something: of one account, until it says no, logs out, or is gone."""

    id = UUID(primary_key=True)
    account = ForeignKey(Account, null=False)
    endpoint = Text(unique=True)
    p256dh = Text()
    auth = Text()
    created_at = Timestamptz()
    last_ok_at = Timestamptz(null=True)
    failures = SmallInt()
