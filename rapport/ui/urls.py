"""The URLs of this room."""

from django.urls import path

from rapport.ui import views

urlpatterns = [
    path("palette/", views.palette, name="palette"),
    path("settings/theme/", views.theme, name="theme"),
    path("settings/shortcuts/", views.shortcuts, name="shortcuts"),
    path("settings/gallery/", views.gallery, name="gallery"),
]
