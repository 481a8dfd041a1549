import { _t } from "@web/core/l10n/translation";
import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Keeps a form on the screen while there is no network: the browser would put a page of its own in its place. */
export class OfflineForm extends Interaction {
    static selector = "main form[method='post']";
    dynamicContent = {
        _root: { "t-on-submit.capture": this.onSubmit },
    };

    onSubmit(ev) {
        this.notice?.remove();
        if (navigator.onLine) {
            return;
        }
        ev.preventDefault();
        ev.stopImmediatePropagation();
        this.notice = document.createElement("div");
        this.notice.className = "alert alert-warning o_aptic_offline";
        this.notice.setAttribute("role", "alert");
        this.notice.textContent = _t(
            "There is no network: nothing was sent, and what you typed is still here. Send it again once you are connected."
        );
        this.insert(this.notice, this.el, "beforeend");
    }
}

registry.category("public.interactions").add("aptic_base.offline_form", OfflineForm);
