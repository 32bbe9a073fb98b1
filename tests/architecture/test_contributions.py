"""A room outside the package contributes like our own: the rooms below name nobody."""

from __future__ import annotations

import pytest

from rapport.core.extracts import Extract
from rapport.core.rooms import contributions
from rapport.customers.next_best.rules import Urgency, rules
from rapport.records.registry import fields_of
from rapport.ui.panels import Panel
from tests.architecture.sample_room.models import Greeting
from tests.import_files import import_text, undo


def test_a_room_outside_contributes_a_panel():
    assert "sample" in {panel.name for panel in contributions("panels", "PANELS", Panel)}


def test_a_room_outside_contributes_a_field():
    assert fields_of("customer")["name_length"].sql == "length(r.name)"


def test_a_room_outside_contributes_an_extract():
    assert "sample_name_lengths" in {extract.name for extract in contributions("extracts", "EXTRACTS", Extract)}


def test_a_room_outside_contributes_a_rule_of_next_actions():
    assert rules()["sample_greeting"].urgency is Urgency.ASK


@pytest.mark.usefixtures("db", "home")
def test_a_room_outside_contributes_an_importer_whose_import_can_be_undone():
    job = import_text("greeting code,words\nen,Good day\nnl,Goedendag\n", preset="greetings")
    came_in = dict(Greeting.objects.values_list("code", "words"))

    undo(job)

    assert came_in == {"en": "Good day", "nl": "Goedendag"}
    assert not Greeting.objects.exists()
