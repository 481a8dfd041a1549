"""A client of Odoo's RPC, as its own web client speaks it."""

import itertools

import requests


class RpcError(Exception):
    """What the server refused: ``name`` is the exception's full name, ``message`` what the person is told."""

    def __init__(self, error):
        data = error.get("data") or {}
        self.name = data.get("name", "")
        self.message = data.get("message") or error.get("message", "")
        super().__init__(f"{self.name}: {self.message}")


class Rpc:
    """A logged-in session.

    :param url: the server's address.
    :param database: the database's name.
    :param login: the user's login.
    :param password: the password; the login when left out (the demonstration's rule).
    """

    def __init__(self, url, database, login=None, password=None):
        self.url, self.database = url, database
        self.session = requests.Session()
        self.numbers = itertools.count(1)
        self.uid = None
        if login:
            credentials = {"db": database, "login": login, "password": password or login}
            self.uid = self.post("/web/session/authenticate", credentials)["uid"]

    def post(self, path, parameters, timeout=120):
        """Call a JSON-RPC route and return its result.

        :raises RpcError: when the server refuses.
        """
        body = {"jsonrpc": "2.0", "id": next(self.numbers), "method": "call", "params": parameters}
        answer = self.session.post(self.url + path, json=body, timeout=timeout)
        answer.raise_for_status()
        content = answer.json()
        if "error" in content:
            raise RpcError(content["error"])
        return content.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a public method of a model: ``rpc.call("res.partner", "read", [1], ["name"])``."""
        parameters = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", parameters)

    def search_read(self, model, domain=(), fields=("display_name",), **kwargs):
        """Search and read records."""
        return self.call(model, "search_read", list(domain), list(fields), **kwargs)

    def get(self, path, **kwargs):
        """GET a page of the server with the session's cookies; return ``requests``' answer."""
        return self.session.get(self.url + path, timeout=120, **kwargs)
