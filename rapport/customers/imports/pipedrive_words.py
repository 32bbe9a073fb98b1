"""What Pipedrive heads the columns of its exports with, in the languages it is offered in."""

from __future__ import annotations

# the word before " - " in exports of Pipedrive, in the languages it is offered in
PERSON = (
    "person", "osoba", "persona", "personne", "persoon", "pessoa", "henkilö", "persoană", "isik", "személy", "orang", "kişi",
    "контакт", "человек", "особа", "人物", "人", "사람", "fizička osoba", "kontakt", "contact", "contacto", "contatto",
)  # fmt: skip
ORGANIZATION = (
    "organization", "organisation", "organizace", "organización", "organizzazione", "organisatie", "organização",
    "organizacja", "organisaatio", "organizație", "organisasjon", "organisasi", "kuruluş", "организация", "організація",
    "組織", "组织", "조직", "organisatsioon", "szervezet", "organizācija", "azienda", "empresa", "firma",
)  # fmt: skip
DEAL = (
    "deal", "obchod", "trato", "affaire", "affare", "negócio", "negocio", "szansa sprzedaży", "kauppa", "avtal", "сделка",
    "угода", "取引", "交易", "거래", "anlaşma", "tehing", "üzlet", "darījums", "tranzacție", "kesepakatan", "geschäft",
)  # fmt: skip
ACTIVITY = (
    "activity", "aktivita", "aktivität", "actividad", "activité", "attività", "activiteit", "atividade", "aktywność",
    "aktiviteetti", "aktivitet", "активность", "діяльність", "アクティビティ", "活动", "활동", "etkinlik", "tegevus", "aktivitas",
)  # fmt: skip
NOTE = (
    "note", "poznámka", "notiz", "nota", "notitie", "notatka", "muistiinpano", "anteckning", "notat", "заметка", "нотатка",
    "メモ", "备注", "메모", "not", "märkus", "jegyzet", "catatan",
)  # fmt: skip
WORDS = {
    "external_id": ("ID", "identifiant"),
    "name": (
        "name",
        "jméno",
        "název",
        "nome",
        "nombre",
        "nom",
        "naam",
        "nazwa",
        "imię i nazwisko",
        "nimi",
        "namn",
        "navn",
    ),
    "given_name": (
        "first name",
        "křestní jméno",
        "nome próprio",
        "primeiro nome",
        "imię",
        "etunimi",
        "förnamn",
        "fornavn",
    ),
    "family_name": ("last name", "příjmení", "cognome", "sobrenome", "nazwisko", "sukunimi", "efternamn", "etternavn"),
    "organization": (*ORGANIZATION,),
    "email": ("email", "e-mail", "correo electrónico", "adres e-mail", "sähköposti", "e-post"),
    "phone": ("phone", "telefon", "teléfono", "téléphone", "telefono", "telefone", "telefoon", "puhelin"),
    "street": ("address", "adresa", "adresse", "dirección", "indirizzo", "adres", "endereço", "osoite"),
    "owner": ("owner", "vlastník", "besitzer", "propietario", "propriétaire", "proprietario", "eigenaar", "właściciel"),
    "seen_at": ("update time", "čas aktualizace", "letzte aktualisierung"),
}


def _of(prefixes: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(f"{prefix} - {word}" for prefix in prefixes for word in WORDS[name])


# how files of activities and notes say whom they are about
PERSONS = {
    "customer_number": ("person id", "contact person id", *_of(PERSON, "external_id")),
    "customer_email": ("person email", *_of(PERSON, "email")),
    "customer_name": (
        "contact person", "kontaktní osoba", "kontaktperson", "ansprechpartner", "persona de contacto", "personne de contact",
        "persona di contatto", "contactpersoon", "pessoa de contato", "osoba kontaktowa",
        *_of(PERSON, "name"),
    ),
    "organization_number": ("organization id", *_of(ORGANIZATION, "external_id")),
}  # fmt: skip
