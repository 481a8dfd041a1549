"""Mail whose failure does not name whom it was for."""

from typing import Any


class Refused(Exception):
    """A server did not take the mail; says by which kind of error, and nothing else."""


class Session:
    """An SMTP session whose errors carry no address: Odoo writes the errors of a session to its log."""

    def __init__(self, session: Any):
        session.set_debuglevel(0)  # it would write down the whole dialogue
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def send_message(self, *args: Any, **options: Any) -> Any:
        """Send; see :meth:`smtplib.SMTP.send_message`.

        :raise Refused: instead of whatever error
        """
        try:
            return self._session.send_message(*args, **options)
        except Exception as error:  # noqa: BLE001  (any of them may quote the address)
            raise Refused(type(error).__name__) from None
