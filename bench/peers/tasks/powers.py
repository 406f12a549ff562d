"""SciPy's SLSQP on the joint energy-latency problem, analytic derivatives, cold (the problem of bench/peers/slsqp.py)."""
from . import task


@task
def slsqp_joint(problem):
    import scipy

    from slsqp import joint_problem

    solve = joint_problem(problem)
    return f"SciPy {scipy.__version__} SLSQP", solve
