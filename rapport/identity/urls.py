"""The URLs of this room."""

from django.urls import path

from rapport.identity import views

urlpatterns = [
    path("customers/merge/", views.merge, name="merge"),
    path("customers/<uuid:public_id>/split/", views.split, name="customer_split"),
    path("customers/merges/<uuid:public_id>/undo/", views.undo, name="merge_undo"),
    path("customers/doubts/", views.doubts, name="doubts"),
    path("customers/doubts/decide/", views.decide, name="doubt_decide"),
    path("customers/duplicates/", views.duplicates, name="duplicates"),
    path("settings/identity/", views.rules, name="identity_rules"),
    path("settings/identity/<uuid:public_id>/unblock/", views.unblock, name="identity_unblock"),
]
