"""Exports of other systems that hold people, organizations and contacts with them; and deals, which have no place yet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from rapport.customers.imports.activity_presets import ACTIVITIES
from rapport.customers.imports.pipedrive_words import DEAL, ORGANIZATION, PERSON, WORDS
from rapport.customers.normalizing import OWN_NUMBERS
from rapport.records.imports.presets import Preset, as_exported

_NO_DEALS = gettext_noop(
    "The file holds deals. There is no place for deals yet, so nothing of it was taken. Bring in the files of people,"
    " organizations and orders."
)

_NUMBERED_BESIDE_PEOPLE = {"numbers": OWN_NUMBERS}

HUBSPOT = (
    Preset(
        name="hubspot-contacts",
        label=_("contacts of HubSpot"),
        importer="people",
        told_by=(
            "record id", "contact owner", "lifecycle stage", "lead status", "associated company", "original source",
            "hs_object_id", "hubspot_owner_id", "lifecyclestage", "hs_lead_status", "associatedcompanyid", "last activity date",
            "create date", "createdate", "firstname", "lastname", "email",
        ),
        at_least=5,
        without=("company domain name", "deal stage", "dealstage", "account name", "mailing street"),
        columns={
            "external_id": ("record id", "hs_object_id", "contact id"),
            "organization": ("company name", "company", "associated company"),
            "employer_number": (
                "associated company ids", "associated company id", "associatedcompanyid", "primary associated company id",
            ),
            "owner": ("contact owner",),
            "seen_at": ("last modified date", "lastmodifieddate", "last activity date"),
        },
        source="HubSpot",
    ),
    Preset(
        name="hubspot-companies",
        label=_("companies of HubSpot"),
        importer="organizations",
        told_by=(
            "record id", "company name", "company domain name", "company owner", "industry", "hs_object_id", "domain",
            "hubspot_owner_id", "number of employees", "numberofemployees", "annual revenue", "name", "lifecycle stage",
            "associated contact",
        ),
        at_least=3,
        without=("first name", "firstname", "last name", "lastname", "deal stage", "dealstage", "billing street"),
        columns={
            "external_id": ("record id", "hs_object_id", "company id"),
            "name": ("company name", "name"),
            "website": ("website url", "website", "company domain name", "domain"),
            "owner": ("company owner",),
            "seen_at": ("last modified date", "hs_lastmodifieddate", "last activity date"),
        },
        source="HubSpot",
        about_rows=_NUMBERED_BESIDE_PEOPLE,
    ),
    Preset(
        name="hubspot-deals",
        label=_("deals of HubSpot"),
        told_by=("deal name", "deal stage", "deal owner", "dealname", "dealstage", "pipeline", "close date", "closedate"),
        at_least=3,
        refused=_NO_DEALS,
    ),
)  # fmt: skip

SALESFORCE = (
    Preset(
        name="salesforce-contacts",
        label=_("contacts of Salesforce"),
        importer="people",
        told_by=(
            "accountid", "reportstoid", "mailingstreet", "mailingcity", "mailingpostalcode", "mailingcountry", "leadsource",
            "hasoptedoutofemail", "ownerid", "mobilephone", "contact id", "account name", "contact owner", "email opt out",
            "reports to", "lastname", "firstname",
        ),
        at_least=4,
        without=("lifecycle stage", "lifecyclestage", "isconverted", "lead owner", "lead status", "stagename", "hs_object_id"),
        columns={
            "external_id": ("contact id", "id"),
            "organization": ("account name",),
            "employer_number": ("accountid", "account id"),
            "phone": ("phone", "business phone"),
            "phone_mobile": ("mobilephone", "mobile"),
            "phone_home": ("homephone", "home phone"),
            "street": ("mailingstreet", "mailing street"),
            "city": ("mailingcity", "mailing city"),
            "region": ("mailingstate", "mailing state/province", "mailing state"),
            "postal_code": ("mailingpostalcode", "mailing zip/postal code", "mailing zip"),
            "country": ("mailingcountry", "mailing country"),
            "owner": ("contact owner",),
            "seen_at": ("lastmodifieddate", "systemmodstamp", "last modified date"),
        },
        source="Salesforce",
    ),
    Preset(
        name="salesforce-leads",
        label=_("leads of Salesforce"),
        importer="people",
        told_by=(
            "isconverted", "convertedcontactid", "convertedaccountid", "converteddate", "lead owner", "lead id", "lead status",
            "leadsource", "lead source", "company", "company / account", "status", "lastname", "firstname", "rating",
        ),
        at_least=4,
        without=("lifecycle stage", "lifecyclestage", "accountid", "mailingstreet", "mailing street", "hs_object_id"),
        columns={
            "external_id": ("lead id", "id"),
            "organization": ("company", "company / account"),
            "life_stage": ("status", "lead status"),
            "owner": ("lead owner",),
            "seen_at": ("lastmodifieddate", "systemmodstamp", "last modified date"),
        },
        source="Salesforce",
    ),
    Preset(
        name="salesforce-accounts",
        label=_("accounts of Salesforce"),
        importer="organizations",
        told_by=(
            "billingstreet", "billingcity", "billingpostalcode", "billingcountry", "shippingstreet", "parentid", "billing street",
            "billing city", "account name", "account owner", "account id", "numberofemployees", "annualrevenue", "ownerid",
            "account site", "parent account", "accountsource", "industry",
        ),
        at_least=3,
        without=("lastname", "last name", "stagename", "stage", "company domain name"),
        columns={
            "external_id": ("account id", "id"),
            "name": ("account name", "name"),
            "street": ("billingstreet", "billing street"),
            "city": ("billingcity", "billing city"),
            "region": ("billingstate", "billing state/province", "billing state"),
            "postal_code": ("billingpostalcode", "billing zip/postal code", "billing zip"),
            "country": ("billingcountry", "billing country"),
            "owner": ("account owner",),
            "seen_at": ("lastmodifieddate", "systemmodstamp", "last modified date"),
        },
        source="Salesforce",
    ),
    Preset(
        name="salesforce-opportunities",
        label=_("opportunities of Salesforce"),
        told_by=(
            "stagename", "closedate", "probability", "forecastcategoryname", "iswon", "isclosed", "opportunity name", "stage",
            "close date", "opportunity owner", "probability (%)", "forecast category", "pricebook2id",
        ),
        at_least=2,
        without=("dealstage", "deal stage"),
        refused=_NO_DEALS,
    ),
)  # fmt: skip

PIPEDRIVE = (
    Preset(
        name="pipedrive-persons",
        label=_("persons of Pipedrive"),
        importer="people",
        prefixes=PERSON,
        about=1,
        columns=WORDS | {"employer_number": ("organization id", *(f"{each} - ID" for each in ORGANIZATION))},
        source="Pipedrive",
    ),
    Preset(
        name="pipedrive-organizations",
        label=_("organizations of Pipedrive"),
        importer="organizations",
        prefixes=ORGANIZATION,
        columns={name: words for name, words in WORDS.items() if name != "organization"},
        source="Pipedrive",
        about_rows=_NUMBERED_BESIDE_PEOPLE,
    ),
    Preset(name="pipedrive-deals", label=_("deals of Pipedrive"), prefixes=DEAL, about=2, refused=_NO_DEALS),
)  # fmt: skip

SHOPIFY = (
    Preset(
        name="shopify-customers",
        label=_("customers of Shopify"),
        importer="people",
        told_by=(
            "accepts email marketing", "accepts sms marketing", "accepts marketing", "default address address1",
            "default address company", "default address city", "default address zip", "total spent", "total orders", "tax exempt",
            "province code", "country code",
        ),
        at_least=3,
        without=("lineitem name", "financial status"),
        columns={
            "external_id": ("customer id",),
            "organization": ("default address company", "company"),
            "street": ("default address address1", "address1"),
            "city": ("default address city", "city"),
            "region": ("default address province code", "province code", "province"),
            "postal_code": ("default address zip", "zip"),
            "country": ("default address country code", "country code", "country"),
            "phone": ("phone", "default address phone"),
        },
        source="Shopify",
    ),
)  # fmt: skip

OURS = as_exported("customer", _("customers as Rapport exports them"), importer="people")

PRESETS = (OURS, *HUBSPOT, *SALESFORCE, *PIPEDRIVE, *SHOPIFY, *ACTIVITIES)
