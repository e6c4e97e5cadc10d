/**
 * The policy that a process decides by: the version that is active in the database, checked up at most once a second,
 * and beside it the version in shadow.
 * @module
 */
import { DependencyError, hasCode, NightlightError, shareRun } from "@nightlight/core"
import { loadPolicy, type Policy } from "@nightlight/screening"
import type { Surface } from "../../platform/db/tables/intake.ts"
import { type IngestFileDeps, ingestPolicyFile } from "./policy-file.ts"
import { createShadowCounter } from "./shadow-counter.ts"
import { addCounts, findRunning } from "./shadow-store.ts"
import { digestIn, readPolicyText } from "./store.ts"

/** The active policy, and the version in shadow beside it. */
export interface LivePolicy {
  /**
   * The policy to decide one item by. A version in shadow decides too, and is counted, but its decision has no effect.
   * If nothing was ever active, the workspace's file becomes the first version.
   *
   * @throws {DependencyError} `unavailable` if nothing is active and no file can be read, or the active version does
   *   not load; those of the database. Nothing is decided by a policy that may have been replaced.
   */
  at(surface: Surface): Promise<Policy>
  /**
   * Looks up which version is active now, and which is in shadow. {@link at} does so on its own, at most once a second.
   */
  refresh(): Promise<void>
  /** Writes what the shadow counted since the last time. */
  flush(): Promise<void>
  close(): Promise<void>
}

const CHECK_EVERY_MS = 1000

interface Loaded {
  readonly digest: string
  readonly policy: Policy
}

interface Shadow extends Loaded {
  readonly shadowId: string
}

/**
 * Reads nothing before the first call. Reads the active and the shadow version again if the last time is a second ago,
 * so that a change by another process takes effect here.
 */
export function createLivePolicy(deps: IngestFileDeps): LivePolicy {
  const { db, clock } = deps
  const counter = createShadowCounter((counts) => addCounts(db, counts))
  let active: Loaded | undefined
  let shadow: Shadow | undefined
  let checkedAtMs = Number.NEGATIVE_INFINITY
  const checking = shareRun(check)

  async function check(): Promise<void> {
    const nowMs = clock.now().getTime()
    const [now, running] = await Promise.all([activeDigest(), findRunning(db)])
    if (now !== active?.digest) active = { digest: now, policy: await load(now) }
    if (running?.shadowId !== shadow?.shadowId) shadow = running && (await loadShadow(running))
    checkedAtMs = nowMs
  }

  async function activeDigest(): Promise<string> {
    const known = await digestIn(db, "active")
    if (known !== undefined) return known
    await ingestPolicyFile(deps).catch(notReady)
    const made = await digestIn(db, "active")
    if (made === undefined) throw new DependencyError("unavailable", "no policy is active")
    return made
  }

  async function load(digest: string): Promise<Policy> {
    const policyText = await readPolicyText(db, digest)
    try {
      return loadPolicy(policyText?.text ?? "", { fileName: "policy.yaml", clock })
    } catch (error) {
      if (!hasCode(error, "policy_invalid")) throw error
      throw new DependencyError("unavailable", "the active policy does not load in this version of the program", {
        details: { digest },
        hint: "Roll back or make another version active, with an approval.",
      })
    }
  }

  async function loadShadow(running: {
    readonly shadowId: string
    readonly digest: string
  }): Promise<Shadow | undefined> {
    try {
      return { ...running, policy: await load(running.digest) }
    } catch (error) {
      // A shadow that cannot decide delays nothing: its run counts nothing.
      if (error instanceof DependencyError && error.details["digest"] === running.digest) return undefined
      throw error
    }
  }

  function beside(own: Loaded, other: Shadow, surface: Surface): Policy {
    return {
      ...own.policy,
      decide: (signals) => {
        const verdict = own.policy.decide(signals)
        const { decision: to } = other.policy.decide(signals)
        counter.add({ shadowId: other.shadowId, beside: own.digest, surface, from: verdict.decision, to })
        return verdict
      },
    }
  }

  return {
    at: async (surface) => {
      if (active === undefined || Math.abs(clock.now().getTime() - checkedAtMs) >= CHECK_EVERY_MS)
        await checking.start()
      if (active === undefined) throw new DependencyError("unavailable", "no policy is active")
      return shadow === undefined ? active.policy : beside(active, shadow, surface)
    },
    refresh: checking.start,
    flush: () => counter.flush(),
    close: async () => {
      await checking.current?.catch(() => undefined)
      await counter.close()
    },
  }
}

/** Without a workspace, or with a file that does not load, nothing can be decided yet: callers wait. */
function notReady(error: unknown): never {
  if (!(error instanceof NightlightError) || error instanceof DependencyError) throw error
  throw new DependencyError("unavailable", "no policy is active, and the workspace has no usable policy file", {
    details: { fault: error.code },
    hint:
      error.code === "workspace_missing"
        ? "nightlight custodian init makes a workspace."
        : "nightlight policy check lists the problems of the file.",
  })
}
