import { namedAxis } from "../../study/plan/axes.js";
import { againstFirst, openExperiment } from "./question.js";

const { variants } = namedAxis("quantizer", "emq,emq:step=fractional,aquila,identity");

/** The quantizers on other images, where their files are. */
export const openDataSets = openExperiment({
  name: "data-sets",
  title: "CIFAR-100 and Fashion-MNIST",
  about:
    "EMQ, its free step, AQUILA and full precision with AdaDelta and most-rounds on other images, where their files are. This " +
    "project's own reports have none of it: their files were not at hand, and the experiment is tried on small files made in their format.",
  onlyWhereNamed: true,
  ...againstFirst("quantizer", variants, {
    sets: ["training.optimizer=adadelta", "power=most-rounds"],
    title: "Quantizers, all with AdaDelta",
  }),
});
