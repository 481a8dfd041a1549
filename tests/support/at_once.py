"""Several at the same moment: threads of the test, or sessions of the database in Odoo's own shell."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devtools import odoo_process

SCRIPTS = Path(__file__).parent / "odoo"


def at_once(acts):
    """Run the functions at the same moment; return what they return, in their order."""
    barrier = threading.Barrier(len(acts))

    def run(act):
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def in_sessions(stage, desk, script, **act):
    """Let sessions of the database pay at the desk as ``mediateur``, by ``support/odoo/<script>.py``; what it tells.

    :param act: what the script finds in ``ACT`` beside the desk's member, place, service, audience and price
    """
    running = desk.running
    ((member_id, user_id),) = running.query(
        "SELECT m.id, m.user_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id"
        " WHERE u.login = 'mediateur' AND m.provider_id = %s",
        (desk.provider_id,),
    )
    act |= {
        "member_id": member_id, "user_id": user_id, "place_id": desk.place_id, "offer_id": desk.offer_id,
        "audience_id": desk.audience_id, "price_cents": desk.price_cents,
    }  # fmt: skip
    line = odoo_process.command(stage.tree, running.postgres, stage.conf, running.database, "--no-http", verb="shell")
    source = f"ACT = {act!r}\n" + (SCRIPTS / f"{script}.py").read_text(encoding="utf-8")
    _code, _records, log = odoo_process.run(line, running.postgres, script, stdin=source)
    text = log.read_text(encoding="utf-8", errors="replace")
    found = [row.removeprefix("SEEN ") for row in text.splitlines() if row.startswith("SEEN ")]
    assert found, text[-2000:]
    return json.loads(found[0])
