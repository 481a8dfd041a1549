from odoo import api, fields, models
from odoo.fields import Command

from .aptic_order_request_values import SUGGESTIONS

# What stands before the id in the sponsor's form, and the field that it fills in.
TARGETS = {"d": "distributor_id", "t": "territory_id"}
MODELS = {"d": "aptic.distributor", "t": "aptic.territory"}
MOST_ALLOTMENTS = 100


class ApticAllotment(models.Model):
    """A rule of distribution in words."""

    _inherit = "aptic.allotment"

    summary = fields.Char(string="Who", compute="_compute_summary", compute_sudo=True)

    @api.depends("distributor_id", "territory_id", "booklet_limit")
    def _compute_summary(self):
        for allotment in self:
            env, limit = allotment.env, allotment.booklet_limit
            who = allotment.distributor_id.name or ""
            if allotment.territory_id:
                who = env._("the distributors of %s", allotment.territory_id.display_name)
            if limit:
                words = allotment.order_id._booklet_words(limit)
                who = env._("%(who)s: %(booklets)s at most", who=who, booklets=words)
            allotment.summary = who


class ApticOrder(models.Model):
    """Who may hand an order's booklets out: asked for in the sponsor's form, promised by the quote."""

    _inherit = "aptic.order"

    # -------------------------------------------------------------- the request
    @api.model
    def _read_request(self, form, logo=None):
        """Read the rules of distribution too: lists ``allotment_target`` and ``allotment_booklets``."""
        vals, errors = super()._read_request(form, logo)
        if "allotment_target" in form:
            vals["allotment_ids"] = [Command.clear(), *self._read_allotments(form, errors)]
        return vals, errors

    def _read_allotments(self, form, errors):
        commands, seen = [], set()
        limits = [*(form.get("allotment_booklets") or ()), *[""] * len(form["allotment_target"])]
        if len(form["allotment_target"]) > MOST_ALLOTMENTS:
            errors["allotment"] = self.env._("%(most)s lines at most.", most=MOST_ALLOTMENTS)
        targets = self._allotment_targets(form["allotment_target"][:MOST_ALLOTMENTS])
        for text, limit in list(zip(form["allotment_target"], limits, strict=False))[:MOST_ALLOTMENTS]:
            target, limit = targets.get(text), (limit or "").strip()
            if not target or text in seen:
                errors["allotment"] = self.env._(
                    "A distributor or territory is named twice, or is no longer proposed: choose again."
                )
            elif limit and not 0 < self._read_number(limit) < 2**31:
                errors["allotment"] = self.env._(
                    "%s: write how many booklets at most, or nothing.", target.display_name
                )
            else:
                values = {TARGETS[text[0]]: target.id, "booklet_limit": self._read_number(limit)}
                commands.append(Command.create(values))
            seen.add(text)
        return commands

    @api.model
    def _allotment_targets(self, texts):
        """The distributors and territories (sudo) of texts such as ``d12`` and ``t33``, by text; without others."""
        found = {}
        for letter, model in MODELS.items():
            ids = self._read_ids([text[1:] for text in texts if text[:1] == letter])
            found |= {f"{letter}{one.id}": one for one in self.env[model].sudo().search([("id", "in", list(ids))])}
        return found

    def _allotments_form(self):
        """The draft's rules of distribution as the lists of texts that the form shows."""
        return {
            "allotment_target": [
                f"d{one.distributor_id.id}" if one.distributor_id else f"t{one.territory_id.id}"
                for one in self.allotment_ids
            ],
            "allotment_booklets": [str(one.booklet_limit or "") for one in self.allotment_ids],
        }

    @api.model
    def _allotment_rows(self, form):
        """What the form shows of them: dicts ``value``, ``label`` and ``booklets``."""
        limits = [*form["allotment_booklets"], *[""] * len(form["allotment_target"])]
        texts = form["allotment_target"][:MOST_ALLOTMENTS]
        targets = self._allotment_targets(texts)
        rows = [
            {"value": text, "label": targets[text].display_name, "booklets": limit}
            for text, limit in zip(texts, limits, strict=False)
            if text in targets
        ]
        return list({row["value"]: row for row in rows}.values())

    @api.model
    def _suggest_targets(self, term):
        """Distributors by a part of the name, then territories, for a picker: rows as of ``_suggest_values``."""
        pattern = self._read_pattern(term)
        found = self.env["aptic.distributor"].sudo()
        if pattern:
            found = found.search([("name", "ilike", pattern)], order="id", limit=SUGGESTIONS)
        word = self.env._("Distributor")
        rows = [
            {"id": f"d{one.id}", "name": one.name, "code": "", "kind": ", ".join(filter(None, (word, one.city)))}
            for one in found
        ]
        territories = self._suggest_territories(term, SUGGESTIONS - len(rows)) if len(rows) < SUGGESTIONS else []
        return rows + [{**row, "id": f"t{row['id']}"} for row in territories]

    # ----------------------------------------------------------------- the quote
    def _quote_content(self):
        content = super()._quote_content()
        rules = [[one.distributor_id.id, one.territory_id.id, one.booklet_limit] for one in self.sudo().allotment_ids]
        return {**content, "distribution": sorted(rules, key=str)}

    def _quote_sections(self, booklets):
        sections = super()._quote_sections(booklets)
        if not self.allotment_ids:
            return sections
        return [*sections, (self.env._("Who may hand the booklets out"), self.allotment_ids.mapped("summary"))]
