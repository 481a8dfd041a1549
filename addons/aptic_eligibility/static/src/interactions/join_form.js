import { fieldsOf, isChoice, isTouched } from "@aptic_base/interactions/form_fields";
import { Interaction } from "@web/public/interaction";
import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const PAUSE_MS = 800;

/** Keeps what is typed to join on the server, so that one may leave and come back from anywhere. */
export class JoinForm extends Interaction {
    static selector = ".o_aptic_join_form";
    dynamicContent = {
        _root: { "t-on-input": this.debounced(this.keep, PAUSE_MS) },
    };

    start() {
        if (fieldsOf(this.el).some(isTouched)) {
            this.keep();
        }
    }

    async keep() {
        const filled = fieldsOf(this.el).filter((field) => !isChoice(field) || field.checked);
        const values = Object.fromEntries(filled.map((field) => [field.name, field.value]));
        const status = this.el.querySelector(".o_aptic_saved");
        try {
            await this.waitFor(rpc("/my/aptic/join/draft", { values }, { silent: true }));
            status.textContent = _t("Saved: you may leave and come back.");
        } catch {
            status.textContent = _t("Not saved at the moment: what you typed stays on this page.");
        }
    }
}

registry.category("public.interactions").add("aptic_eligibility.join_form", JoinForm);
