from odoo import api, fields, models

from .aptic_provider_papers import as_list


class ApticHosting(models.Model):
    """Conventions and starts that end: the managers are told in time to hand a new one in."""

    _inherit = "aptic.hosting"

    _end_field = "ends_on"

    @api.model
    def _cron_remind(self):
        """Tell managers 30 and 7 days before the last day of a stay in order and on that day, once each."""
        self._remind_in_time(
            [("state", "=", "accepted"), ("place_id.active", "=", True), ("provider_id.state", "!=", "struck_off")]
        )

    def _remind(self, stage):
        """Write one message to each provider, about those stays that no later one follows.

        :param int stage: days before the last day
        """
        today = fields.Date.context_today(self)
        for provider, stays in self.filtered(lambda stay: not stay._is_followed()).grouped("provider_id").items():
            theirs = provider._in_their_language()
            lines = [
                theirs.env._(
                    "%(place)s, with %(host)s: until %(day)s.",
                    place=stay.place_id.name,
                    host=stay.host_name,
                    day=provider._format_day(stay.ends_on),
                )
                for stay in stays
            ]
            ended = all(stay.ends_on < today for stay in stays)
            theirs._tell_managers(
                theirs.env._("Your stay at a host's place has ended")
                if ended
                else theirs.env._("Your stay at a host's place ends soon"),
                as_list(
                    theirs.env._(
                        "After the last day vouchers are no longer taken there. Hand a new convention in on the page of"
                        " the place, or close the place if you leave it:"
                    ),
                    lines,
                ),
            )

    def _is_followed(self):
        """Whether a stay that was handed in or accepted goes on after the last day of this one."""
        self.ensure_one()
        return any(
            stay.state in ("received", "accepted") and (not stay.ends_on or stay.ends_on > self.ends_on)
            for stay in self.place_id.hosting_ids
        )
