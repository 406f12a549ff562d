/** Figures of the page as pictures that stand alone, as they look now. */

/** What a picture takes over of the page's styles. */
const kept = [
  ...["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin"],
  ...["stroke-linecap", "paint-order", "opacity", "visibility", "text-anchor"],
  ...["font-family", "font-size", "font-weight"],
];

/** The figure's SVG with its styles in it, on the page's ground; a map that lies under it is an image in it. */
export function pictureOf(figure: SVGSVGElement, under?: HTMLCanvasElement): string {
  const picture = figure.cloneNode(true) as SVGSVGElement;
  const copies = [...picture.querySelectorAll<SVGElement>("*")];
  for (const [i, node] of [...figure.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(node);
    const copy = copies[i]!;
    if (style.display === "none") copy.setAttribute("display", "none");
    copy.removeAttribute("class");
    copy.setAttribute("style", kept.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
  }
  const named = (name: string, attributes: Record<string, string>) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const [, , width, height] = (figure.getAttribute("viewBox") ?? "0 0 0 0").split(" ") as [
    string,
    string,
    string,
    string,
  ];
  const behind: Element[] = [named("rect", { width, height, fill: groundOf(figure) })];
  const frame = figure.querySelector(".drop-frame");
  if (under !== undefined && frame !== null && getComputedStyle(under).display !== "none") {
    const place = Object.fromEntries(["x", "y", "width", "height"].map((key) => [key, frame.getAttribute(key) ?? "0"]));
    behind.push(named("image", { ...place, href: under.toDataURL(), preserveAspectRatio: "none" }));
  }
  picture.prepend(...behind);
  for (const name of ["class", "style", "tabindex", "aria-describedby"]) picture.removeAttribute(name);
  return new XMLSerializer().serializeToString(picture);
}

/** The first color behind it that is one. */
function groundOf(element: Element): string {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
  }
  return "none";
}

/** Twice as large as it is drawn: sharp on a projector and in print. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no image")) : resolve(blob)), "image/png"),
  );
}
