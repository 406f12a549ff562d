import type { Experiment } from "../experiment.js";
import { openAdadelta } from "./adadelta.js";
import { openAggregation } from "./aggregation.js";
import { openBatteries } from "./batteries.js";
import { openDataSets } from "./dataSets.js";
import { openDevices } from "./devices.js";
import { openLosses } from "./losses.js";
import { openNetworks, openTasks } from "./otherTasks.js";
import { openRadio } from "./radio.js";
import { openSelection } from "./selection.js";
import { openServers } from "./servers.js";
import { openSwitches } from "./switches.js";
import { openThresholds } from "./thresholds.js";
import { openWaiting } from "./waiting.js";

/** What the papers leave open, question by question: `cellfed reproduce open`. A new one: one file and one line here. */
export const openExperiments: readonly Experiment[] = [
  openThresholds,
  openAdadelta,
  openServers,
  openRadio,
  openNetworks,
  openTasks,
  openDataSets,
  openSelection,
  openDevices,
  openBatteries,
  openLosses,
  openWaiting,
  openAggregation,
  openSwitches,
];
