"""The URLs of this room."""

from django.urls import path

from rapport.commerce import views

urlpatterns = [
    path("orders/", views.orders, name="orders"),
    path("orders/lines/", views.order_lines, name="order_lines"),
    path("orders/<uuid:public_id>/", views.order, name="order"),
    path("products/", views.products, name="products"),
    path("products/<uuid:public_id>/", views.product, name="product"),
]
