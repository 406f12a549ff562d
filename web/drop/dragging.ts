import { kept, type Scale, toMetres } from "./geometry.js";
import type { Marks } from "./marks.js";

export interface Point {
  kind: "accessPoints" | "clients";
  index: number;
}

export interface Handlers {
  scale(): Scale;
  wrapAround(): boolean;
  place(point: Point): readonly [number, number];
  move(point: Point, place: [number, number]): void;
  /** The point was let go */
  settle(point: Point): void;
  /** Everything back to where it was when this drag began */
  cancel(): void;
  select(client: number): void;
  /** Pointed at or focused: a point, or a place in m; undefined when no longer */
  attend(what: Point | readonly [number, number] | undefined): void;
}

/** A hand trembles: less than this is a press, not a drag. px */
const trembling = 4;
/** m an arrow key moves, with Shift, and with Alt */
const stride = { usual: 10, shift: 50, alt: 1 };

/** Mouse, touch and pen by pointer events; keys on the point that has the focus. @returns what takes them away again */
export function listen({ root, accessPoints, clients }: Marks, handlers: Handlers): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const pointOf = (event: Event): Point | undefined => {
    const node = (event.target as Element).closest<SVGGElement>("[data-index]");
    if (node === null) return undefined;
    return { kind: node.parentNode === clients ? "clients" : "accessPoints", index: Number(node.dataset.index) };
  };
  listenToPointers(root, pointOf, handlers, signal);
  const groups = { accessPoints, clients };
  // Not of the SVG itself: with listeners for the focus it would be a tab stop of its own
  const around = root.parentElement!;
  around.addEventListener("keydown", (event) => onKey(event, pointOf(event), groups, handlers), { signal });
  around.addEventListener(
    "keyup",
    (event) => {
      const point = pointOf(event);
      if (point !== undefined && event.key.startsWith("Arrow")) handlers.settle(point);
    },
    { signal },
  );
  around.addEventListener(
    "focusin",
    (event) => {
      const point = pointOf(event);
      if (point === undefined) return;
      for (const node of groups[point.kind].querySelectorAll('[tabindex="0"]')) node.setAttribute("tabindex", "-1");
      groups[point.kind].children[point.index]!.setAttribute("tabindex", "0");
      handlers.attend(point);
    },
    { signal },
  );
  around.addEventListener("focusout", () => handlers.attend(undefined), { signal });
  return () => stop.abort();
}

function listenToPointers(
  root: SVGSVGElement,
  pointOf: (event: Event) => Point | undefined,
  handlers: Handlers,
  signal: AbortSignal,
): void {
  let held:
    | { point: Point; pointer: number; from: [number, number]; grip: [number, number]; moved: boolean }
    | undefined;
  const at = (event: PointerEvent): [number, number] => {
    const box = root.getBoundingClientRect();
    return toMetres(handlers.scale(), event.clientX - box.left, event.clientY - box.top);
  };
  root.addEventListener(
    "pointerdown",
    (event) => {
      const point = pointOf(event);
      if (point === undefined || event.button !== 0 || held !== undefined) return;
      const [x, y] = at(event);
      const place = handlers.place(point);
      const grip: [number, number] = [place[0] - x, place[1] - y];
      held = { point, pointer: event.pointerId, from: [event.clientX, event.clientY], grip, moved: false };
      root.setPointerCapture(event.pointerId);
      handlers.attend(point);
    },
    { signal },
  );
  root.addEventListener(
    "pointermove",
    (event) => {
      if (held === undefined) return handlers.attend(pointOf(event) ?? at(event));
      if (event.pointerId !== held.pointer) return;
      held.moved ||= Math.hypot(event.clientX - held.from[0], event.clientY - held.from[1]) >= trembling;
      if (!held.moved) return;
      const [x, y] = at(event);
      const { area } = handlers.scale();
      // Under the finger: at the edge it stops, also where the area wraps
      handlers.move(held.point, [kept(x + held.grip[0], area, false), kept(y + held.grip[1], area, false)]);
    },
    { signal },
  );
  const end = (event: PointerEvent) => {
    if (held?.pointer !== event.pointerId) return;
    const { point, moved } = held;
    held = undefined;
    if (event.type === "pointercancel") handlers.cancel();
    else if (moved) handlers.settle(point);
    else if (point.kind === "clients") handlers.select(point.index);
  };
  root.addEventListener("pointerup", end, { signal });
  root.addEventListener("pointercancel", end, { signal });
  // A finger on a point drags it, anywhere else it scrolls the page; touch-action does not hold for parts of an SVG
  root.addEventListener("touchstart", (event) => pointOf(event) && event.preventDefault(), { signal, passive: false });
  root.addEventListener("pointerleave", () => held ?? handlers.attend(undefined), { signal });
}

function onKey(
  event: KeyboardEvent,
  point: Point | undefined,
  groups: Record<Point["kind"], SVGGElement>,
  handlers: Handlers,
): void {
  if (point === undefined || event.ctrlKey || event.metaKey) return;
  const { children } = groups[point.kind];
  const go = (to: number) => (children[(to + children.length) % children.length] as SVGGElement).focus();
  const step = event.shiftKey ? stride.shift : event.altKey ? stride.alt : stride.usual;
  const move = (dx: number, dy: number) => {
    const [x, y] = handlers.place(point);
    const { area } = handlers.scale();
    const wrap = handlers.wrapAround();
    handlers.move(point, [kept(x + dx * step, area, wrap), kept(y + dy * step, area, wrap)]);
  };
  const actions: Record<string, () => void> = {
    ArrowLeft: () => move(-1, 0),
    ArrowRight: () => move(1, 0),
    ArrowUp: () => move(0, 1),
    ArrowDown: () => move(0, -1),
    PageDown: () => go(point.index + 1),
    PageUp: () => go(point.index - 1),
    Home: () => go(0),
    End: () => go(children.length - 1),
    Escape: () => handlers.cancel(),
    Enter: () => point.kind === "clients" && handlers.select(point.index),
    " ": () => point.kind === "clients" && handlers.select(point.index),
  };
  const action = actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
}
