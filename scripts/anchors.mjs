/**
 * Addresses of a page's headings, as code hosts make them: the second of the same words has "-1" behind it.
 * @returns {(heading: string) => string} to be asked for the headings in their order
 */
export function anchors() {
  /** @type {Set<string>} */
  const taken = new Set();
  return (heading) => {
    const base = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let id = base;
    for (let more = 1; taken.has(id); more++) id = `${base}-${more}`;
    taken.add(id);
    return id;
  };
}
