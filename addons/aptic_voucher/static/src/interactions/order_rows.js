import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Rows of a form that can be added and removed; where they count booklets, says what is left to place. */
export class OrderRows extends Interaction {
    static selector = ".o_aptic_rows";
    dynamicContent = {
        ".o_aptic_add": { "t-on-click": this.onAdd },
        _root: { "t-on-click": this.onRemove, "t-on-input": this.showSum },
    };

    setup() {
        this.list = this.el.querySelector(".o_aptic_list");
        this.row = this.el.querySelector("template").content.firstElementChild;
        this.sum = this.el.querySelector(".o_aptic_sum");
        this.next = this.list.children.length + 1;
    }

    start() {
        for (const button of this.el.querySelectorAll(".o_aptic_add, .o_aptic_remove")) {
            button.classList.remove("d-none");
        }
        const form = this.el.closest("form");
        this.addListener(form, "input", this.showSum);
        this.addListener(form, "change", this.showSum);
        this.showSum();
    }

    onAdd() {
        const row = this.row.cloneNode(true);
        for (const element of row.querySelectorAll("[id], [for]")) {
            for (const name of ["id", "for"]) {
                if (element.hasAttribute(name)) {
                    element.setAttribute(name, element.getAttribute(name).replace("__row__", this.next));
                }
            }
        }
        this.next++;
        row.querySelector(".o_aptic_remove").classList.remove("d-none");
        this.list.append(row);
        this.number();
        row.querySelector("input").focus();
    }

    onRemove(ev) {
        if (ev.target.closest(".o_aptic_remove")) {
            ev.target.closest(".o_aptic_row").remove();
            this.number();
            this.showSum();
            this.el.querySelector(".o_aptic_add").focus();
        }
    }

    /** A sentence of the page, which the server has translated. */
    words(name) {
        return this.el.querySelector(`.o_aptic_${name}`).textContent;
    }

    number() {
        this.list.querySelectorAll(".o_aptic_number").forEach((place, index) => {
            place.textContent = index + 1;
        });
    }

    showSum() {
        if (!this.sum) {
            return;
        }
        const form = this.el.closest("form");
        const size = Number(form.querySelector("[name=booklet_size]:checked")?.value);
        const booklets = Number(form.querySelector("[name=quantity]").value) / size;
        const rows = [...this.list.querySelectorAll("[name=delivery_booklets]")];
        const placed = rows.map((field) => Number(field.value.replace(/\s/g, "")) || 0);
        const left = booklets - placed.reduce((total, count) => total + count, 0);
        let sentence = "";
        if (placed.some(Boolean) && Number.isInteger(left)) {
            sentence = left ? `${this.words(left > 0 ? "less" : "more")} ${Math.abs(left)}` : this.words("right");
        }
        if (this.sum.textContent !== sentence) {
            this.sum.textContent = sentence;
        }
        this.sum.classList.toggle("text-danger", Boolean(sentence) && left !== 0);
    }
}

registry.category("public.interactions").add("aptic_voucher.order_rows", OrderRows);
