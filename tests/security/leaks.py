"""Views as they must not be, one for each way in which records leak; the matrix has to find every one of them."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path

from rapport.accounts.access import staff_only, staff_user
from rapport.config.urls import urlpatterns as ours
from rapport.core.acting import acting
from rapport.customers.models import Customer


@staff_only()
def without_gate(request, public_id):
    found = Customer.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return HttpResponse(f"{found.name}")


@staff_only()
def writes_before_it_refuses(request, public_id):
    with acting(staff_user(request)):
        Customer.objects.filter(public_id=public_id).update(city="Taken")
    raise PermissionDenied


@staff_only()
def redirects_otherwise(request, public_id):
    if Customer.objects.filter(public_id=public_id).exists():
        return HttpResponseRedirect("/customers/")
    raise Http404


@staff_only()
def says_otherwise(request, public_id):
    known = Customer.objects.filter(public_id=public_id).exists()
    return HttpResponse("Not yours." if known else "Not found.", status=404)


@staff_only()
def acts_on_all_that_are_named(request):
    with acting(staff_user(request)):
        count = Customer.objects.filter(public_id__in=request.POST.getlist("chosen")).update(city="Taken")
    return HttpResponse(f"{count}")


class _Choice(forms.Form):
    partner = forms.ModelChoiceField(Customer.objects.all(), to_field_name="public_id")


@staff_only()
def offers_everybody(request):
    form = _Choice(request.POST)
    return HttpResponse(status=200 if form.is_valid() else 422)


@staff_only()
def looks_up_a_parameter(request):
    return HttpResponse(f"{Customer.objects.filter(public_id=request.GET.get('peer') or None).count()}")


urlpatterns = [
    *ours,
    path("leak/a/<uuid:public_id>/", without_gate, name="without_gate"),
    path("leak/b/<uuid:public_id>/", writes_before_it_refuses, name="writes_before_it_refuses"),
    path("leak/c/<uuid:public_id>/", redirects_otherwise, name="redirects_otherwise"),
    path("leak/d/<uuid:public_id>/", says_otherwise, name="says_otherwise"),
    path("leak/e/", acts_on_all_that_are_named, name="acts_on_all_that_are_named"),
    path("leak/f/", offers_everybody, name="offers_everybody"),
    path("leak/g/", looks_up_a_parameter, name="looks_up_a_parameter"),
]
