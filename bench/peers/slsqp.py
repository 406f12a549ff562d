"""What SciPy's SLSQP makes of the Hock-Schittkowski problems, from the book's starting points, with exact derivatives
(complex steps). Writes its figures into the problem file when asked to:

    python3 bench/peers/slsqp.py test/reference/data/hock-schittkowski.json [--write]
"""

import json
import re
import sys
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


def main():
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


main()
