import type { PowerViews, PowerWorkspace } from "../../bindings/power.js";

/**
 * `evaluate` at y = ln p, the first entries of x, run once a point: an optimizer asks for values, gradients and Hessians
 * of one point in turn. The views given back are fresh, since the optimizer makes room for itself and may empty older
 * ones.
 */
export function atPoint(workspace: PowerWorkspace, evaluate: (views: PowerViews) => void) {
  const n = workspace.clients;
  const at = new Float64Array(n).fill(Number.NaN);
  return (x: Float64Array): PowerViews => {
    const views = workspace.views();
    let same = true;
    for (let k = 0; k < n && same; k++) same = x[k] === at[k];
    if (same) return views;
    for (let k = 0; k < n; k++) at[k] = views.logPower[k] = x[k]!;
    evaluate(views);
    return views;
  };
}
