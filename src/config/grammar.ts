import { text as checkText, record } from "./arguments.js";
import { InputError, show } from "./errors.js";
import type { Setting } from "./settings.js";

/** A part as it is named wherever one is: "emq:digits=1:base=2". */
export interface NamedMethod {
  name: string;
  settings: Record<string, Setting>;
}

/**
 * Reads `name:setting=value:setting=value`. Values are numbers, true or false where they look like it, else texts.
 *
 * @param flag the option it was given to, for messages
 * @throws InputError for an empty name, a setting without a value, or one given twice
 * @example
 * parseMethod("joint:alpha=0.3"); // → {"name":"joint","settings":{"alpha":0.3}}
 */
export function parseMethod(text: string, flag = "method"): NamedMethod {
  checkText("flag", flag);
  checkText(flag, text);
  const [name = "", ...rest] = text.split(":").map((part) => part.trim());
  if (name === "") throw new InputError(flag, `${show(text)} has no name before its settings`);
  const settings: Record<string, Setting> = {};
  for (const part of rest) {
    const equals = part.indexOf("=");
    const setting = part.slice(0, equals).trim();
    const value = part.slice(equals + 1).trim();
    if (equals < 1 || setting === "" || value === "") {
      throw new InputError(flag, `"${part}" in "${text}" is not of the form key=value`);
    }
    if (Object.hasOwn(settings, setting)) throw new InputError(flag, `"${setting}" is given twice in "${text}"`);
    // A name like any other, and not the prototype
    Object.defineProperty(settings, setting, {
      value: settingValue(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return { name, settings };
}

/**
 * A list of methods, with commas between them.
 * @throws InputError as `parseMethod`, for an empty list or entry, and for an entry given twice
 * @example
 * parseMethods("emq,laq:bits=4").map(({ name }) => name); // → ["emq","laq"]
 */
export function parseMethods(list: string, flag = "method"): NamedMethod[] {
  checkText("flag", flag);
  checkText(flag, list);
  const entries = list.split(",").map((entry) => entry.trim());
  if (entries.includes(""))
    throw new InputError(flag, list.trim() === "" ? "an empty list" : `"${list}" has an empty entry`);
  const twice = entries.find((entry, i) => entries.indexOf(entry) !== i);
  if (twice !== undefined) throw new InputError(flag, `"${twice}" is given twice`);
  return entries.map((entry) => parseMethod(entry, flag));
}

/**
 * The reverse of `parseMethod`.
 * @example
 * methodText({ name: "laq", settings: { bits: 4 } }); // → laq:bits=4
 */
export function methodText(method: { name: string; settings: Readonly<Record<string, Setting>> }): string {
  record({ name: checkText, settings: record() })("method", method);
  const { name, settings } = method;
  return [name, ...Object.entries(settings).map(([setting, value]) => `${setting}=${value}`)].join(":");
}

/** The settings (as of `--set`) that choose a method in a section of the config. */
export function methodSets(path: string, { name, settings }: NamedMethod): string[] {
  return [`${path}=${name}`, ...Object.entries(settings).map(([setting, value]) => `${path}.${setting}=${value}`)];
}

/** A value on a command line: JSON of a plain value, else the text itself. */
export function settingValue(text: string): Setting {
  if (text === "true") return true;
  if (text === "false") return false;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
}
