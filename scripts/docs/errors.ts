import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Commented, commentText, readMembers } from "./source.ts"

interface ErrorClass {
  readonly name: string
  readonly packageName: string
  readonly about: string
  readonly codes: readonly Commented[]
}

/** Lists every error code of every package: the unions of `packages/*\/src/errors.ts` with their comments. */
export function errorsPage(root: string): string {
  const classes = globSync("packages/*/src/errors.ts", { cwd: root })
    .sort()
    .flatMap((path) => classesOf(readFileSync(join(root, path), "utf8"), path.split("/")[1] ?? ""))
  const sections = classes.map(({ name, packageName, about, codes }) => {
    const rows = codes.map((code) => `| \`${code.name}\` | ${code.comment} |`)
    return [
      `## \`${name}\` of \`@nightlight/${packageName}\``,
      about,
      ["| code | when |", "|---|---|", ...rows].join("\n"),
    ]
  })
  return ["# Error codes", INTRODUCTION, ...sections.flat()].join("\n\n")
}

const INTRODUCTION = `Programs match on \`code\`; messages may change. A message holds what an operator typed, ids, counts, line numbers and
codes, never an item's name, URL, caption or hash.`

function classesOf(source: string, packageName: string): ErrorClass[] {
  const unions = new Map(
    [...source.matchAll(/export type (\w+Code) =((?:\s*(?:\/\*\*[\s\S]*?\*\/|\|?\s*"\w+"))+)/g)].map(
      ([, name = "", body = ""]) => [name, readMembers(body, /^\|?\s*"(\w+)"/)] as const,
    ),
  )
  const declared = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*export class (\w+) extends ([^{]+)\{([\s\S]*?)\n\}/g
  return [...source.matchAll(declared)].flatMap(([, comment = "", name = "", parent = "", body = ""]) => {
    const union = /(\w+Code)\b/.exec(parent)?.[1] ?? /code: (\w+Code)\b/.exec(body)?.[1] ?? ""
    const codes = unions.get(union)
    return codes === undefined ? [] : [{ name, packageName, about: commentText(comment), codes }]
  })
}
