"""Files that are headed in German, French, Spanish or Dutch are recognized as they are."""

from __future__ import annotations

import pytest

from rapport.records.imports.importing import find_importer, importers
from rapport.records.imports.planning import _score, recognize
from rapport.records.imports.rows import Header

pytestmark = pytest.mark.django_db  # fields of the business's own are columns too

PEOPLE = {
    "German": "Kundennr.;Vorname;Nachname;E-Mail-Adresse;Telefon;Straße;PLZ;Ort;Land;Geburtsdatum",
    "French": "N° client;Prénom;Nom;Courriel;Téléphone;Adresse;Code postal;Ville;Pays;Date de naissance",
    "French without accents": "Numero client;Prenom;Nom;Email;Telephone;Rue;Code postal;Ville;Pays;Ne le",
    "Spanish": "Número de cliente;Nombre;Apellidos;Correo electrónico;Teléfono;Calle;Código postal;Ciudad;País;Fecha de nacimiento",
    "Dutch": "Klantnummer;Voornaam;Achternaam;E-mailadres;Telefoonnummer;Straat;Postcode;Woonplaats;Land;Geboortedatum",
}
PEOPLE_COLUMNS = [
    "external_id", "given_name", "family_name", "email", "phone", "street", "postal_code", "city", "country", "born_on",
]  # fmt: skip
PRODUCTS = {
    "German": "Artikelnr.;Bezeichnung;Warengruppe;Verkaufspreis;Einkaufspreis",
    "French": "Référence;Désignation;Catégorie;Prix;Prix d'achat",
    "Spanish": "Código;Descripción;Categoría;Precio;Coste",
    "Dutch": "Artikelnummer;Omschrijving;Categorie;Verkoopprijs;Inkoopprijs",
}
PRODUCT_COLUMNS = ["code", "name", "category", "price", "cost"]
LINES = {
    "German": "Rechnungsnr.;Artikelnr.;Bezeichnung;Menge;Rechnungsdatum;Einzelpreis;Kundennr.;Land",
    "French": "N° commande;Référence;Désignation;Quantité;Date de commande;Prix unitaire;N° client;Pays",
    "Spanish": "Nº pedido;Referencia;Descripción;Cantidad;Fecha;Precio unitario;Cliente;País",
    "Dutch": "Ordernummer;Artikelcode;Omschrijving;Aantal;Besteldatum;Stukprijs;Klantnummer;Land",
}
LINE_COLUMNS = [
    "order_number", "stock_code", "description", "quantity", "placed_at", "unit_price", "customer_number", "country",
]  # fmt: skip


@pytest.mark.parametrize(
    ("importer", "headers", "columns"),
    [
        *[pytest.param("people", text, PEOPLE_COLUMNS, id=f"people in {name}") for name, text in PEOPLE.items()],
        *[pytest.param("products", text, PRODUCT_COLUMNS, id=f"products in {name}") for name, text in PRODUCTS.items()],
        *[pytest.param("retail-lines", text, LINE_COLUMNS, id=f"lines in {name}") for name, text in LINES.items()],
    ],
)
def test_headers_in_other_languages_are_recognized(importer: str, headers: str, columns: list[str]) -> None:
    names = tuple(headers.split(";"))

    found = recognize(find_importer(importer), names)

    assert {column: names[place] for column, place in found.items()} == dict(zip(columns, names, strict=True))
    scores = {name: _score(each, Header(names, ";", 2)) for name, each in importers().items()}
    assert sorted(scores, key=lambda name: scores[name])[-1] == importer
    assert list(scores.values()).count(max(scores.values())) == 1
