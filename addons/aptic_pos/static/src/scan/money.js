/** Cents as a person of the page's language reads them: 200 → « 2,00 € ». */
export function euros(cents) {
    const language = document.documentElement.lang || "fr-FR";
    return new Intl.NumberFormat(language, { style: "currency", currency: "EUR" }).format(cents / 100);
}

/** An ISO day as a person of the page's language reads it. */
export function dayText(iso) {
    const language = document.documentElement.lang || "fr-FR";
    return new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(
        new Date(`${iso}T00:00:00Z`)
    );
}
