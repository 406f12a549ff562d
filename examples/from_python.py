"""A run from Python: the command's --json is one value on stdout. CELLFED says how it is called, if not `cellfed`."""

import json
import os
import shlex
import subprocess

command = shlex.split(os.environ.get("CELLFED", "cellfed"))
small = ["--rounds", "2", "--set", "data.trainExamples=300", "--no-out", "--quiet"]
result = json.loads(subprocess.check_output([*command, "run", "quick", *small, "--json"]))
for record in result["rounds"]:
    print(record["round"], record["accuracy"], record["totals"]["energy"])
print(result["ended"]["reason"])
