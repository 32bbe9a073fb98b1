"""Where customers live: cities with the shape of their postal codes, streets, and telephone numbers that nobody has.

Numbers come from ranges set aside for fiction where a country has one (Germany, France, Great Britain, Sweden), elsewhere
from blocks that are not given out. E-mail addresses are under .example, which is reserved.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Country:
    """`cities` are "name:region:postal prefix"; a street is a pattern with {number}; # is a digit, @ a letter."""

    code: str
    cultures: tuple[tuple[str, int], ...]
    cities: tuple[str, ...]
    postal: str
    streets: tuple[str, ...]
    phones: tuple[str, ...]
    mail_hosts: tuple[str, ...]
    language: str
    delivery_days: int


@dataclass(frozen=True)
class Address:
    street: str
    postal_code: str
    city: str
    region: str
    country: str


def address_in(country: Country, dice: Random) -> Address:
    """A home: big cities, which are listed first, more often."""
    cities = country.cities
    chosen = cities[min(int(len(cities) * dice.random() ** 1.5), len(cities) - 1)]
    city, region, prefix = chosen.split(":")
    street = dice.choice(country.streets)
    number = str(1 + int(180 * dice.random() ** 1.7))
    if country.code in ("NL", "BE", "DE") and dice.random() < 0.15:
        number += dice.choice("abc")
    return Address(
        street.format(number=number), filled(country.postal.replace("^", prefix), dice), city, region, country.code
    )


def filled(pattern: str, dice: Random) -> str:
    """Each # becomes a digit, each @ a capital letter that postal services use."""
    return "".join(
        dice.choice("0123456789") if c == "#" else dice.choice("ABCDEGHJKLNPRSTVWXZ") if c == "@" else c
        for c in pattern
    )


