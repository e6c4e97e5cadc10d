/**
 * Authenticates the journal's events under a key that only the passphrase gives: somebody who can write the custodian's
 * folder can chain and sign an event, but it is not trusted.
 * @module
 */
import { createHash } from "node:crypto"
import { canonicalJson, IntegrityError } from "@nightlight/core"
import type { AuditData, AuditEvent, AuditInput } from "@nightlight/vault/audit"
import type { StateKeys } from "../keys/state-key.ts"
import { refusal } from "../refusal.ts"

/**
 * Events that are recorded while the custodian is locked too. They give nobody power; every other event needs the key.
 */
const WITHOUT_KEY: ReadonlySet<string> = new Set([
  "custodian.started",
  "custodian.stopped",
  "custodian.doubted",
  "request.refused",
  "requests.refused",
  "clock.alarm",
  "checkpoint.signed",
  // Only takes power away, at the next restore; whoever could forge one could also send it to the custodian.
  "notice.accepted",
])

/** The authenticated part of a journal. */
export interface Seal {
  /** The authenticated part of a journal. */
  follow(event: AuditEvent): AuditEvent
  /**
   * Gives events to be appended their MACs.
   *
   * @param at - The time that all of them get.
   * @throws {RequestError} `state_conflict` (`locked`) if one of them needs the key.
   */
  sealAll(inputs: readonly AuditInput[], at: string): readonly AuditInput[]
  /**
   * Accepts the key, if all events of the journal were authenticated under it.
   *
   * @throws {IntegrityError} `audit_chain_broken` if they were not; then the key is not accepted.
   */
  open(keys: StateKeys): void
  /** Forgets the key. */
  close(): void
  /** The key; `undefined` while locked. */
  readonly keys: StateKeys | undefined
}

/** Makes one for an empty journal. */
export function createSeal(): Seal {
  /** Over every event that needs the key, in order: one MAC covers all events before it. */
  let digest = ""
  let lastCode: unknown
  let opened: StateKeys | undefined

  return {
    get keys() {
      return opened
    },
    follow(event) {
      if (!needsKey(event.type)) return event
      const { seal: code, ...data } = event.data
      digest = extend(digest, { ...event, data }, event.at)
      lastCode = code
      return { ...event, data }
    },
    sealAll(inputs, at) {
      let running = digest
      return inputs.map((input) => {
        if (!needsKey(input.type)) return input
        if (opened === undefined) throw refusal("locked", "the custodian is locked")
        running = extend(running, input, at)
        return { ...input, data: { ...input.data, seal: opened.authenticate("journal", running) } }
      })
    },
    open(keys) {
      if (digest !== "" && !keys.isAuthentic("journal", digest, lastCode)) {
        throw new IntegrityError(
          "audit_chain_broken",
          "the journal contains an event that this custodian did not write",
        )
      }
      opened = keys
    },
    close() {
      opened = undefined
    },
  }
}

/** `log.` events are the log's own, about what a killed process left. */
function needsKey(type: string): boolean {
  return !WITHOUT_KEY.has(type) && !type.startsWith("log.")
}

function extend(digest: string, { type, actor, data = {} }: AuditInput, at: string): string {
  const plain = JSON.parse(canonicalJson(data)) as AuditData
  return createHash("sha256")
    .update(canonicalJson({ digest, type, actor, at, data: plain }))
    .digest("hex")
}
