"""How files of products and of order lines head their columns in German, French, Spanish and Dutch."""

from __future__ import annotations

_CODE = """
    artikelnr, artikelnummer, artikel-nr, art.-nr, art.-no, artikelcode, produktnummer, produktcode, référence, réf,
    référence article, référence produit, code article, code produit, no article, n° article, referencia, ref,
    código de producto, código producto, código de artículo, código artículo, código, artikelnr., productcode, productnummer
"""
_ITEM = """
    bezeichnung, artikelbezeichnung, produktbezeichnung, artikelname, produktname, beschreibung, artikel, produkt,
    désignation, libellé, nom du produit, article, produit, descripción, nombre del producto, artículo, producto,
    omschrijving, artikelomschrijving, productnaam, productomschrijving
"""
_PRICE = """
    preis, einzelpreis, stückpreis, preis pro stück, verkaufspreis, vk, vk-preis, listenpreis, prix, prix unitaire, p.u,
    prix de vente, tarif, precio, precio unitario, precio de venta, prijs, stukprijs, eenheidsprijs, prijs per stuk,
    verkoopprijs
"""
_SAID = {
    "products.code": _CODE,
    "products.name": _ITEM,
    "products.category": """
        kategorie, produktkategorie, warengruppe, artikelgruppe, produktgruppe, catégorie, famille, gamme, rubrique,
        categoría, familia, grupo, categorie, productgroep, artikelgroep, productcategorie
    """,
    "products.price": _PRICE,
    "products.cost": """
        kosten, einkaufspreis, ek, ek-preis, selbstkosten, coût, prix d'achat, prix de revient, coste, costo,
        precio de compra, precio de coste, inkoopprijs, kostprijs
    """,
    "lines.order_number": """
        bestellnr, bestellnummer, bestell-nr, auftragsnr, auftragsnummer, rechnungsnr, rechnungsnummer, belegnr,
        belegnummer, bonnummer, numéro de commande, no commande, n° commande, commande, numéro de facture, no facture,
        n° facture, facture, número de pedido, nº pedido, pedido, número de factura, nº factura, factura, ordernummer,
        bestelnummer, factuurnummer, ordernr, factuurnr
    """,
    "lines.stock_code": _CODE,
    "lines.description": _ITEM,
    "lines.quantity": "menge, anzahl, stück, stückzahl, quantité, qté, nombre, cantidad, cant, unidades, aantal, hoeveelheid",
    "lines.placed_at": """
        bestelldatum, bestellt am, auftragsdatum, rechnungsdatum, belegdatum, kaufdatum, datum, date de commande,
        date de facture, date d'achat, commandé le, fecha, fecha de pedido, fecha del pedido, fecha de factura,
        fecha de compra, orderdatum, besteldatum, factuurdatum, aankoopdatum
    """,
    "lines.unit_price": _PRICE,
    "lines.customer_number": """
        kundennr, kundennummer, kunden-nr, kunden-id, kunde, numéro client, numéro de client, no client, n° client,
        id client, code client, client, número de cliente, nº cliente, id cliente, código de cliente, cliente,
        klantnummer, klantnr, klant-id, klant
    """,
    "lines.country": "land, lieferland, ländercode, pays, pays de livraison, país, país de entrega, landcode, land van levering",
}
HEADERS = {name: tuple(" ".join(text.split()).split(", ")) for name, text in _SAID.items()}
