import type { SelectionRule } from "../rule.js";

/** Everybody who can, whatever the share. */
export const all: SelectionRule = {
  name: "all",
  title: "all",
  summary: "everybody who can, whatever server.participation says",
  draws: true,
  select: ({ available, clients }) => ({
    clients: available,
    probability: Array.from({ length: clients }, (_, client) => (available.includes(client) ? 1 : 0)),
  }),
};
