"""A house to be hurt: migrated once, copied for each test, torn down whatever happened."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.house import House, demolish, new_home
from tests.migrated import home_migrated_once


@pytest.fixture(scope="session")
def migrated_home() -> Iterator[Path]:
    with home_migrated_once(_migrate) as home:
        yield home


def _migrate() -> Path:
    house = House(new_home("migrated-"))
    try:
        migrated = house.rapport("migrate")
        assert migrated.returncode == 0, migrated.stderr
    except BaseException:
        shutil.rmtree(house.home)
        raise
    return house.home


@pytest.fixture
def house(migrated_home: Path) -> Iterator[House]:
    house = House(new_home())
    subprocess.run(["cp", "-a", f"{migrated_home}/.", str(house.home)], check=True)
    yield house
    demolish(house)


@pytest.fixture(scope="module")
def standing(migrated_home: Path) -> Iterator[House]:
    """A running house for tests that leave it standing: it heals what they hurt."""
    house = House(new_home())
    subprocess.run(["cp", "-a", f"{migrated_home}/.", str(house.home)], check=True)
    try:
        house.start()
        yield house
    finally:
        demolish(house)
