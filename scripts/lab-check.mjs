// What the lab promises, measured in Chromium beside its own server:
// npm run lab:check -- [--light] [--seed s] [--only name] [--from name] [--presses n] [check…]
//
// Each figure is printed with its bound as soon as it is known; the exit status is 1 where one is missed. `--light` leaves
// out what a busy machine can spoil (times, speed) and what takes minutes, as CI does. A machine that does nothing else is
// wanted for the rest. `clicks` and `stories` go through many things one by one and print the name of each: `--only` takes
// those whose name holds the text, `--from` goes on at the first of them, where an earlier call was ended.
import { parseArgs } from "node:util";
import { access, layout } from "./lab/access.mjs";
import { chromiumPath, launch, serve } from "./lab/browser.mjs";
import { clicks } from "./lab/clicks.mjs";
import { firefox } from "./lab/firefox.mjs";
import { links } from "./lab/links.mjs";
import { bytes, painting } from "./lab/loading.mjs";
import { dragging, drawing, memory, tasks } from "./lab/smooth.mjs";
import { speed, stories } from "./lab/speed.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    light: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    from: { type: "string" },
    presses: { type: "string", default: "100" },
  },
});

/** Each: what it measures, and what of it is independent of how busy the machine is. */
const checks = {
  links: { full: links, light: (with_) => links(with_, 200) },
  bytes: { full: bytes, light: bytes },
  layout: { full: layout, light: layout },
  access: { full: access, light: access },
  clicks: { full: clicks },
  painting: { full: painting },
  tasks: { full: tasks },
  drawing: { full: drawing },
  dragging: { full: dragging },
  speed: { full: speed },
  stories: { full: stories },
  firefox: { full: firefox },
  memory: { full: memory },
};

const unknown = positionals.filter((name) => !(name in checks));
const wrong = unknown[0] ?? [options.seed, options.presses].find((text) => !Number.isInteger(Number(text)));
if (wrong !== undefined) {
  console.error(
    `lab:check: "${wrong}" is not allowed (checks: ${Object.keys(checks).join(", ")}; --seed and --presses are whole numbers)`,
  );
  process.exit(2);
}
if (chromiumPath() === undefined) {
  console.log("lab:check: skipped, there is no Chromium on this machine (CHROMIUM_PATH may name one)");
  process.exit(0);
}

const server = await serve();
const browser = await launch();
const { seed, presses, only, from } = options;
let missed = 0;
try {
  for (const [name, { full, light }] of Object.entries(checks)) {
    if (positionals.length > 0 ? !positionals.includes(name) : options.light && light === undefined) continue;
    const measure = options.light ? (light ?? full) : full;
    try {
      const asked = { seed: Number(seed), presses: Number(presses), wanted: slice() };
      for await (const one of await measure({ browser, launch, url: server.url, ...asked })) missed += told(name, one);
    } catch (error) {
      missed++;
      console.log(`MISSED  ${name}: ${error.stack ?? error}`);
    }
  }
} finally {
  await browser.close();
  server.close();
}
console.log(missed === 0 ? "all as promised" : `${missed} missed`);
process.exitCode = missed === 0 ? 0 : 1;

/** Which of the things that a check goes through are asked for, by their names in turn. */
function slice() {
  let begun = from === undefined;
  return (one) => {
    begun ||= one.includes(from);
    return begun && (only === undefined || one.includes(only));
  };
}

/** Prints a figure beside its bound. @returns 1 where it is missed */
function told(check, { what, value, most, least, unit = "", skipped, notes = [] }) {
  if (skipped !== undefined) {
    console.log(`skipped ${check}: ${skipped}`);
    return 0;
  }
  const holds = (most === undefined || value <= most) && (least === undefined || value >= least);
  const bound = most === undefined ? `at least ${least}` : `at most ${most}`;
  const shown = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  console.log(`${holds ? "ok     " : "MISSED "} ${check}: ${what}: ${shown}${unit} (${bound}${unit})`);
  if (!holds) for (const note of notes.slice(0, 10)) console.log(`          ${String(note).slice(0, 500)}`);
  return holds ? 0 : 1;
}
