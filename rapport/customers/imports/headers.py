"""How people files head their columns in German, French, Spanish and Dutch."""

from __future__ import annotations

_SAID = {
    "external_id": """
        kundennr, kundennummer, kunden-nr, kunden-id, kontaktnummer, mitgliedsnummer, numéro client, numéro de client,
        no client, n° client, id client, code client, número de cliente, no de cliente, n.º de cliente, nº cliente,
        id cliente, código de cliente, código cliente, klantnummer, klantnr, klant-id, relatienummer, debiteurnummer
    """,
    "name": """
        vollständiger name, kundenname, name des kunden, ansprechpartner, nom complet, nom et prénom, nom du client,
        nombre completo, nombre y apellidos, nombre del cliente, naam, volledige naam, klantnaam
    """,
    "given_name": "vorname, rufname, prénom, nombre, nombre de pila, voornaam, roepnaam",
    "family_name": """
        nachname, familienname, zuname, nom, nom de famille, apellido, apellidos, primer apellido, achternaam, familienaam
    """,
    "organization": """
        firma, firmenname, unternehmen, organisation, société, entreprise, raison sociale, empresa, compañía, razón social,
        organización, bedrijf, bedrijfsnaam, organisatie
    """,
    "job_title": """
        funktion, berufsbezeichnung, stellung, stelle, fonction, poste, profession, cargo, puesto, profesión, functie,
        functietitel
    """,
    "email": """
        e-mail-adresse, mailadresse, emailadresse, courriel, adresse e-mail, adresse email, adresse électronique, mél,
        correo, correo electrónico, dirección de correo, e-mailadres, mailadres
    """,
    "phone": """
        telefon, telefonnummer, tel.-nr, rufnummer, handy, handynummer, mobil, mobiltelefon, mobilnummer, téléphone,
        numéro de téléphone, tél, portable, téléphone portable, téléphone mobile, teléfono, número de teléfono, móvil,
        teléfono móvil, celular, telefoon, telefoonnummer, telefoonnr, mobiel, mobiele telefoon, gsm
    """,
    "website": "internetseite, webseite, site web, site internet, sitio web, página web, webpagina",
    "street": """
        straße, strasse, straße und hausnummer, straße nr, anschrift, adresse, rue, adresse postale, calle, dirección,
        domicilio, straat, straat en huisnummer, adres
    """,
    "postal_code": "plz, postleitzahl, code postal, cp, código postal, c.p, postcode",
    "city": "ort, stadt, wohnort, ville, commune, ciudad, localidad, población, municipio, plaats, woonplaats, stad",
    "region": """
        bundesland, kanton, provinz, région, département, canton, provincia, región, comunidad autónoma, provincie, regio
    """,
    "country": "land, ländercode, staat, pays, code pays, país, código de país, landcode",
    "language": "sprache, korrespondenzsprache, langue, idioma, lengua, taal",
    "life_stage": "lebensphase, étape de vie, etapa de vida, levensfase",
    "preferred_channel": "bevorzugter kanal, canal préféré, canal preferido, voorkeurskanaal",
    "born_on": """
        geburtsdatum, geburtstag, geboren, geboren am, geb.-datum, date de naissance, né le, née le, fecha de nacimiento,
        nacimiento, cumpleaños, geboortedatum
    """,
    "seen_at": """
        geändert am, zuletzt geändert, letzte änderung, modifié le, dernière modification, modificado el,
        última modificación, fecha de modificación, gewijzigd op, laatst gewijzigd
    """,
}  # fmt: skip
HEADERS = {name: tuple(" ".join(text.split()).split(", ")) for name, text in _SAID.items()}
