"""Which role may do what with the models of an addon: one table, tried whole."""

from odoo.fields import Command
from odoo.tests import new_test_user

STAFF = ("staff", "reviewer", "accountant", "staff_manager")
OPERATIONS = ("create", "write", "unlink")


class RoleMatrix:
    """For an ``ApticCase``: who has access to each model at all; record rules are tried where the rows are.

    Odoo runs the tests that a class names itself, never those it inherits: each calls the checks.
    """

    # By model: the roles that may read, all others may not. And the models that some of the others may read too.
    readers = {}
    shared = ()
    # By (model, operation): who of the team may do it; by default not tried.
    writers = {}
    # Everyone who is not of the team, names of the case's users.
    outside = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public = cls.env.ref("base.public_user")
        # A company like ours, of which this person alone is staff.
        cls.elsewhere = cls.env["res.company"].create({"name": "Ailleurs (test)"})
        cls.stray = new_test_user(cls.env, "stray", groups="aptic_base.group_aptic_manager")
        cls.stray.write({"company_ids": [Command.set(cls.elsewhere.ids)], "company_id": cls.elsewhere.id})

    def _may(self, name, model, operation="read"):
        return self.env[model].with_user(getattr(self, name)).has_access(operation)

    def _check_readers(self):
        for model, readers in self.readers.items():
            for name in (*STAFF, *self.outside):
                with self.subTest(model=model, name=name):
                    self.assertEqual(self._may(name, model), name in readers)
        for model in self.shared:
            for name in STAFF:
                with self.subTest(model=model, name=name):
                    self.assertTrue(self._may(name, model))
            with self.subTest(model=model, name="public"):
                self.assertFalse(self._may("public", model))

    def _check_outside(self):
        for model in (*self.readers, *self.shared):
            for name in self.outside:
                for operation in OPERATIONS:
                    with self.subTest(model=model, name=name, operation=operation):
                        self.assertFalse(self._may(name, model, operation))

    def _check_writers(self):
        for (model, operation), writers in self.writers.items():
            for name in STAFF:
                with self.subTest(model=model, name=name, operation=operation):
                    self.assertEqual(self._may(name, model, operation), name in writers)
