"""Who may send a large file is known from the address and the session alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from rapport.config.large_bodies import Refused, room_for
from rapport.core.bodies import USUAL_BODY, largest_body
from rapport.records.imports.views import MOST_UPLOADED

pytestmark = pytest.mark.django_db


def environ_of(path: str, *, method: str = "POST", client: Client | None = None) -> dict[str, Any]:
    cookies = client.cookies if client else {}
    key = cookies[settings.SESSION_COOKIE_NAME].value if settings.SESSION_COOKIE_NAME in cookies else ""
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "CONTENT_LENGTH": str(MOST_UPLOADED),
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={key}" if key else "", "wsgi.input": None,
    }  # fmt: skip


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_may_import_may_send_a_large_file(ada):
    assert room_for(environ_of("/imports/", client=signed_in(ada))) >= MOST_UPLOADED


@pytest.mark.parametrize("path", ["/", "/imports", "/customers/", "/account/login/", "/no-such-page"])
def test_nobody_may_send_one_elsewhere(ada, path: str):
    with pytest.raises(Refused) as refused:
        room_for(environ_of(path, client=signed_in(ada)))

    assert refused.value.status == 413


def test_a_stranger_is_asked_to_sign_in():
    with pytest.raises(Refused) as refused:
        room_for(environ_of("/imports/"))

    assert refused.value.status == 401


def test_a_role_without_the_right_is_refused(rita):
    with pytest.raises(Refused) as refused:
        room_for(environ_of("/imports/", client=signed_in(rita)))

    assert refused.value.status == 403


def test_only_sending_takes_a_body(ada):
    with pytest.raises(Refused) as refused:
        room_for(environ_of("/imports/", method="GET", client=signed_in(ada)))

    assert refused.value.status == 413


def test_a_page_takes_more_than_its_form_and_not_much_more():
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < USUAL_BODY < 4 << 20
    assert largest_body(lambda request: None) == USUAL_BODY
