from odoo import api, fields, models
from odoo.addons.aptic_base import prices
from odoo.fields import Command
from odoo.tools import formatLang

from .aptic_order_qualifying import PAGE
from .aptic_rule import WEEKDAYS

# The kinds with plain values that a sponsor may ask for by itself; their fields in its form.
CONDITION_KINDS = ("dates", "weekdays", "max_price", "no_copay", "max_per_day")
CONDITION_TEXTS = ("date_from", "date_until", "max_price", "no_copay", "max_count")
MOST_PER_DAY = 10  # vouchers of the largest booklet


class ApticOrder(models.Model):
    """When, up to which price and how many at a time: the part of a sponsor's request that names no records."""

    _inherit = "aptic.order"

    @api.model
    def _read_request(self, form, logo=None):
        """Read the conditions too: the texts of ``CONDITION_TEXTS`` and the list ``weekday``."""
        vals, errors = super()._read_request(form, logo)
        asked = self._own_rules().filtered(lambda rule: rule.kind in CONDITION_KINDS)
        conditions = map(Command.create, self._read_conditions(form, errors))
        vals["rule_ids"] = [*vals["rule_ids"], *map(Command.delete, asked.ids), *conditions]
        return vals, errors

    @api.model
    def _read_conditions(self, form, errors):
        """The rules of what was typed, as values for ``create``; sentences about what is wrong go into ``errors``."""
        found = [
            self._read_dates(form, errors),
            self._read_weekdays(form, errors),
            self._read_max_price(form, errors),
            {"kind": "no_copay"} if form.get("no_copay") else None,
            self._read_max_count(form, errors),
        ]
        return [vals for vals in found if vals]

    @api.model
    def _read_dates(self, form, errors):
        days = {}
        for name in ("date_from", "date_until"):
            text = (form.get(name) or "").strip()
            try:
                days[name] = fields.Date.to_date(text[:10]) if text else False
            except ValueError:
                errors["dates"] = self.env._("Choose days of the calendar for the dates of use, or leave them empty.")
                return None
        first, last = days["date_from"], days["date_until"]
        if first and last and first > last:
            errors["dates"] = self.env._("The last day of use comes before the first one: exchange them.")
        elif last and last < fields.Date.context_today(self.with_context(tz="Europe/Paris")):
            errors["dates"] = self.env._("The last day of use is over: choose a later one, or leave it empty.")
        return {"kind": "dates", **days} if first or last else None

    @api.model
    def _read_weekdays(self, form, errors):
        chosen = {self._read_number(text) for text in (form.get("weekday") or [])[:20]}
        if not chosen <= set(range(1, 8)):
            errors["weekday"] = self.env._("This choice is no longer proposed: choose again.")
        if not chosen or len(chosen) == 7:  # all of them restrict nothing
            return None
        return {"kind": "weekdays", **{name: number in chosen for number, name in enumerate(WEEKDAYS, 1)}}

    @api.model
    def _read_max_price(self, form, errors):
        text = (form.get("max_price") or "").strip()
        if not text:
            return None
        try:
            return {"kind": "max_price", "max_price_cents": prices.parse(text)}
        except prices.BadPrice:
            errors["max_price"] = self.env._("Write the highest price in euros and cents, for example 20 or 12,50.")
            return None

    @api.model
    def _read_max_count(self, form, errors):
        text = (form.get("max_count") or "").strip()
        count = self._read_number(text)
        if not text:
            return None
        if not 0 < count <= MOST_PER_DAY:
            errors["max_count"] = self.env._(
                "Write how many vouchers of a booklet may be used on one day: from 1 to %(most)s.", most=MOST_PER_DAY
            )
        return {"kind": "max_per_day", "max_count": count}

    def _conditions_form(self):
        """The draft's conditions as the texts that the sponsor's form shows."""
        first = {rule.kind: rule for rule in self._own_rules()}
        empty = self.env["aptic.rule"]
        dates, price = first.get("dates", empty), first.get("max_price", empty).max_price_cents
        days = first.get("weekdays")
        return {
            "date_from": str(dates.date_from or ""),
            "date_until": str(dates.date_until or ""),
            "weekday": [str(number) for number in days._weekdays()] if days else [],
            "max_price": f"{price / 100:.2f}".replace(".", ",") if price else "",
            "no_copay": "1" if "no_copay" in first else "",
            "max_count": str(first.get("max_per_day", empty).max_count or ""),
        }

    # ------------------------------------------------------------- what it reaches
    def _request_rows(self, form):
        """The rules that a sponsor's form asks for, as the engine's rows, with those that only staff can change.

        :param dict form: as in :meth:`_read_request`
        :return: ``(rows, errors)``
        """
        errors = {}
        commands = self._read_rules(form, errors)
        asked = [vals for _command, _id, vals in commands] + self._read_conditions(form, errors)
        kept = self.rule_ids - self._own_rules()
        rules = self.env["aptic.rule"].sudo()
        return [*kept.sudo()._freeze(), *(rules.new(vals)._row() for vals in asked)], errors

    def _request_changes(self, form):
        """What a sponsor wants to allow besides, as changes of an amendment.

        :param dict form: as in :meth:`_read_request`; ``no_copay`` gives that rule up
        :return: ``(rows, errors)``
        """
        errors = {}
        rules = self.env["aptic.rule"].sudo()
        asked = [vals for _command, _id, vals in self._read_rules(form, errors)]
        asked += self._read_conditions({**form, "weekday": []}, errors)
        rows = [rules.new(vals)._row() for vals in asked]
        days = sorted({self._read_number(text) for text in form["weekday"][:20]} & set(range(1, 8)))
        if days:
            rows.append({"kind": "weekdays", "days": days})
        return rows, errors

    def _qualifying_answer(self, rows, last_day=None, page=1):
        """What a sponsor sees of the places where vouchers would be taken: sentences, and a page of the list.

        :param rows: rows of the rule engine
        :param last_day: date, the last one on which vouchers are taken, or None
        :param int page: from 1
        :return: ``{"sentence", "advice", "page", "pages", "places"}``; places as in :meth:`_qualifying_page`
        """
        counts = self._qualifying_counts(rows, last_day)
        pages = -(-counts["places"] // PAGE)
        page = min(max(page, 1), max(pages, 1))
        return {
            "sentence": self._qualifying_sentence(counts) if counts["places"] else "",
            "advice": ""
            if counts["places"]
            else self.env._("No place would take these vouchers today: allow more, or write to the #APTIC team."),
            "page": page,
            "pages": pages,
            "position": self.env._("Page %(page)s of %(pages)s", page=page, pages=pages),
            "places": self._qualifying_page(rows, last_day, (page - 1) * PAGE) if counts["places"] else [],
        }

    def _qualifying_sentence(self, counts):
        """How many places, organisations and services, each in the singular or the plural."""
        env = self.env
        if not counts["places"]:
            return env._("No place would take these vouchers today.")
        number = {name: formatLang(env, count, digits=0) for name, count in counts.items()}
        places = env._("1 place") if counts["places"] == 1 else env._("%s places", number["places"])
        providers = (
            env._("1 organisation") if counts["providers"] == 1 else env._("%s organisations", number["providers"])
        )
        offers = env._("1 service") if counts["offers"] == 1 else env._("%s services", number["offers"])
        return env._(
            "The vouchers are taken in %(places)s (%(providers)s), for %(offers)s.",
            places=places,
            providers=providers,
            offers=offers,
        )
