/** The page's words: what each means in a sentence, its formula, and where the documentation says more. */
export interface Term {
  /** As it is said, for the heading */
  name: string;
  sentence: string;
  /** `_x` or `_{xy}` below the line, `^x` or `^{xy}` above it */
  formula?: string;
  /** Page of the documentation and its heading */
  page: string;
  /** How else it is written in running text; the name is one way */
  said?: readonly string[];
}

export const terms = {
  client: {
    name: "Client",
    sentence: "A phone or sensor that trains the model on examples of its own and sends only how the model changed.",
    formula: "w ← w + Σ_k n_k Δ_k / Σ_k n_k",
    page: "training.md#a-clients-round",
    said: ["clients", "Clients"],
  },
  "access point": {
    name: "Access point",
    sentence: "One of many small antennas spread over the area; all of them together hear all clients, without cells.",
    page: "radio.md#a-drop",
    said: ["access points", "Access points", "Sixteen access points"],
  },
  "cell-free": {
    name: "Cell-free massive MIMO",
    sentence:
      "Many spread access points serve every client jointly on the same time and frequency; there are no cell edges.",
    formula: "SINR_k = A_k p_k / (B_k p_k + Σ_j B̃_{kj} p_j + I_k)",
    page: "radio.md#the-radio",
    said: ["cell-free"],
  },
  pilot: {
    name: "Pilot",
    sentence:
      "A known signal by which access points learn a client's channel; clients that share one are taken for each other.",
    formula: "τ_p pilots, of τ_c symbols that a channel lasts",
    page: "radio.md#choices-where-the-sources-are-silent",
    said: ["pilots", "Pilots", "Pilots run out"],
  },
  "radio map": {
    name: "Radio map",
    sentence:
      "What one more client would get at each place at full power, on the pilot least used at its strongest access point. The map has path loss only: shadowing is drawn for the clients, not for places.",
    formula: "log_2(1 + SINR)",
    page: "radio.md#a-drop",
    said: ["one more client there"],
  },
  combining: {
    name: "Combining",
    sentence: "How access points put together what their antennas receive into one client's signal.",
    page: "radio.md#receivers",
  },
  drop: {
    name: "Network",
    sentence: "One placement of access points and clients, with path loss, shadowing and pilots, drawn from the seed.",
    page: "radio.md#a-drop",
  },
  quantizer: {
    name: "Quantizer",
    sentence: "Makes few bits of a client's update; the server trains on what it decodes from them.",
    formula: "v ∈ ℝ^d → packet → q(v)",
    page: "quantizers.md#the-methods",
    said: ["The update under the quantizer", "quantizer", "quantization"],
  },
  emq: {
    name: "EMQ",
    sentence:
      "Keeps sign and decade of an update's large entries as one exponent and whole mantissas; the small ones become zero.",
    formula: "q = m·10^e, m = round(v / 10^e), e = ⌊log_{10} ‖v‖_∞⌋ − digits",
    page: "quantizers.md#the-methods",
    said: ["EMQ"],
  },
  update: {
    name: "Update",
    sentence: "The difference between a client's model after its local epochs and the one it was sent.",
    formula: "Δ_k = w_k − w",
    page: "training.md#a-clients-round",
    said: ["update", "updates"],
  },
  "bits an entry": {
    name: "Bits an entry",
    sentence:
      "Nominal bits of all uploads over all the entries they carry, over all rounds so far; 32 without a quantizer.",
    formula: "Σ_k S_k / (uploads · d)",
    page: "quantizers.md#quantizers",
    said: ["a bit an entry"],
  },
  saved: {
    name: "Saved",
    sentence: "Bits that were not sent, against full precision from every client that was asked in every round.",
    formula: "1 − Σ S_k / (32 · rounds · clients · d)",
    page: "quantizers.md#quantizers",
  },
  "nominal bits": {
    name: "Nominal bits",
    sentence:
      "Bits as the method's paper counts them; what a packet takes, header and checksum included, is its wire bits.",
    page: "quantizers.md#quantizers",
    said: ["a formula", "bits"],
  },
  classes: {
    name: "Classes",
    sentence:
      "What the examples of a client show, as shares of a ring: where clients have other mixtures, updates differ.",
    page: "data.md#splits",
  },
  power: {
    name: "Power allocation",
    sentence: "How loudly each client sends: louder is faster for it, and interference for the others.",
    formula: "p_k ∈ [0, 1] of 0.1 W",
    page: "power.md#power-allocation",
    said: ["Powers", "powers"],
  },
  "sum rate": {
    name: "Sum rate",
    sentence: "Powers that make the sum of all rates largest; who is strong shouts, who is weak may be silent.",
    formula: "max Σ_k R_k",
    page: "power.md#power-allocation",
    said: ["The sum rate", "sum rate"],
  },
  "most rounds": {
    name: "Most rounds",
    sentence: "Powers for which the energy and the latency budget together pay for the most rounds.",
    formula: "min max(E / E_{budget}, (ℓ_c + max ℓ_k) / ℓ_{budget})",
    page: "power.md#power-allocation",
    said: ["the most rounds", "most rounds"],
  },
  rate: {
    name: "Rate",
    sentence: "Bits a second that a client's channel carries, with the interference of all the others in it.",
    formula: "R_k = W log_2(1 + SINR_k)",
    page: "power.md#power-allocation",
    said: ["The same rate", "rates"],
  },
  energy: {
    name: "Energy",
    sentence: "Joules that the clients spend on sending: power times the time that the upload takes.",
    formula: "E_k = (P_u p_k + P_c) ℓ_k",
    page: "choices.md#what-a-round-costs",
    said: ["joules", "Energy budget (J)"],
  },
  time: {
    name: "Time",
    sentence: "A round lasts as long as computing and the slowest upload: everybody waits for the last one.",
    formula: "ℓ_c + max_k ℓ_k, ℓ_k = S_k / R_k",
    page: "choices.md#what-a-round-costs",
    said: ["seconds"],
  },
  budget: {
    name: "Budget",
    sentence: "What a run may use in all; it ends before the first round that would break it.",
    formula: "Σ E ≤ E_{budget}, Σ ℓ ≤ ℓ_{budget}",
    page: "choices.md#what-a-round-costs",
    said: ["budget", "budgets", "both budgets"],
  },
  round: {
    name: "Round",
    sentence: "Clients train, quantize and send; the server averages what it decodes, and the next round begins.",
    page: "training.md#a-clients-round",
    said: ["round", "rounds"],
  },
  accuracy: {
    name: "Test accuracy",
    sentence: "Share of test examples, which no client has, that the averaged model gets right.",
    page: "training.md#training",
    said: ["Test accuracy", "accuracy"],
  },
  optimizer: {
    name: "Local optimizer",
    sentence: "The rule by which a client steps down its loss; it decides how the update's magnitudes spread.",
    page: "training.md#a-clients-round",
    said: ["local optimizer", "AdaDelta", "Plain gradient descent"],
  },
  split: {
    name: "Data split",
    sentence: "Which client has which examples; with few classes each, their updates differ.",
    page: "data.md#splits",
    said: ["few of the classes"],
  },
  straggler: {
    name: "Straggler",
    sentence: "The client whose upload ends last, for which all others wait.",
    formula: "max_k S_k / R_k",
    page: "power.md#power-allocation",
    said: ["the slowest client", "waits for"],
  },
  fingerprint: {
    name: "Fingerprint",
    sentence:
      "A hash of every round's record: the same settings give the same one in any browser and from the command line.",
    page: "lab.md#what-is-on-the-page",
    said: ["fingerprint"],
  },
  aggregation: {
    name: "Adding up",
    sentence: "How updates become one sum: at the server, at the access points that decoded them, or in the air.",
    page: "aggregation.md#adding-up",
  },
  "over the air": {
    name: "Sum over the air",
    sentence:
      "All clients send at once, entries as amplitudes on the same channel uses: what the antennas hear is already the sum, with noise.",
    formula: "y = Σ_k √p_k h_k u_k + n",
    page: "aggregation.md#over-the-air",
  },
  fronthaul: {
    name: "Fronthaul",
    sentence:
      "The links from access points to the server. Where access points add what they decode, each sends one sum on.",
    formula: "S / C seconds, P_0 S / C + e S joules a link",
    page: "aggregation.md#at-the-access-points",
  },
  timeline: {
    name: "Round in time",
    sentence: "Everybody computes, then sends, then waits for the last; the joules go where somebody sends.",
    formula: "ℓ = ℓ_c + max_k S_k / R_k",
    page: "choices.md#what-a-round-costs",
    said: ["The round in time, and its joules"],
  },
} as const satisfies Readonly<Record<string, Term>>;

