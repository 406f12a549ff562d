import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/**
 * The page's service worker, written when all files are known: it keeps them on the first visit. The page itself is asked
 * of the server first, so that a newer one is seen at once; files with a hash in their name are never asked for again.
 */
export const keptOffline: Plugin = {
  name: "kept-offline",
  enforce: "post",
  generateBundle: {
    order: "post",
    handler(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name !== "offline.js");
      const hash = createHash("sha256");
      for (const name of files.sort()) {
        const file = bundle[name]!;
        hash.update(name).update(file.type === "chunk" ? file.code : file.source);
      }
      const version = hash.digest("hex").slice(0, 12);
      this.emitFile({ type: "asset", fileName: "offline.js", source: worker(version, ["./", ...files]) });
    },
  },
};

function worker(version: string, files: readonly string[]): string {
  return `const prefix = "cellfed-lab-" + registration.scope + "-";
const name = prefix + ${JSON.stringify(version)};
const files = ${JSON.stringify(files)};

addEventListener("install", (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((one) => one.startsWith(prefix) && one !== name).map((one) => caches.delete(one))))
      .then(() => clients.claim()),
  );
});

async function answer(request) {
  const cache = await caches.open(name);
  const kept = () => cache.match(request, { ignoreSearch: true, ignoreVary: true });
  if (/\\/assets\\/[^/]+$/.test(new URL(request.url).pathname)) return (await kept()) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept();
    if (found === undefined) throw error;
    return found;
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(registration.scope)) event.respondWith(answer(request));
});
`;
}
