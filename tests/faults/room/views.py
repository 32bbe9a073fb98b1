"""A page that reads and forms that write, as plain as can be."""

from __future__ import annotations

from typing import cast

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from rapport.accounts.access import public
from rapport.core import files


@public
def count(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from faults_ledger where token = %s", [request.GET["token"]])
        return HttpResponse(str(cursor.fetchone()[0]))


@public
@csrf_exempt
def add(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("insert into faults_ledger (token) values (%s)", [request.POST["token"]])
    return HttpResponse("added")


@public
@csrf_exempt
def fill(request: HttpRequest) -> HttpResponse:
    """Keep as many kilobytes in the database as asked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into faults_ledger (token) select string_agg(gen_random_uuid()::text, '') from generate_series(1, %s) n,"
            " generate_series(1, 28) m group by n",
            [int(request.POST["kilobytes"])],
        )
    return HttpResponse("filled")


@public
@csrf_exempt
def keep(request: HttpRequest) -> HttpResponse:
    stored = files.store(request.FILES["file"].chunks(), at_most=1 << 30)
    return HttpResponse(stored.digest)


@public
def download(request: HttpRequest) -> HttpResponse:
    """Twenty megabytes, made as they go out."""
    streamed = StreamingHttpResponse((b"x" * 10_000 for _ in range(2_000)), content_type="text/csv")
    return cast(HttpResponse, streamed)
