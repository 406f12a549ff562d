import type { DataConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import { corpusCounts, createCorpus } from "./corpus.js";
import { createGlyphs, glyphCounts } from "./glyphs.js";
import { withChannels } from "./images.js";
import { createRegression, regressionCounts } from "./regression.js";
import { type Allocate, plain } from "./storage.js";

/**
 * A data set that needs no file; runs anywhere, same bits everywhere.
 *
 * @example
 * const { train, inputShape } = createDataset(parseConfig({}).data, 1);
 * train.count; // 6000 glyphs
 * inputShape; // [16, 16, 1]
 *
 * @param seed what the examples are drawn from
 * @throws InputError for a set that has to be read from files (`loadDataset` of "cellfed/node" does that)
 */
export function createDataset(config: DataConfig, seed: number, allocate: Allocate = plain): Dataset {
  const train = config.trainExamples;
  const test = config.testExamples;
  switch (config.name) {
    case "glyphs":
      return withChannels(
        createGlyphs(train || glyphCounts.train, test || glyphCounts.test, seed, allocate),
        config.channels,
        allocate,
      );
    case "corpus":
      return createCorpus(
        train || corpusCounts.train,
        test || corpusCounts.test,
        config.speakers,
        config.sequenceLength,
        seed,
        allocate,
      );
    case "regression":
      return createRegression(train || regressionCounts.train, test || regressionCounts.test, seed, allocate);
    default:
      throw new InputError(
        "data.name",
        `"${config.name}" is read from files, which only Node can do (loadDataset of "cellfed/node", or the ` +
          "cellfed command); the sets that need none: glyphs, corpus, regression",
      );
  }
}
