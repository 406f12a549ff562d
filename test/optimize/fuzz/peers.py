"""Programs as JSON lines on stdin, what SciPy says of each as JSON lines on stdout: HiGHS for linear programs and for
whether the rows of a quadratic one have a point in common, SLSQP for the value of a strictly convex one."""
import json
import sys

import numpy as np
import scipy
from scipy.optimize import Bounds, LinearConstraint, linprog, minimize

print(json.dumps({"version": scipy.__version__}))
for line in sys.stdin:
    p = json.loads(line)
    h, g = np.array(p["hessian"], float), np.array(p["linear"], float)
    n = len(g)
    a_eq, b_eq = np.array(p["equality"]["matrix"], float).reshape(-1, n), np.array(p["equality"]["values"], float)
    a_in, b_in = np.array(p["inequality"]["matrix"], float).reshape(-1, n), np.array(p["inequality"]["values"], float)
    bounds = list(zip(p["lower"], p["upper"]))
    linear = not h.any()
    # Its presolve calls some degenerate programs infeasible that are not.
    for presolve in (True, False):
        found = linprog(
            g if linear else np.zeros(n),
            A_ub=-a_in if len(b_in) else None, b_ub=-b_in if len(b_in) else None,
            A_eq=a_eq if len(b_eq) else None, b_eq=b_eq if len(b_eq) else None,
            bounds=bounds, method="highs", options={"presolve": presolve},
        )
        if found.status != 2:
            break
    status = {0: "converged" if linear else "feasible", 2: "infeasible", 3: "unbounded"}.get(found.status, "unknown")
    answer = {"by": "HiGHS", "status": status, "value": found.fun if linear and found.status == 0 else None}
    if status == "feasible" and np.linalg.eigvalsh(h)[0] > 1e-3:
        rows = []
        if len(b_eq):
            rows.append(LinearConstraint(a_eq, b_eq, b_eq))
        if len(b_in):
            rows.append(LinearConstraint(a_in, b_in, np.inf))
        low = [-np.inf if v is None else v for v in p["lower"]]
        high = [np.inf if v is None else v for v in p["upper"]]
        best = minimize(
            lambda x: 0.5 * x @ h @ x + g @ x, found.x, jac=lambda x: h @ x + g, method="SLSQP",
            bounds=Bounds(low, high), constraints=rows, options={"ftol": 1e-12, "maxiter": 500},
        )
        if best.success:
            answer = {"by": "SLSQP", "status": "converged", "value": best.fun}
    print(json.dumps(answer))
