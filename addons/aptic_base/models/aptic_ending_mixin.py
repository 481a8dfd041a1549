from datetime import timedelta

from odoo import api, fields, models

from ..dossier import SOON

STAGES = (SOON.days, 7, 0)  # days before the end of a record, in which order they pass
BATCH = 200


class ApticEndingMixin(models.AbstractModel):
    """What ends on a day: somebody is told 30 and 7 days before it and on the day itself, once each.

    A model names it after ``aptic.guarded.mixin`` in ``_inherit``, says which field has its last day, and writes what
    is told in ``_remind``. It may have other days (``_end_stages``), and batches of another order (``_end_order``).
    """

    _name = "aptic.ending.mixin"
    _description = "Reminders before a last day"

    reminded_days = fields.Integer(
        string="Last reminder, days before the end", default=-1, readonly=True, copy=False, help="-1: none yet."
    )

    _guarded_fields = frozenset({"reminded_days"})
    _end_field = None  # name of the date field that has the last day, inclusive
    _end_stages = STAGES  # days before it, in which order they pass
    _end_order = "provider_id, id"  # records of one batch that are told together stand together

    @api.model
    def _remind_in_time(self, domain):
        """Remind of the records of a domain that end; for a cron, batch by batch.

        :param list domain: which records count, whatever their last day
        """
        today = fields.Date.context_today(self)
        ends = [today + timedelta(days=stage) for stage in self._end_stages]
        for stage, last, after in zip(self._end_stages, ends, [*ends[1:], None], strict=True):
            passed = [days for days in self._end_stages if days <= stage]
            due = [*domain, (self._end_field, "<=", last), ("reminded_days", "not in", passed)]
            if after:
                due.append((self._end_field, ">", after))
            while records := self.search(due, limit=BATCH, order=self._end_order).try_lock_for_update():
                records._remind(stage)
                records._guarded_write({"reminded_days": stage})
                if not self.env["ir.cron"]._commit_progress(len(records), remaining=self.search_count(due)):
                    return

    def _remind(self, stage):
        """Tell whom it concerns.

        :param int stage: one of ``_end_stages``
        """
        raise NotImplementedError
