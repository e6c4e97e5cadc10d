/**
 * Slurm: a job array, and a job that merges once every task has ended.
 *
 * Sources: sbatch(1), scontrol(1); SchedMD's default `MaxArraySize` of 1001.
 * @module
 */
import { type Schedule, type ScheduleChoices, taskArguments } from "./schedule.ts"

/** Tasks of one array: the last index must be below `MaxArraySize`, 1001 by default. */
const MAX_TASKS = 1_000

/** Writes the batch scripts of a plan; a plan with more ranks than an array may have gives each task several. */
export function slurmSchedule(choices: ScheduleChoices): Schedule {
  const { sealed, cpus, memoryMiB, atOnce, retries } = choices
  const { world, scan } = sealed.plan
  const tasks = Math.min(world, MAX_TASKS)
  const command = taskArguments(choices).map(quote).join(" ")
  const common = [`#SBATCH --cpus-per-task=${cpus}`, `#SBATCH --mem=${memoryMiB}M`, "#SBATCH --open-mode=append"]
  const array = `0-${tasks - 1}${atOnce === undefined ? "" : `%${atOnce}`}`
  const scanScript = [
    "#!/bin/bash",
    `#SBATCH --job-name=nightlight-${scan}`,
    `#SBATCH --array=${array}`,
    ...common,
    "#SBATCH --requeue",
    "#SBATCH --output=scan-%A_%a.log",
    `# Screens plan ${sealed.digest}.`,
    "# Receipts in the workspace are the only state: a task may be killed and repeated at any time.",
    "set -u",
    "again=0",
    "broken=0",
    `for ((rank = SLURM_ARRAY_TASK_ID; rank < ${world}; rank += ${tasks})); do`,
    '  echo "rank $rank starts"',
    `  ${command} --rank "$rank"`,
    "  status=$?",
    '  echo "rank $rank ended with $status"',
    '  case "$status" in',
    "    0 | 1) ;;",
    "    42) broken=42 ;;",
    '    2 | 3 | 4 | 50) exit "$status" ;;',
    "    *) again=10 ;;",
    "  esac",
    "done",
    `if ((again != 0 && \${SLURM_RESTART_COUNT:-0} < ${retries})); then`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell replaces it
    '  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" && sleep 60',
    "fi",
    "exit $((again != 0 ? again : broken))",
  ]
  const mergeScript = [
    "#!/bin/bash",
    `#SBATCH --job-name=nightlight-${scan}-merge`,
    ...common,
    "#SBATCH --output=merge-%j.log",
    "# Writes one report over all tasks; exit 10 and the unfinished ranks where some are not done.",
    `exec ${command} --merge`,
  ]
  const submitScript = [
    "#!/bin/bash",
    "# Starts the array, and the merge once every task has ended, however it ended.",
    "set -eu",
    'cd "$(dirname "$0")"',
    "array=$(sbatch --parsable scan.sbatch)",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell replaces it
    'merge=$(sbatch --parsable --dependency="afterany:${array%%;*}" merge.sbatch)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell replaces it
    'echo "array ${array%%;*}, merge ${merge%%;*}"',
  ]
  return {
    files: [
      { name: "scan.sbatch", text: lines(scanScript) },
      { name: "merge.sbatch", text: lines(mergeScript) },
      { name: "submit.sh", text: lines(submitScript), isProgram: true },
    ],
    start: "./submit.sh",
  }
}

function lines(script: readonly string[]): string {
  return `${script.join("\n")}\n`
}

/** Quotes a word for the shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
