"""The product's URLs and those of the fault tests."""

from django.urls import path

from rapport.config.urls import handler500, urlpatterns
from tests.faults.room import views

urlpatterns = [
    *urlpatterns,
    path("faults/count", views.count),
    path("faults/add", views.add),
    path("faults/fill", views.fill),
    path("faults/keep", views.keep),
    path("faults/download", views.download),
]
__all__ = ["handler500", "urlpatterns"]
