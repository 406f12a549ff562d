type Attributes = Readonly<Record<string, string | number>>;

/** Makes an SVG element. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  set(made, attributes);
  made.append(...children);
  return made;
}

/** Writes only what differs: an attribute that is written makes the browser draw again. */
export function set(element: Element, attributes: Attributes): void {
  // Called hundreds of times a draw: Object.entries would make an array of arrays each time
  for (const name in attributes) {
    const text = String(attributes[name]);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** The same for a text. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** As many children as wanted: those that are there are kept, missing ones made, others taken away. */
export function keep<Kept extends Element>(parent: Element, count: number, make: (index: number) => Kept): Kept[] {
  while (parent.children.length > count) parent.lastElementChild!.remove();
  for (let i = parent.children.length; i < count; i++) parent.append(make(i));
  return Array.from(parent.children) as Kept[];
}

/** What waits for the next frame, and what the frame that is being drawn has drawn already. */
let due: (() => void)[] = [];
let drawn: Set<() => void> | undefined;
let asked = false;

/**
 * Calls `draw` at the next frame, once however often it is asked. What is asked for while a frame is drawn is drawn in
 * the same one, so that a page and its figures are laid out and painted together; a second time it waits for the next.
 */
export function eachFrame(draw: () => void): { ask(): void; stop(): void } {
  const own = () => draw();
  return {
    ask() {
      if (due.includes(own)) return;
      due.push(own);
      if (!asked && (drawn === undefined || drawn.has(own))) askFrame();
    },
    stop() {
      due = due.filter((one) => one !== own);
    },
  };
}

function askFrame(): void {
  asked = true;
  requestAnimationFrame(drawAll);
}

function drawAll(): void {
  asked = false;
  drawn = new Set();
  scaleOfFrame = scaleNow();
  try {
    for (let next = takeNext(drawn); next !== undefined; next = takeNext(drawn)) {
      drawn.add(next);
      next();
    }
  } finally {
    drawn = undefined;
    if (due.length > 0 && !asked) askFrame();
  }
}

function takeNext(done: ReadonlySet<() => void>): (() => void) | undefined {
  const at = due.findIndex((one) => !done.has(one));
  return at < 0 ? undefined : due.splice(at, 1)[0];
}

/** Of the frame that is being drawn, asked before anything is changed: each later question lays the page out anew. */
let scaleOfFrame = 1;

/** How much larger the reader wants text than the usual 16 px: figures are drawn in these. */
export function textScale(): number {
  return drawn === undefined ? scaleNow() : scaleOfFrame;
}

function scaleNow(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
}

/**
 * The width in px that a place has had since its last layout, as it is asked for while the page is drawn: `clientWidth`
 * would have the browser lay out at once what has been changed so far.
 * @param changed called after each change of its size
 */
export function followWidth(place: Element, changed: () => void): { readonly width: number; stop(): void } {
  let width: number | undefined;
  const observer = new ResizeObserver(() => {
    width = place.clientWidth;
    changed();
  });
  observer.observe(place);
  return {
    get width() {
      width ??= place.clientWidth;
      return width;
    },
    stop: () => observer.disconnect(),
  };
}
