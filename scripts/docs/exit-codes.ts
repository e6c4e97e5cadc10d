import { readFileSync } from "node:fs"
import { join } from "node:path"
import { EXIT } from "@nightlight/core"
import { readMembers } from "./source.ts"

/** Lists the exit codes of core's `EXIT` with their comments. */
export function exitCodesPage(root: string): string {
  const source = readFileSync(join(root, "packages/core/src/exit-codes.ts"), "utf8")
  const body = /export const EXIT = \{\n([\s\S]*?)\n\} as const/.exec(source)?.[1] ?? ""
  const comments = new Map(readMembers(body, /^(\w+): \d+/).map(({ name, comment }) => [name, comment]))
  const rows = Object.entries(EXIT).map(([name, code]) => `| ${code} | \`${name}\` | ${comments.get(name) ?? ""} |`)
  return ["# Exit codes", INTRODUCTION, ["| code | name | meaning |", "|---|---|---|", ...rows].join("\n")].join("\n\n")
}

const INTRODUCTION = `The same for every command, so that a scheduler can act on them: \`docs/guides/exit-codes.md\` shows how. A command that
was killed ends as the system says, 128 and the signal's number.`
