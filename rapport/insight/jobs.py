"""The jobs of this room: the warehouse is refreshed every hour, soon after a change, and whenever somebody asks."""

from __future__ import annotations

from typing import Any

from rapport.accounts import mail
from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.customers.next_best.standing import write_standing
from rapport.insight.churn.questions import ChurnQuestion, questions_due
from rapport.insight.queries import refresh_is_due, report_settings
from rapport.insight.warehouse.asking import (
    ANSWERING_TASK,
    FOLLOWING_TASK,
    FORGETTING_TASK,
    LEARNING_TASK,
    PREPARING_TASK,
    TASK,
    ask_for_refresh,
    ask_to_follow,
    ask_to_learn,
)


@task(name=TASK, queue="insight", queueing_lock=TASK, lock=TASK)
def refresh_warehouse() -> None:
    from rapport.insight.actions import refresh  # noqa: PLC0415 - every process lists the jobs, few run this one

    refresh(settings=report_settings(), now=utc_now())
    ask_to_follow()


@task(name=PREPARING_TASK, queue="insight", queueing_lock=PREPARING_TASK, lock=PREPARING_TASK)
def prepare_products() -> None:
    """What is bought together, and what of it could be foreseen: it takes longer than what a refresh has to wait for."""
    from rapport.insight.preparing import prepare_newest  # noqa: PLC0415 - as above

    prepare_newest()


@task(name=FOLLOWING_TASK, queue="insight", queueing_lock=FOLLOWING_TASK, lock=TASK)
def follow_refresh() -> None:
    """Who changed groups is written down and told, and what is best done next; what a page asks first is computed."""
    from rapport.insight.customer_base.computing import prepare_base  # noqa: PLC0415 - as above
    from rapport.insight.rfm.settling import settle_newest  # noqa: PLC0415

    settle_newest()
    write_standing(now=utc_now())
    prepare_base()


@task(name=FORGETTING_TASK, queue="insight", queueing_lock=FORGETTING_TASK, lock=TASK)
def refresh_and_forget() -> None:
    from rapport.insight.actions import refresh  # noqa: PLC0415 - as above
    from rapport.insight.warehouse.refresh import How, forget_earlier_snapshots  # noqa: PLC0415

    refresh(settings=report_settings(), now=utc_now(), how=How.FORGETTING)
    forget_earlier_snapshots()


@periodic(cron="40 3 * * 0")
@task(name="insight.compare_warehouse", queue="insight", queueing_lock="insight.compare_warehouse", lock=TASK)
def compare_warehouse(timestamp: int) -> None:
    """Once a week everything is copied as well: whatever had been carried on wrongly is found and put right."""
    from rapport.insight.actions import refresh  # noqa: PLC0415 - as above
    from rapport.insight.warehouse.refresh import How  # noqa: PLC0415

    refresh(settings=report_settings(), now=utc_now(), how=How.COMPARING)


@periodic(cron="* * * * *")
@task(name="insight.refresh_when_due", queue="care", queueing_lock="insight.refresh_when_due")
def refresh_when_due(timestamp: int) -> None:
    if refresh_is_due(now=utc_now()):
        ask_for_refresh()


@task(name=ANSWERING_TASK, queue="insight", lock=ANSWERING_TASK)
def answer_page(page: str, question: dict[str, Any], snapshot_id: int) -> None:
    """What takes longer than a page may, for whoever waits for it."""
    from rapport.insight.preparing import answer_newest  # noqa: PLC0415 - as above

    answer_newest(page, question, snapshot_id=snapshot_id)


@task(name=LEARNING_TASK, queue="insight", lock=LEARNING_TASK)
def learn_who_leaves(question: dict[str, Any]) -> None:
    from rapport.insight.churn.keeping import learn_and_keep  # noqa: PLC0415 - as above

    learn_and_keep(ChurnQuestion.read(question), now=utc_now())


@periodic(cron="11 * * * *")
@task(name="insight.mail_reports", queue="insight", queueing_lock="insight.mail_reports")
def mail_reports(timestamp: int) -> None:
    from rapport.insight.report_builder.mailing import send_reports  # noqa: PLC0415 - as above

    if mail.is_configured():
        send_reports(now=utc_now())


@periodic(cron="*/10 * * * *")
@task(name="insight.learn_when_due", queue="care", queueing_lock="insight.learn_when_due")
def learn_when_due(timestamp: int) -> None:
    for question in questions_due(now=utc_now()):
        ask_to_learn(question.said())
