"""The ground of the black-box tests: a server with workers, a browser, RPC, web sockets."""

import re
import time
from datetime import date, timedelta


def test_login_in_french(server, browser, rpc):
    running = server(workers=2)
    session = rpc(running, "admin")
    assert session.uid
    assert session.call("res.lang", "search_count", [["code", "=", "fr_FR"]]) == 1
    page = browser.page(running, "admin")
    page.wait_for_selector(".o_web_client")
    limit = time.monotonic() + 60
    present = "SELECT 1 FROM mail_presence WHERE user_id = %s AND status = 'online'"
    # Said through the web socket, some moments after the page is there.
    while not running.query(present, (session.uid,)):
        assert time.monotonic() < limit, "nobody is there by the web socket"
        page.wait_for_timeout(200)
    assert page.script_errors == []
    page.context.close()
    opened = []
    while not opened and time.monotonic() < limit:  # it is logged when it ends
        time.sleep(0.2)
        opened = re.findall(r'"GET /websocket\S* HTTP/1.1" (\d+)', running.log.read_text())
    assert set(opened) == {"101"}, "the web socket goes to the evented server"


def test_a_killed_server_comes_back(server):
    running = server(workers=2, durable=True, quiet=False)
    assert running.query("SHOW fsync") == [("on",)]
    running.query("CREATE TABLE mark AS SELECT 1 AS one")
    running.kill()
    running.start()
    assert running.query("SELECT one FROM mark") == [(1,)]


def test_the_clock_may_be_ahead(server, rpc):
    running = server(workers=2)
    running.restart(days_ahead=40)
    session = rpc(running, "admin")
    today = session.call("aptic.settlement", "default_get", ["cutoff_day"])["cutoff_day"]
    assert today == (date.today() + timedelta(days=40)).replace(day=1).isoformat()
