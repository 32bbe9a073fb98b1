"""What changes the business and its staff: every function is one transaction, signed in the audit trail."""

from rapport.accounts.actions.business import AlreadySetUp, set_up_business
from rapport.accounts.actions.doors import NoSecondFactor, OneselfRefused, change_email, reset_second_factors
from rapport.accounts.actions.profile import change_profile, note_reset_asked, set_password
from rapport.accounts.actions.roles import RoleInUse, RoleIsFixed, remove_role, save_role
from rapport.accounts.actions.staff import (
    AlreadyOnStaff,
    InvitationClosed,
    NotActive,
    accept_invitation,
    change_member,
    invite,
    mint_password_link,
    set_member_active,
    withdraw_invitation,
)
from rapport.accounts.actions.standing import LastAdministrator, NameTaken, Refused
from rapport.accounts.actions.teams import TeamInUse, TeamLoop, TeamTooDeep, remove_team, save_team

__all__ = [
    "AlreadyOnStaff",
    "AlreadySetUp",
    "InvitationClosed",
    "LastAdministrator",
    "NameTaken",
    "NoSecondFactor",
    "NotActive",
    "OneselfRefused",
    "Refused",
    "RoleInUse",
    "RoleIsFixed",
    "TeamInUse",
    "TeamLoop",
    "TeamTooDeep",
    "accept_invitation",
    "change_email",
    "change_member",
    "change_profile",
    "invite",
    "mint_password_link",
    "note_reset_asked",
    "remove_role",
    "remove_team",
    "reset_second_factors",
    "save_role",
    "save_team",
    "set_member_active",
    "set_password",
    "set_up_business",
    "withdraw_invitation",
]
