"""Pages of the shell itself: errors, health, the component gallery."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "ui/error.html", {"status": 403, "title": "This form has expired"}, status=403)
