/** Addresses of a page’s headings; see anchors.mjs. */
export function anchors(): (heading: string) => string;
