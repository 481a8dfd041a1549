from odoo import api, fields, models
from odoo.addons.aptic_base.texts import paragraphs
from odoo.tools import SQL, format_date

from .. import clock


class ApticOrder(models.Model):
    """Alerts before the last valid day: to the sponsor, which acknowledges them, and to who hands the booklets out."""

    _name = "aptic.order"
    _inherit = ["aptic.order", "aptic.ending.mixin"]

    _end_field = "last_day"
    _end_stages = (30, 15, 7)
    _end_order = "sponsor_id, id"

    distributor_ids = fields.Many2many(
        "aptic.distributor", string="Distributors", copy=True, help="Who hands the booklets out; told before the end."
    )
    notice_ids = fields.One2many("aptic.expiry.notice", "order_id", readonly=True)

    @api.model
    def _cron_remind(self):
        """Tell sponsors and distributors 30, 15 and 7 days before the last valid day, once each."""
        self.with_context(tz="Europe/Paris")._remind_in_time([("state", "=", "active")])

    def _remind(self, stage):
        """Write to the sponsor and to the distributors of each order what is still to be used.

        :param int stage: days before the last valid day
        """
        figures = self._figures()
        rows = []
        for order in self:
            values = figures[order.id]
            if values["active"] <= 0:
                continue
            order._announce_to_sponsor(lambda env, order=order, values=values: order._ending_words(env, values))
            told = order._announce_to_distributors(
                lambda env, stock, order=order, values=values: order._ending_words(env, values, stock)
            )
            rows.append(
                {
                    "order_id": order.id,
                    "stage": stage,
                    "last_day": order.last_day,
                    "remaining_count": values["active"],
                    "remaining_cents": values["remaining_cents"],
                    "redeemed_count": values["redeemed"],
                    "told": ", ".join([order.sponsor_id.name, *told.mapped("name")]),
                    "sent_at": clock.now(),
                }
            )
        self.env["aptic.expiry.notice"].sudo()._guarded_create(rows)

    def _ending_words(self, env, values, stock=None):
        """Subject and text of an alert, in the language of ``env``.

        :param dict values: the order's figures
        :param dict stock: of the distributor that reads it, booklets as in ``aptic.distributor._booklet_figures``
        """
        own = stock and env._(
            "Of it you have %(stock)s booklets in stock and %(transit)s on the way; you have handed %(handed)s out, of"
            " which %(started)s are in use. Hand the others out in time, or return them.",
            **{name: stock[name] for name in ("stock", "transit", "handed", "started")},
        )
        return (
            env._("Order %(name)s: the vouchers end on %(day)s", name=self.name, day=format_date(env, self.last_day)),
            paragraphs(
                env._(
                    "%(count)s vouchers (%(value)s) of order %(name)s are still to be used; %(redeemed)s were used.",
                    count=values["active"],
                    value=self._euros(values["remaining_cents"]),
                    name=self.name,
                    redeemed=values["redeemed"],
                ),
                own,
                env._(
                    "They are valid until %(day)s included, and taken until %(last)s at the latest. After that they are"
                    " worth nothing, and the sponsor gets their value back.",
                    day=format_date(env, self.last_day),
                    last=format_date(env, self._last_accepted_day()),
                ),
                env._("If more time is needed, write to the #APTIC team before that day: an order can be extended."),
            ),
        )

    def _open_notices(self):
        """The notices of the present last day that the sponsor has not acknowledged, the latest first."""
        self.ensure_one()
        return self.notice_ids.filtered(
            lambda notice: not notice.acknowledged_at and notice.last_day == self.last_day and self.state == "active"
        )

    # ------------------------------------------------------------------ people
    def _distributors(self):
        """The distributors that these orders name, and those that have booklets of them, or have handed some out."""
        lots = self.env["aptic.distribution"].sudo()
        holding = [("state", "in", ("sent", "received")), ("part_ids.place", "in", ("held", "handed"))]
        return self.sudo().distributor_ids | lots.search([("order_id", "in", self.ids), *holding]).distributor_id

    def _announce_to_sponsor(self, words):
        """Write a message on the order, and mail it to the sponsor's managers and accountants.

        :param words: called with an environment in the reader's language; gives subject and text
        """
        self.ensure_one()
        sponsor = self.sudo().sponsor_id
        members = sponsor.member_ids.filtered(lambda member: member.active and member.role in ("manager", "accountant"))
        self.sudo()._announce(members, sponsor.lang, words)

    def _announce_to_distributors(self, words):
        """Write a message to the managers of the order's distributors, on their own threads.

        :param words: called with an environment in the reader's language and what the distributor has of the order
            (None: nothing); gives subject and text
        :return: the distributors
        """
        self.ensure_one()
        distributors = self._distributors()
        rows = distributors._booklet_figures(SQL("lot.order_id = %s", self.id))
        stocks = {row["distributor_id"]: row for row in rows if row["sent"]}
        for distributor in distributors:
            members = distributor.member_ids.filtered(lambda member: member.active and member.role == "manager")
            stock = stocks.get(distributor.id)
            self._announce(members, distributor.lang, lambda env, stock=stock: words(env, stock), thread=distributor)
        return distributors

    def _announce(self, members, lang, words, thread=None):
        env = self.with_context(lang=lang or self.env.lang).env
        subject, body = words(env)
        self._write_to((self if thread is None else thread).with_context(lang=env.lang), members, subject, body)
