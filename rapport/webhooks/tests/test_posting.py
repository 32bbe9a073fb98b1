"""S6: where messages may go. Nothing reaches what is not open, whatever the address looks like and whoever answers."""

from __future__ import annotations

import ipaddress
import socket
import threading

import pytest

from rapport.core.clock import utc_now
from rapport.webhooks.addresses import UrlRefused, is_open, read_url
from rapport.webhooks.models import Problem
from rapport.webhooks.posting import Answer, post
from rapport.webhooks.tests.receivers import HERE, Receiver, certificate, drip_headers, listening, receiving

INSIDE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "100.100.100.200",
    "169.254.169.254", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:53aa:64c::1", "fe80::1", "fec0::1",
    "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
# every way to write one's own machine, and what is no address of the web
ODD_HOSTS = ["127.1", "0177.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "localhost", "localhost.", "LOCALHOST"]
REFUSED = [
    "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "javascript:alert(1)", "//example.com/",
    "https://", "https:///path", "https://user:pass@example.com/", "https://user@example.com/", "https://a b.com/",
    "https://example.com/#part", "https://example.com:0/", "https://example.com:99999/", "https://exa\tmple.com/",
    "https://example.com\\@127.0.0.1/", "https://[::1/", "https://[fe80::1%25eth0]/", "https://exämple.com/",
    "https://example..com/", "https://-x.com/", "https://example.com/\r\nX: y", "http://example.com/",
    "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/latest/",
    "https://example.com/" + "x" * 3000,
]  # fmt: skip


def send(url, *, own=HERE, timeout=5.0, look_up=socket.getaddrinfo) -> Answer:
    target = read_url(url, own=own)
    return post(target, b"{}", {"X-Test": "1"}, own=own, now=utc_now(), timeout=timeout, look_up=look_up)


def at(*addresses):
    """A resolver that says these, and notes how often it was asked."""

    def look_up(host, port, **_):
        look_up.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    look_up.asked = 0
    return look_up


@pytest.mark.parametrize("address", INSIDE)
def test_no_message_goes_inside(address):
    assert not is_open(ipaddress.ip_address(address), own=())


@pytest.mark.parametrize("address", OUTSIDE)
def test_messages_go_to_public_addresses(address):
    assert is_open(ipaddress.ip_address(address), own=())


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_address_of_another_system_is_refused_at_once(url):
    with pytest.raises(UrlRefused):
        read_url(url, own=())


def test_a_url_is_taken_apart_once_for_the_check_and_the_connection():
    target = read_url("https://Hooks.Example.com:8443/a?b=c", own=())

    assert (target.scheme, target.host, target.port, target.path) == ("https", "hooks.example.com", 8443, "/a?b=c")
    assert target.authority == "hooks.example.com:8443"
    assert read_url("https://example.com", own=()).authority == "example.com"


def test_nothing_on_this_machine_is_reached_by_any_name():
    with listening() as (port, came):
        odd = [send(f"https://{host}:{port}/", own=()) for host in ODD_HOSTS]
        named = [
            send(f"https://127.0.0.1.nip.example:{port}/", own=(), look_up=at(*addresses))
            for addresses in (
                ["127.0.0.1"],
                ["93.184.216.34", "127.0.0.1"],
                ["::ffff:127.0.0.1"],
                ["::1"],
                ["fe80::1%1"],
            )
        ]
        # a network of one's own is open, but not this one
        other = send(
            f"http://somewhere.example:{port}/", own=(ipaddress.ip_network("10.9.0.0/16"),), look_up=at("127.0.0.1")
        )

    assert {each.problem for each in odd} <= {Problem.ADDRESS, Problem.NAME}
    assert {each.problem for each in [*named, other]} == {Problem.ADDRESS}
    assert came == []


def test_without_encryption_nothing_goes_to_a_public_address():
    answer = send("http://public.example/", look_up=at("93.184.216.34"))

    assert answer.problem == Problem.ADDRESS


def test_a_name_that_leads_elsewhere_the_next_time_is_asked_for_once_in_each_attempt():
    with receiving() as receiver:
        here, elsewhere = at("127.0.0.1"), at("127.0.0.2")
        url = receiver.url.replace("127.0.0.1", "rebinding.example")

        first, second = send(url, look_up=here), send(url, look_up=elsewhere)

        assert (first.status, second.status, second.problem) == (200, None, Problem.ADDRESS)
        assert (here.asked, elsewhere.asked, len(receiver.came)) == (1, 1, 1)
        assert receiver.came[0].headers["host"].startswith("rebinding.example:")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status):
    with listening() as (port, came):
        where = {"Location": f"http://127.0.0.1:{port}/"}
        with receiving(Receiver(status=status, headers=where)) as receiver:
            answer = send(receiver.url)

    assert (answer.status, answer.problem, came) == (status, Problem.REDIRECT, [])


