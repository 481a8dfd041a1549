import { isTouched } from "@aptic_base/interactions/form_fields";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Search of territories, services, organisations by name; each choice becomes a removable chip with its hidden input. */
export class ValuePicker extends Interaction {
    static selector = ".o_aptic_picker";
    dynamicContent = {
        ".o_aptic_term": {
            "t-on-input": this.debounced(this.search, 250),
            "t-on-keydown": this.onKeydown,
        },
        ".o_aptic_found": { "t-on-click": this.onChoose },
        ".o_aptic_chosen": { "t-on-click": this.onRemove },
    };

    setup() {
        this.term = this.el.querySelector(".o_aptic_term");
        this.found = this.el.querySelector(".o_aptic_found");
        this.chosen = this.el.querySelector(".o_aptic_chosen");
        this.empty = this.el.querySelector(".o_aptic_none");
    }

    start() {
        this.el.classList.add("o_aptic_ready");
        if (isTouched(this.term)) {
            this.search();
        }
    }

    async search() {
        const term = this.term.value.trim();
        const rows = term ? await this.waitFor(rpc(this.el.dataset.route, { term })) : [];
        if (term !== this.term.value.trim()) {
            return;
        }
        this.empty.classList.toggle("d-none", !term || rows.length > 0);
        this.found.replaceChildren(...rows.map((row) => this.suggestion(row)));
    }

    suggestion(row) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "list-group-item list-group-item-action d-flex justify-content-between gap-3";
        Object.assign(button.dataset, { id: row.id, label: row.code ? `${row.name} (${row.code})` : row.name });
        const kind = document.createElement("span");
        kind.className = "text-muted small";
        kind.textContent = row.kind;
        button.append(button.dataset.label, kind);
        return button;
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.found.querySelector("button")?.click();
        }
    }

    onChoose(ev) {
        const button = ev.target.closest("button");
        if (!button) {
            return;
        }
        const { id, label } = button.dataset;
        if (!this.chosen.querySelector(`input[value="${CSS.escape(id)}"]`)) {
            const chip = this.el.querySelector("template").content.firstElementChild.cloneNode(true);
            chip.querySelector("input").value = id;
            chip.querySelector(".o_aptic_label").textContent = label;
            chip.querySelector(".btn-close").setAttribute("aria-label", `${this.el.dataset.remove} ${label}`);
            this.chosen.append(chip);
            this.tell();
        }
        this.found.replaceChildren();
        this.term.value = "";
        this.term.focus();
    }

    onRemove(ev) {
        if (ev.target.closest(".btn-close")) {
            ev.target.closest(".o_aptic_chip").remove();
            this.term.focus();
            this.tell();
        }
    }

    /** A hidden input tells nobody that it came or went. */
    tell() {
        this.chosen.dispatchEvent(new Event("change", { bubbles: true }));
    }
}

registry.category("public.interactions").add("aptic_voucher.value_picker", ValuePicker);
