/** A run of a fraction of a second: four rounds of four clients, a linear model. */
export const tiny = {
  preset: "quick",
  rounds: 4,
  data: { trainExamples: 300, testExamples: 100 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 4 },
} as const;
