"""What the proofs share."""

import pytest

from tests.fakes.server import running
from tests.proofs.lives import Ledger, sqlite_in
from tests.proofs.nursery import warm


@pytest.fixture
def platform(tmp_path):
    """Starts a fake platform and a ledger over it and a database: `platform("slack", share=0.08)`."""
    warm()
    started = []

    def make(name, database=None, **plan):
        server = running(f"{name}_server", tmp_path, **plan)
        ledger = Ledger(database or sqlite_in(tmp_path), entered := server.__enter__())
        started.append((server, ledger))
        ledger.prepare()
        return entered, ledger

    yield make
    for server, ledger in started:
        ledger.close()
        server.__exit__(None, None, None)


@pytest.fixture
def figures(capsys):
    """Prints a proof's figures, also where pytest swallows what is printed."""

    def show(title, **numbers):
        with capsys.disabled():
            print(f"\n{title}: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in numbers.items()))

    return show
