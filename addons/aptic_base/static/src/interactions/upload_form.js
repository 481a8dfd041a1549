import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

const ENDING = /\.(pdf|jpe?g|png)$/i;

/** Says that a file is too large before it is sent: what was typed stays, and nobody waits for 200 MB to be refused. */
export class UploadForm extends Interaction {
    static selector = ".o_aptic_upload_form";
    dynamicContent = {
        ".o_aptic_files": { "t-on-change.withTarget": (ev, field) => this.check(field) },
        _root: { "t-on-submit": this.onSubmit },
    };

    check(field) {
        const files = [...field.files];
        const large = files.find((file) => file.size > Number(field.dataset.mostBytes));
        const other = files.find((file) => !ENDING.test(file.name));
        let sentence = "";
        if (files.length > Number(field.dataset.mostFiles)) {
            sentence = this.sentence(field, "too_many");
        } else if (large) {
            sentence = `${this.sentence(field, "too_large")} ${large.name}`;
        } else if (other) {
            sentence = `${this.sentence(field, "bad_type")} ${other.name}`;
        }
        field.parentElement.querySelector(".o_aptic_files_error").textContent = sentence;
        field.classList.toggle("is-invalid", Boolean(sentence));
        return !sentence;
    }

    sentence(field, name) {
        const template = field.parentElement.querySelector(`.o_aptic_files_${name}`);
        return template.content.textContent.trim();
    }

    onSubmit(ev) {
        const fields = [...this.el.querySelectorAll(".o_aptic_files")];
        const wrong = fields.filter((field) => !this.check(field));
        if (wrong.length) {
            ev.preventDefault();
            wrong[0].focus();
        }
    }
}

registry.category("public.interactions").add("aptic_base.upload_form", UploadForm);
