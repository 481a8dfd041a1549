import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/**
 * A scanner ends each code with Enter: in a form with several fields to scan, Enter goes on to the next empty one and
 * only the last one sends.
 */
export class ScanForm extends Interaction {
    static selector = ".o_aptic_scan_form";
    dynamicContent = {
        "input:not([type=hidden])": { "t-on-keydown": this.onKeydown },
    };

    onKeydown(event) {
        if (event.key !== "Enter") {
            return;
        }
        const fields = [...this.el.querySelectorAll("input:not([type=hidden])")];
        const rest = fields.slice(fields.indexOf(event.currentTarget) + 1);
        const next = event.currentTarget.value && rest.find((field) => field.required && !field.value);
        if (next) {
            event.preventDefault();
            next.focus();
        }
    }
}

registry.category("public.interactions").add("aptic_voucher.scan_form", ScanForm);
