"""What is known of an import while it is planned: answers, questions that are open, and words about the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from rapport.records.imports.looking import Look


class AnswerInvalid(ValueError):
    """An answer is not one of those that can be given."""


@dataclass(frozen=True)
class Question:
    """Something about the file that is not certain. `choices` may be empty when any text may be the answer."""

    name: str
    text: str
    choices: tuple[tuple[str, str | Promise], ...] = ()
    suggestion: str = ""
    free: bool = False


@dataclass
class Draft:
    """A plan in the making."""

    answers: dict[str, Any]
    suggestions: Mapping[str, str]
    look: Look
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def ask(
        self, name: str, text: str, choices: Iterable[tuple[str, str | Promise]] = (), *, free: bool = False
    ) -> None:
        suggestion = self.suggestions.get(name, "")
        self.questions.append(Question(name, text, tuple(choices), suggestion, free))
