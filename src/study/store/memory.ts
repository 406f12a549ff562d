import type { Finding, Store } from "./contract.js";
import { continues, type Json, type RecordKind, recordOf, recordText, type StoreRecord, sameResult } from "./record.js";

/**
 * A store that keeps nothing beyond the process, in any JavaScript engine. What is in it is as a folder would give it back.
 * @example
 * const store = memoryStore();
 * store.finished().size; // → 0
 */
export function memoryStore(): Store {
  const finished = new Set<string>();
  const failed = new Set<string>();
  const records = new Map<string, { kind: RecordKind; text: string }>();
  const timings = new Set<string>();
  const findings: Finding[] = [];

  const read = (text: string, columns?: readonly string[]) =>
    recordOf(JSON.parse(`{${text}}`) as { [member: string]: Json }, columns);

  function put(record: StoreRecord, text: string): void {
    const { kind, key } = record;
    if (kind === "timing") {
      timings.add(text);
      return;
    }
    const before = records.get(key);
    if (record.failure === undefined) {
      if (finished.has(key)) {
        const [there, here] = [read(before!.text), read(text)];
        const longer = kind === "trace" && text.length > before!.text.length && continues(there, here);
        if (!longer && before!.text !== text && !sameResult(there, here) && !continues(there, here)) {
          const reason = "two finished results of one key differ; the first one counts";
          findings.push({ kind: "conflict", where: "memory", key, lost: false, reason });
        }
        if (!longer) return;
      }
      finished.add(key);
      failed.delete(key);
    } else {
      if (finished.has(key)) return;
      failed.add(key);
    }
    records.set(key, { kind, text });
  }

  return {
    finished: () => finished,
    failed: () => failed,
    keys: (kind) => [...finished].filter((key) => records.get(key)!.kind === kind).sort(),
    async get(key) {
      const found = records.get(key);
      return found && read(found.text);
    },
    async *select(keys, columns) {
      for (const key of keys) {
        const found = records.get(key);
        if (found !== undefined) yield read(found.text, columns);
      }
    },
    async *timings() {
      for (const text of [...timings].sort()) yield read(text);
    },
    async add(added) {
      const texts = added.map(recordText);
      added.forEach((record, i) => {
        put(record, texts[i]!);
      });
    },
    findings,
    async close() {},
  };
}
