import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { DependencyError, type Isolation } from "@nightlight/core"
import { childCommand } from "./isolation/child-command.ts"
import { launchChild } from "./isolation/launch.ts"
import { knownIsolation, startStrongest } from "./isolation/strongest.ts"
import { resolveLimits } from "./limits.ts"

const START_TIMEOUT_MS = 20_000

/**
 * Returns the isolation of this process's decoders, and starts one if none was started yet: at most a few hundred
 * milliseconds, once.
 *
 * @throws {DependencyError} `decoder_unavailable` when no child can be started.
 */
export async function findIsolation(): Promise<Isolation> {
  return knownIsolation() ?? (await startStrongest("auto", tryOne))
}

/** Starts a child without access to any input, waits for its first message, and ends it. */
async function tryOne(isolation: Isolation): Promise<Isolation> {
  const child = launchChild(childCommand(renditionEntry(), isolation, NEEDS), "ignore")
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS)
  try {
    const gone = once(child, "close", { signal: timeout }).then(() => undefined)
    const said = child.stdout === null ? gone : once(child.stdout, "data", { signal: timeout })
    if ((await Promise.race([said, gone]).catch(() => undefined)) !== undefined) return isolation
    throw new DependencyError("decoder_unavailable", "no decoder child can be started")
  } finally {
    child.kill("SIGKILL")
  }
}

const NEEDS = { limits: resolveLimits(), inFlight: 1, roots: [] }

/** Source code starts the source entry, or in tests its bundle; a build starts the built entry. */
export function renditionEntry(): string {
  const isSource = import.meta.url.endsWith(".ts")
  const built = "./child/rendition/main.js"
  return fileURLToPath(isSource ? import.meta.resolve("#rendition") : new URL(built, import.meta.url))
}
