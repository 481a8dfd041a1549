import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const PAUSE_MS = 400;
const TEXTS = ["last_day", "date_from", "date_until", "max_price", "no_copay", "max_count"];
const LISTS = [
    "territory",
    "place_type",
    "level",
    "category",
    "service",
    "audience",
    "provider",
    "excluded_provider",
    "weekday",
];

function element(tag, className, text = "") {
    const node = document.createElement(tag);
    Object.assign(node, { className, textContent: text });
    return node;
}

/** How many places and services an order's rules leave, and which: seen at once while the form is filled in. */
export class QualifyingPlaces extends Interaction {
    static selector = ".o_aptic_qualifying";
    dynamicContent = {
        ".o_aptic_back": { "t-on-click": () => this.show(this.page - 1) },
        ".o_aptic_next": { "t-on-click": () => this.show(this.page + 1) },
    };

    setup() {
        this.form = this.el.closest("form");
        this.page = 1;
        this.turn = 0;
        this.list = this.el.querySelector("ul");
    }

    start() {
        if (this.form) {
            const refresh = this.debounced(() => this.show(1), PAUSE_MS);
            this.addListener(this.form, "input", refresh);
            this.addListener(this.form, "change", refresh);
        }
        this.show(1);
    }

    /** What the form says of the rules, or null on the page of an order. */
    get rules() {
        if (!this.form) {
            return null;
        }
        const data = new FormData(this.form);
        return Object.fromEntries([
            ...TEXTS.map((name) => [name, data.get(name) || ""]),
            ...LISTS.map((name) => [name, data.getAll(name)]),
        ]);
    }

    async show(page) {
        const turn = ++this.turn;
        const order = Number(this.el.dataset.order) || null;
        let answer;
        try {
            answer = await this.waitFor(
                rpc("/my/aptic/orders/qualifying", { form: this.rules, order_id: order, page }, { silent: true })
            );
        } catch {
            answer = { error: _t("The places cannot be counted at the moment. You can go on all the same.") };
        }
        if (turn === this.turn) {
            this.render(answer);
        }
    }

    render(answer) {
        this.page = answer.page || 1;
        const problem = answer.error || answer.advice || "";
        const advice = this.el.querySelector(".o_aptic_advice");
        this.el.querySelector(".o_aptic_sentence").textContent = answer.sentence || "";
        advice.textContent = problem;
        advice.classList.toggle("d-none", !problem);
        this.el.querySelector(".o_aptic_list").classList.toggle("d-none", !answer.places?.length);
        this.el.querySelector("nav").classList.toggle("d-none", !(answer.pages > 1));
        this.el.querySelector(".o_aptic_position").textContent = answer.position || "";
        this.el.querySelector(".o_aptic_back").disabled = this.page <= 1;
        this.el.querySelector(".o_aptic_next").disabled = this.page >= answer.pages;
        this.list.replaceChildren(...(answer.places || []).map((place) => this.line(place)));
        this.el.classList.remove("d-none");
        this.el.classList.add("o_aptic_ready");
    }

    line(place) {
        const line = element("li", "list-group-item px-0");
        const link = element("a", "fw-bold", place.name);
        Object.assign(link, { href: place.url, target: "_blank", rel: "noopener" });
        const title = element("div", "");
        title.append(link, ` – ${place.town}`);
        const names = place.offers.map((offer) => `${offer.name} (${offer.price})`);
        if (place.more) {
            names.push(_t("and %(count)s more", { count: place.more }));
        }
        line.append(
            title,
            element("div", "small text-muted", place.provider),
            element("div", "small", names.join(" · "))
        );
        return line;
    }
}

registry.category("public.interactions").add("aptic_voucher.qualifying_places", QualifyingPlaces);
