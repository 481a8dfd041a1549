import contextlib
import re
import tempfile
import unicodedata

from odoo import api, models
from odoo.addons.aptic_voucher import codes, days, tables
from odoo.addons.aptic_voucher.acts import GIVEN_BACK
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

AMOUNT = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?\s*(?:€|eur|euros?)?", re.IGNORECASE)
CHUNK = 2000  # acts that an export holds in memory at a time
MOST_AUDIENCES = 1000  # looked through for a name; there are some twenty
MOST_ROWS = {"csv": 200_000, "xlsx": 50_000}  # in one file, made while the person waits
COLUMNS = (
    "id", "day", "received_at", "place_id", "offer_id", "audience_id", "user_id", "voucher_count", "serials",
    "price_cents", "face_cents", "copay_cents", "state",
)  # fmt: skip
WIDTHS = (10, 12, 8, 30, 40, 24, 28, 10, 26, 12, 14, 16, 12, 18, 28, 40)


def _folded(text):
    """A text without accents and capitals, for comparing."""
    signs = unicodedata.normalize("NFD", (text or "").casefold())
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


class ApticRedemption(models.Model):
    """The scans of a provider looked back on: found, counted, exported."""

    _inherit = "aptic.redemption"

    # ------------------------------------------------------------------ search
    @api.model
    def _history_domain(self, member, first=None, last=None, place_id=0, text=""):
        """The scans of a membership's provider; record rules narrow them to what the user may see.

        :param member: ``aptic.member`` of the current user (sudo)
        :param first: the first day, or None
        :param last: the last day, inclusive, or None
        :param int place_id: of the provider; 0 is all
        :param str text: what is looked for: a serial, an amount in euros, or a part of the name of a service, a place,
            an audience or (but for mediators) the person who scanned
        """
        provider = member.provider_id
        domain = Domain("provider_id", "=", provider.id)
        if first:
            domain &= Domain("day", ">=", first)
        if last:
            domain &= Domain("day", "<=", last)
        if place_id:
            domain &= Domain("place_id", "=", place_id)
        return domain & self._text_domain(member, text) if text else domain

    def _text_domain(self, member, text):
        provider = member.provider_id.with_context(active_test=False)
        found = []
        with contextlib.suppress(codes.BadCode):
            found.append(self._has_serial(codes.read_serial(text)))
        if amount := AMOUNT.fullmatch(text):
            cents = int(amount[1]) * 100 + int((amount[2] or "0").ljust(2, "0"))
            found += [Domain(name, "=", cents) for name in ("price_cents", "face_cents", "copay_cents")]
        names = {"offer_id": provider.offer_ids, "place_id": provider.place_ids, "audience_id": self._audiences()}
        if member.role != "mediator":
            names["user_id"] = provider.member_ids.user_id
        for column, records in names.items():
            some = records.filtered(lambda record: _folded(text) in _folded(record.name))
            found.append(Domain(column, "in", some.ids))
        return Domain.OR(found)

    def _audiences(self):
        return self.env["aptic.audience"].sudo().with_context(active_test=False).search([], limit=MOST_AUDIENCES)

    # ----------------------------------------------------------------- figures
    @api.model
    def _figures(self, domain):
        """What the acts in ``domain`` that the current user may read come to, in one query.

        :return: ``listed`` (acts, cancelled ones too), and without the cancelled ones ``scans``, ``vouchers``,
            ``face_cents`` (paid by vouchers) and ``copay_cents`` (paid by persons)
        """
        counted = SQL("FILTER (WHERE %s NOT IN %s)", SQL.identifier(self._table, "state"), GIVEN_BACK)
        sums = {
            name: SQL("COALESCE(sum(%s) %s, 0)", SQL.identifier(self._table, column), counted)
            for name, column in (
                ("vouchers", "voucher_count"),
                ("face_cents", "face_cents"),
                ("copay_cents", "copay_cents"),
            )
        }
        columns = {"listed": SQL("count(*)"), "scans": SQL("count(*) %s", counted), **sums}
        query = self._search(domain)
        if query.is_empty():
            return dict.fromkeys(columns, 0)
        (row,) = self.env.execute_query(query.select(*columns.values()))
        return dict(zip(columns, row, strict=True))

    def _cancellations(self):
        """Who cancelled which of these acts, when and why, as the ledger has it; in one query.

        To people outside the team its members are the team.

        :return: ``{id: {"at", "by", "reason"}}``; ``at`` is naive UTC
        """
        cancelled = [act.id for act in self.sudo() if act.state in GIVEN_BACK]
        return self._cancellations_of(cancelled)

    @api.model
    def _cancellations_of(self, ids):
        if not ids:
            return {}
        events = (
            self.env["aptic.event"].sudo().search([("redemption_id", "in", ids), ("kind", "in", ("cancel", "reverse"))])
        )
        return {
            event.redemption_id.id: {"at": event.at, "by": self._name_told(event.user_id), "reason": event.reason or ""}
            for event in events
        }

    def _serials_told(self):
        """The serials as they are printed on the vouchers."""
        return " ".join(codes.serial_digits(int(serial)) for serial in (self.serials or "").split())

    @api.model
    def _name_told(self, user):
        if user._is_internal() and not self.env.user._is_internal():
            return self.env._("the #APTIC team")
        return user.name

    # ------------------------------------------------------------------ export
    @api.model
    def _export_history(self, domain, kind):
        """The acts in ``domain`` that the current user may read, the latest first, as a file.

        Memory holds ``CHUNK`` acts at a time: rows go to a file on the disk, which is gone when it is closed.

        :param str kind: ``csv`` or ``xlsx``
        :return: an open binary file
        :raise UserError: for another kind, or for more acts than a file takes
        """
        if kind not in MOST_ROWS:
            raise UserError(self.env._("This export does not exist."))
        most = MOST_ROWS[kind]
        if self.search_count(domain, limit=most + 1) > most:
            raise UserError(
                self.env._(
                    "That is more than %(count)s scans, too many for one file: choose a shorter period.",
                    count=most,
                )
            )
        file = tempfile.TemporaryFile()  # noqa: SIM115 the caller sends it, and closes it
        try:
            tables.write(file, kind, self.env._("Scans"), self._export_rows(domain), WIDTHS)
        except Exception:
            file.close()
            raise
        return file

    def _export_rows(self, domain):
        yield [
            self.env._("Number"), self.env._("Day"), self.env._("Time"), self.env._("Place"), self.env._("Service"),
            self.env._("Audience"), self.env._("Scanned by"), self.env._("Vouchers"), self.env._("Serials"),
            self.env._("Price"), self.env._("Paid by vouchers"), self.env._("Paid by the beneficiary"),
            self.env._("Status"), self.env._("Cancelled on"), self.env._("Cancelled by"), self.env._("Reason"),
        ]  # fmt: skip
        states = dict(self._fields["state"]._description_selection(self.env))
        names = {name: {None: ""} for name in ("place_id", "offer_id", "audience_id", "user_id")}
        columns = [SQL.identifier(self._table, name) for name in COLUMNS]
        last = None
        while last is None or last:
            part = Domain(domain) & Domain("id", "<", last) if last else domain
            query = self._search(part, order="id DESC", limit=CHUNK)
            rows = [] if query.is_empty() else self.env.execute_query_dict(query.select(*columns))
            self._learn_names(names, rows)
            cancelled = self._cancellations_of([row["id"] for row in rows if row["state"] in GIVEN_BACK])
            for row in rows:
                undone = cancelled.get(row["id"], {})
                yield [
                    row["id"],
                    row["day"],
                    f"{days.paris_time(row['received_at']):%H:%M}",
                    *(names[name][row[name]] for name in names),
                    row["voucher_count"],
                    " ".join(codes.serial_digits(int(serial)) for serial in row["serials"].split()),
                    row["price_cents"] / 100,
                    row["face_cents"] / 100,
                    row["copay_cents"] / 100,
                    states[row["state"]],
                    f"{days.paris_time(undone['at']):%d/%m/%Y %H:%M}" if undone else "",
                    undone.get("by", ""),
                    undone.get("reason", ""),
                ]
            last = rows[-1]["id"] if len(rows) == CHUNK else 0
            self.env.invalidate_all(flush=False)

    def _learn_names(self, names, rows):
        """Add to ``names`` those that ``rows`` are the first to need."""
        for column, known in names.items():
            new = {row[column] for row in rows} - known.keys()
            records = self.env[self._fields[column].comodel_name].sudo().browse(new)
            known.update(
                {record.id: self._name_told(record) if column == "user_id" else record.name for record in records}
            )
