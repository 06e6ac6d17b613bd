"""Where the processes of the proofs are forked: one process that has imported what they all need."""

import multiprocessing

# The whole of Python has one such process, and what it imports can be said only once.
nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(
    ["tests.proofs.lives", "tests.proofs.schedulers", "aiosqlite", "psycopg", "alembic.config"]
)


def warm() -> None:
    """Return when it has imported everything: no proof is to run out of its own time meanwhile."""
    process = nursery.Process(target=int)
    process.start()
    process.join()
