/** A value that a part of the simulation can be set to. */
export type Setting = string | number | boolean;
export type Settings = Readonly<Record<string, Setting>>;
