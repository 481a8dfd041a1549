import { fieldsOf, isChoice, isTouched } from "@aptic_base/interactions/form_fields";
import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

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
        if (fieldsOf(this.el).some(isTouched)) {
            this.keep();
        }
    }

    keep() {
        const kept = fieldsOf(this.el).map((field) => [
            field.name,
            field.value,
            isChoice(field) ? field.checked : field.selectedOptions?.[0]?.text,
        ]);
        browser.sessionStorage.setItem(this.key, JSON.stringify(kept));
    }

    /** Fill in what was kept; what is typed already is newer and stays. */
    putBack(kept) {
        const left = [...kept];
        const newer = new Set(fieldsOf(this.el).filter(isTouched));
        for (const field of fieldsOf(this.el)) {
            const index = left.findIndex(
                ([name, value]) => name === field.name && (!isChoice(field) || value === field.value)
            );
            if (index < 0) {
                continue;
            }
            const [[, value, more]] = left.splice(index, 1);
            if (newer.has(field)) {
                continue;
            }
            if (isChoice(field)) {
                field.checked = more;
            } else if (field.value !== value) {
                if (field.options && ![...field.options].some((option) => option.value === value)) {
                    field.add(new Option(more, value)); // the list comes later: the communes of a postal code
                }
                field.value = value;
                field.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }
    }
}

registry.category("public.interactions").add("aptic_base.form_keeper", FormKeeper);
