"""What the tables of this room hold of a person: nothing but ids that lead to her no longer than she is there."""

from rapport.core.personal import Impersonal

IMPERSONAL = (
    Impersonal("webhooks_endpoint", "an address of another system, in the words of the staff"),
    Impersonal("webhooks_secret", "a secret of our own"),
    Impersonal("webhooks_message", "ids of records, names of fields and fixed words; no value of any record"),
    Impersonal("webhooks_attempt", "what another system said to ids and names of fields"),
)
