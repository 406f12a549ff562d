"""Python libraries that take turns with the benchmarks of `npm run bench` (bench/peers/pipe.ts has the protocol).

A task is a function that prepares and returns (name, call), or (name, call, note); the modules beside this one register theirs by `@task`. What
cannot be imported is answered with the reason.
"""
import gc
import json
import sys
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from tasks import TASKS

SAMPLE_SECONDS, SAMPLES_EACH = 0.002, 3


class Made:
    def __init__(self, name, call, note=None):
        self.name, self.call, self.note, self.calls = name, call, note, 1
        for _ in range(2):
            call()

    def turn(self):
        samples, total, used = [], 0, time.process_time()
        while len(samples) < SAMPLES_EACH:
            begin = time.perf_counter()
            for _ in range(self.calls):
                self.call()
            seconds = time.perf_counter() - begin
            total += self.calls
            if seconds < SAMPLE_SECONDS / 2:  # too few calls for the clock: not a sample
                self.calls = max(self.calls + 1, int(self.calls * SAMPLE_SECONDS / max(seconds, 1e-7)))
                continue
            samples.append(seconds / self.calls)
            if seconds > 0.05:
                break
        return {"samples": samples, "processor": (time.process_time() - used) / total}


def main():
    made = {}
    gc.disable()
    for line in sys.stdin:
        question = json.loads(line)
        if "make" in question:
            try:
                key = len(made)
                made[key] = Made(*TASKS[question["make"]](**question.get("with", {})))
                answer = {"task": key, "name": made[key].name}
                if made[key].note is not None:
                    answer["note"] = made[key].note
            except (ImportError, KeyError, AttributeError) as reason:
                answer = {"missing": f"{type(reason).__name__}: {reason}"}
        elif "turn" in question:
            answer = made[question["turn"]].turn()
        else:
            made[question["drop"]] = None
            gc.collect()
            answer = {}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
