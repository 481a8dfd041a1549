from datetime import timedelta

from odoo import api, fields, models


class ApticTodoMixin(models.AbstractModel):
    """Activities that follow the state: one is opened where staff have something to do, and closed when it is done.

    A model names it before itself in ``_inherit``, so that its verbs come after those of ``aptic.guarded.mixin``.
    """

    _name = "aptic.todo.mixin"
    _description = "Activities that follow the state"
    _inherit = ["mail.activity.mixin"]

    # The field that says the state.
    _todo_field = "state"
    # By state: the activity's type (external id) and who does it (external ids of groups).
    _todo_states = {}

    @api.model_create_multi
    def create(self, vals_list):
        """Open the activities of the states that records begin in."""
        records = super().create(vals_list)
        for state, members in records.grouped(self._todo_field).items():
            members._open_todo(state)
        return records

    def _set_state(self, allowed, target):
        moved = super()._set_state(allowed, target)
        if moved:
            moved._close_todos()
            moved._open_todo(target)
        return moved

    def _open_todo(self, state):
        """Open the activity of a state, for the person of its groups who has the fewest of them."""
        if state not in self._todo_states:
            return
        kind_name, groups = self._todo_states[state]
        kind = self.env.ref(kind_name, raise_if_not_found=False)
        if not kind:
            return
        user = self._least_busy(kind, groups)
        records = self.sudo().with_context(mail_activity_quick_update=True, mail_create_nosubscribe=True)
        records.activity_schedule(
            kind_name,
            fields.Date.context_today(self) + timedelta(days=kind.delay_count),
            summary=kind.with_context(lang=user.lang).sudo().name,
            user_id=user.id,
        )

    def _close_todos(self):
        """Close what was to be done here: somebody has done it."""
        names = {kind for kind, _groups in self._todo_states.values()}
        if names:
            self.sudo().with_context(mail_activity_quick_update=True).activity_unlink(list(names))

    @api.model
    def _least_busy(self, kind, groups):
        """The active user of ``groups`` with the fewest open activities of a kind; nobody when the groups are empty."""
        members = self._todo_members(groups)
        busy = dict(
            self.env["mail.activity"]
            .sudo()
            ._read_group([("user_id", "in", members.ids), ("activity_type_id", "=", kind.id)], ["user_id"], ["__count"])
        )
        return min(members, key=lambda user: (busy.get(user, 0), user.id), default=members)

    def _todo_members(self, groups):
        """The active users of ``groups`` (sudo) among whom one is chosen; extended where not everybody may do it."""
        members = self.env["res.users"].sudo().browse()
        for group in groups:
            members |= self.env.ref(group).sudo().all_user_ids.filtered(lambda user: user.active and not user.share)
        return members.filtered(lambda user: not user._is_superuser())
