/**
 * The guard of a demonstration's chat service: nothing runs there, but the server is told every minute how it stands, as
 * a guard tells it. Its counts are made up.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { GuardHeartbeat } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import { listWorkspaceLists, openWorkspace } from "@nightlight/dataset"
import { createCaller } from "./caller.ts"

/** A guard that says how it stands. */
export interface GuardBeat {
  /** Says that it was stopped, and nothing more. */
  stop(): Promise<void>
}

/** What {@link startGuardBeat} takes. */
export interface BeatOptions {
  readonly origin: string
  readonly dataDir: string
  /** Of the chat service. */
  readonly key: string
}

const BEAT_MS = 60_000

const COUNTS: GuardHeartbeat["counts"] = {
  requests: 18_240,
  passed: 18_144,
  blockedInput: 29,
  blockedOutput: 7,
  unavailable: 3,
  refused: 41,
  upstreamFailed: 9,
  gone: 7,
  unscreened: 0,
  checkFailures: 2,
}

const SURFACES: GuardHeartbeat["surfaces"] = [
  { surface: "chat.input.text", checks: ["demo-words"], screened: true },
  { surface: "chat.input.image", checks: ["known-pictures"], screened: true },
  { surface: "chat.output.text", checks: ["demo-words"], screened: true },
  { surface: "images.generations.output.image", checks: ["known-pictures"], screened: true },
]

/** Starts to say how the guard stands. A word that does not arrive is said again a minute later. */
export async function startGuardBeat({ origin, dataDir, key }: BeatOptions): Promise<GuardBeat> {
  const ended = new AbortController()
  const standing = await standingOf(dataDir)
  const say = async (state: GuardHeartbeat["state"]) => {
    const body = JSON.stringify({ ...standing, state })
    const caller = createCaller(origin, ended.signal)
    await caller
      .send({ method: "PUT", path: "/v1/guards/self", body, type: "application/json", key })
      .catch(() => undefined)
  }
  await say("running")
  const timer = setInterval(() => void say("running"), BEAT_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await say("stopped")
      ended.abort()
    },
  }
}

async function standingOf(dataDir: string): Promise<Omit<GuardHeartbeat, "state">> {
  const workspace = await openWorkspace(dataDir)
  const { name, digest } = await workspace.readPolicy()
  const lists = (await listWorkspaceLists(workspace)).map(({ counts, version, asOf, ...list }) =>
    compact({
      name: list.name,
      trust: list.trust,
      radiusBits: list.radiusBits,
      snapshot: version,
      entries: counts.md5 + counts.sha1 + counts.sha256 + counts.pdq,
      asOf,
    }),
  )
  return {
    instance: `guard-${randomUUID()}`,
    version: "0.1.0",
    startedAt: new Date().toISOString(),
    ready: true,
    faults: [],
    config: "demonstration",
    policy: { name, digest },
    isolation: "bwrap+seccomp",
    lists: { screens: true, lists },
    surfaces: SURFACES,
    counts: COUNTS,
    spool: { records: 0, accepting: true },
  }
}
