from odoo import api, models
from odoo.addons.aptic_base.models.aptic_provider_catalogue import SHOWN_STATES
from odoo.tools import SQL

from .. import clock, codes
from .aptic_redemption_act import RULE_MODELS

# What a bearer may learn: where, and what for. For whom a voucher is meant stays between sponsor and desk.
TOLD_KINDS = ("territory", "place_type", "provider", "level", "category", "service")
PLACES = 10  # on a page


def _nowhere(_ids):
    """A rule that nobody understands agrees with nothing."""
    return SQL("FALSE")


# The frozen rules as conditions on a place ``pl`` in ``t`` and on an offer ``o`` of the service ``s``.
PLACE_RULES = {
    "territory": lambda ids: SQL(
        "(string_to_array(trim(BOTH '/' FROM t.parent_path), '/')::int[] && %s OR t.epci_id = ANY(%s))", ids, ids
    ),
    "place_type": lambda ids: SQL("pl.type_id = ANY(%s)", ids),
    "provider": lambda ids: SQL("pl.provider_id = ANY(%s)", ids),
}
OFFER_RULES = {
    "level": lambda ids, _audiences: SQL("s.level_id = ANY(%s)", ids),
    "category": lambda ids, _audiences: SQL("s.category_id = ANY(%s)", ids),
    "service": lambda ids, _audiences: SQL("o.service_id = ANY(%s)", ids),
    "audience": lambda ids, audiences: SQL(
        "(NOT EXISTS (%s) OR EXISTS (%s INTERSECT SELECT unnest(%s)))", audiences, audiences, ids
    ),
}


class ApticVoucher(models.Model):
    """What the public check says of a serial: the same whatever the voucher's state, and whatever tag came with it."""

    _inherit = "aptic.voucher"

    @api.model
    def _public_check(self, serial, page=1):
        """Valid until when, where, what for. The tag of a code is neither needed nor looked at.

        :param int serial: the public serial
        :param int page: of the list of places, from 1; too far is the last one
        :return: None for a serial that no voucher has; else ``{"serial", "face_cents", "currency", "last_day",
            "accepted_until", "is_late", "is_over", "rules": [{"kind", "names"}], "count", "page", "pages", "places"}``,
            where places are ``aptic.place`` records
        """
        voucher = self.sudo().search([("serial", "=", serial)], limit=1) if 0 < serial < 2**31 else self.browse()
        if not voucher:
            return None
        order = voucher.order_id
        rows, until = order.frozen_rules or [], order._last_accepted_day()
        count, places = self._places_taking(rows, max(page, 1))
        pages = max(1, -(-count // PLACES))
        page = min(max(page, 1), pages)
        return {
            "serial": codes.serial_digits(serial),
            "face_cents": order.face_value_cents,
            "currency": order.currency_id,
            "last_day": order.last_day,
            "accepted_until": until,
            "is_late": order.last_day < clock.today() <= until,
            "is_over": clock.today() > until,
            "rules": self._told_rules(rows),
            "count": count,
            "page": page,
            "pages": pages,
            "places": places,
        }

    @api.model
    def _places_taking(self, rows, page):
        """Places of the public catalogue where rules accept some service, by municipality: their number, and a page.

        :param rows: an order's frozen rules
        :param int page: from 1; too far is the last one
        """
        today = clock.today()
        for name in ("aptic.place", "aptic.offer", "aptic.hosting", "aptic.provider", "aptic.service"):
            self.env[name].flush_model()
        conditions = [
            PLACE_RULES.get(row["kind"], _nowhere)(row["ids"]) for row in rows if row["kind"] not in OFFER_RULES
        ]
        served = self.env["aptic.offer"]._fields["audience_ids"]
        audience = SQL(
            "SELECT a.%s FROM %s a WHERE a.%s = o.id",
            SQL.identifier(served.column2), SQL.identifier(served.relation), SQL.identifier(served.column1),
        )  # fmt: skip
        offers = [OFFER_RULES[row["kind"]](row["ids"], audience) for row in rows if row["kind"] in OFFER_RULES]
        found = SQL(
            """SELECT pl.id, t.name AS town, pl.name
                 FROM aptic_place pl
                 JOIN aptic_provider p ON p.id = pl.provider_id
                 JOIN aptic_territory t ON t.id = pl.territory_id
                WHERE pl.active AND p.state = ANY(%(shown)s)
                  AND (pl.open_from IS NULL OR pl.open_from <= %(today)s)
                  AND (pl.open_until IS NULL OR pl.open_until >= %(today)s)
                  AND (pl.presence = 'place' OR EXISTS (
                        SELECT FROM aptic_hosting h WHERE h.place_id = pl.id AND h.state = 'accepted'
                           AND h.starts_on <= %(today)s AND (h.ends_on IS NULL OR h.ends_on >= %(today)s)))
                  AND EXISTS (
                        SELECT FROM aptic_offer o JOIN aptic_service s ON s.id = o.service_id
                         WHERE o.provider_id = pl.provider_id AND o.active AND s.active AND %(offers)s
                           AND (pl.id IN (SELECT place_id FROM aptic_offer_place_rel r WHERE r.offer_id = o.id)
                                OR NOT EXISTS (SELECT FROM aptic_offer_place_rel r WHERE r.offer_id = o.id)))
                  AND %(places)s""",
            shown=list(SHOWN_STATES),
            today=today,
            offers=SQL(" AND ").join(offers or [SQL("TRUE")]),
            places=SQL(" AND ").join(conditions or [SQL("TRUE")]),
        )
        [(count, ids)] = self.env.execute_query(
            SQL(
                """WITH found AS MATERIALIZED (%s), total AS (SELECT count(*) AS n FROM found)
                   SELECT n, array(SELECT id FROM found ORDER BY town, name, id
                                    LIMIT %s OFFSET least(%s, greatest(n - 1, 0) / %s * %s)) FROM total""",
                found, PLACES, (page - 1) * PLACES, PLACES, PLACES,
            )
        )  # fmt: skip
        return count, self.env["aptic.place"].sudo().browse(ids)

    @api.model
    def _told_rules(self, rows):
        """Rules in words, those that a bearer may know."""
        told = []
        for row in rows:
            if row["kind"] in TOLD_KINDS:
                records = self.env[RULE_MODELS[row["kind"]]].sudo().browse(row["ids"]).exists()
                told.append({"kind": row["kind"], "names": [record.display_name for record in records]})
        return sorted(told, key=lambda rule: TOLD_KINDS.index(rule["kind"]))
