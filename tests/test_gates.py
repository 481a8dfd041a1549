"""Measures, charter and questionnaire seen from outside: real sessions on a real server."""

import base64
import io
import re
import uuid

import pytest
from PIL import Image, ImageDraw

from tests.support.at_once import at_once
from tests.support.desk import Desk

WEIGHT, THRESHOLD = "7919", "97"
SECRETS = (WEIGHT, "answer_score", "scoring_percentage", "scoring_total", "theme_scores", "threshold", f"{THRESHOLD}%")


def provider_of(running, login):
    ((number,),) = running.query(
        "SELECT m.provider_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = %s", (login,)
    )
    return number


def drawing():
    picture = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(10, 80), (80, 20), (150, 70), (290, 30)], fill=(0, 0, 0, 255), width=4)
    output = io.BytesIO()
    picture.save(output, "PNG")
    return base64.b64encode(output.getvalue()).decode()


def csrf(text):
    return re.search(r'name="csrf_token" value="([^"]+)"', text).group(1)


# ------------------------------------------------------------------- measures
def test_a_suspension_counts_at_the_very_next_scan(server, rpc):
    running = server(workers=2)
    desk = Desk(running)
    first, second, third, *_rest = desk.vouchers(10)
    mediator, team = desk.session(), rpc(running, "camille")
    assert desk.redeem(mediator, first)["status"] == "done"

    values = {"provider_id": desk.provider_id, "kind": "suspension", "cause": "conduct", "reason": "Prix différents"}
    (number,) = team.call("aptic.measure.take", "create", [values])
    team.call("aptic.measure.take", "action_take", [number])

    answer = desk.redeem(mediator, second)
    assert answer["status"] == "provider"
    told = answer["message_args"]
    assert (told["state"], told["names"]) == ("suspended", ["Manquement à la charte"]), told
    assert desk.check(mediator, second)["status"] == "provider"
    assert desk.state_of([second]) == (["active"], 0, 0, 0)
    assert desk.state_of([first]) == (["redeemed"], 1, 1, 1)
    assert mediator.get("/my/aptic/scan").status_code == 200
    page = rpc(running, "fablab").get(f"/my/aptic/provider/{desk.provider_id}/measure").text
    assert "Prix différents" in page
    assert "reste dû" in page
    assert "Prix différents" not in mediator.get(f"/my/aptic/provider/{desk.provider_id}/measure").text

    values = {"provider_id": desk.provider_id, "note": "Corrigé"}
    (number,) = team.call("aptic.measure.lift", "create", [values])
    team.call("aptic.measure.lift", "action_lift", [number])
    assert desk.redeem(mediator, third)["status"] == "done"
    assert desk.half_written() == []


def test_who_decided_does_not_answer_the_appeal(server, rpc):
    running = server(quiet=False)
    ((measure, decider),) = running.query(
        "SELECT m.id, u.login FROM aptic_measure m JOIN res_users u ON u.id = m.decided_by_id"
        " WHERE m.appealed_at IS NOT NULL"
    )
    ((provider,),) = running.query("SELECT provider_id FROM aptic_measure WHERE id = %s", (measure,))
    values = {"measure_id": measure, "outcome": "lifted", "answer": "Affiche remplacée, vu sur place."}
    running.query("UPDATE res_users SET active = true WHERE login = %s RETURNING id", (decider,))
    team = rpc(running, "camille")
    (number,) = team.call("aptic.measure.answer", "create", [values])
    team.call("aptic.measure.answer", "action_answer", [number])
    assert running.query("SELECT state FROM aptic_provider WHERE id = %s", (provider,)) == [("active",)]
    assert "acteur13" not in decider


# -------------------------------------------------------------------- charter
def test_two_sessions_that_sign_at_once_sign_once(server, rpc):
    running = server(workers=3)
    provider = provider_of(running, "acteur10")
    ((charter,),) = running.query("SELECT id FROM aptic_charter WHERE in_force")
    sessions = [rpc(running, "acteur10") for _number in range(3)]
    image = drawing()

    def sign(session):
        return session.post(
            f"/my/aptic/provider/{provider}/charter/sign",
            {
                "name": "Ada Martin",
                "capacity": "Présidente",
                "signature": image,
                "charter_id": charter,
                "form_token": str(uuid.uuid4()),
            },
        )

    answers = at_once([lambda session=session: sign(session) for session in sessions])
    assert answers == [{"redirect_url": f"/my/aptic/provider/{provider}/charter"}] * len(sessions)
    counted = running.query("SELECT count(*) FROM aptic_charter_signature WHERE provider_id = %s", (provider,))
    assert counted == [(1,)]
    assert running.query("SELECT state FROM aptic_provider WHERE id = %s", (provider,)) == [("chartered",)]


