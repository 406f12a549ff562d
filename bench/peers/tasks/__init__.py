"""The tasks of bench/peers/serve.py by name. A further module: one line at the end."""
TASKS = {}


def task(function):
    TASKS[function.__name__.replace("_", "-")] = function
    return function


from . import coders, networks, powers, radio, training  # noqa: E402,F401
