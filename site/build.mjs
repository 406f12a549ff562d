// Builds the site from the tree's Markdown into static files with relative addresses only:
//
//   node site/build.mjs [--out FOLDER] [--no-api]
//
// Pages (site/contents.mjs), what they show, the library that their programs run on, the index of the search, and, unless
// --no-api, typedoc's pages of every export. Needs dist/ (`npm run site` builds it). A link that leads nowhere, a formula
// that cannot be set and an anchor that there is not end it.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { anchors } from "../scripts/anchors.mjs";
import { contents } from "./contents.mjs";
import { render } from "./markdown.mjs";
import { page } from "./template.mjs";

const root = resolve(import.meta.dirname, "..");

export async function buildSite({ out = join(root, "build/site"), api = true } = {}) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, "assets"), { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const sources = contents
    .flatMap(({ pages }) => pages)
    .map(([name, file, short]) => ({ name, file, short, text: read(file) }));
  const titles = new Map(sources.map(({ name, text }) => [name, /^# (.*)$/m.exec(text)[1].replaceAll("`", "")]));
  const menu = new Map(sources.map(({ name, short }) => [name, short ?? titles.get(name)]));
  const index = [];
  for (const { name, file, text } of sources) {
    const link = linkOf(file, sources, out);
    const rendered = render(text, { mathematics: file.startsWith("site/"), link });
    const title = titles.get(name);
    writeFileSync(join(out, `${name}.html`), page({ name, title, ...rendered, titles: menu, version, api }));
    for (const part of rendered.parts) {
      const words = part.text.trim();
      if (part.title === "" && words === "") continue;
      index.push({
        page: title,
        at: `${name}.html${part.id === "" ? "" : `#${part.id}`}`,
        title: part.title,
        text: words,
      });
    }
  }
  writeFileSync(join(out, "assets/search.json"), JSON.stringify(index));
  copyAssets(out);
  await Promise.all([bundleClient(out), api ? buildApi(out) : undefined]);
  return { pages: sources.length };
}

function read(file) {
  return readFileSync(join(root, file), "utf8");
}

/** Addresses as the site has them: pages by their names, other files of the tree copied into files/. */
function linkOf(from, sources, out) {
  return (address) => {
    if (/^(https?:|mailto:)/.test(address)) return address;
    const [path, fragment] = address.split("#");
    const file = path === "" ? from : relative(root, resolve(root, dirname(from), decodeURI(path)));
    const target = sources.find((one) => one.file === file);
    if (target !== undefined) {
      if (fragment !== undefined && !anchorsOf(target.text).includes(fragment))
        throw new Error(`${from}: ${address} names no heading of ${file}`);
      return `${path === "" ? "" : `${target.name}.html`}${fragment === undefined ? "" : `#${fragment}`}`;
    }
    if (path.startsWith("api/")) return address;
    if (!existsSync(join(root, file))) throw new Error(`${from}: ${address} leads nowhere`);
    // Sources and folders are read where the project is
    if (!/^(examples|docs|site)\/.*\.\w+$/.test(file) && !/^(LICENSE|SECURITY\.md|CITATION\.cff)$/.test(file))
      return undefined;
    const to = join("files", file);
    mkdirSync(join(out, dirname(to)), { recursive: true });
    copyFileSync(join(root, file), join(out, to));
    return to;
  };
}

function anchorsOf(text) {
  const anchor = anchors();
  return [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
}

function copyAssets(out) {
  copyFileSync(join(root, "site/style.css"), join(out, "assets/style.css"));
  const katex = dirname(fileURLToPath(import.meta.resolve("katex/dist/katex.min.css")));
  mkdirSync(join(out, "assets/katex/fonts"), { recursive: true });
  // One format: every browser that runs the programs reads it
  const css = readFileSync(join(katex, "katex.min.css"), "utf8").replaceAll(
    /,url\([^)]*\.(woff|ttf)\) format\("\w+"\)/g,
    "",
  );
  writeFileSync(join(out, "assets/katex/katex.min.css"), css);
  for (const font of readdirSync(join(katex, "fonts")).filter((name) => name.endsWith(".woff2")))
    copyFileSync(join(katex, "fonts", font), join(out, "assets/katex/fonts", font));
  copyLibrary(join(root, "dist/index.js"), join(out, "assets/cellfed"));
  if (existsSync(join(root, "dist/web"))) cpSync(join(root, "dist/web"), join(out, "lab"), { recursive: true });
}

/** The library as it is installed, with everything that it imports, then or later. */
function copyLibrary(entry, folder) {
  const begun = new Set();
  const copy = (path) => {
    if (begun.has(path)) return;
    begun.add(path);
    const to = join(folder, relative(dirname(entry), path));
    mkdirSync(dirname(to), { recursive: true });
    const code = readFileSync(path, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "");
    writeFileSync(to, code);
    for (const [, name] of code.matchAll(/(?:from|import)\s*\(?"(\.[^"]*\.js)"/g)) copy(resolve(dirname(path), name));
  };
  copy(entry);
}

async function bundleClient(out) {
  const { build } = await import("vite");
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    publicDir: false,
    build: {
      outDir: join(out, "assets"),
      emptyOutDir: false,
      target: "es2022",
      modulePreload: false,
      lib: { entry: join(root, "site/client/client.ts"), formats: ["es"], fileName: () => "client.js" },
      rollupOptions: {
        external: (id) => id.endsWith("/cellfed/index.js"),
        output: { chunkFileNames: "chunks/[name]-[hash].js" },
      },
    },
  });
}

async function buildApi(out) {
  const { Application } = await import("typedoc");
  const app = await Application.bootstrapWithPlugins({ options: join(root, "typedoc.json"), out: join(out, "api") });
  const project = await app.convert();
  if (project === undefined) throw new Error("typedoc found no exports");
  await app.generateDocs(project, join(out, "api"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--out");
  const out = at < 0 ? join(root, "build/site") : resolve(process.argv[at + 1]);
  const started = performance.now();
  const { pages } = await buildSite({ out, api: !process.argv.includes("--no-api") });
  console.log(`${pages} pages in ${basename(out)}/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