def _split(text: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _country(
    code: str, cultures: str, cities: str, postal: str, streets: str, phones: str, hosts: str, language: str, days: int
) -> Country:
    shares = tuple((name, int(share)) for name, share in (entry.split() for entry in _split(cultures)))
    return Country(
        code, shares, _split(cities), postal, _split(streets, ";"), _split(phones), _split(hosts), language, days
    )


COUNTRIES: tuple[Country, ...] = (
    _country(
        "NL",
        "dutch 70, turkish 4, maghrebi 5, surinamese 4, polish 3, german 2, british 2, ukrainian 2, chinese 2, korean 1,"
        " arabic 2, greek 1, portuguese 1, vietnamese 1",
        "Rotterdam:Zuid-Holland:30, Utrecht:Utrecht:35, Amsterdam:Noord-Holland:10, Den Haag:Zuid-Holland:25,"
        " Schiedam:Zuid-Holland:31, Delft:Zuid-Holland:26, Leiden:Zuid-Holland:23, Amersfoort:Utrecht:38,"
        " Haarlem:Noord-Holland:20, Gouda:Zuid-Holland:28, Zeist:Utrecht:37, Eindhoven:Noord-Brabant:56,"
        " Breda:Noord-Brabant:48, Nijmegen:Gelderland:65, Groningen:Groningen:97, Zwolle:Overijssel:80,"
        " Arnhem:Gelderland:68, Maastricht:Limburg:62, Leeuwarden:Friesland:89, Middelburg:Zeeland:43",
        "^## @@",
        "Kerkstraat {number};Dorpsstraat {number};Molenweg {number};Beukenlaan {number};Wilhelminastraat {number};"
        "Prins Hendrikkade {number};Julianalaan {number};Korte Nieuwstraat {number};Oude Gracht {number};"
        "Lindelaan {number};Havenstraat {number};Schoolstraat {number};Burgemeester Smitplein {number};"
        "Vondelstraat {number};Singel {number};Eikenlaan {number};Noorderkade {number};Tulpstraat {number};"
        "Van Speijkstraat {number};Weteringkade {number}",
        "+31600######",
        "postbus.example, mijnmail.example, brievenbus.example, thuispost.example, mail.example",
        "nl",
        1,
    ),
    _country(
        "BE",
        "flemish 62, french 28, maghrebi 5, turkish 2, italian 2, polish 1",
        "Antwerpen:Antwerpen:20, Gent:Oost-Vlaanderen:90, Bruxelles:Bruxelles-Capitale:10, Leuven:Vlaams-Brabant:30,"
        " Liège:Liège:40, Brugge:West-Vlaanderen:80, Mechelen:Antwerpen:28, Namur:Namur:50, Hasselt:Limburg:35",
        "^##",
        "Stationsstraat {number};Kerkstraat {number};Groenplaats {number};Rue de la Station {number};"
        "Leopoldlaan {number};Brusselsesteenweg {number};Place Saint-Jacques {number};Veldstraat {number}",
        "+32400######",
        "postbus.example, courrier.example, mail.example",
        "nl",
        2,
    ),
    _country(
        "DE",
        "german 82, turkish 6, polish 4, ukrainian 3, arabic 2, greek 2, vietnamese 1",
        "Düsseldorf:Nordrhein-Westfalen:402, Köln:Nordrhein-Westfalen:506, Berlin:Berlin:104, Hamburg:Hamburg:203,"
        " München:Bayern:803, Münster:Nordrhein-Westfalen:481, Aachen:Nordrhein-Westfalen:520,"
        " Frankfurt am Main:Hessen:603, Osnabrück:Niedersachsen:490, Leipzig:Sachsen:041, Würzburg:Bayern:970",
        "^##",
        "Hauptstraße {number};Bahnhofstraße {number};Gartenstraße {number};Schillerstraße {number};Am Markt {number};"
        "Lindenallee {number};Goethestraße {number};Mühlenweg {number};Rosenstraße {number};Schloßplatz {number}",
        "+493023125###, +494066969###, +496990009###, +492214710###, +498999998###, +4917139200##, +49176040690##",
        "postfach.example, brief.example, mail.example",
        "de",
        3,
    ),
    _country(
        "FR",
        "french 84, maghrebi 8, portuguese 5, vietnamese 2, arabic 1",
        "Paris:Île-de-France:750, Lille:Hauts-de-France:590, Lyon:Auvergne-Rhône-Alpes:690, Nantes:Pays de la Loire:440,"
        " Strasbourg:Grand Est:670, Bordeaux:Nouvelle-Aquitaine:330, Rennes:Bretagne:350, Besançon:Franche-Comté:250",
        "^##",
        "{number} rue de la République;{number} avenue Victor-Hugo;{number} rue des Écoles;{number} place du Marché;"
        "{number} boulevard Saint-Michel;{number} rue du Moulin;{number} impasse des Tilleuls",
        "+3363998####, +3319900####, +3335301####",
        "courrier.example, boite.example, mail.example",
        "fr",
        3,
    ),
    _country(
        "GB",
        "british 92, polish 4, italian 2, hebrew 2",
        "London:Greater London:SE1, Bristol:Bristol:BS1, Manchester:Greater Manchester:M1, Edinburgh:Scotland:EH1,"
        " Leeds:West Yorkshire:LS1, Cardiff:Wales:CF1, Brighton:East Sussex:BN1",
        "^ #@@",
        "{number} Church Lane;{number} High Street;{number} Mill Road;{number} Queen’s Terrace;{number} Station Road;"
        "{number} Albion Street;{number} The Crescent",
        "+447700900###, +442079460###, +441632960###",
        "letterbox.example, mail.example",
        "en",
        5,
    ),
    _country(
        "ES",
        "spanish 96, arabic 2, chinese 2",
        "Barcelona:Cataluña:080, Madrid:Madrid:280, Valencia:Comunidad Valenciana:460, Málaga:Andalucía:290,"
        " A Coruña:Galicia:150, San Sebastián:Euskadi:200",
        "^##",
        "Calle Mayor {number};Avenida de la Constitución {number};Calle del Pez {number};Plaza España {number};"
        "Paseo Marítimo {number}",
        "+34600000###, +34600001###",
        "correo.example, buzon.example",
        "es",
        4,
    ),
    _country(
        "IT",
        "italian 97, chinese 3",
        "Milano:Lombardia:201, Torino:Piemonte:101, Roma:Lazio:001, Bologna:Emilia-Romagna:401, Forlì:Emilia-Romagna:471",
        "^##",
        "Via Garibaldi {number};Via Dante {number};Corso Italia {number};Piazza del Popolo {number};Via Mazzini {number}",
        "+39300000####",
        "posta.example, lettera.example",
        "it",
        4,
    ),
    _country(
        "PL",
        "polish 95, ukrainian 5",
        "Warszawa:Mazowieckie:00, Kraków:Małopolskie:30, Wrocław:Dolnośląskie:50, Gdańsk:Pomorskie:80, Łódź:Łódzkie:90,"
        " Poznań:Wielkopolskie:60",
        "^-###",
        "ul. Długa {number};ul. Kościuszki {number};ul. Świętego Jana {number};al. Wolności {number};ul. Lipowa {number}",
        "+48500000###",
        "poczta.example, skrzynka.example",
        "pl",
        4,
    ),
    _country(
        "SE",
        "nordic 94, arabic 6",
        "Göteborg:Västra Götaland:41, Malmö:Skåne:21, Stockholm:Stockholm:11, Växjö:Kronoberg:35",
        "^# ##",
        "Storgatan {number};Järnvägsgatan {number};Björkvägen {number};Östra Hamngatan {number}",
        "+463139006##, +464062804##, +468465004##",
        "brevlada.example, post.example",
        "sv",
        4,
    ),
    _country(
        "DK",
        "nordic 100",
        "København:Hovedstaden:1, Aarhus:Midtjylland:8, Odense:Syddanmark:5, Tønder:Syddanmark:6",
        "^###",
        "Nørregade {number};Søndergade {number};Ågade {number};Strandvejen {number}",
        "+45200000##, +45200001##",
        "postkasse.example, post.example",
        "da",
        4,
    ),
    _country(
        "CZ",
        "czech 100",
        "Praha:Praha:11, Brno:Jihomoravský kraj:60, Plzeň:Plzeňský kraj:30, České Budějovice:Jihočeský kraj:37",
        "^# ##",
        "Husova {number};Dlouhá {number};Náměstí Míru {number};Žižkova {number}",
        "+420600000###",
        "schranka.example, posta.example",
        "cs",
        4,
    ),
    _country(
        "GR",
        "greek 100",
        "Αθήνα:Αττική:10, Θεσσαλονίκη:Κεντρική Μακεδονία:54, Πάτρα:Δυτική Ελλάδα:26",
        "^# ##",
        "Οδός Ερμού {number};Λεωφόρος Βασιλίσσης Σοφίας {number};Αγίου Δημητρίου {number}",
        "+30690000####",
        "grammata.example, mail.example",
        "el",
        6,
    ),
    _country(
        "UA",
        "ukrainian 100",
        "Київ:Київ:01, Львів:Львівська область:79, Одеса:Одеська область:65",
        "^###",
        "вул. Франка, {number};просп. Свободи, {number};вул. Лесі Українки, {number}",
        "+380500000###",
        "lyst.example, poshta.example",
        "uk",
        7,
    ),
    _country(
        "BG",
        "bulgarian 100",
        "София:София-град:10, Пловдив:Пловдив:40, Варна:Варна:90",
        "^##",
        "ул. Шипка {number};бул. Витоша {number};ул. Раковски {number}",
        "+359880000###",
        "pismo.example, poshta.example",
        "bg",
        6,
    ),
    _country(
        "KR",
        "korean 100",
        "서울:마포구:040, 부산:해운대구:480, 대구:중구:419, 수원:영통구:165",
        "^##",
        "양화로 {number};테헤란로 {number};중앙대로 {number};와우산로 {number}",
        "+82100000####",
        "pyeonji.example, mail.example",
        "ko",
        8,
    ),
    _country(
        "CN",
        "chinese 100",
        "上海:静安区:200, 深圳:南山区:518, 成都:武侯区:610, 杭州:西湖区:310",
        "^0##",
        "南京西路{number}号;人民路{number}号;中山路{number}号;解放街{number}号",
        "+8610000######",
        "youxiang.example, mail.example",
        "zh",
        9,
    ),
    _country(
        "JP",
        "japanese 100",
        "東京:渋谷区:150, 大阪:北区:530, 京都:中京区:604",
        "^-00##",
        "神宮前{number};梅田{number};御池通{number}",
        "+81900000####",
        "tegami.example, mail.example",
        "ja",
        8,
    ),
    _country(
        "AE",
        "arabic 85, british 15",
        "دبي::, أبو ظبي::",
        "",
        "شارع الشيخ زايد {number};شارع الخليج {number}",
        "+971500000###",
        "bareed.example, mail.example",
        "ar",
        8,
    ),
)
BY_CODE = {country.code: country for country in COUNTRIES}
PEOPLE_SHARES = {
    "NL": 560, "BE": 110, "DE": 120, "FR": 45, "GB": 28, "ES": 18, "IT": 16, "PL": 20, "SE": 12, "DK": 9, "CZ": 8,
    "GR": 9, "UA": 7, "BG": 5, "KR": 11, "CN": 9, "JP": 6, "AE": 7,
}  # fmt: skip
ORGANIZATION_SHARES = {"NL": 760, "BE": 130, "DE": 85, "FR": 10, "GB": 5, "DK": 5, "KR": 3, "GR": 2}
