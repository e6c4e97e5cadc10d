import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./source-tree.ts"

/** A fenced block that a page says can be run (`sh run`, `ts run`, `sh run exit=3`), or set-up in a comment (`<!--sh run`). */
export interface Example {
  readonly language: "sh" | "ts"
  readonly code: string
  /** Line of the page on which the code begins. */
  readonly line: number
  /** The exit status that the page promises. */
  readonly status: number
}

/** Finds a page's examples, in order. */
export function examplesOf(page: string): Example[] {
  return [...page.matchAll(/^(?:```|<!--)(sh|ts) run(?: exit=(\d+))?\n([\s\S]*?)^(?:```|-->)$/gm)].map((match) => ({
    language: match[1] === "ts" ? "ts" : "sh",
    status: Number(match[2] ?? 0),
    code: match[3] ?? "",
    line: page.slice(0, match.index).split("\n").length + 1,
  }))
}

/** Every fenced block's code and every inline code of a page. */
export function codeOf(page: string): string[] {
  const blocks = [...page.matchAll(/^```.*\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "")
  const prose = page.replace(/^```.*\n[\s\S]*?^```$/gm, "")
  return [...blocks, ...[...prose.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "")]
}

/** Targets of a page's links that lie in the repository, without their fragments. */
export function localLinksOf(page: string): string[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^(?:https?:|mailto:|#)/.test(target))
    .map((target) => target.split("#")[0] ?? "")
}

/**
 * Lays a folder of commands in which `nightlight` and `npx nightlight` run the sources, and `lay-dataset`, `lay-arrow`
 * and `lay-pool` make something to run them on.
 *
 * @returns The folder, to be put first on the PATH.
 */
export function layCommands(folder: string): string {
  const bin = join(folder, "bin")
  mkdirSync(bin)
  const npx = `[ "$1" = nightlight ] || { echo "npx runs only nightlight here" >&2; exit 2; }\nshift`
  for (const [name, script, before] of [
    ["nightlight", "nightlight.ts", ""],
    ["npx", "nightlight.ts", npx],
    ["lay-dataset", "lay-dataset.ts", ""],
    ["lay-arrow", "lay-arrow.ts", ""],
    ["lay-pool", "lay-pool.ts", ""],
  ] as const) {
    const start = `exec "${process.execPath}" -C @nightlight/source "${join(root, "tests/support", script)}" "$@"`
    writeFileSync(join(bin, name), `#!/bin/sh\n${before}\n${start}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return bin
}
