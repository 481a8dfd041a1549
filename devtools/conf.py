"""The Odoo configuration files of this checkout: the demonstration's (random keys, private) and the tests'."""

import os
import secrets

from .paths import STATE, state_dir

HEAD = """\
; Made by ./aptic for this checkout; yours to edit. The production default, with explanations, is ../odoo.conf.
; Name a real PostgreSQL server here (db_host, db_port, db_user, db_password) to use it instead of the embedded one.
[options]
http_interface = 127.0.0.1
list_db = False
admin_passwd = {admin}
server_wide_modules = base,rpc,web,queue_job
data_dir = {data}

[queue_job]
channels = root:1

[aptic]
"""
OFFLINE_KEY = "offline_key_current = 1\noffline_key_1 = {key}\n"
# Published, so worth nothing: tests only.
TEST_KEYS = {1: "6b6579206f6e65" * 4 + "aa" * 4, 2: "6b65792074776f" * 4 + "bb" * 4}
TEST_OFFLINE_KEY = "6f66666c696e65" * 4 + "cc" * 4
SIGNATURE = "signature_file = {file}\nsignature_passphrase = {passphrase}\n"
TEST_PASSPHRASE = "published, so worth nothing"


def _write(path, text):
    building = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    building.rename(path)


def _signature(file, passphrase):
    """Have a certificate in the state's folder; return the options that name it."""
    # What the environment holds: the command is read before it is entered.
    from . import signature

    signature.ensure(state_dir() / file, passphrase)
    return SIGNATURE.format(file=file, passphrase=passphrase)


def demonstration():
    """Return ``.aptic/odoo.conf``, made once with random keys; one made before there was a kind of key gets it."""
    path = state_dir() / "odoo.conf"
    if not path.exists():
        head = HEAD.format(admin=secrets.token_urlsafe(24), data=run_data())
        _write(path, f"{head}voucher_key_current = 1\nvoucher_key_1 = {secrets.token_hex(32)}\n")
    text = path.read_text(encoding="utf-8")
    if "offline_key_" not in text:
        key = OFFLINE_KEY.format(key=secrets.token_hex(32))
        text = text.replace("[aptic]\n", f"[aptic]\n{key}", 1)
        _write(path, text)
    if "signature_file" not in text:
        _write(path, f"{text.rstrip()}\n{_signature('signature.p12', secrets.token_urlsafe(24))}")
    return path


def test():
    """Return ``.aptic/test.conf``: two voucher keys, the second in force, a key for desks, a certificate."""
    path = state_dir() / "test.conf"
    head = HEAD.format(admin=secrets.token_urlsafe(24), data=test_data())
    keys = "".join(f"voucher_key_{version} = {key}\n" for version, key in TEST_KEYS.items())
    more = OFFLINE_KEY.format(key=TEST_OFFLINE_KEY) + _signature("test-signature.p12", TEST_PASSPHRASE)
    _write(path, f"{head}voucher_key_current = 2\n{keys}{more}")
    return path


def run_data():
    """Return the data folder (attachments, sessions) of the demonstration."""
    return state_dir("data")


def test_data():
    """Return the data folder of the tests."""
    return state_dir("test-data")


def state_path():
    """Return the folder of this checkout's private state."""
    return STATE
