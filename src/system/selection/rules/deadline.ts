import { largest, type SelectionRule } from "../rule.js";

/**
 * Those who can make a deadline (after FedCS, Nishio and Yonetani 2019): computation, and upload of as many bits as they
 * sent last at full power among all, take no longer; the fastest first, as many as are wanted. Of who has not sent yet,
 * bits count as the mean of who has; before anybody has, only the computation counts.
 */
export const deadline: SelectionRule = {
  name: "deadline",
  title: "deadline",
  summary: "computation and upload, as it was last, within a deadline; the fastest first",
  looksAt: ["updates", "channel", "devices"],
  settings: { seconds: { default: 0.1, above: 0, unit: "s", summary: "for computation and upload together" } },
  select(view, { seconds }) {
    const { available, bits, spectralEfficiency, bandwidth, computeSeconds } = view;
    const known = available.map((client) => bits![client]!).filter((size) => !Number.isNaN(size));
    const mean = known.length === 0 ? 0 : known.reduce((sum, size) => sum + size, 0) / known.length;
    const time = (client: number) => {
      const size = Number.isNaN(bits![client]!) ? mean : bits![client]!;
      return computeSeconds![client]! + (size === 0 ? 0 : size / (bandwidth! * spectralEfficiency![client]!));
    };
    const able = available.filter((client) => time(client) <= (seconds as number));
    const clients = largest({ ...view, available: able }, (client) => -time(client));
    if (clients.length > 0) return { clients };
    const fastest = largest({ ...view, count: 1 }, (client) => -time(client))[0]!;
    const least = time(fastest);
    const enough = (1.01 * least).toPrecision(3);
    return {
      clients,
      nobody:
        `nobody makes ${seconds} s: client ${fastest} is fastest with ${least.toPrecision(3)} s ` +
        `(selection.seconds=${enough} would do in this round)`,
    };
  },
};
