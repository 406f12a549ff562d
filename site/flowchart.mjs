// Draws a flowchart of mermaid's language as SVG: boxes in layers, each below everything that leads to it. What it
// understands: `name["text"]`, `name --> name`, `subgraph … end` whose boxes stand together.
import { escapeHtml } from "./escape.mjs";

const [boxHeight, layerHeight, gap, letter] = [34, 74, 18, 6.7];

export function flowchart(text) {
  const { nodes, edges } = read(text);
  const layers = layersOf(nodes, edges);
  const places = placesOf(layers, nodes, edges);
  const width = Math.max(...[...places.values()].map(({ x, width }) => x + width)) + gap;
  const height = layers.length * layerHeight;
  const lines = edges.map(([from, to]) => {
    const [a, b] = [places.get(from), places.get(to)];
    const [x1, y1, x2, y2] = [a.x + a.width / 2, a.y + boxHeight, b.x + b.width / 2, b.y];
    const bend = (y2 - y1) / 2;
    return `<path d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2 - 6}" marker-end="url(#arrow)"/>`;
  });
  const boxes = [...nodes].map(([name, { title }]) => {
    const { x, y, width } = places.get(name);
    return `<g transform="translate(${x} ${y})"><rect width="${width}" height="${boxHeight}" rx="6"/><text x="${width / 2}" y="21">${escapeHtml(title)}</text></g>`;
  });
  const words = [...nodes.values()].map(({ title }) => title).join("; ");
  return `<figure class="flowchart wide" tabindex="0" role="group" aria-label="Drawing"><svg role="img" aria-label="${escapeHtml(`Layers, from the top: ${words}`)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><defs><marker id="arrow" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs><g class="edges">${lines.join("")}</g><g class="boxes">${boxes.join("")}</g></svg></figure>\n`;
}

function read(text) {
  const nodes = new Map();
  const edges = [];
  const groups = new Map();
  let group;
  const node = (words) => {
    const [, name, title] = /^(\w+)(?:\["([^"]*)"\])?$/.exec(words.trim());
    if (!nodes.has(name) || title !== undefined) nodes.set(name, { title: title ?? nodes.get(name)?.title ?? name });
    if (group !== undefined) groups.get(group).push(name);
    return name;
  };
  for (const line of text
    .split("\n")
    .map((one) => one.trim())
    .slice(1)) {
    const [, opened] = /^subgraph (\w+)/.exec(line) ?? [];
    if (opened !== undefined) {
      group = opened;
      groups.set(opened, []);
    } else if (line === "end") group = undefined;
    else if (line.includes("-->")) edges.push(line.split("-->").map(node));
    else if (line !== "") node(line);
  }
  // An arrow to a group leads to all in it
  const members = (name) => groups.get(name) ?? [name];
  const all = edges.flatMap(([from, to]) => members(from).flatMap((one) => members(to).map((other) => [one, other])));
  for (const name of groups.keys()) nodes.delete(name);
  return { nodes, edges: all.filter(([from, to]) => from !== to) };
}

function layersOf(nodes, edges) {
  const depth = new Map([...nodes.keys()].map((name) => [name, 0]));
  for (let pass = 0; pass < nodes.size; pass++)
    for (const [from, to] of edges) depth.set(to, Math.max(depth.get(to), depth.get(from) + 1));
  const layers = Array.from({ length: Math.max(...depth.values()) + 1 }, () => []);
  for (const [name, at] of depth) layers[at].push(name);
  return layers;
}

function placesOf(layers, nodes) {
  const widthOf = (name) => Math.round(nodes.get(name).title.length * letter + 24);
  const widths = layers.map((layer) => layer.reduce((sum, name) => sum + widthOf(name) + gap, gap));
  const widest = Math.max(...widths);
  const places = new Map();
  layers.forEach((layer, i) => {
    let x = gap + (widest - widths[i]) / 2;
    for (const name of layer) {
      places.set(name, { x, y: 8 + i * layerHeight, width: widthOf(name) });
      x += widthOf(name) + gap;
    }
  });
  return places;
}
