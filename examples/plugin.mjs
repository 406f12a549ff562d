// Parts of one's own, one of each kind. `cellfed run quick --plugin examples/plugin.mjs --quantizer half` uses one;
// in a program: import { register } from "cellfed"; register((await import("./plugin.mjs")).default).

/** Every entry as the nearest half of a step, one byte each: q = step/2 · round(2v/step). */
const half = {
  name: "half",
  settings: { step: { default: 0.01, above: 0, summary: "the step" } },
  create: ({ step }) => ({
    name: "half",
    encode(update) {
      const bad = update.findIndex((x) => !Number.isFinite(x));
      if (bad >= 0) throw new Error(`entry ${bad} is ${update[bad]}`);
      const bytes = new Uint8Array(4 + update.length);
      new DataView(bytes.buffer).setUint32(0, update.length, true);
      update.forEach((x, i) => {
        bytes[4 + i] = 128 + Math.max(-127, Math.min(127, Math.round((2 * x) / step)));
      });
      return { bytes, nominalBits: 8 * update.length };
    },
    decode(bytes, into) {
      const entries = bytes.length < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      if (entries !== into.length || bytes.length !== 4 + entries) {
        throw new Error(`${bytes.length} bytes are no packet of ${into.length} entries`);
      }
      for (let i = 0; i < entries; i++) into[i] = ((bytes[4 + i] - 128) * step) / 2;
    },
  }),
};

/** Every client that sends at the same power, a share of the full one. */
const equalShare = {
  name: "equal-share",
  settings: { share: { default: 0.5, above: 0, maximum: 1, summary: "of full power" } },
  create: ({ share }) => ({
    name: "equal-share",
    allocate({ rates, bits, circuitPower = 0 }) {
      const { clients: K, signal, selfInterference, interference, noise, bandwidth, transmitPower } = rates;
      const power = Float64Array.from(bits, (b) => (b > 0 ? share : 0));
      const rate = Float64Array.from(power, (p, k) => {
        let disturbance = selfInterference[k] * p + noise[k];
        for (let j = 0; j < K; j++) disturbance += interference[k * K + j] * power[j];
        return bandwidth * Math.log2(1 + (signal[k] * p) / disturbance);
      });
      const latency = Float64Array.from(bits, (b, k) => (b > 0 ? b / rate[k] : 0));
      const energy = latency.map((seconds, k) => (transmitPower * power[k] + circuitPower) * seconds);
      return { power, latency, energy, rate, status: "converged", iterations: 0 };
    },
  }),
};

/** Only the strongest access point listens to a client, and it knows the channel: signal M β p, interference β p. */
const strongest = {
  name: "strongest",
  rateModel({ clients: K, accessPoints: L, antennas, gain, noisePower, transmitPower }) {
    const best = Array.from({ length: K }, (_, k) => {
      const own = gain.subarray(k * L, (k + 1) * L);
      return own.indexOf(Math.max(...own));
    });
    const scale = transmitPower / noisePower;
    const interference = new Float64Array(K * K);
    for (let k = 0; k < K; k++) {
      for (let j = 0; j < K; j++) if (j !== k) interference[k * K + j] = scale * gain[j * L + best[k]];
    }
    return {
      signal: Float64Array.from(best, (l, k) => scale * antennas * gain[k * L + l]),
      selfInterference: new Float64Array(K),
      interference,
      noise: new Float64Array(K).fill(1),
    };
  },
};

/** Steps of one size in the direction of the gradient's signs. */
const signDescent = {
  name: "sign-descent",
  settings: { learningRate: { default: 0.001, above: 0, summary: "size of a step" } },
  create: ({ learningRate }) => ({
    step(parameters, gradient) {
      for (let i = 0; i < parameters.length; i++) parameters[i] -= learningRate * Math.sign(gradient[i]);
    },
    reset() {},
  }),
};

/** Two classes of 8 × 8 images: bright above, or bright below. */
const halves = {
  name: "halves",
  load({ trainExamples, testExamples }, seed) {
    const examples = (count, first) => {
      const inputs = new Uint8Array(count * 64);
      const targets = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        targets[i] = (first + i) % 2;
        for (let j = 0; j < 64; j++) {
          const noise = (Math.imul(seed + 1, 2654435761) ^ Math.imul(64 * (first + i) + j + 1, 40503)) >>> 24;
          inputs[64 * i + j] = j < 32 === (targets[i] === 0) ? 128 + noise / 2 : noise / 2;
        }
      }
      return { count, inputs, targets };
    };
    const train = trainExamples || 400;
    return {
      name: "halves",
      task: "classification",
      inputShape: [8, 8, 1],
      outputs: 2,
      targetSize: 1,
      classNames: ["above", "below"],
      train: examples(train, 0),
      test: examples(testExamples || 100, train),
    };
  },
};

/** Those that have been away longest; nobody twice within `rest` rounds, where others can take part. */
const longestAway = {
  name: "longest-away",
  settings: { rest: { default: 0, minimum: 0, integer: true, summary: "rounds off after one" } },
  select({ round, available, count, lastRound }, { rest }) {
    const rested = available.filter((client) => lastRound[client] === 0 || round - lastRound[client] > rest);
    const ordered = [...(rested.length > 0 ? rested : available)].sort((a, b) => lastRound[a] - lastRound[b] || a - b);
    return { clients: ordered.slice(0, count) };
  },
};

export default {
  quantizers: [half],
  powerMethods: [equalShare],
  receivers: [strongest],
  optimizers: [signDescent],
  datasets: [halves],
  selectionRules: [longestAway],
};
