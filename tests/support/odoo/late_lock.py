"""In Odoo's shell (``env``): an act that began to read before another one on the same booklet was committed.

``ACT`` is put before this script: codes of one booklet, of whose vouchers a rule counts those of a day.
"""
# ruff: noqa: F821, T201

import json
import uuid
from datetime import datetime

import psycopg2.errors
from odoo.orm.registry import Registry

registry = Registry(env.cr.dbname)
now = datetime.utcnow().replace(microsecond=0)


def spend(cr, code):
    own = env(cr=cr, user=ACT["user_id"], su=False)["aptic.redemption"]
    act = own._prepare_act(
        own.env["aptic.member"].browse(ACT["member_id"]),
        own.env["aptic.place"].browse(ACT["place_id"]),
        own.env["aptic.offer"].browse(ACT["offer_id"]),
        own.env["aptic.audience"].browse(ACT["audience_id"]),
        [code],
        ACT["price_cents"],
        str(uuid.uuid4()),
        now,
    )
    return own._spend([act], now)[0]["status"]


late, early = registry.cursor(), registry.cursor()
late.execute("SELECT count(*) FROM aptic_redemption")  # its snapshot: nothing is spent yet
answers = [spend(early, ACT["codes"][0])]
early.commit()
try:
    answers.append(spend(late, ACT["codes"][1]))
    late.commit()
except psycopg2.errors.SerializationFailure:
    answers.append("serialization failure")
    late.rollback()
answers.append(spend(late, ACT["codes"][1]))
late.rollback()
late.close()
early.close()
print("SEEN", json.dumps(answers))
