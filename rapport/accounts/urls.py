"""The URLs of this room."""

from django.urls import path

from rapport.accounts import api_tokens_views
from rapport.accounts.views import doors, profile, staff, staff_doors, teams

urlpatterns = [
    path("setup/", doors.set_up, name="setup"),
    path("join/<str:token>/", doors.join, name="join"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/profile/programs/", api_tokens_views.my_tokens, name="api_tokens"),
    path("settings/programs/", api_tokens_views.all_tokens, name="api_tokens_all"),
    path("settings/programs/<uuid:public_id>/end/", api_tokens_views.end_token, name="api_token_end"),
    path("settings/staff/", staff.staff, name="staff"),
    path("settings/staff/invite/", staff.invite, name="staff-invite"),
    path("settings/staff/invitations/<uuid:public_id>/withdraw/", staff.withdraw_invitation, name="staff-withdraw"),
    path("settings/staff/<uuid:public_id>/", staff.member, name="staff-member"),
    path("settings/staff/<uuid:public_id>/active/", staff.member_active, name="staff-member-active"),
    path("settings/staff/<uuid:public_id>/link/", staff.member_link, name="staff-member-link"),
    path("settings/staff/<uuid:public_id>/email/", staff_doors.member_email, name="staff-member-email"),
    path("settings/staff/<uuid:public_id>/factors/", staff_doors.member_factors, name="staff-member-factors"),
    path("settings/teams/", teams.teams, name="teams"),
    path("settings/teams/<uuid:public_id>/", teams.team, name="team"),
    path("settings/teams/<uuid:public_id>/remove/", teams.remove_team, name="team-remove"),
    path("settings/roles/", teams.roles, name="roles"),
    path("settings/roles/new/", teams.new_role, name="role-new"),
    path("settings/roles/<uuid:public_id>/", teams.role, name="role"),
    path("settings/roles/<uuid:public_id>/remove/", teams.remove_role, name="role-remove"),
]
