"""No usable code and no key can be found after printing: not in a dump, the filestore, the job queue or the logs."""

import base64
import contextlib
import io
import re
import zipfile
import zlib
from datetime import date, timedelta

import psycopg2
import pytest

from devtools.conf import TEST_KEYS
from devtools.paths import state_dir
from tests.support import papers
from tests.support.addons import load
from tests.support.rpc import Rpc, RpcError

codes = load("aptic_voucher", "codes")

QUANTITY = 20
REFUSALS = ("cannot be called remotely", 'access the field "salt"', "rights to export data")


class Finder:
    """Looks for secrets wherever they might lie."""

    def __init__(self, needles):
        self.needles = needles

    def in_bytes(self, data):
        """Return the secrets that stand in ``data`` as they are, as hexadecimal or as base64."""
        return {needle for needle in self.needles if any(form in data for form in _forms(needle))}

    def in_file(self, data):
        """The same for a file: a PDF is decoded too, its text and what is drawn."""
        found = self.in_bytes(data)
        if data.startswith(b"%PDF"):
            for image, text in papers.pages(data):
                shown = re.sub(r"\s", "", text) + " ".join(papers.barcodes(image, any_kind=True))
                found |= self.in_bytes(shown.encode())
        elif data[:2] in (b"\x1f\x8b", b"\x78\x9c"):
            found |= self.in_bytes(zlib.decompressobj(47).decompress(data))
        return found

    def in_folder(self, folder):
        """The same for all files below a folder."""
        found = set()
        for path in folder.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # a server that runs throws away what it needs no more
                if path.is_file():
                    found |= self.in_file(path.read_bytes())
        return found


def _forms(needle):
    raw = needle.encode()
    return raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")[:-1]


def printed_codes(data):
    """The codes on the sheets, as digits and as bars."""
    digits, bars = [], []
    for image, text in papers.pages(data):
        lines = [line.replace(" ", "") for line in text.splitlines()]
        digits += [line for line in lines if len(line) == codes.LENGTH and line.isdecimal()]
        bars += papers.barcodes(image)
    return sorted(digits), sorted(bars)


def secrets_of(code):
    """What must not be found of a code: all of it, as printed, and its tag alone."""
    tag = code[codes.SERIAL_DIGITS : -codes.CHECK_DIGITS]
    return {code, codes.grouped(code), codes.grouped(code)[12:], tag}


@pytest.fixture(scope="module")
def running(stage):
    """A server whose log may complain of what these tests try and must not get, and of nothing else."""
    server = stage.serve(workers=2)
    yield server
    server.close()
    problems = [problem for problem in server.problems() if not any(part in problem for part in REFUSALS)]
    assert not problems, "in the server's log:\n" + "\n".join(problems)


@pytest.fixture(scope="module")
def printed(running):
    """A server where staff has issued and printed an order through its own doors; the order's id and its PDF."""
    staff = Rpc(running.direct_url, running.database, "paul")
    [sponsor] = staff.search_read("aptic.sponsor", limit=1)
    order = staff.call(
        "aptic.order",
        "create",
        {
            "sponsor_id": sponsor["id"],
            "quantity": QUANTITY,
            "booklet_size": 10,
            "last_day": str(date.today() + timedelta(days=200)),
            "message": "Recherche de secrets",
        },
    )
    for verb in ("action_confirm", "action_approve_proof", "action_issue"):
        staff.call("aptic.order", verb, [order])
    action = staff.call("aptic.order", "action_print", [order])
    answer = staff.get(action["url"])
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
    return running, staff, order, answer.content


def again(staff, order, **values):
    """What the wizard lets download."""
    wizard = staff.call("aptic.print", "create", {"order_id": order, **values})
    return staff.get(staff.call("aptic.print", "action_download", [wizard])["url"])


def test_no_code_is_left_anywhere(printed, stage):
    running, staff, order, pdf = printed
    salts = running.query(
        "SELECT v.serial, b.salt, b.key_version FROM aptic_voucher v JOIN aptic_booklet b ON b.id = v.booklet_id"
        " WHERE v.order_id = %s",
        (order,),
    )
    wanted = sorted(
        codes.make(serial, bytes.fromhex(salt), bytes.fromhex(TEST_KEYS[version])) for serial, salt, version in salts
    )
    assert len(wanted) == QUANTITY
    assert printed_codes(pdf) == (wanted, wanted), "what we look for is what the paper bears"
    assert staff.get(f"/aptic/order/{order}/sheets").status_code == 409, "each booklet is printed once"
    assert again(staff, order, reason="Bourrage").content == pdf, "the jammed printer's second file, byte for byte"
    data = again(staff, order, reason="Imprimeur", kind="data")
    with zipfile.ZipFile(io.BytesIO(data.content)) as archive:
        lines = archive.read(archive.namelist()[0]).decode().splitlines()[1:]
    assert sorted(line.split(";")[4] for line in lines) == wanted
    assert {kind for (kind,) in running.query("SELECT kind FROM aptic_event WHERE order_id = %s", (order,))} == {
        "issue",
        "proof",
        "print",
    }

    finder = Finder(set().union(*map(secrets_of, wanted)))
    assert not finder.in_bytes(running.dump())
    assert not finder.in_folder(running.filestore)
    assert not finder.in_folder(running.data / "sessions")
    for (data,) in running.query("SELECT db_datas FROM ir_attachment WHERE db_datas IS NOT NULL"):
        assert not finder.in_file(bytes(data))
    for (row,) in running.query("SELECT queue_job::text FROM queue_job"):
        assert not finder.in_bytes(row.encode())
    assert running.log.stat().st_size
    assert not finder.in_folder(state_dir("logs"))


