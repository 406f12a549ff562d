"""What SciPy's SLSQP makes of the Hock-Schittkowski problems, from the book's starting points, with exact derivatives
(complex steps). Writes its figures into the problem file when asked to:

    python3 bench/peers/slsqp.py test/reference/data/hock-schittkowski.json [--write]

and the joint energy-latency problem of power allocation (alpha 0.5, analytic derivatives, cold) on a file of
`cellfed power --problem`:

    python3 bench/peers/slsqp.py --power problem.json
"""

import json
import re
import sys
import time
import warnings

import numpy as np
import scipy
from scipy.optimize import minimize

warnings.filterwarnings("ignore")
NAMES = {"sin": np.sin, "cos": np.cos, "exp": np.exp, "log": np.log}


def function(text, n):
    code = compile(re.sub(r"x(\d+)", lambda m: f"x[{int(m[1]) - 1}]", text.replace("^", "**")), text, "eval")
    return lambda x: eval(code, NAMES, {"x": x})


def gradient(f, n):
    def at(x):
        out = np.empty(n)
        for j in range(n):
            z = np.array(x, dtype=complex)
            z[j] += 1e-30j
            out[j] = np.imag(f(z)) / 1e-30
        return out

    return at


def solve(problem, ftol):
    n = len(problem["start"])
    f = function(problem["objective"], n)
    constraints = []
    for kind, name in (("eq", "equality"), ("ineq", "inequality")):
        for text in problem[name]:
            c = function(text, n)
            constraints.append({"type": kind, "fun": c, "jac": gradient(c, n)})
    none = [None] * n
    bounds = list(zip(problem["lower"] or none, problem["upper"] or none))
    return minimize(f, problem["start"], jac=gradient(f, n), bounds=bounds, constraints=constraints, method="SLSQP",
                    options={"ftol": ftol, "maxiter": 500})


def joint_problem(p):
    """min 0.5 sum E / E0 + 0.5 e^u / l0 over y = ln p, u with u >= ln l_k, E0 and l0 those of full power."""
    a, noise, bits = (np.array(p[k], dtype=float) for k in ("signal", "noise", "bits"))
    c = np.array(p["interference"], dtype=float) + np.diag(p["selfInterference"])
    n = len(a)

    def terms(y):
        q = np.exp(y)
        d = c @ q + noise
        x = a * q / d
        latency = bits * np.log(2) / (p["bandwidth"] * np.log1p(x))
        slope = -(x / (1 + x) / np.log1p(x))[:, None] * (np.eye(n) - c * q / d[:, None])  # of ln latency
        return p["transmitPower"] * q * latency, latency, slope

    energy, latency, _ = terms(np.zeros(n))
    e0, l0 = energy.sum(), latency.max()

    def objective(z):
        e, _, slope = terms(z[:n])
        value = 0.5 * e.sum() / e0 + 0.5 * np.exp(z[n]) / l0
        return value, np.append(0.5 / e0 * (e @ (np.eye(n) + slope)), 0.5 * np.exp(z[n]) / l0)

    rows = {"type": "ineq", "fun": lambda z: z[n] - np.log(terms(z[:n])[1]),
            "jac": lambda z: np.hstack([-terms(z[:n])[2], np.ones((n, 1))])}
    bounds = [(-16, 0)] * n + [(None, None)]
    start = np.append(np.full(n, -1.0), np.log(terms(np.full(n, -1.0))[1].max()))

    return lambda: minimize(objective, start, jac=True, bounds=bounds, constraints=[rows], method="SLSQP",
                            options={"ftol": 1e-9, "maxiter": 500})


def power(path):
    with open(path) as file:
        p = json.load(file)
    solve = joint_problem(p)
    times = []
    for _ in range(21):
        begin = time.process_time()
        result = solve()
        times.append(time.process_time() - begin)
    print(f"K = {len(p['signal'])}: SLSQP {1e3 * np.median(times):.2f} ms, {result.nit} iterations, {result.message}")


def main():
    if sys.argv[1] == "--power":
        power(sys.argv[2])
        return
    path = sys.argv[1]
    with open(path) as file:
        problems = json.load(file)
    for problem in problems:
        result = solve(problem, 1e-9)
        problem["slsqp"] = {"iterations": int(result.nit), "evaluations": int(result.nfev), "value": float(result.fun),
                            "success": bool(result.success)}
        error = abs(result.fun - problem["best"]) / max(1, abs(problem["best"]))
        print(f"HS{problem['number']:<4} {result.nit:4d} iterations  {result.fun:.10g}  {'ok' if error < 1e-6 else 'AWAY from'}"
              f" {problem['best']:.10g}  {result.message}")
    print(f"scipy {scipy.__version__}, ftol 1e-9: {sum(p['slsqp']['iterations'] for p in problems)} iterations in all")
    if "--write" in sys.argv:
        with open(path, "w") as file:
            file.write("[\n" + ",\n".join("  " + json.dumps(p) for p in problems) + "\n]\n")


if __name__ == "__main__":
    main()
