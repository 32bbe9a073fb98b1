"""The command line of this room: `rapport setup`."""

from __future__ import annotations

import secrets
import sys
from argparse import ArgumentParser, Namespace
from getpass import getpass

from rapport.accounts import actions
from rapport.accounts.forms import SetUpForm
from rapport.accounts.queries import business
from rapport.core.clock import utc_now
from rapport.core.command_line import Command, CommandRefused


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("--name", required=True, help="Your name.")
    parser.add_argument("--email", required=True, help="The address you will sign in with.")
    parser.add_argument("--business", required=True, help="Name of the business.")
    parser.add_argument("--time-zone", required=True, help="Where the business counts its days, e.g. Europe/London.")
    parser.add_argument("--currency", required=True, help="ISO 4217 code of the currency of all reports, e.g. GBP.")


def _run(arguments: Namespace) -> int:
    if business() is not None:
        raise CommandRefused("The business is set up already. Nothing was changed.")
    is_asked = sys.stdin.isatty()
    password = getpass("Password: ") if is_asked else secrets.token_urlsafe(12)
    form = SetUpForm(
        {
            "name": arguments.name,
            "email": arguments.email,
            "password": password,
            "business_name": arguments.business,
            "time_zone": arguments.time_zone,
            "currency": arguments.currency.upper(),
        }
    )
    if not form.is_valid():
        wrong = [f"{name.replace('_', '-')}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()]
        raise CommandRefused("\n  ".join(["Nothing was set up.", *wrong]), code=2)
    try:
        administrator = actions.set_up_business(**form.cleaned_data, now=utc_now())
    except actions.AlreadySetUp as error:
        raise CommandRefused(str(error)) from error
    print(f"{arguments.business} is set up. Sign in as {administrator.email}.")
    if not is_asked:
        print(f"Password (shown only now): {password}")
    return 0


COMMANDS = (Command("setup", "Set up the business and its first administrator.", _configure, _run),)
