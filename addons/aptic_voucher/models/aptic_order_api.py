from odoo import api, fields, models
from odoo.addons.aptic_base.api import moment
from odoo.tools import SQL

from .. import clock, small_groups

PARAMETER = "aptic_voucher.small_group"
USUAL_LEAST = 5
LEVELS = ("region", "department", "commune")
GROUPS = ("month", "territory", "service")


class ApticOrder(models.Model):
    """An order as its sponsor's own tools read it (see ``docs/api.md``)."""

    _inherit = "aptic.order"

    # ------------------------------------------------------------------ orders
    @api.model
    def _api_page(self, sponsor, state, after, limit):
        """A page of a sponsor's orders, the newest first.

        :param sponsor: ``aptic.sponsor``; the caller has checked the key
        :param str state: only orders in this state; None for all
        :param int after: id of the last order of the page before; None for the first page
        :param int limit: rows at most
        :return: ``(rows, id to go on after or None)``
        """
        domain = [("sponsor_id", "=", sponsor.id)]
        if state:
            domain.append(("state", "=", state))
        if after:
            domain.append(("id", "<", after))
        orders = self.sudo().search(domain, order="id desc", limit=limit + 1)
        return orders[:limit]._api_rows(), (orders[limit - 1].id if len(orders) > limit else None)

    @api.model
    def _api_find(self, sponsor, order_id):
        """A sponsor's order by its number, or none (sudo)."""
        return self.sudo().search([("id", "=", order_id), ("sponsor_id", "=", sponsor.id)])

    def _api_rows(self):
        """The orders as JSON rows; amounts in cents."""
        amendments = self.amendment_ids._api_rows()
        return [
            {
                "id": order.id,
                "name": order.name,
                "state": order.state,
                "quantity": order.quantity,
                "booklet_size": order.booklet_size,
                "face_value_cents": order.face_value_cents,
                "face_cents": order.face_cents,
                "received_cents": order.received_cents,
                "activated_cents": order.activated_cents,
                "last_day": fields.Date.to_string(order.last_day),
                "last_accepted_day": fields.Date.to_string(order._last_accepted_day()),
                "message": order.message or None,
                "rules": [rule._api_row() for rule in order.rule_ids],
                "distribution_rules": [allotment._api_row() for allotment in order.allotment_ids],
                "amendments": [amendments[amendment.id] for amendment in order.amendment_ids],
                "created_at": moment(order.create_date),
            }
            for order in self
        ]

    # ------------------------------------------------------------------ counts
    def _api_counts(self):
        """What became of the order's vouchers, as the ledger says it: vouchers, cents, first days."""
        self.ensure_one()
        figures, days = self._figures(), self._event_days()
        counts, figures = self._counts(figures)[self.id], figures[self.id]
        return {
            "order": {"id": self.id, "name": self.name, "state": self.state},
            "vouchers": {
                "ordered": self.quantity,
                "printed": figures["printed"],
                "delivered": counts["delivered"],
                "activated": figures["activated"],
                "injected": counts["injected"],
                "redeemed": figures["redeemed"],
                "expired": counts["expired"],
                "blocked": counts["blocked"],
                "replaced": counts["replaced"],
                "remaining": figures["active"],
            },
            "booklets": {"ordered": self.booklet_count, "started": counts["started"]},
            "cents": {
                "ordered": self.face_cents,
                "received": self.received_cents,
                "activated": self.activated_cents,
                "redeemed": figures["redeemed_cents"],
                "remaining": figures["remaining_cents"],
            },
            "days": {
                name: fields.Date.to_string(days[kind]) if days.get(kind) else None
                for name, kind in (
                    ("printed", "issue"),
                    ("delivered", "deliver"),
                    ("activated", "activate"),
                    ("first_redeemed", "redeem"),
                    ("expired", "expire"),
                )
            },
        }

    # ------------------------------------------------------------- redemptions
    def _api_redemptions(self, by, level):
        """How the order's vouchers were used in months that are over; never a small group, never one act.

        :param str by: one of ``GROUPS``
        :param str level: one of ``LEVELS``; counts for ``by="territory"``
        :return: JSON rows, the newest month first; ``others`` tells rows that hold several groups together: those of
            the territory that the row names (none: of the month), or of several months (``month`` is None)
        """
        self.ensure_one()
        rows = self._api_redemption_rows(by)
        depth = {"month": 1, "service": 2, "territory": 2 + LEVELS.index(level)}[by]
        found = small_groups.shown(rows, depth, self._api_least())
        last = {path: next((key for key in reversed(path[1:]) if key), None) for path, _figures in found}
        names = self._api_names(by, set(last.values()) - {None})
        answer = []
        for path, (acts, vouchers, cents) in found:
            row = {"month": path[0], "others": small_groups.OTHERS in path}
            if by != "month":
                row[by] = names.get(last[path])
            answer.append({**row, "redemptions": acts, "vouchers": vouchers, "face_cents": cents})
        return sorted(answer, key=lambda row: (row["month"] is not None, row["month"] or ""), reverse=True)

    @api.model
    def _api_least(self):
        """The smallest number of acts that a sponsor may see as one figure."""
        return self.env["ir.config_parameter"]._get_number(PARAMETER, USUAL_LEAST, least=2)

    def _api_redemption_rows(self, by):
        """Pairs ``((month, ids…), (acts, vouchers, cents))`` for ``small_groups``, by one aggregate of the ledger."""
        paths = {
            "month": SQL("NULL, NULL, NULL"),
            "service": SQL("r.service_id, NULL, NULL"),
            "territory": SQL(
                "COALESCE(department.parent_id, r.territory_id), COALESCE(commune.parent_id, r.territory_id),"
                " r.territory_id"
            ),
        }
        rows = self.env.execute_query(
            SQL(
                """SELECT to_char(e.day, 'YYYY-MM'), %s, count(DISTINCT r.id), sum(e.quantity), sum(e.amount_cents)
                     FROM aptic_event e
                     JOIN aptic_redemption r ON r.id = e.redemption_id AND r.state NOT IN ('cancelled', 'reversed')
                     JOIN aptic_territory commune ON commune.id = r.territory_id
                     LEFT JOIN aptic_territory department ON department.id = commune.parent_id
                    WHERE e.order_id = %s AND e.kind = 'redeem' AND e.day < %s
                    GROUP BY 1, 2, 3, 4""",
                paths[by],
                self.id,
                clock.today().replace(day=1),
            )
        )
        return [((row[0], *row[1:4]), tuple(map(int, row[4:]))) for row in rows]

    @api.model
    def _api_names(self, by, ids):
        """Code and name of the services or territories that rows are about."""
        if by == "month":
            return {}
        records = self.env[f"aptic.{by}"].sudo().browse(sorted(ids))
        names = {record.id: {"code": record.code, "name": record.name} for record in records}
        if by == "territory":
            for record in records:
                names[record.id]["level"] = record.kind
        return names
