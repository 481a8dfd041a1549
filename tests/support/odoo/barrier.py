"""In Odoo's shell (``env``): eight sessions redeem one voucher, held at a barrier just before the lock.

``ACT`` is put before this script. A second barrier after the lock keeps the winner's transaction open until all have
tried: whoever did not get the lock has met one that is held.
"""
# ruff: noqa: F821

import json
import sys
import threading
import time
from datetime import datetime
from unittest.mock import patch

from odoo import api
from odoo.orm.registry import Registry

SESSIONS = 8
TRIES = 5
WAIT = 30
registry = Registry(env.cr.dbname)
before, after = threading.Barrier(SESSIONS), threading.Barrier(SESSIONS)
seen, answers = [], []
model = registry["aptic.redemption"]
lock_rows = model._facts
first_try = threading.local()


def held_rows(self, wanted, is_act=True):
    if not is_act or getattr(first_try, "over", False):
        return lock_rows(self, wanted, is_act)
    first_try.over = True
    before.wait(WAIT)
    start = time.monotonic()
    facts = lock_rows(self, wanted)
    rows = facts[0]["vouchers"]
    stop = time.monotonic()
    self.env.cr.execute("SELECT pg_backend_pid()")
    (pid,) = self.env.cr.fetchone()
    seen.append({"pid": pid, "start": start, "stop": stop, "held": all(row["held"] for row in rows.values())})
    after.wait(WAIT)
    return facts


def redeem(number):
    with registry.cursor() as cr:
        own = api.Environment(cr, ACT["user_id"], {})
        key = ACT["key"] if ACT["same_key"] else f"{ACT['key']}-{number}"
        start = time.monotonic()
        for _try in range(TRIES if ACT["same_key"] else 1):  # as the screen does, under the same key
            answer = own["aptic.redemption"]._redeem(
                own["aptic.member"].browse(ACT["member_id"]),
                own["aptic.place"].browse(ACT["place_id"]),
                own["aptic.offer"].browse(ACT["offer_id"]),
                own["aptic.audience"].browse(ACT["audience_id"]),
                [ACT["code"]],
                ACT["price_cents"],
                key,
                datetime.utcnow().replace(microsecond=0),
            )
            if answer["status"] != "busy":
                break
        answers.append({"seconds": time.monotonic() - start, **answer, "day": str(answer["day"])})


with patch.object(model, "_facts", held_rows):
    threads = [threading.Thread(target=redeem, args=(number,)) for number in range(SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
sys.stdout.write("SEEN " + json.dumps({"seen": seen, "answers": answers}) + "\n")
sys.stdout.flush()
