import { isTouched } from "@aptic_base/interactions/form_fields";
import { loadCSS, loadJS } from "@web/core/assets";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const LEAFLET = "/web_leaflet_lib/static/lib/leaflet/leaflet";
const WORKDAYS = ["Tu", "We", "Th", "Fr"];
const FRANCE = [46.6, 2.4];

/** Helps to fill a place in: the municipalities of its postal code, its week, its pin. The server checks it all again. */
export class PlaceForm extends Interaction {
    static selector = ".o_aptic_place_form";
    dynamicContent = {
        "#place_zip": { "t-on-input.withTarget": this.onPostalCode },
        "#place_territory": { "t-on-change": this.onTown },
        "#place_latitude, #place_longitude": { "t-on-change": this.showPin },
        ".o_aptic_copy_monday": { "t-on-click": this.copyMonday },
    };

    setup() {
        this.towns = [];
    }

    async willStart() {
        if (this.el.querySelector(".o_aptic_map")) {
            await Promise.all([loadJS(`${LEAFLET}.js`), loadCSS(`${LEAFLET}.css`)]).catch(() => {});
        }
    }

    start() {
        if (this.el.querySelector(".o_aptic_map") && window.L) {
            this.startMap();
        }
        const zip = this.el.querySelector("#place_zip");
        if (isTouched(zip)) {
            this.onPostalCode(null, zip);
        }
    }

    async onPostalCode(ev, input) {
        const zip = input.value.replace(/\s/g, "");
        if (!/^[0-9]{5}$/.test(zip)) {
            return;
        }
        const answer = await this.waitFor(fetch(`/my/aptic/communes?zip=${zip}`));
        if (!answer.ok) {
            return;
        }
        this.towns = await this.waitFor(answer.json());
        const select = this.el.querySelector("#place_territory");
        const chosen = select.value;
        const options = this.towns.map((town) => new Option(town.name, town.id));
        if (options.length !== 1) {
            options.unshift(new Option("…", ""));
        }
        select.replaceChildren(...options);
        if (this.towns.some((town) => String(town.id) === chosen)) {
            select.value = chosen;
        }
        this.onTown();
    }

    copyMonday() {
        for (const monday of this.el.querySelectorAll("[name^=day_Mo_]")) {
            for (const day of WORKDAYS) {
                this.el.querySelector(`[name=${monday.name.replace("_Mo_", `_${day}_`)}]`).value = monday.value;
            }
        }
    }

    // ------------------------------------------------------------------- map
    startMap() {
        const { tileUrl, tileCredit, latitude, longitude } = this.el.dataset;
        const known = Number(latitude) ? [Number(latitude), Number(longitude)] : null;
        this.map = window.L.map(this.el.querySelector(".o_aptic_map"));
        window.L.tileLayer(tileUrl, { attribution: tileCredit, maxZoom: 19 }).addTo(this.map);
        this.map.setView(known || FRANCE, known ? 15 : 5);
        this.map.on("click", (ev) => this.putPin(ev.latlng));
        this.registerCleanup(() => this.map.remove());
        this.showPin();
    }

    onTown() {
        const id = this.el.querySelector("#place_territory").value;
        const town = this.towns.find((candidate) => String(candidate.id) === id);
        if (this.map && !this.pin && town && town.latitude) {
            this.map.setView([town.latitude, town.longitude], 13);
        }
    }

    putPin({ lat, lng }) {
        this.el.querySelector("#place_latitude").value = lat.toFixed(6);
        this.el.querySelector("#place_longitude").value = lng.toFixed(6);
        this.showPin();
    }

    showPin() {
        const [latitude, longitude] = ["latitude", "longitude"].map((name) =>
            Number.parseFloat(this.el.querySelector(`#place_${name}`).value.replace(",", "."))
        );
        if (!this.map) {
            return;
        }
        if (Number.isNaN(latitude) || Number.isNaN(longitude)) {
            this.pin?.remove();
            this.pin = null;
            return;
        }
        if (!this.pin) {
            this.pin = window.L.marker([latitude, longitude], { draggable: true }).addTo(this.map);
            this.pin.on("dragend", () => this.putPin(this.pin.getLatLng()));
        }
        this.pin.setLatLng([latitude, longitude]);
        this.map.panTo([latitude, longitude]);
    }
}

registry.category("public.interactions").add("aptic_base.place_form", PlaceForm);
