"""Fixtures of the black-box tests: real servers on clones of the demonstration, a browser, an RPC client."""

import pytest

from devtools import ui
from devtools.stage import Stage
from tests.support.browser import Browser
from tests.support.rpc import Rpc


@pytest.fixture(scope="session")
def stage():
    """PostgreSQL servers and templates; see :class:`devtools.stage.Stage`."""
    try:
        return Stage()
    except ui.ApticError as error:
        pytest.fail(f"{error.message}; try: {error.hint}")


@pytest.fixture(scope="session")
def demo_template(stage):
    """The name of the template database: all addons, demonstration data, French."""
    return stage.template()


@pytest.fixture
def server(stage):
    """A factory of running servers: ``server(workers=2, durable=False, options=(), database=None, quiet=True)``.

    Each serves a fresh clone of the demonstration and is closed at the end of the test. A warning or an error in its
    log fails the test, unless the test says ``quiet=False`` because it provokes them.
    """
    started = []

    def start(quiet=True, **options):
        running = stage.serve(**options)
        started.append((running, quiet))
        return running

    yield start
    problems = []
    for running, quiet in started:
        running.close()
        if quiet:
            problems += running.problems()
    assert not problems, "in the server's log:\n" + "\n".join(problems)


@pytest.fixture(scope="module")
def shared_server(stage):
    """One server with two workers for all tests of a module that do not disturb each other."""
    running = stage.serve(workers=2)
    yield running
    running.close()
    problems = running.problems()
    assert not problems, "in the server's log:\n" + "\n".join(problems)


@pytest.fixture(scope="module")
def refusing_server(stage):
    """As ``shared_server``, for tests that provoke refusals: only errors and other warnings in its log are failures."""
    running = stage.serve(workers=2)
    yield running
    running.close()
    problems = running.problems(refusals=True)
    assert not problems, "in the server's log:\n" + "\n".join(problems)


@pytest.fixture(scope="session")
def browser():
    """Chromium; ``browser.page(server, login=…)`` opens a page."""
    chromium = Browser()
    yield chromium
    chromium.close()


@pytest.fixture
def rpc():
    """A factory of RPC sessions: ``rpc(server, "login")``."""

    def connect(server, login=None, password=None):
        return Rpc(server.direct_url, server.database, login, password)

    return connect
