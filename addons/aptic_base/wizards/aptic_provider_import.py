import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError

from .. import import_files
from ..models.aptic_provider import MANAGERS

SHOWN = 200
ORDER = {"left": 0, "change": 1, "create": 2, "same": 3}
BADGES = {"left": "danger", "change": "warning", "create": "success", "same": "secondary"}


class ApticProviderImport(models.TransientModel):
    """Import providers and places from files: first what would happen, row by row, then do it."""

    _name = "aptic.provider.import"
    _description = "Import providers and places"

    state = fields.Selection(
        [("file", "Files"), ("checked", "What will happen"), ("done", "Done")], default="file", readonly=True
    )
    content = fields.Binary(string="Providers (or a workbook with both)", attachment=False)
    filename = fields.Char()
    place_content = fields.Binary(string="Places", attachment=False)
    place_filename = fields.Char()
    with_identity = fields.Boolean(
        string="Also change the identity in law",
        help="Name, legal form and legal representative of providers that have applied already.",
    )
    summary = fields.Html(readonly=True, sanitize=False)
    nothing_to_do = fields.Boolean(readonly=True)
    report = fields.Binary(attachment=False, readonly=True)
    report_name = fields.Char(readonly=True)
    template_workbook = fields.Binary(compute="_compute_templates")
    template_providers = fields.Binary(compute="_compute_templates")
    template_places = fields.Binary(compute="_compute_templates")

    def _compute_templates(self):
        kinds = self.env["aptic.place.type"].search([])  # pylint: disable=no-search-all
        types = kinds.with_context(lang="fr_FR").mapped("name")
        for wizard in self:
            wizard.template_workbook = base64.b64encode(import_files.template_xlsx(types))
            wizard.template_providers = base64.b64encode(import_files.template_csv("provider"))
            wizard.template_places = base64.b64encode(import_files.template_csv("place"))

    # ------------------------------------------------------------------ files
    def _contents(self):
        """The files as bytes.

        :raise UserError: when there is none, or it is larger than allowed
        """
        max_bytes, _max_rows = self.env["aptic.import"]._limits()
        contents = []
        for encoded in (self.with_context(bin_size=False).content, self.with_context(bin_size=False).place_content):
            if not encoded:
                continue
            if len(encoded) > max_bytes * 4 // 3 + 8:
                raise UserError(
                    self.env._(
                        "The file is larger than %(limit)s MB: cut it into several files.", limit=max_bytes // 10**6
                    )
                )
            try:
                contents.append(base64.b64decode(encoded))
            except binascii.Error as error:
                raise UserError(self.env._("The file did not arrive whole: choose it again.")) from error
        if not contents:
            raise UserError(self.env._("Choose a file first."))
        return contents

    def _filenames(self):
        return ", ".join(filter(None, (self.filename, self.place_filename)))

    # ---------------------------------------------------------------- buttons
    def action_check(self):
        """Say what an import of the files would do; nothing is written."""
        self._check_manager()
        plan, remarks = self.env["aptic.import"]._plan(self._contents(), self.with_identity)
        self.write({"state": "checked", "nothing_to_do": plan.does_nothing, **self._told(plan, remarks)})
        return self._reopen()

    def action_apply(self):
        """Import the files, and forget them."""
        self._check_manager()
        _done, plan, remarks = self.env["aptic.import"]._apply(self._contents(), self._filenames(), self.with_identity)
        self.write(
            {
                "state": "done",
                "nothing_to_do": plan.does_nothing,
                "content": False,
                "place_content": False,
                **self._told(plan, remarks, done=True),
            }
        )
        return self._reopen()

    def action_back(self):
        """Choose other files."""
        self.write({"state": "file", "summary": False, "report": False})
        return self._reopen()

    def action_template_workbook(self):
        """Download the workbook to fill in."""
        return self._download("template_workbook", "modele-aptic.xlsx")

    def action_template_providers(self):
        """Download the CSV of providers to fill in."""
        return self._download("template_providers", "modele-aptic-structures.csv")

    def action_template_places(self):
        """Download the CSV of places to fill in."""
        return self._download("template_places", "modele-aptic-lieux.csv")

    def action_report(self):
        """Download what is told of each row."""
        return self._download("report", self.report_name)

    def _check_manager(self):
        self.ensure_one()
        self.env["aptic.import"]._check_any_group(MANAGERS)

    def _download(self, name, filename):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/{name}/{filename}?download=true",
            "target": "download",
        }

    def _reopen(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_base.aptic_provider_import_action")
        return {**action, "res_id": self.id}

    # ------------------------------------------------------------------- told
    def _told(self, plan, remarks, done=False):
        """The report of a plan: a summary to read, and a file with one message a row."""
        labels = self.env["aptic.import"]._action_labels()
        kinds = {"provider": self.env._("Provider"), "place": self.env._("Place")}
        told = [
            {
                "kind": kinds[outcome.kind],
                "line": outcome.line,
                "siret": outcome.siret,
                "name": outcome.name,
                "action": outcome.action,
                "label": labels[outcome.action],
                "message": message,
                "worth": outcome.action != "same" or bool(outcome.notes),
            }
            for outcome, message in self.env["aptic.import"]._messages(plan)
        ]
        heads = [
            self.env._("Sheet"),
            self.env._("Line"),
            self.env._("SIRET"),
            self.env._("Name"),
            self.env._("Result"),
            self.env._("Message"),
        ]
        names = ("kind", "line", "siret", "name", "label", "message")
        rows = [[entry[name] for name in names] for entry in told]
        worth = sorted((entry for entry in told if entry["worth"]), key=lambda entry: ORDER[entry["action"]])
        return {
            "summary": self.env["ir.qweb"]._render(
                "aptic_base.provider_import_summary",
                {
                    "done": done,
                    "nothing": plan.does_nothing,
                    "remarks": remarks,
                    "labels": labels,
                    "counts": plan.counts(),
                    "entries": worth[:SHOWN],
                    "more": max(len(worth) - SHOWN, 0),
                    "badges": BADGES,
                },
            ),
            "report": base64.b64encode(import_files.csv_bytes([heads, *rows])),
            "report_name": "rapport-import.csv",
        }
