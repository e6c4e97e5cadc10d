import { spawnSync } from "node:child_process"
import type { Isolation } from "@nightlight/core"
import { ISOLATIONS } from "@nightlight/core"
import { hasFilterFor } from "../../../decoder/src/isolation/system-call-filter.ts"
import { systemProgram } from "../../../decoder/src/isolation/system-programs.ts"

/** Whether a command of the system succeeds, whatever it says. */
const succeeds = (file: string, ...args: string[]) => spawnSync(file, args, { stdio: "ignore" }).status === 0

const hasBwrap = succeeds("bwrap", "--unshare-all", "--ro-bind", "/", "/", "true")
const hasUnshare = succeeds("unshare", "--user", "--map-root-user", "--mount", "--pid", "--net", "--fork", "true")

const GRANTED: Readonly<Record<Isolation, boolean>> = {
  "bwrap+seccomp": hasBwrap && hasFilterFor(process.arch),
  bwrap: hasBwrap,
  unshare: hasUnshare,
  none: true,
}

/** Every isolation that this system grants, by its own programs' word. */
export const GRANTED_ISOLATIONS: readonly Isolation[] = ISOLATIONS.filter((isolation) => GRANTED[isolation])

/** Programs without which nothing isolates a decoder. */
export const EVERY_ISOLATOR = ["bwrap", "setpriv"] as const

/** The command that runs another where the given programs of the system are there and fail; needs `unshare`. */
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

/** What becomes of a test that needs an isolation. */
export function outcomeOf(on: {
  readonly isGranted: boolean
  readonly isInstalled: boolean
  readonly isContinuousIntegration: boolean
}): "run" | "skip" | "fail" {
  if (on.isGranted) return "run"
  return on.isInstalled && on.isContinuousIntegration ? "fail" : "skip"
}

/**
 * Runs a test once for each isolation; what the system does not grant is skipped with a message. Where tests are run for
 * everybody (`CI`) what is installed must work: a skipped test would look like one that passed.
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
