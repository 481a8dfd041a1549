"""A file of 200 MB, sent for real in small pieces: a sentence in French, nothing kept, no traceback."""

import http.client
from datetime import date
from urllib.parse import urlsplit

import pytest

SIZE = 200 * 1024 * 1024
BOUNDARY = "aptic-large"
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def send_large(session, path, values, field="files", size=SIZE):
    """POST a form with a huge file in small pieces; return the status and the text of the answer."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in values.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="scan.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF-1.7\n"
    )
    head, tail = "".join(parts).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.session.cookies)
    connection = http.client.HTTPConnection(urlsplit(session.url).netloc, timeout=180)
    connection.putrequest("POST", path)
    for name, value in {**HEADERS, "Cookie": cookies, "Content-Length": str(len(head) + size + len(tail))}.items():
        connection.putheader(name, value)
    connection.endheaders(head)
    piece = b"\0" * (1024 * 1024)
    for _number in range(size // len(piece)):
        connection.send(piece)
    connection.send(tail)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.fixture
def manager(refusing_server, rpc):
    """A manager of an association, who opens the page of the papers first."""
    session = rpc(refusing_server, "fablab")
    (session.provider,) = refusing_server.query(
        "SELECT m.provider_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = 'fablab'"
        " AND m.provider_id IS NOT NULL ORDER BY m.id LIMIT 1"
    )[0]
    page = session.get(f"/my/aptic/provider/{session.provider}/papers").text
    session.token = page.split('name="csrf_token" value="')[1].split('"')[0]
    return session


def papers_of(server, session):
    return server.query("SELECT count(*) FROM aptic_paper WHERE provider_id = %s", (session.provider,))


def test_200_mb_sent_to_the_papers_are_refused_in_words_on_the_form(refusing_server, manager):
    before = papers_of(refusing_server, manager)
    kind = refusing_server.query("SELECT id FROM aptic_paper_type WHERE code = 'association_id'")[0][0]
    day = date(date.today().year + 5, 3, 14).isoformat()
    values = {"csrf_token": manager.token, "type_id": kind, "owner_id": 0, "expires_on": day}
    status, text = send_large(manager, f"/my/aptic/provider/{manager.provider}/papers", values)
    assert status == 200
    assert "est trop lourd" in text and "10 Mo" in text
    assert f'value="{day}"' in text, "what was typed is still on the form"
    assert papers_of(refusing_server, manager) == before


@pytest.mark.parametrize("page", ["/my/aptic/provider/{}/places/new", "/my/aptic/join"])
def test_200_mb_sent_elsewhere_get_a_page_in_french_and_no_cut_line(refusing_server, manager, page):
    values = {"csrf_token": manager.token, "name": "Trop"}
    status, text = send_large(manager, page.format(manager.provider), values, field="name")
    assert status == 413
    assert "trop volumineux" in text and "Traceback" not in text
    assert manager.get("/my/aptic").status_code == 200, "the server goes on"
