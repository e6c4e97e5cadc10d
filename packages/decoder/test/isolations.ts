import { spawnSync } from "node:child_process"
import type { Isolation } from "@nightlight/core"
import { ISOLATIONS } from "@nightlight/core"
import { hasFilterFor } from "../src/isolation/system-call-filter.ts"

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

/** Runs a test once for each isolation; what the system does not grant is skipped with a message. */
export function skipUnlessGranted(isolation: Isolation, skip: (note: string) => void): void {
  if (!GRANTED[isolation])
    skip(`this system does not grant ${isolation}: install bubblewrap or util-linux, allow user namespaces`)
}
