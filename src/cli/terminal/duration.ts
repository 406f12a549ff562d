import { InputError, show } from "../../config/errors.js";

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** "90s", "30m", "8h", "1h30m", "2d": s. @throws InputError */
export function duration(flag: string, text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const seconds = parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit as keyof typeof units], 0);
  if (parts.length > 0 && parts.map(([part]) => part).join("") === text.trim() && seconds > 0) return seconds;
  throw new InputError(flag, `${show(text)} is not allowed (allowed: a time such as 90s, 30m, 8h or 1h30m)`);
}

/** "12 s", "3.4 min", "5.1 h", "12 days". */
export function roughTime(seconds: number): string {
  if (seconds < 90) return `${Number(seconds.toPrecision(2))} s`;
  if (seconds < 5400) return `${Number((seconds / 60).toPrecision(2))} min`;
  if (seconds < 48 * 3600) return `${Number((seconds / 3600).toPrecision(2))} h`;
  return `${Number((seconds / 86_400).toPrecision(2))} days`;
}

/** "3.4 MB". */
export function roughSize(bytes: number): string {
  const steps = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  let value = bytes;
  for (; value >= 1000 && step < steps.length - 1; step++) value /= 1000;
  return `${Number(value.toPrecision(value < 100 ? 2 : 3))} ${steps[step]}`;
}
