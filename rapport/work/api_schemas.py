"""What operations on tasks, comments, files and notifications have in common."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field as Described
from pydantic import StringConstraints

from rapport.records.api import LARGEST_PAGE, USUAL_PAGE, Strict

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
_KIND = "customer, task, order, product, and what rooms add."


class About(Strict):
    """A record that something is about, such as a customer."""

    kind: Kind = Described("customer", description=_KIND)
    id: UUID


class AboutShown(Schema):
    kind: str = Described(examples=["customer"])
    id: UUID


class OnRecordAsked(Schema):
    """A page of what is on one record."""

    about_kind: Kind = Described("customer", description=_KIND)
    about: UUID = Described(description="The id of the record.")
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)
