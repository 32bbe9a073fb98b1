"""Names of cafés, offices and restaurants, by country."""

from __future__ import annotations

from random import Random

from rapport.demo.names import PersonName, ascii_letters

_WORDS = {
    "NL": "De Ooievaar, De Zwaluw, De Ketel, De Sluis, Het Pakhuis, De Kraanvogel, De Wilg, Noorderlicht, De Vuurtoren,"
    " Zilt, Het Anker, De Linde, Bries, De Ekster, Goudkust, De Buren, Madelief, Het Zonnetje, De Smidse, Kompas,"
    " De Merel, Hoek en Haven, Het Veerhuis, Lente, De Kade, Juttersdok, Bij Saar, Oker, De Bakermat, De Gieterij,"
    " Tante Cor, Het Raadsel, Rood, De Werf, Stoom, Bovenhuis",
    "DE": "Rheinblick, Alte Post, Zweigstelle, Kornspeicher, Blaue Stunde, Freiraum, Nordwind, Mühlrad, Fräulein Grün,"
    " Hofgarten, Sudhaus, Wolke Sieben, Brückenkopf, Löwenherz, Quartier 9,"
    " Morgenrot, Lindenhof, Am Hafen, Glückskind, Zur Linde, Feinsinn, Krähennest, Sonnendeck, Rotkehlchen, Kupferkanne",
    "FR": "de la Plage, des Arts, du Pont Neuf, de la Tour, des Deux Rives, du Beffroi,"
    " des Tilleuls, du Canal, de l’Étoile, du Marché, des Halles, Saint-Roch, du Vieux Port, de la Gare",
    "GB": "Lantern, Copper Kettle, Wren, Harbour, Old Dairy, Foxglove, Union",
    "DK": "Fyrtårnet, Havnen, Solsikken, Bøgen",
    "KR": "봄날, 골목길, 나무그늘, 하루",
    "GR": "Λιμάνι, Ηλιος, Πλατεία",
}
_CAFES = {
    "NL": "Café {w}, Koffiebar {w}, Lunchroom {w}, Espressobar {w}, Bakkerij {f}, {w} Koffie, Broodzaak {w}, Brouwerij {w}",
    "DE": "Café {w}, Kaffeehaus {f}, Bäckerei {f}, {w} Espressobar",
    "FR": "Café {w}, Le Comptoir {w}, Boulangerie {f}, Salon de thé {w}",
    "GB": "The {w} Café, {w} Coffee House, {f} & Daughters Bakery",
    "DK": "Café {w}, Kaffebaren {w}, {f} Bageri",
    "KR": "{w} 커피, 카페 {w}",
    "GR": "Καφέ {w}, Καφετέρια {w}",
}
_OFFICES = {
    "NL": "{f} Architecten, {f} & Zn. Installatietechniek, Notariskantoor {f}, Studio {w}, Drukkerij {f}, {f} Advocaten,"
    " Basisschool {w}, Tandartspraktijk {f}, {f} Logistiek B.V., Uitgeverij {w}, Makelaardij {f}, {f} Software B.V.,"
    " Fysiotherapie {w}, Stichting {w}",
    "DE": "{f} Architekten GmbH, Kanzlei {f}, Praxis Dr. {f}, {f} Maschinenbau GmbH, Agentur {w}, {f} & Söhne, Verlag {w},"
    " Steuerbüro {f}, {f} Elektrotechnik, Kita {w}",
    "FR": "Cabinet {f}, Atelier {w}, {f} Conseil SARL",
    "GB": "{f} Partners Ltd, {w} Studios",
    "DK": "{f} Arkitekter, {w} ApS",
    "KR": "{w} 디자인, 주식회사 {w}",
    "GR": "{f} & Συνεργάτες",
}
_RESTAURANTS = {
    "NL": "Restaurant {w}, Bistro {w}, Eetcafé {w}, Hotel {w}, Brasserie {w}, Eethuis {f}, Trattoria {f}",
    "DE": "Gasthaus {w}, Hotel {w}, Restaurant {w}",
    "FR": "Restaurant {w}, Hôtel {w}, Brasserie {w}",
    "GB": "The {w}, Hotel {w}",
    "DK": "Restaurant {w}, Hotel {w}",
    "KR": "{w} 식당",
    "GR": "Ταβέρνα {w}",
}
_LATIN = set("abcdefghijklmnopqrstuvwxyz")
_MAILBOXES = ("info", "info", "hallo", "koffie", "inkoop", "bestellen", "office", "contact")


def company_name(habit: str, country: str, contact: PersonName, city: str, taken: set[str], dice: Random) -> str:
    """A name nobody else in this world has; branches are told apart by their city."""
    home = {"BE": "NL"}.get(country, country)
    patterns = (_CAFES if "café" in habit else _OFFICES if "office" in habit else _RESTAURANTS).get(home)
    pattern = dice.choice((patterns or _CAFES["NL"]).split(",")).strip()
    word = dice.choice(_WORDS.get(home, _WORDS["NL"]).split(",")).strip()
    family = contact.family
    if country not in ("KR", "GR") and not set(family) & _LATIN:
        family = contact.latin_family
    name = pattern.format(w=word, f=family[0].upper() + family[1:])
    for candidate in (name, f"{name} {city}", f"{name} {family}", f"{name} {city} {family}"):
        if candidate not in taken:
            break
    taken.add(candidate)
    return candidate


def company_email(name: str, contact: PersonName, dice: Random) -> str:
    host = "-".join(filter(None, map(ascii_letters, name.split()))) or contact.latin_family
    return f"{dice.choice(_MAILBOXES)}@{host}.example"