def test_no_key_is_left_anywhere(printed):
    running, _staff, _order, pdf = printed
    finder = Finder(set(TEST_KEYS.values()))
    for data in (running.dump(), running.log.read_bytes(), pdf):
        assert not finder.in_bytes(data)
        assert not [key for key in TEST_KEYS.values() if bytes.fromhex(key) in data]
    assert not finder.in_folder(running.filestore)


@pytest.fixture
def leak(printed):
    """A parameter and a file of the server to leak something into, removed afterwards."""
    running = printed[0]
    running.query("INSERT INTO ir_config_parameter (key, value) VALUES ('leak', 'nothing')")
    running.filestore.mkdir(parents=True, exist_ok=True)
    path = running.filestore / "leak"
    yield path
    path.unlink(missing_ok=True)
    running.query("DELETE FROM ir_config_parameter WHERE key = 'leak'")


def test_the_search_would_find_them(printed, leak):
    """A search that finds nothing proves nothing until it was seen to find."""
    running, _staff, _order, pdf = printed
    code = printed_codes(pdf)[0][0]
    finder = Finder(secrets_of(code))
    for secret in (code, code[10:22], codes.grouped(code)):
        running.query("UPDATE ir_config_parameter SET value = %s WHERE key = 'leak'", (secret,))
        assert secret in finder.in_bytes(running.dump())
    picture = io.BytesIO()
    next(papers.pages(pdf))[0].save(picture, "PDF", resolution=150)
    for content in (pdf, picture.getvalue(), base64.b64encode(code.encode()), code.encode().hex().encode()):
        leak.write_bytes(content)
        assert code in finder.in_folder(running.filestore)


def test_no_door_gives_salts_or_codes(printed, rpc):
    running, staff, order, _pdf = printed
    booklets = staff.call("aptic.booklet", "search", [["order_id", "=", order]])
    assert len(booklets) == 2
    assert staff.call("aptic.booklet", "read", booklets, ["serial"])
    for session in (staff, rpc(running, "camille"), rpc(running, "admin")):
        for method, *arguments in (
            ("read", booklets, ["salt"]),
            ("search", [["salt", "=like", "a%"]]),
            ("export_data", booklets, ["salt"]),
            ("formatted_read_group", [], ["salt"], []),
            ("_codes", order),
            ("_iter_codes", order),
            ("_keyring",),
            ("_key", 2),
        ):
            with pytest.raises(RpcError):
                session.call("aptic.booklet", method, *arguments)
        for method in ("_issue", "_print", "_drawn", "_to_print"):
            with pytest.raises(RpcError):
                session.call("aptic.order", method, [order])
        with pytest.raises(RpcError):
            session.call("aptic.event", "_append", [])
        assert "salt" not in session.call("aptic.booklet", "fields_get")


def test_sheets_are_for_staff(printed, rpc):
    running, _staff, order, _pdf = printed
    for login in ("departement", "fablab", "nouveau"):
        session = rpc(running, login)
        for kind in ("sheets", "proof"):
            assert session.get(f"/aptic/order/{order}/{kind}").status_code == 404, login
    anonymous = rpc(running)
    answer = anonymous.get(f"/aptic/order/{order}/sheets")
    assert "/web/login" in answer.url and not answer.content.startswith(b"%PDF")


def test_the_owner_of_the_database_cannot_rewrite_the_ledger(printed):
    running, _staff, _order, _pdf = printed
    [(rows,)] = running.query("SELECT count(*) FROM aptic_event")
    for statement in (
        "UPDATE aptic_event SET quantity = quantity + 1",
        "DELETE FROM aptic_event",
        "TRUNCATE aptic_event CASCADE",
        "TRUNCATE aptic_order CASCADE",
    ):
        with pytest.raises(psycopg2.IntegrityError):  # one of several guards speaks first
            running.query(statement)
    assert running.query("SELECT count(*) FROM aptic_event") == [(rows,)]
