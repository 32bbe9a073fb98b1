"""The URLs of this room."""

from django.urls import path

from rapport.segments import views

urlpatterns = [
    path("segments/", views.segments, name="segments"),
    path("segments/keep/", views.keep_segment, name="segment_keep"),
    path("segments/<uuid:public_id>/", views.segment, name="segment"),
    path("segments/<uuid:public_id>/delete/", views.delete_segment, name="segment_delete"),
    path("segments/<uuid:public_id>/why/<uuid:customer_id>/", views.why, name="segment_why"),
    path("customers/<uuid:public_id>/segments/", views.customer_segments, name="customer_segments"),
    path("customers/<uuid:public_id>/segments/move/", views.move_customer, name="customer_segment_move"),
]
