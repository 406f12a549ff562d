/** What the scripts that start workers elsewhere are made from. */
export interface ScriptSettings {
  /** Of the job there: letters, digits and hyphens */
  name: string;
  plan: string;
  out: string;
  tasks: number;
  /** s that a task may run at a time */
  seconds: number;
  /** Worker threads of a task */
  threads: number;
  /** Each task has a fixed share */
  fixed: boolean;
  /** Further words of the command */
  more: readonly string[];
  hosts: string;
  image: string;
  claim: string;
  /** How cellfed is called */
  command: string;
}

/** Exit status of a worker whose time is up while there is more to do. */
const moreToDo = 75;
/** A task that comes back so often makes no progress. */
const mostRestarts = 100;

export const scripts = { slurm, parallel, kubernetes } satisfies Record<string, (settings: ScriptSettings) => string>;

function words({ plan, out, more, fixed, tasks }: ScriptSettings, shard: string): string[] {
  return ["study", "work", plan, "--out", out, ...(fixed ? ["--shard", `${shard}/${tasks}`] : []), ...more];
}

/** Of a shell; `$` stays what it is in words that begin with it. */
function quoted(word: string): string {
  if (/^[\w./:=,@%+-]+$/.test(word)) return word;
  return word.startsWith("$") ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}

function slurm(settings: ScriptSettings): string {
  const { name, plan, tasks, seconds, threads, command } = settings;
  const line = [command, ...words(settings, "$SLURM_ARRAY_TASK_ID").map(quoted)].join(" ");
  return `#!/bin/bash
# The workers of ${plan}: submit with sbatch, as often as you like; what is finished is not done again.
#SBATCH --job-name=cellfed-${name}
#SBATCH --array=1-${tasks}
#SBATCH --time=${slurmTime(seconds)}
#SBATCH --cpus-per-task=${threads}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=cellfed-${name}-%A-%a.log

# Slurm signals this shell; the worker has to hear it.
${line} --workers ${threads} --time ${seconds}s &
worker=$!
trap 'kill -TERM "$worker" 2>/dev/null' TERM
wait "$worker"
status=$?
while kill -0 "$worker" 2>/dev/null; do
  wait "$worker"
  status=$?
done

# ${moreToDo}: its time is up, and there is more to do.
if [ "$status" -eq ${moreToDo} ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${mostRestarts} ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
`;
}

/** D-HH:MM:SS; Slurm counts in minutes. */
function slurmTime(seconds: number): string {
  const pair = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const days = Math.floor(seconds / 86_400);
  const time = [(seconds % 86_400) / 3600, (seconds % 3600) / 60, seconds % 60].map(pair).join(":");
  return days > 0 ? `${days}-${time}` : time;
}

function parallel(settings: ScriptSettings): string {
  const { plan, tasks, seconds, threads, hosts, command } = settings;
  const line = [command, ...words(settings, "{}").map((word) => (word.includes("{}") ? word : quoted(word)))].join(" ");
  return `#!/bin/bash
# The workers of ${plan} by GNU parallel over SSH: the hosts stand in ${hosts}, one a line; they share this folder.
# Run it again to go on: what is finished is not done again.
seq ${tasks} | parallel --jobs 1 --sshloginfile ${quoted(hosts)} --workdir "$PWD" --retries 4 --line-buffer --tag \\
  '${`${line} --workers ${threads} --time ${seconds}s`.replaceAll("'", `'\\''`)} #{}'
`;
}

function kubernetes(settings: ScriptSettings): string {
  const { name, plan, tasks, seconds, threads, image, claim, command } = settings;
  const fixed = words(settings, "$(TASK)");
  const all = [...command.split(" "), ...fixed, "--workers", String(threads), "--time", `${seconds}s`];
  // Indices count from 0, shards from 1
  const shell = `TASK=$((JOB_COMPLETION_INDEX + 1)); exec ${all.map((word) => (word.includes("$(TASK)") ? word.replace("$(TASK)", '"$TASK"') : quoted(word))).join(" ")}`;
  return `# The workers of ${plan}, an Indexed Job: kubectl apply -f this file. Plan and results lie on the volume ${claim}, which
# has to be one that several pods can write to (ReadWriteMany).
apiVersion: batch/v1
kind: Job
metadata:
  name: cellfed-${name}
spec:
  completionMode: Indexed
  completions: ${tasks}
  parallelism: ${tasks}
  backoffLimitPerIndex: 6
  podFailurePolicy:
    rules:
      # ${moreToDo}: its time is up, and there is more to do. 143: it was asked to leave.
      - action: Ignore
        onExitCodes: { containerName: worker, operator: In, values: [${moreToDo}, 143] }
      - action: Ignore
        onPodConditions: [{ type: DisruptionTarget }]
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 60
      containers:
        - name: worker
          image: ${image}
          workingDir: /study
          command: ["/bin/sh", "-c"]
          args: [${JSON.stringify(shell)}]
          resources:
            requests: { cpu: "${threads}" }
          volumeMounts:
            - { name: study, mountPath: /study }
      volumes:
        - name: study
          persistentVolumeClaim: { claimName: ${claim} }
`;
}
