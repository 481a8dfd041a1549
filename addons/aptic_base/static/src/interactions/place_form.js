import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Offers the municipalities of the postal code as soon as it is complete; the server checks the choice again. */
export class PlaceForm extends Interaction {
    static selector = ".o_aptic_place_form";
    dynamicContent = {
        "#place_zip": { "t-on-input.withTarget": this.onPostalCode },
    };

    async onPostalCode(ev, input) {
        const zip = input.value.replace(/\s/g, "");
        if (!/^[0-9]{5}$/.test(zip)) {
            return;
        }
        const answer = await this.waitFor(fetch(`/my/aptic/communes?zip=${zip}`));
        if (!answer.ok) {
            return;
        }
        const communes = await this.waitFor(answer.json());
        const select = this.el.querySelector("#place_territory");
        const options = communes.map((commune) => new Option(commune.name, commune.id));
        if (options.length !== 1) {
            options.unshift(new Option("…", ""));
        }
        select.replaceChildren(...options);
    }
}

registry.category("public.interactions").add("aptic_base.place_form", PlaceForm);
