import { isTouched } from "@aptic_base/interactions/form_fields";
import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Says, while a price is typed, what the beneficiary adds to the vouchers; the sentence is the server's. */
export class OfferForm extends Interaction {
    static selector = ".o_aptic_offer_form";
    dynamicContent = {
        "#offer_price": { "t-on-input.withTarget": this.debounced(this.onPrice, 250) },
    };

    start() {
        const input = this.el.querySelector("#offer_price");
        if (isTouched(input)) {
            this.onPrice(null, input);
        }
    }

    async onPrice(ev, input) {
        const answer = await this.waitFor(fetch(`/my/aptic/price?price=${encodeURIComponent(input.value)}`));
        if (!answer.ok) {
            return;
        }
        const { sentence, below } = await this.waitFor(answer.json());
        const share = this.el.querySelector(".o_aptic_share");
        share.textContent = sentence;
        share.classList.toggle("text-danger", below);
    }
}

registry.category("public.interactions").add("aptic_base.offer_form", OfferForm);
