import type { Variant } from "../../study/plan/axes.js";
import { againstFirst, openExperiment } from "./question.js";

const variant = (label: string, ...sets: string[]): Variant => ({ label, sets });

const moving = ["network.mobility.model=random-waypoint", "network.mobility.speed=30"];

const radios: readonly Variant[] = [
  variant("the paper's radio"),
  variant("Rician, 6 dB", "network.rician.enabled=true", "network.rician.kFactor=6"),
  variant("correlated channels, 15°", "network.correlation.model=local-scattering"),
  variant("user-centric clusters", "network.clusters=dcc"),
  variant("LP-MMSE with LSFD", "network.combining=lp-mmse+lsfd"),
  variant("LP-MMSE with LSFD in clusters", "network.combining=lp-mmse+lsfd", "network.clusters=dcc"),
  variant("moving clients, 30 m/s", ...moving),
  variant("moving clients, ageing channels, 30 m/s", ...moving, "network.ageing.enabled=true"),
];

/** Another radio under the same learning: what differs is how many rounds the budgets allow. */
export const openRadio = openExperiment({
  name: "radio",
  title: "Other radios under the learning",
  about:
    "The paper's radio has maximum ratio combining of uncorrelated Rayleigh channels at access points that all serve all, and " +
    "clients that stand still. Here the same trainings (EMQ, AdaDelta, most rounds) are paid for over others. The set-up " +
    "stays the same otherwise, the budgets too, so that a radio is worth the rounds that it affords. With no more clients than pilots clusters leave nobody out.",
  ...againstFirst("radio", radios, {
    sets: ["quantizer=emq", "training.optimizer=adadelta", "power=most-rounds"],
    title: "Radios, EMQ and AdaDelta",
  }),
});