def test_a_name_that_nobody_knows_and_one_without_an_address_are_refused():
    def nobody(*_args, **_more):
        raise socket.gaierror(-2, "Name or service not known")

    assert send("https://nowhere.example/", look_up=nobody).problem == Problem.NAME
    assert send("https://nowhere.example/", look_up=at()).problem == Problem.NAME


def test_a_slow_drip_keeps_nobody_longer_than_the_time_there_is(tmp_path):
    with receiving(Receiver(answer=drip_headers)) as receiver:
        headers = send(receiver.url, timeout=0.3)
    with receiving(Receiver(answer=lambda _handler, over: over.wait())) as receiver:
        silence = send(receiver.url, timeout=0.3)
    with listening(drip=b"\x16\x03\x03\x3f\xff\x02\x00\x3f\x00" + b"\x03" * 9999) as (port, _came):
        handshake = send(f"https://127.0.0.1:{port}/", timeout=0.3)

    for answer in (headers, silence, handshake):
        assert (answer.status, answer.problem) == (None, Problem.TIMEOUT)
        assert answer.took_ms < 20_000


def test_a_body_that_never_ends_is_not_waited_for():
    def endless(handler, over: threading.Event):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 1000)
        while not over.wait(0.02):
            handler.wfile.write(b"x")

    with receiving(Receiver(answer=endless)) as receiver:
        answer = send(receiver.url)

    assert answer.is_accepted
    assert answer.took_ms < 20_000


@pytest.mark.parametrize(
    "sent", [b"\0\xff" * 50, b"HTTP/1.1 abc\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500]
)
def test_what_is_no_answer_is_none(sent):
    with receiving(Receiver(answer=lambda handler, _over: handler.wfile.write(sent))) as receiver:
        answer = send(receiver.url)

    assert (answer.status, answer.problem) == (None, Problem.CONNECTION)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    files = certificate(tmp_path)
    with receiving(tls=files) as receiver:
        refused = send(receiver.url)
        nothing_came = receiver.came == []
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        accepted = send(receiver.url)

    assert (refused.status, refused.problem, nothing_came) == (None, Problem.TLS, True)
    assert (accepted.status, accepted.problem) == (200, "")


def test_who_is_not_there_is_told_so():
    with listening() as (port, _came):
        pass

    assert send(f"http://127.0.0.1:{port}/").problem == Problem.CONNECTION


def test_what_is_said_within_a_network_of_ones_own_is_not_kept():
    with receiving(Receiver(status=500, body=b"secret of the inside")) as receiver:
        answer = send(receiver.url)

    assert (answer.status, answer.problem, answer.excerpt) == (500, Problem.STATUS, "")


@pytest.mark.parametrize(
    ("status", "sent", "wish"),
    [
        (429, "120", 120), (503, "7", 7), (500, "120", None), (429, "-5", None), (429, "soon", None),
        (429, "99999999999999", 86400), (429, "Mon, 02 Mar 2099 12:00:00 GMT", 86400),
        (429, "Mon, 02 Mar 1999 12:00:00 GMT", 0), (429, "", None), (429, "Mon, 99 Foo", None),
    ],
)  # fmt: skip
def test_a_wish_for_patience_is_understood(status, sent, wish):
    with receiving(Receiver(status=status, headers={"Retry-After": sent})) as receiver:
        assert send(receiver.url).wish == wish
