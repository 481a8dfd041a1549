import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Ties each refused field of a form to the sentence that says why, and leads to the first one. */
export class FormErrors extends Interaction {
    static selector = "main form:has(.is-invalid)";

    start() {
        const refused = [...this.el.querySelectorAll("input.is-invalid, select.is-invalid, textarea.is-invalid")];
        for (const field of refused) {
            field.setAttribute("aria-invalid", "true");
            const message = this.messageOf(field);
            if (message) {
                message.id ||= `error_${field.id || field.name}`;
                const told = (field.getAttribute("aria-describedby") || "").split(" ");
                field.setAttribute("aria-describedby", [...new Set([message.id, ...told])].join(" ").trim());
            }
        }
        refused[0]?.focus();
    }

    /** The sentence of a field: named after it, or the nearest one below. */
    messageOf(field) {
        const named = this.el.querySelector(`#error_${CSS.escape(field.name)}`);
        return named || field.closest(":has(.invalid-feedback)")?.querySelector(".invalid-feedback");
    }
}

registry.category("public.interactions").add("aptic_base.form_errors", FormErrors);
