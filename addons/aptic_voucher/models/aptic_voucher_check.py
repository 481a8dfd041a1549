from odoo import api, models
from odoo.tools import SQL

from .. import clock, codes, rules
from .aptic_order_qualifying import HAS_OFFER
from .aptic_rule import RULE_MODELS

# What a bearer may learn: what for, where, when. For whom a voucher is meant stays between sponsor and desk.
TOLD_KINDS = (
    "level", "category", "service", "max_price", "no_copay",
    "territory", "place_type", "provider", "excluded_provider",
    "dates", "weekdays", "max_per_day",
)  # fmt: skip
PLACES = 10  # on a page


class ApticVoucher(models.Model):
    """What the public check says of a serial: the same whatever the voucher's state, and whatever tag came with it."""

    _inherit = "aptic.voucher"

    @api.model
    def _public_check(self, serial, page=1):
        """Valid until when, where, what for. The tag of a code is neither needed nor looked at.

        :param int serial: the public serial
        :param int page: of the list of places, from 1; too far is the last one
        :return: None for a serial that no voucher has; else ``{"serial", "face_cents", "currency", "last_day",
            "accepted_until", "is_late", "is_over", "rules": [{"kind", "text"}], "count", "page", "pages", "places"}``,
            where places are ``aptic.place`` records
        """
        voucher = self.sudo().search([("serial", "=", serial)], limit=1) if 0 < serial < 2**31 else self.browse()
        if not voucher:
            return None
        order = voucher.order_id
        rows, until = order.frozen_rules or [], order._last_accepted_day()
        count, places = self._places_taking(rows, max(until, clock.today()), max(page, 1))
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
    def _places_taking(self, rows, until, page):
        """Places of the public catalogue where rules accept some service, by municipality: their number, and a page.

        :param rows: an order's frozen rules
        :param until: date, the last one on which the vouchers are taken
        :param int page: from 1; too far is the last one
        """
        [(count, ids)] = self.env.execute_query(
            SQL(
                """WITH %s,
                        found AS MATERIALIZED (
                          SELECT place.id, t.name AS town, pl.name
                            FROM place JOIN aptic_place pl ON pl.id = place.id
                            JOIN aptic_territory t ON t.id = pl.territory_id
                           WHERE %s),
                        total AS (SELECT count(*) AS n FROM found)
                   SELECT n, array(SELECT id FROM found ORDER BY town, name, id
                                    LIMIT %s OFFSET least(%s, greatest(n - 1, 0) / %s * %s)) FROM total""",
                self.env["aptic.order"]._qualifying(rows, until),
                HAS_OFFER, PLACES, (page - 1) * PLACES, PLACES, PLACES,
            )
        )  # fmt: skip
        return count, self.env["aptic.place"].sudo().browse(ids)

    @api.model
    def _told_rules(self, rows):
        """Rules in words, those that a bearer may know."""
        told = []
        for row in rows:
            kind = rules.name_of(row)
            if kind in TOLD_KINDS:
                model = RULE_MODELS.get(kind)
                named = self.env[model].sudo().browse(row["ids"]).exists() if model else ()
                text = self.env["aptic.rule"]._describe(row, [record.display_name for record in named])
                told.append({"kind": kind, "text": text})
        return sorted(told, key=lambda rule: TOLD_KINDS.index(rule["kind"]))
