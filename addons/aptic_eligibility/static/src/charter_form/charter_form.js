import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { redirect } from "@web/core/utils/urls";

import { CharterSignature } from "./charter_signature";

/**
 * Name, capacity and drawn signature of the person who signs the charter.
 */
export class CharterForm extends Component {
    static template = "aptic_eligibility.CharterForm";
    static components = { CharterSignature };
    static props = {
        callUrl: String,
        formToken: String,
        charterId: Number,
        defaultName: { type: String, optional: true },
        defaultCapacity: { type: String, optional: true },
    };

    setup() {
        this.state = useState({
            capacity: this.props.defaultCapacity || "",
            error: "",
            busy: false,
        });
        this.signature = useState({
            name: this.props.defaultName || "",
            getSignatureImage: () => "",
            resetSignature: () => {},
        });
    }

    async sign() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            const answer = await rpc(this.props.callUrl, {
                name: this.signature.name,
                capacity: this.state.capacity,
                form_token: this.props.formToken,
                charter_id: this.props.charterId,
                signature: this.signature.getSignatureImage().split(",")[1] || "",
            });
            if (answer.redirect_url) {
                redirect(answer.redirect_url);
                return;
            }
            this.state.error = answer.error;
        } catch (error) {
            this.state.error =
                error.exceptionName === "odoo.http.SessionExpiredException"
                    ? _t(
                          "You have been logged out: nothing was signed. Log in again in another window, then sign here."
                      )
                    : _t("The signature was not sent: check your connection and try again.");
        }
        this.state.busy = false;
    }
}

registry.category("public_components").add("aptic_eligibility.charter_form", CharterForm);
