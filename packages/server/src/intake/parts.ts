/**
 * The parts of the data folder that intake uses: lists, policy, sealed evidence, decoder. Each is opened at its first
 * use, since the workspace may be made after the server was started.
 * @module
 */
import { DependencyError, hasCode } from "@nightlight/core"
import { type Fingerprinter, openFingerprinter } from "@nightlight/screening"
import { isolationFor } from "../platform/config/isolation.ts"
import type { AlarmPort } from "../platform/events/alarm-port.ts"
import { openSealedEvidence, type SealedEvidence } from "../platform/evidence-store/sealed-evidence.ts"
import { lazily } from "../platform/lazily.ts"
import type { Shared } from "../platform/shared.ts"
import { createIndexFloor } from "./lists/floor.ts"
import { type LiveIndex, lazyIndex, openLiveIndex } from "./lists/live-index.ts"
import { createLivePolicy, type LivePolicy } from "./policies/live-policy.ts"
import type { Custody } from "./screen/keep-item.ts"
import { openWorkspaceParts, policyFileOf } from "./workspace.ts"

/** Parts that open when they are first used. */
export interface IntakeParts {
  /** The server's own snapshot of the lists. */
  readonly index: LiveIndex
  readonly evidence: SealedEvidence
  /** The policy in use: the version that two people made active. */
  readonly policy: LivePolicy
  /** Whether the workspace seals or locates. Throws {@link DependencyError} `unavailable` while there is no workspace. */
  readonly custody: () => Promise<Custody>
  readonly fingerprint: Fingerprinter["fingerprint"]
  /** Writes outstanding counts, closes the index and ends the decoder. */
  close(): Promise<void>
}

/** Prepares the parts without opening them. A refused index raises the alarm `list-index-refused`. */
export function openIntakeParts(shared: Shared, alarms: AlarmPort): IntakeParts {
  const { db, clock, paths } = shared
  const workspace = lazily(() => openWorkspaceParts(paths.workspace).catch(notReady))
  const policy = createLivePolicy({ db, clock, file: policyFileOf(paths.workspace) })
  const index = lazily(async () => {
    const { indexDir, verifier } = await workspace()
    return openLiveIndex({
      indexDir,
      verifier,
      clock,
      floor: createIndexFloor({ db, clock }),
      onRefused: ({ code, version }) =>
        alarms.raiseNow({ code: "list-index-refused", subject: `index-${version}`, data: { fault: code } }),
    })
  })
  const evidence = lazily(async () => {
    const { evidenceDir: dir, manifest, verifier, digests } = await workspace()
    return openSealedEvidence({ dir, manifest, verifier, digests, clock })
  })
  const decoder = lazily(() =>
    openFingerprinter({ readRoots: [], profile: "fullres", kernel: "fast", isolation: isolationFor(shared.config) }),
  )
  const live = lazyIndex(index)
  return {
    index: live,
    policy,
    evidence: {
      receive: async (input) => (await evidence()).receive(input),
      put: async (input) => (await evidence()).put(input),
      find: async (evidenceId) => (await evidence()).find(evidenceId),
      remove: async (evidenceId) => (await evidence()).remove(evidenceId),
    },
    custody: async () => (await workspace()).custody,
    fingerprint: async (source, signal) => (await decoder()).fingerprint(source, signal),
    close: async () => {
      await policy.close()
      await live.close()
      await (await decoder.opened()?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}

/** Without a workspace nothing can be screened or verified yet: callers wait, and get no permanent failure. */
function notReady(error: unknown): never {
  if (!hasCode(error, "workspace_missing")) throw error
  throw new DependencyError("unavailable", "the data folder has no workspace yet: nothing can be screened", {
    hint: "nightlight custodian init makes it.",
  })
}
