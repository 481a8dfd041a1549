import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

const GUARDS = ["csrf_token", "form_token", "form_version"];

/** Fields of a form that hold what a person typed: no guards, no files, no passwords. */
function fieldsOf(form) {
    return [...form.elements].filter(
        (field) =>
            field.name &&
            !GUARDS.includes(field.name) &&
            !["file", "password", "hidden", "submit", "button", "fieldset"].includes(field.type)
    );
}

function isChoice(field) {
    return ["checkbox", "radio"].includes(field.type);
}

/**
 * Keeps what is typed into a form of the portal in this tab, and puts it back when the session had expired.
 * Only the account that typed it gets it back.
 */
export class FormKeeper extends Interaction {
    static selector = "form:has(input[name='form_token'])";
    dynamicContent = {
        _root: { "t-on-input": this.keep, "t-on-change": this.keep },
    };

    setup() {
        const action = new URL(this.el.action || window.location.href, window.location.href).pathname;
        this.key = `aptic_form:${user.userId}:${action}`;
    }

    start() {
        const kept = browser.sessionStorage.getItem(this.key);
        if (kept && new URLSearchParams(window.location.search).get("session") === "expired") {
            this.putBack(JSON.parse(kept));
        } else {
            browser.sessionStorage.removeItem(this.key);
        }
    }

    keep() {
        const kept = fieldsOf(this.el).map((field) =>
            isChoice(field) ? [field.name, field.value, field.checked] : [field.name, field.value]
        );
        browser.sessionStorage.setItem(this.key, JSON.stringify(kept));
    }

    putBack(kept) {
        const left = [...kept];
        for (const field of fieldsOf(this.el)) {
            const index = left.findIndex(
                ([name, value]) => name === field.name && (!isChoice(field) || value === field.value)
            );
            if (index < 0) {
                continue;
            }
            const [[, value, isChecked]] = left.splice(index, 1);
            if (isChoice(field)) {
                field.checked = isChecked;
            } else if (field.value !== value) {
                if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) {
                    continue;
                }
                field.value = value;
                field.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }
    }
}

registry.category("public.interactions").add("aptic_base.form_keeper", FormKeeper);
