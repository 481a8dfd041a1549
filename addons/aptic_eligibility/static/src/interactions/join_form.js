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
        if ([...this.el.elements].some((field) => "defaultValue" in field && field.value !== field.defaultValue)) {
            this.keep(); // typed before the scripts came, or put back by the browser
        }
    }

    async keep() {
        const values = Object.fromEntries(
            [...new FormData(this.el)].filter(([name]) => !["csrf_token", "form_token", "form_version"].includes(name))
        );
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
