import { spawnSync } from "node:child_process"
import type { Isolation } from "@nightlight/core"
import { ISOLATIONS } from "@nightlight/core"
import { hasFilterFor } from "../../../decoder/src/isolation/system-call-filter.ts"
import { systemProgram } from "../../../decoder/src/isolation/system-programs.ts"
import { IS_LONG } from "./kill-at-every-step.ts"

/** Whether a system command exits with 0. */
const succeeds = (file: string, ...args: string[]) => spawnSync(file, args, { stdio: "ignore" }).status === 0

const hasBwrap = succeeds("bwrap", "--unshare-all", "--ro-bind", "/", "/", "true")
const hasUnshare = succeeds("unshare", "--user", "--map-root-user", "--mount", "--pid", "--net", "--fork", "true")

const GRANTED: Readonly<Record<Isolation, boolean>> = {
  "bwrap+seccomp": hasBwrap && hasFilterFor(process.arch),
  bwrap: hasBwrap,
  unshare: hasUnshare,
  none: true,
}

/** Isolations that work on this system, tried with the system's own programs. */
export const GRANTED_ISOLATIONS: readonly Isolation[] = ISOLATIONS.filter((isolation) => GRANTED[isolation])

/** Isolations that a test tries which tries each: all in the long suites, otherwise one of each program that isolates. */
export const TRIED_ISOLATIONS: readonly Isolation[] = IS_LONG ? ISOLATIONS : ["bwrap+seccomp", "unshare"]

/** Programs that isolation needs: without both, none works. */
export const EVERY_ISOLATOR = ["bwrap", "setpriv"] as const

/** Wraps a command so that the given system programs exist but fail. Needs `unshare`. */
export function commandWithout(
  programs: readonly string[],
  command: readonly string[],
): { readonly file: string; readonly args: readonly string[] } {
  const masks = programs.map((name) => `mount --bind /bin/false /usr/bin/${name}`)
  const script = [...masks, 'exec "$@"'].join(" && ")
  return {
    file: "unshare",
    args: ["--user", "--map-root-user", "--mount", "--", "/bin/sh", "-c", script, "sh", ...command],
  }
}

const INSTALLED: Readonly<Record<Isolation, boolean>> = {
  "bwrap+seccomp": systemProgram("bwrap") !== undefined && hasFilterFor(process.arch),
  bwrap: systemProgram("bwrap") !== undefined,
  unshare: systemProgram("unshare") !== undefined && systemProgram("setpriv") !== undefined,
  none: true,
}

/** Whether a test that needs an isolation runs, is skipped or fails. */
export function outcomeOf(on: {
  readonly isGranted: boolean
  readonly isInstalled: boolean
  readonly isContinuousIntegration: boolean
}): "run" | "skip" | "fail" {
  if (on.isGranted) return "run"
  return on.isInstalled && on.isContinuousIntegration ? "fail" : "skip"
}

/**
 * Skips a test whose isolation the system does not grant, with a message. With `CI` set, an isolation whose programs
 * are installed must work, because a skipped test would look like a passed one.
 */
export function skipUnlessGranted(isolation: Isolation, skip: (note: string) => void): void {
  const outcome = outcomeOf({
    isGranted: GRANTED[isolation],
    isInstalled: INSTALLED[isolation],
    isContinuousIntegration: process.env["CI"] !== undefined,
  })
  if (outcome === "run") return
  const note = `this system does not grant ${isolation}: install bubblewrap or util-linux, allow user namespaces`
  if (outcome === "fail") throw new Error(`${note}; it is installed, and CI is set`)
  skip(note)
}