# -------------------------------------------------------------- questionnaire
@pytest.fixture
def questionnaire(server):
    """A server whose points and thresholds can be recognised, and on which one may apply again at once."""
    running = server(quiet=False)
    for statement in (
        f"UPDATE survey_question_answer SET answer_score = {WEIGHT} WHERE answer_score > 0 RETURNING id",
        f"UPDATE aptic_theme SET threshold = {THRESHOLD} RETURNING id",
        "UPDATE ir_config_parameter SET value = '0' WHERE key = 'aptic_eligibility.reapply_months' RETURNING id",
    ):
        assert running.query(statement)
    return running


def test_points_and_thresholds_never_reach_the_browser(questionnaire, rpc):
    running = questionnaire
    applicant = rpc(running, "acteur11")
    dossier = f"/my/aptic/provider/{provider_of(running, 'acteur11')}/eligibility"
    received = {dossier: applicant.get(dossier).text}
    start = applicant.session.post(
        running.direct_url + dossier, data={"csrf_token": csrf(received[dossier])}, timeout=60
    )
    received["start"] = start.text
    ((survey, survey_token, answer, answer_token),) = running.query(
        "SELECT s.id, s.access_token, i.id, i.access_token FROM survey_user_input i JOIN survey_survey s"
        " ON s.id = i.survey_id WHERE i.state = 'new' ORDER BY i.id DESC LIMIT 1"
    )
    tokens = f"{survey_token}/{answer_token}"

    def read(*paths):
        for path in paths:
            received[f"{path} {len(received)}"] = applicant.get(path).text

    def call(path, **values):
        received[f"{path} {len(received)}"] = str(applicant.post(path, values))

    call(f"/survey/begin/{tokens}")
    rows = running.query(
        """SELECT q.id, q.is_page, q.question_type,
                  (SELECT min(a.id) FROM survey_question_answer a WHERE a.question_id = q.id)
             FROM survey_question q WHERE q.survey_id = %s ORDER BY q.sequence, q.id""",
        (survey,),
    )
    sections = {}
    for number, is_page, kind, choice in rows:
        if is_page:
            answers = sections[number] = {}
        else:
            answers[str(number)] = [str(choice)] if kind == "multiple_choice" else str(choice)
    read(f"/survey/start/{survey_token}?answer_token={answer_token}", f"/survey/{tokens}")
    assert len(sections) == 5
    for section, answers in sections.items():
        assert answers
        call(f"/survey/submit/{tokens}", page_id=section, **answers)
    assert running.query("SELECT state FROM survey_user_input WHERE id = %s", (answer,)) == [("done",)]
    read(
        f"/survey/{tokens}",
        f"/survey/start/{survey_token}?answer_token={answer_token}",
        f"/survey/print/{survey_token}?answer_token={answer_token}",
        f"/survey/print/{survey_token}?answer_token={answer_token}&review=True",
        f"/survey/print/{survey_token}",
        f"/survey/retry/{tokens}",
        f"/survey/results/{survey}",
        f"/survey/results/{survey}?answer_token={answer_token}",
        f"/survey/test/{survey_token}",
        f"/survey/{survey}/get_certification",
        f"/survey/{survey}/certification_preview",
        f"/survey/{survey}/get_certification_preview",
        dossier,
        "/aptic/questionnaire",
        "/aptic",
    )
    for path, text in received.items():
        for secret in SECRETS:
            assert secret not in text, f"{path} tells “{secret}”"
    assert running.query("SELECT state FROM aptic_application WHERE user_input_id = %s", (answer,)) == [("submitted",)]


def test_the_doors_of_the_guide_are_open_to_anyone(shared_server, rpc):
    visitor = rpc(shared_server)
    for page in ("questionnaire", "referentiel", "charte", "demarche-qualite"):
        answer = visitor.get(f"/aptic/{page}")
        assert answer.status_code == 200
        assert page in answer.url
        pdf = visitor.get(f"/aptic/{page}.pdf")
        assert pdf.content.startswith(b"%PDF")
        assert "public" in pdf.headers["Cache-Control"]
        copy = visitor.get(f"/aptic/{page}.pdf", headers={"If-None-Match": pdf.headers["ETag"]})
        assert (copy.status_code, copy.content) == (304, b"")
    assert visitor.get("/aptic/referentiel.csv").content.startswith("\ufeffcode;".encode())
