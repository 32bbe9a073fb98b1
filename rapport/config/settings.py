"""Django's settings, all derived from the documented environment of rapport.core.environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from rapport.config.databases import database_settings
from rapport.config.email import email_settings
from rapport.core import environment
from rapport.core.rooms import template_folders
from rapport.core.secret_key import secret_key

PACKAGE = Path(__file__).resolve().parents[1]
HOME = environment.home()
ORIGIN = environment.origin()
_origin = urlsplit(ORIGIN)
_secure = _origin.scheme == "https"

SECRET_KEY = secret_key(HOME)
DEBUG = False
ALLOWED_HOSTS = sorted({_origin.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"})
CSRF_TRUSTED_ORIGINS = [ORIGIN]
ROOT_URLCONF = "rapport.config.urls"
WSGI_APPLICATION = "rapport.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOMS = [
    "rapport.config.apps.ConfigConfig",
    "rapport.demo.apps.DemoConfig",
    "rapport.insight.apps.InsightConfig",
    "rapport.commerce.apps.CommerceConfig",
    "rapport.segments.apps.SegmentsConfig",
    "rapport.privacy.apps.PrivacyConfig",
    "rapport.identity.apps.IdentityConfig",
    "rapport.customers.apps.CustomersConfig",
    "rapport.webhooks.apps.WebhooksConfig",
    "rapport.work.apps.WorkConfig",
    "rapport.records.apps.RecordsConfig",
    "rapport.accounts.apps.AccountsConfig",
    "rapport.audit.apps.AuditConfig",
    "rapport.ui.apps.UiConfig",
    "rapport.core.apps.CoreConfig",
]
INSTALLED_APPS = [
    *environment.extra_rooms(),
    *ROOMS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "rapport.core.middleware.RequestIdMiddleware",
    "rapport.core.middleware.SecondLookMiddleware",
    "rapport.core.middleware.RememberingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rapport.ui.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rapport.accounts.middleware.ClosedUntilDeclaredMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [*template_folders(ROOMS + environment.extra_rooms()), PACKAGE / "config" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "rapport.ui.jinja.environment",
            "context_processors": [
                "rapport.ui.context.shell",
                "rapport.ui.context.csrf",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

DATABASES = {"default": database_settings()}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "rapport.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_FORMS = {"reset_password": "rapport.accounts.reset.AskForPasswordForm"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    # the key of login_failed is an address with an account: one address brings at most 10 of the 50 that lock the account
    "login_failed": "10/m/ip,5/5m/key,10/h/key",
    "login_failed_anywhere": "50/h/key",
    "reset_password": "20/m/ip,5/m/key",
}
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "rapport.accounts.tokens.PasswordTokens"  # noqa: S105 - a class
CACHES = {"default": {"BACKEND": "rapport.accounts.shared_cache.SharedCache"}}
MFA_ADAPTER = "rapport.accounts.two_factor.TwoFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
MFA_TOTP_ISSUER = "Rapport"

SESSION_COOKIE_NAME = "__Host-session" if _secure else "session"
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
DEVICE_COOKIE_NAME = "__Host-device" if _secure else "device"
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "csrf"
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "rapport.ui.views.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "rapport.ui.storage.StaticStorage"},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "rapport.accounts.masking.MaskingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.LOG_LEVEL.read()},
    # each says again, with its traceback, what procrastinate.worker says
    "loggers": {"procrastinate.utils": {"level": "CRITICAL"}, "psycopg.pool": {"level": "ERROR"}},
}

globals().update(email_settings(environment.EMAIL_URL.read()))
