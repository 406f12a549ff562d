import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { shell } from "./shell.js";
import { inFolder } from "./spawn.js";

/** That a file ends where its kind does. */
const isWhole: Record<string, (content: Buffer) => boolean> = {
  json: (content) => JSON.parse(content.toString("utf8")) !== undefined,
  csv: (content) => content.at(-1) === 10,
  svg: (content) => content.toString("utf8").endsWith("</svg>\n"),
  html: (content) => content.toString("utf8").endsWith("</html>\n"),
  md: (content) => content.at(-1) === 10,
  txt: (content) => content.at(-1) === 10,
  npz: (content) => content.includes(Buffer.from("PK\x05\x06")),
};

/** What is cut short in a folder, but for the journals, which are read line by line. */
function cutShort(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    if (name.split("/").some((part) => part.startsWith("."))) return true; // left behind
    if (!statSync(join(folder, name)).isFile()) return false;
    const check = isWhole[name.slice(name.lastIndexOf(".") + 1)];
    try {
      return check !== undefined && !check(readFileSync(join(folder, name)));
    } catch {
      return true;
    }
  });
}

const small = "--set data.trainExamples=100 --set data.testExamples=50 --set network.clients=4 --workers 1";
const commands = {
  run: `run quick ${small} --rounds 3 --out there`,
  seeds: `run quick ${small} --rounds 2 --seeds 1,2 --out there`,
  compare: `compare quick ${small} --rounds 2 --quantizers emq,laq --seeds 1,2 --out there`,
  rates: `rates quick ${small} --drops 2 --out there`,
  quantizers: "quantizers --quantizers emq,laq --parts inputs --workers 1 --out there",
  reproduce: `reproduce power ${small} --scale quick --seeds 1 --drops 4 --out there`,
};

describe.concurrent("files may not be larger than", { timeout: 90_000 }, () => {
  for (const [name, line] of Object.entries(commands)) {
    test.each([2, 6, 12])(`${name}: %s KiB`, async (most) => {
      await inFolder(async (folder) => {
        const { status, stderr } = await shell(`ulimit -f ${most}; cf ${line}`, folder);
        expect(cutShort(folder)).toEqual([]);
        if (status === 0) return;
        expect(status === 1 || status === 2).toBe(true);
        expect(stderr).toMatch(/cannot be (written|kept)|cannot make a study/);
        expect(stderr).toContain("files may not be that large (ulimit -f)");
        // What could be computed is gone on with, or computed again, once there is room.
        const again = await shell(`cf ${line} --resume || cf ${line}`, folder);
        expect(again.status).toBe(0);
        expect(cutShort(folder)).toEqual([]);
      });
    });
  }

  test("outputs that belong together come together", async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "v.f32"), new Uint8Array(Float32Array.from({ length: 2000 }, (_, i) => i % 7).buffer));
      const { status, stderr } = await shell(
        "ulimit -f 4; cf quantize --method emq --input v.f32 --packet packet.bin --output out.f32",
        folder,
      );
      expect(status).toBe(2);
      expect(stderr).toContain('error: --output: cannot write "out.f32"');
      expect(readdirSync(folder)).toEqual(["v.f32"]);
    });
  });
});
