"""Every URL of the product: the rooms' own, and allauth's under /account/."""

from django.urls import include, path

from rapport.config import api
from rapport.config.backup_views import backup_now, backups
from rapport.config.health_views import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("settings/backups/", backups, name="backups"),
    path("settings/backups/now/", backup_now, name="backup_now"),
    path(api.PREFIX, include(api.patterns())),
    path("", include("rapport.ui.urls")),
    path("", include("rapport.segments.urls")),
    path("", include("rapport.privacy.urls")),
    path("", include("rapport.identity.urls")),
    path("", include("rapport.customers.urls")),
    path("", include("rapport.commerce.urls")),
    path("", include("rapport.insight.urls")),
    path("", include("rapport.webhooks.urls")),
    path("", include("rapport.work.urls")),
    path("", include("rapport.records.urls")),
    path("", include("rapport.accounts.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/mfa/", include("allauth.mfa.urls")),
]

handler500 = "rapport.config.error_views.server_error"
handler400 = "rapport.ui.views.bad_request"
handler403 = "rapport.ui.views.forbidden"
handler404 = "rapport.ui.views.not_found"
