from odoo import api, models

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
        """Write one message to each provider, about those stays that call for another.

        :param int stage: days before the last day
        """
        ending = self.filtered(lambda stay: stay._calls_for_another())
        for provider, stays in ending.grouped("provider_id").items():
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
            theirs._tell_managers(
                theirs.env._("Your stay at a host's place ends soon")
                if stage
                else theirs.env._("Your stay at a host's place ends"),
                as_list(
                    theirs.env._(
                        "After the last day vouchers are no longer taken there. Hand a new convention in on the page of"
                        " the place, or close the place if you leave it:"
                    ),
                    lines,
                ),
            )

    def _calls_for_another(self):
        """Whether the provider has something to do before this stay ends, so as to go on taking vouchers there.

        It has not when the place is its own by now, closes no later than the stay ends, or has a stay that goes on
        after this one and was handed in or accepted.
        """
        self.ensure_one()
        place = self.place_id
        if place.presence == "place" or (place.open_until and place.open_until <= self.ends_on):
            return False
        return not any(
            stay.state in ("received", "accepted") and (not stay.ends_on or stay.ends_on > self.ends_on)
            for stay in place.hosting_ids
        )
