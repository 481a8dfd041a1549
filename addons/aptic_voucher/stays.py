from odoo.exceptions import UserError


class StaysError(UserError):
    """An act that cannot be cancelled, now or ever, whoever tries again.

    :param str message: what a person is told: why, and what to do
    :param str code: the same for a program: ``settled``, or ``held`` while it is under verification
    """

    # The web client shows it as what it is: a message to the user.
    context = {"exception_class": "odoo.exceptions.UserError"}

    def __init__(self, message, code):
        super().__init__(message)
        self.code = code
