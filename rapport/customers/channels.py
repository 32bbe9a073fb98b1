"""The channels we can reach a customer on, and how people write them. No Django here: worker processes use it."""

from __future__ import annotations

from functools import lru_cache

from rapport.records.imports.values import gettext_noop

CHANNELS = {
    "email": gettext_noop("E-mail"),
    "call_center": gettext_noop("Phone call"),
    "sms": gettext_noop("Text message"),
    "direct_mail": gettext_noop("Post"),
    "chat": gettext_noop("Chat"),
    "field_sales": gettext_noop("Visit"),
    "store": gettext_noop("Store"),
    "web": gettext_noop("Web"),
    "portal": gettext_noop("Portal"),
    "advertising": gettext_noop("Advertising"),
}

_SAID = {
    "email": "mail, e mail, electronic mail, newsletter, courriel, correo, correo electrónico, correo electronico, mél",
    "call_center": """
        call, calls, phone, telephone, tel, voice, call centre, call center, mobile, cell, landline, telefon, anruf, téléphone,
        appel, teléfono, llamada, telefoon, bellen
    """,
    "sms": "text, texts, text messages, text message, mms, kurznachricht, texto, mensaje de texto",
    "direct_mail": """
        post, postal, letter, letters, postal mail, direct mail, snail mail, mailing, brief, courrier, lettre, carta, correo
        postal
    """,
    "chat": "live chat, messenger, whatsapp, telegram, line, kakaotalk, wechat, messaging, instant message",
    "field_sales": "visit, visits, in person, field sales, personal, besuch, visite, visita, bezoek",
    "store": "shop, in store, branch, filiale, magasin, tienda, winkel",
    "web": "website, web site, online, internet",
    "portal": "customer portal, account, self service",
    "advertising": "ads, ad, advertisement, advertisements, audience, social, werbung, publicité, publicidad",
}


def _plain(text: str) -> str:
    return " ".join(text.replace("-", " ").replace("_", " ").casefold().split())


_CODES = {_plain(word): code for code, said in _SAID.items() for word in " ".join(said.split()).split(", ")}
_CODES |= {_plain(name): code for code, label in CHANNELS.items() for name in (code, label)}


@lru_cache(maxsize=1024)
def channel_code(channel: str | None) -> str | None:
    """The name of a channel given in a common word, or what was given where it is no word for one."""
    return _CODES.get(_plain(channel), channel) if channel else channel


def is_channel(channel: str | None) -> bool:
    return channel in CHANNELS
