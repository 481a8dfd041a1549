import logging

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Identity of this object is the permission: it cannot arrive through RPC, where a context is plain JSON.
_GUARD = object()
MIXIN = "aptic.guarded.mixin"


class ApticGuardedMixin(models.AbstractModel):
    """Fields that only the model's own verbs may write, whoever asks and by whatever route."""

    _name = MIXIN
    _description = "Guarded fields and transitions"

    _guarded_fields = frozenset({"state"})

    # ------------------------------------------------------------------ guard
    @api.model
    def _guarded_names(self):
        """The guarded fields that the classes of this model name, those of extensions included."""
        named = [
            vars(kind).get("_guarded_fields", ()) for kind in type(self).__mro__ if vars(kind).get("_name") != MIXIN
        ]
        return frozenset().union(*named) or self._guarded_fields

    def _guard_is_open(self):
        """Whether one of the model's own verbs writes, through ``_guarded_write`` or ``_guarded_create``."""
        return self.env.context.get("aptic_guard") is _GUARD

    def _check_guard(self, vals_list, defaults):
        if self._guard_is_open():
            return
        for vals in vals_list:
            for name in self._guarded_names() & vals.keys():
                if vals[name] != defaults.get(name, ...):
                    raise UserError(
                        self.env._(
                            "“%(field)s” is changed by its own actions only, never by hand.",
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse guarded fields that differ from their defaults."""
        guarded = list(self._guarded_names())
        empty = {name: self._fields[name].convert_to_write(False, self) for name in guarded}
        self._check_guard(vals_list, {**empty, **self.default_get(guarded)})
        return super().create(vals_list)

    def write(self, vals):
        """Refuse guarded fields."""
        self._check_guard([vals], {})
        return super().write(vals)

    def _guarded_create(self, vals_list):
        """Create records with guarded fields set; for the model's own verbs and demo loaders only."""
        return self.with_context(aptic_guard=_GUARD).create(vals_list).with_context(aptic_guard=None)

    def _guarded_write(self, vals):
        """Write guarded fields; for the model's own verbs only."""
        return self.with_context(aptic_guard=_GUARD).write(vals)

    def _check_any_group(self, groups):
        """Refuse users who are in none of ``groups`` (external ids), whatever the route they came by.

        :raise AccessError: also under ``sudo()``: what counts is who asks
        """
        if self.env.user._is_superuser() or any(self.env.user.has_group(group) for group in groups):
            return
        names = [self.env.ref(group).sudo().full_name for group in groups]
        raise AccessError(self.env._("This is done by: %(groups)s.", groups=", ".join(names)))

    # ------------------------------------------------------------- transition
    def _lock_or_retry(self):
        """Lock the records, after whoever holds them; where that one changed them, Odoo plays the request again.

        Unlike ``lock_for_update`` it waits, and leaves no error in the log for what is no error.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL("SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id FOR UPDATE", SQL.identifier(self._table), self.ids),
            log_exceptions=False,
        )
        self.invalidate_recordset()

    def _set_state(self, allowed, target):
        """Move the records to ``target``; those already there are left alone.

        :param allowed: states from which the move is permitted
        :param str target: the state to reach
        :return: the records that really moved
        :raise UserError: when a record is in none of ``allowed``
        :raise LockError: when another transaction holds a record
        """
        todo = self.filtered(lambda record: record.state != target)
        if not todo:
            return todo
        todo.lock_for_update()
        todo.invalidate_recordset(["state"])
        for record in todo:
            if record.state not in allowed:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(name)s is “%(state)s” and cannot become “%(target)s”.",
                        name=record.display_name,
                        state=labels[record.state],
                        target=labels[target],
                    )
                )
        todo._guarded_write({"state": target})
        _logger.info("%s %s: state %s by user %s", self._name, todo.ids, target, self.env.uid)
        return todo
