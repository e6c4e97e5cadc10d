/**
 * `nightlight policy`: whether a policy is valid, and why it decides as it does.
 * @module
 */
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { compact, EXIT, hasCode, RequestError } from "@nightlight/core"
import type { Explanation } from "@nightlight/screening"
import type { Command } from "commander"
import { countOf, formatCount } from "../terminal/numbers.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface Flags {
  readonly json?: boolean
}

/** Adds `nightlight policy`. */
export function addPolicy(program: Command, context: CommandContext): void {
  const policy = program.command("policy").description("the rules from signals to decisions")
  policy
    .command("check")
    .description("check a policy file and list every problem by line and column")
    .argument("[file]", "a policy file (default: the workspace's)")
    .option("--json", "print the problems as one JSON object")
    .action(async (file: string | undefined, flags: Flags, command: Command) => {
      const { checkPolicy, formatProblem } = await import("@nightlight/screening")
      const source = await readPolicyFile(file, command, context)
      const problems = checkPolicy(source.text, source)
      print(context.io, flags.json, { sound: problems.length === 0, problems }, () =>
        problems.length === 0
          ? `${source.fileName} is valid.\n`
          : problems.map((problem) => `${formatProblem(problem)}\n`).join(""),
      )
      context.done(problems.length === 0 ? EXIT.done : EXIT.checkFailed)
    })
  policy
    .command("test")
    .description("run a policy's tests")
    .argument("[file]", "a policy file (default: the workspace's)")
    .option("--json", "print the results as one JSON object")
    .action(async (file: string | undefined, flags: Flags, command: Command) => {
      const { loadPolicy } = await import("@nightlight/screening")
      const source = await readPolicyFile(file, command, context)
      const results = loadPolicy(source.text, source).test()
      const failed = results.filter((result) => !result.passed)
      print(context.io, flags.json, { passed: results.length - failed.length, failed: failed.length, results }, () =>
        [
          ...failed.map(
            ({ name, expected, actual }) =>
              `${name}: expected ${expected.decision}${expected.rule === undefined ? "" : ` by ${expected.rule}`}, got ${actual.decision} by ${actual.rule}\n`,
          ),
          `${countOf(results.length - failed.length, "test")} passed, ${formatCount(failed.length)} failed\n`,
        ].join(""),
      )
      context.done(failed.length === 0 ? EXIT.done : EXIT.checkFailed)
    })
  policy
    .command("explain")
    .description("explain a finding: for each rule, whether it applied and why")
    .argument("[finding]", "a finding's id, or its first digits")
    .option(
      "--signals <file>",
      "instead of a finding, explain signals from a JSON file in the form of a policy's tests",
    )
    .option("--policy <file>", "a policy file (default: the workspace's)")
    .option("--json", "print the explanation as one JSON object")
    .action(
      async (
        finding: string | undefined,
        flags: Flags & { readonly signals?: string; readonly policy?: string },
        command: Command,
      ) => {
        const { loadPolicy, parseSignals } = await import("@nightlight/screening")
        const source = await readPolicyFile(flags.policy, command, context)
        const signals =
          flags.signals === undefined
            ? await signalsOfFinding(finding, command, context)
            : parseSignals(await readText(resolve(context.io.cwd, flags.signals)))
        const explanation = loadPolicy(source.text, source).explain(signals)
        print(context.io, flags.json, explanation, () => formatExplanation(explanation))
        context.done(EXIT.done)
      },
    )
}

async function readPolicyFile(file: string | undefined, command: Command, context: CommandContext) {
  if (file === undefined) {
    const workspace = await openCommandWorkspace(command, context)
    return readWithTests(workspace.policyPath, workspace.config.policy)
  }
  return readWithTests(resolve(context.io.cwd, file), file)
}

/** Reads a policy and, where there is one, the file of tests beside it: `policy.yaml`, `policy.tests.yaml`. */
async function readWithTests(path: string, fileName: string) {
  const text = await readText(path)
  const testsText = await readFile(path.replace(/\.ya?ml$/, ".tests.yaml"), "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  })
  return compact({ text, fileName, testsText })
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "EISDIR")) throw new RequestError("input_invalid", `${path} is a folder, not a file`)
    if (!hasCode(error, "ENOENT")) throw error
    throw new RequestError("not_found", `there is no file ${path}`)
  })
}

async function signalsOfFinding(finding: string | undefined, command: Command, context: CommandContext) {
  if (finding === undefined) {
    throw new RequestError("input_invalid", "expected a finding's id or --signals <file>", {
      hint: "nightlight findings lists them.",
    })
  }
  const workspace = await openCommandWorkspace(command, context)
  const { findFinding, signalsOf } = await import("@nightlight/dataset")
  return signalsOf(findFinding(workspace, finding))
}

function formatExplanation({ steps, verdict }: Explanation): string {
  const lines = steps.map(({ rule, decide, outcome, why, note }) => {
    const mark = { held: "yes", not_held: "no ", failed: "ERR" }[outcome]
    return `${mark}  ${rule} -> ${decide}\n       ${why}${note === undefined ? "" : `\n       ${note}`}\n`
  })
  return `${lines.join("")}\nDecision: ${verdict.decision}, by ${verdict.rule}\n`
}