export type TermName = keyof typeof terms;

/** Fields of the config whose label is a word of these. */
export const termOfField: Readonly<Record<string, TermName>> = {
  "quantizer.name": "quantizer",
  "power.method": "power",
  "network.clients": "client",
  "network.accessPoints": "access point",
  "network.pilots": "pilot",
  "network.combining": "combining",
  "budgets.energy": "energy",
  "budgets.latency": "time",
  "budgets.bits": "nominal bits",
  "aggregation.by": "aggregation",
  "data.split.kind": "split",
  "training.optimizer.name": "optimizer",
  rounds: "round",
};

const ways: readonly (readonly [text: string, name: TermName])[] = (
  Object.entries(terms) as [TermName, Term][]
).flatMap(([name, { said = [] }]) => said.map((text) => [text, name] as const));

interface Mention {
  from: number;
  to: number;
  name: TermName;
}

/** A text in pieces, with the first mention of each word marked; of two that overlap the longer one. */
export function withTerms(text: string): { text: string; term?: TermName }[] {
  const pieces: { text: string; term?: TermName }[] = [];
  const known = new Set<TermName>();
  let at = 0;
  for (const { from, to, name } of mentions(text)) {
    if (from < at || known.has(name)) continue;
    known.add(name);
    if (from > at) pieces.push({ text: text.slice(at, from) });
    pieces.push({ text: text.slice(from, to), term: name });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

/** All of them, whole words, from left to right and the longer first. */
function mentions(text: string): Mention[] {
  const found = ways.flatMap(([way, name]): Mention[] => {
    const here: Mention[] = [];
    for (let from = text.indexOf(way); from >= 0; from = text.indexOf(way, from + 1)) {
      const to = from + way.length;
      const around = (text[from - 1] ?? "") + (text[to] ?? "");
      if (!/[\p{Letter}\p{Number}-]/u.test(around)) here.push({ from, to, name });
    }
    return here;
  });
  return found.sort((a, b) => a.from - b.from || b.to - a.to);
}
