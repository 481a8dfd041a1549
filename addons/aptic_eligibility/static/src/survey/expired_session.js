import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { SurveyForm } from "@survey/interactions/survey_form";
import { fadeIn } from "@survey/utils";

/** The answers of the page on screen. */
function fieldsOf(root) {
    return [...root.querySelectorAll(".o_survey_form_content input, .o_survey_form_content textarea")].filter(
        (field) => field.name && field.type !== "hidden"
    );
}

function isChoice(field) {
    return ["checkbox", "radio"].includes(field.type);
}

/** A session that ends in the middle of the questionnaire: a clear sentence, and no answer is lost. */
patch(SurveyForm.prototype, {
    start() {
        super.start();
        this.keptKey = `aptic_survey:${this.options.answerToken}`;
        const kept = browser.sessionStorage.getItem(this.keptKey);
        if (kept) {
            this.putAnswersBack(JSON.parse(kept));
        }
    },

    onNextScreenDone(options) {
        const error = this.nextScreenResult?.error;
        if (error === "survey_auth") {
            this.keepAnswers();
            this.askToLogIn();
            return;
        }
        if (!error) {
            browser.sessionStorage.removeItem(this.keptKey);
        }
        return super.onNextScreenDone(options);
    },

    keepAnswers() {
        const kept = fieldsOf(this.el)
            .filter((field) => !isChoice(field) || field.checked)
            .map((field) => [field.name, field.value]);
        browser.sessionStorage.setItem(this.keptKey, JSON.stringify(kept));
    },

    putAnswersBack(kept) {
        for (const field of fieldsOf(this.el)) {
            const found = kept.find(
                ([name, value]) => name === field.name && (!isChoice(field) || value === field.value)
            );
            if (!found) {
                continue;
            }
            if (isChoice(field)) {
                field.checked = true;
            } else {
                field.value = found[1];
            }
            field.dispatchEvent(new Event("change", { bubbles: true }));
        }
    },

    askToLogIn() {
        const content = this.el.querySelector(".o_survey_form_content");
        fadeIn(content, 0);
        this.preventEnterSubmit = false;
        this.el.querySelector(".o_aptic_session")?.remove();
        const alert = document.createElement("div");
        alert.className = "alert alert-warning o_aptic_session";
        alert.setAttribute("role", "alert");
        const sentence = document.createElement("p");
        sentence.textContent = _t(
            "You have been logged out. Your earlier pages are saved, and the answers of this page stay in this browser: log in again, and go on where you are."
        );
        const link = document.createElement("a");
        link.className = "btn btn-primary";
        link.href = `/web/login?redirect=${encodeURIComponent(window.location.pathname)}`;
        link.textContent = _t("Log in again");
        alert.append(sentence, link);
        content.prepend(alert);
        link.focus();
    },
});
