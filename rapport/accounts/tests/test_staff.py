"""Staff, teams, roles, invitations, profile: they work, refuse bad input, and never leave the business without help."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from rapport.accounts import actions
from rapport.accounts.access import reach_of
from rapport.accounts.actions.teams import DEEPEST
from rapport.accounts.models import Invitation, Role, Team, User
from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from tests.world import NOW, PASSWORD, make_user

NEW = "another horse staple"


@pytest.fixture
def office(as_user, ada):
    return as_user(ada)


def invite(office, **answers):
    role = Role.objects.get(name="Sales")
    return office.post(
        "/settings/staff/invite/",
        {"email": "new@example.com", "name": "", "role": role.public_id, "team": ""} | answers,
    )


def link_in(answer):
    return re.search(r"data-one-time-link>http://localhost:8000(/join/[^<]+)<", answer.content.decode())[1]


def test_an_invitation_shows_its_link_once_and_lets_one_person_in(office, north):
    link = link_in(invite(office, team=str(north.public_id)))
    assert link.encode() not in office.get("/settings/staff/").content
    guest = Client()
    assert guest.get(link).status_code == 200

    answer = guest.post(link, {"name": "Nell", "password": NEW})

    assert answer["Location"] == "/settings/profile/"
    nell = User.objects.get(email="new@example.com")
    assert (nell.name, nell.role.name, nell.team) == ("Nell", "Sales", north)
    assert guest.get("/settings/profile/").status_code == 200
    assert AuditEvent.objects.filter(operation="joined", actor_label="Nell").exists()


def test_used_expired_withdrawn_and_invented_links_look_the_same(office, settings):
    used = link_in(invite(office))
    Client().post(used, {"name": "Nell", "password": NEW})
    withdrawn = link_in(invite(office, email="b@example.com"))
    office.post(f"/settings/staff/invitations/{Invitation.objects.get(email='b@example.com').public_id}/withdraw/")
    expired = link_in(invite(office, email="c@example.com"))
    with acting(SYSTEM):
        Invitation.objects.filter(email="c@example.com").update(expires_at=utc_now() - timedelta(seconds=1))
    replaced = link_in(invite(office, email="d@example.com"))
    invite(office, email="d@example.com")

    answers = [Client().get(link) for link in (used, withdrawn, expired, replaced, "/join/invented/")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(rb'csrf-token" content="[^"]*"', b"", answer.content) for answer in answers}) == 1


@pytest.fixture
def eve(ada):
    """A second administrator, and the link of an invitation that she made for an address of her own."""
    eve = make_user("Eve", role="Administrator")
    _, link = actions.invite(email="eve2@example.com", name="", role=eve.role, team=None, by=eve, now=utc_now())
    return eve, link.removeprefix("http://localhost:8000")


def lose_the_office(eve, ada, how):
    if how == "deactivated":
        actions.set_member_active(eve, False, by=ada)
    elif how == "another role":
        actions.change_member(eve, role=Role.objects.get(name="Reader"), team=None, by=ada)
    else:
        with acting(SYSTEM):
            User.objects.filter(pk=eve.pk).update(is_active=False)


@pytest.mark.parametrize("how", ["deactivated", "another role", "past the actions"])
def test_the_invitations_of_a_removed_administrator_let_nobody_in(eve, ada, how):
    person, link = eve
    assert Client().get(link).status_code == 200
    lose_the_office(person, ada, how)

    answer = Client().post(link, {"name": "Eve again", "password": NEW})

    assert answer.status_code == 404
    assert not User.objects.filter(email="eve2@example.com").exists()


def test_the_invitations_of_a_removed_administrator_stay_closed_when_she_comes_back(eve, ada):
    person, link = eve
    actions.set_member_active(person, False, by=ada)
    actions.set_member_active(person, True, by=ada)

    assert Client().get(link).status_code == 404
    assert AuditEvent.objects.filter(table_name="accounts_invitation", operation="delete", actor_label="Ada").exists()


def test_invitations_end_when_their_makers_role_loses_the_right(eve, ada):
    person, link = eve
    role = actions.save_role(None, name="Helper", scope="all", rights=["accounts.administer"], by=ada)
    actions.change_member(person, role=role, team=None, by=ada)
    assert Client().get(link).status_code == 200

    actions.save_role(role, name="Helper", scope="all", rights=[], by=ada)

    assert Client().get(link).status_code == 404


def test_of_two_who_use_a_link_at_once_one_gets_in(transactional_db):
    with acting(SYSTEM):
        ada = make_user("Ada", role="Administrator")
    _, link = actions.invite(email="new@example.com", name="", role=ada.role, team=None, by=ada, now=utc_now())
    token = link.rstrip("/").rpartition("/")[2]
    barrier, outcomes = threading.Barrier(2), []

    def one(name):
        barrier.wait()
        try:
            outcomes.append(actions.accept_invitation(token, name=name, password=NEW, now=utc_now()).name)
        except actions.InvitationClosed:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(name,)) for name in ("Nell", "Noah")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("refused") == 1
    assert User.objects.filter(email="new@example.com").count() == 1


def test_a_weak_password_is_refused_and_the_name_kept(office):
    link = link_in(invite(office))

    answer = Client().post(link, {"name": "Nell", "password": "short"})

    assert answer.status_code == 422
    assert b'value="Nell"' in answer.content
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize(
    "answers", [{"email": "ada@example.com"}, {"email": "nonsense"}, {"role": ""}, {"role": "x"}, {"team": "1"}]
)
def test_a_bad_invitation_is_refused_and_what_was_typed_is_kept(office, answers):
    answer = invite(office, **({"name": "Zoë"} | answers))

    assert answer.status_code == 422
    assert "Zoë".encode() in answer.content
    assert not Invitation.objects.exists()


def test_with_mail_the_invitation_is_mailed_on_our_own_origin(office, settings):
    settings.EMAIL_IS_CONFIGURED = True

    assert invite(office).status_code == 302

    (message,) = mail.outbox
    assert message.to == ["new@example.com"]
    assert "http://localhost:8000/join/" in message.body


def test_where_mail_fails_the_link_is_shown(office, settings):
    settings.EMAIL_IS_CONFIGURED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    answer = invite(office)

    assert b"could not be sent" in answer.content
    assert link_in(answer)


def test_a_member_gets_another_role_and_team(office, alice, south):
    manager = Role.objects.get(name="Manager")

    office.post(f"/settings/staff/{alice.public_id}/", {"role": manager.public_id, "team": south.public_id})

    alice.refresh_from_db()
    assert (alice.role.name, alice.team.name) == ("Manager", "South")


def test_a_member_is_deactivated_and_let_in_again(office, alice):
    for value, expected in (("0", False), ("1", True)):
        office.post(f"/settings/staff/{alice.public_id}/active/", {"active": value})
        alice.refresh_from_db()
        assert alice.is_active is expected


def test_the_last_administrator_cannot_be_demoted_or_deactivated(office, ada):
    reader = Role.objects.get(name="Reader")

    answer = office.post(f"/settings/staff/{ada.public_id}/", {"role": reader.public_id, "team": ""})
    assert answer.status_code == 422
    assert b"Somebody must stay" in answer.content
    office.post(f"/settings/staff/{ada.public_id}/active/", {"active": "0"})

    ada.refresh_from_db()
    assert ada.is_active
    assert ada.role.name == "Administrator"


def test_two_administrators_cannot_demote_each_other_at_once(transactional_db):
    people = [make_user(name, role="Administrator") for name in ("Ada", "Amy")]
    actions_of_set_up(people[0])
    reader = Role.objects.get(name="Reader")
    barrier, outcomes = threading.Barrier(2), []

    def demote(victim, by):
        barrier.wait()
        try:
            actions.change_member(victim, role=reader, team=None, by=by)
            outcomes.append("done")
        except actions.LastAdministrator:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]


def actions_of_set_up(by):
    from rapport.accounts.models import Business

    with acting(by):
        Business.objects.create(id=1, name="Tiny", time_zone="UTC", currency="EUR", set_up_at=NOW)


def test_a_role_that_administers_cannot_lose_that_right_while_nobody_else_has_it(office, ada):
    role = actions.save_role(None, name="Chief", scope="all", rights=["accounts.administer"], by=ada)
    actions.change_member(ada, role=role, team=None, by=ada)
    office.force_login(ada)

    answer = office.post(f"/settings/roles/{role.public_id}/", {"name": "Chief", "scope": "all", "rights": []})

    assert answer.status_code == 422
    role.refresh_from_db()
    assert role.rights == ["accounts.administer"]


def test_the_standard_administrator_role_is_fixed(office):
    role = Role.objects.get(name="Administrator")
    before = list(role.rights)

    answer = office.post(f"/settings/roles/{role.public_id}/", {"name": "Administrator", "scope": "own", "rights": []})
    office.post(f"/settings/roles/{role.public_id}/remove/")

    assert answer.status_code == 422
    role.refresh_from_db()
    assert (role.scope, role.rights) == ("all", before)


def test_a_role_is_made_changed_and_removed(office):
    office.post("/settings/roles/new/", {"name": "Helper", "scope": "own", "rights": ["customers.view"]})
    role = Role.objects.get(name="Helper")
    assert (role.scope, role.rights) == ("own", ["customers.view"])

    office.post(f"/settings/roles/{role.public_id}/", {"name": "Helpers", "scope": "team", "rights": []})
    role.refresh_from_db()
    assert (role.name, role.scope, role.rights) == ("Helpers", "team", [])

    office.post(f"/settings/roles/{role.public_id}/remove/")
    assert not Role.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize(
    "answers", [{"name": ""}, {"name": "Reader"}, {"scope": "everything"}, {"rights": ["accounts.fly"]}]
)
def test_a_bad_role_is_refused(office, answers):
    answer = office.post("/settings/roles/new/", {"name": "Helper", "scope": "own", "rights": []} | answers)

    assert answer.status_code == 422
    assert not Role.objects.filter(name="Helper").exists()


def test_a_role_in_use_is_not_removed(office, alice):
    office.post(f"/settings/roles/{alice.role.public_id}/remove/")

    assert Role.objects.filter(pk=alice.role_id).exists()


def test_teams_form_a_tree_and_the_tree_decides_what_is_reached(office, alice, charlie, north, south):
    office.post(f"/settings/teams/{south.public_id}/", {"name": "South", "parent": north.public_id})

    assert set(reach_of(alice).owner_ids) == {alice.pk, charlie.pk}
    assert set(reach_of(charlie).owner_ids) == {charlie.pk}


def test_a_team_cannot_be_below_itself(office, north, south):
    office.post(f"/settings/teams/{south.public_id}/", {"name": "South", "parent": north.public_id})

    for parent in (south, north):
        answer = office.post(f"/settings/teams/{north.public_id}/", {"name": "North", "parent": parent.public_id})
        assert answer.status_code == 422

    north.refresh_from_db()
    assert north.parent is None


@pytest.mark.parametrize("answers", [{"name": ""}, {"name": "North"}, {"name": "x" * 201}, {"parent": "nowhere"}])
def test_a_bad_team_is_refused(office, north, answers):
    assert office.post("/settings/teams/", {"name": "East", "parent": ""} | answers).status_code == 422
    assert Team.objects.count() == 1


def test_a_team_with_people_is_not_removed(office, alice, north, south):
    office.post(f"/settings/teams/{north.public_id}/remove/")
    office.post(f"/settings/teams/{south.public_id}/remove/")

    assert [team.name for team in Team.objects.all()] == ["North"]


def test_a_profile_is_saved(as_user, alice):
    client = as_user(alice)

    client.post("/settings/profile/", {"name": "Alicia", "time_zone": "Asia/Seoul", "theme": "dark"})

    alice.refresh_from_db()
    assert (alice.name, alice.time_zone, alice.theme, alice.has_keyboard_keys) == (
        "Alicia",
        "Asia/Seoul",
        "dark",
        False,
    )
    page = client.get("/settings/profile/").content
    assert b'data-theme="dark"' in page
    assert b'data-shortcuts="off"' in page


@pytest.mark.parametrize("answers", [{"name": ""}, {"time_zone": "Mars"}, {"theme": "pink"}, {"name": "x" * 201}])
def test_a_bad_profile_is_refused_and_nothing_changes(as_user, alice, answers):
    answer = as_user(alice).post("/settings/profile/", {"name": "Alicia", "time_zone": "", "theme": ""} | answers)

    assert answer.status_code == 422
    alice.refresh_from_db()
    assert alice.name == "Alice"


PAGES = ["staff", "teams", "roles", "roles/new", "audit"]


@pytest.mark.parametrize("page", PAGES)
def test_settings_are_the_administrators(office, as_user, alice, page):
    assert office.get(f"/settings/{page}/").status_code == 200
    assert as_user(alice).get(f"/settings/{page}/").status_code == 403
    assert Client().get(f"/settings/{page}/").status_code == 302


def test_pages_of_one_member_team_and_role_show(office, alice, north):
    for path in (
        f"staff/{alice.public_id}/",
        f"teams/{north.public_id}/",
        f"roles/{alice.role.public_id}/",
        f"roles/{Role.objects.get(name='Administrator').public_id}/",
    ):
        assert office.get(f"/settings/{path}").status_code == 200


def test_a_denied_page_is_recorded(as_user, alice):
    as_user(alice).get("/settings/staff/")

    event = AuditEvent.objects.get(operation="denied")
    assert event.actor_label == "Alice"


def test_the_staff_page_asks_the_database_as_often_for_many_as_for_few(office, north, django_assert_max_num_queries):
    for number in range(20):
        make_user(f"P{number}", role="Sales", team=north)

    with django_assert_max_num_queries(12):
        office.get("/settings/staff/")


def test_the_audit_page_shows_filters_pages_and_verifies(office, ada, home):
    with acting(ada):
        team = Team.objects.create(name="<b>East</b>")
        for number in range(60):
            team.name = f"<b>East {number}</b>"
            team.save(update_fields=["name"])

    page = office.get("/settings/audit/?kind=changes").content.decode()
    assert "Team changed" in page
    assert "<del>&lt;b&gt;East 58&lt;/b&gt;</del>" in page
    assert "<ins>&lt;b&gt;East 59&lt;/b&gt;</ins>" in page
    assert "<b>East" not in page
    older = re.search(r'href="(\?[^"]*before=\d+[^"]*)"', page)[1].replace("&amp;", "&")
    assert "East 5&lt;" in office.get("/settings/audit/" + older).content.decode()
    assert "Nothing was recorded" in office.get("/settings/audit/?actor=user:0").content.decode()
    assert "The trail is whole." in office.post("/settings/audit/verify/").content.decode()


@pytest.mark.parametrize(
    "query", ["before=x", "before=0", "before=99999999999999999999", "actor=" + "x" * 65, "kind=%00"]
)
def test_the_audit_page_refuses_what_it_does_not_know(office, query):
    assert office.get(f"/settings/audit/?{query}").status_code == 400


def test_a_password_is_never_in_a_page_or_in_the_trail(office, ada):
    link = link_in(invite(office))
    Client().post(link, {"name": "Nell", "password": NEW})

    with connection.cursor() as cursor:
        cursor.execute('select count(*) from audit_value where "values"::text like %s', [f"%{NEW}%"])
        assert cursor.fetchone() == (0,)
        cursor.execute("select count(*) from audit_value where \"values\" ?| array['password', 'token_hash']")
        assert cursor.fetchone() == (0,)
    assert PASSWORD not in office.get("/settings/audit/").content.decode()


@pytest.fixture
def chain(ada):
    """As many teams below each other as there may be."""
    teams = [None]
    for level in range(DEEPEST):
        teams.append(actions.save_team(None, name=f"Level {level:02}", parent=teams[-1], by=ada))
    return teams[1:]


def test_teams_go_only_so_deep(office, chain):
    answer = office.post("/settings/teams/", {"name": "One more", "parent": str(chain[-1].public_id)})

    assert answer.status_code == 422
    assert b"at most 12 levels deep" in answer.content
    assert not Team.objects.filter(name="One more").exists()


def test_a_team_moves_only_where_everything_below_it_fits(office, ada, chain):
    top = actions.save_team(None, name="Top", parent=None, by=ada)
    path = f"/settings/teams/{chain[0].public_id}/"

    refused = office.post(path, {"name": "Level 00", "parent": str(top.public_id)})
    actions.remove_team(chain[-1], by=ada)
    moved = office.post(path, {"name": "Level 00", "parent": str(top.public_id)})

    assert (refused.status_code, moved.status_code) == (422, 302)
    assert office.get("/settings/teams/").status_code == 200
