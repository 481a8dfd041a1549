import { fieldsOf, isTouched } from "@aptic_base/interactions/form_fields";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Shows as many sessions as the pathway has, and how they are paid together; the sentence is the server's. */
export class PathwayForm extends Interaction {
    static selector = ".o_aptic_pathway_form";
    dynamicContent = {
        "[name=sessions]": { "t-on-change": this.onLength },
        "select[name^=offer_]": { "t-on-change": this.onChoice },
        ".o_aptic_second_half": { "t-att-class": () => ({ "d-none": this.isShort }) },
    };

    get isShort() {
        return this.el.querySelector("[name=sessions]:checked")?.value !== "10";
    }

    start() {
        const chosen = fieldsOf(this.el).filter((field) => field.matches("[name=sessions], [name^=offer_]"));
        if (chosen.some(isTouched)) {
            this.onChoice();
        }
    }

    onLength() {
        return this.onChoice();
    }

    async onChoice() {
        const selects = [...this.el.querySelectorAll("select[name^=offer_]")].slice(0, this.isShort ? 5 : 10);
        const offers = selects.map((select) => select.value).filter(Boolean);
        const url = `/my/aptic/provider/${this.el.dataset.provider}/pathways/price?offers=${offers.join(",")}`;
        const answer = await this.waitFor(fetch(url));
        if (answer.ok) {
            this.el.querySelector(".o_aptic_share").textContent = (await this.waitFor(answer.json())).sentence;
        }
    }
}

registry.category("public.interactions").add("aptic_base.pathway_form", PathwayForm);
