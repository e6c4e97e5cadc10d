/**
 * The incidents of a block: each picture that matched, else the exchange itself.
 * @module
 */

import { createHash } from "node:crypto"
import type { Fingerprint, Match } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { areTestCardsOnly } from "@nightlight/screening"
import type { KeyedDigest } from "@nightlight/vault/seal"
import type { Signal } from "../checks/check.ts"
import type { CheckItem } from "../inspect/inspectable.ts"
import { digestExchange } from "./exchange-content.ts"
import type { BlockEvent } from "./ports.ts"

/** One incident of a block. */
export interface Incident {
  /** Keyed digest: equal for the same item of the same account, or of the same key where no account is named. */
  readonly id: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly mediaType: string
  readonly kind: string
  readonly rule: string
  readonly policyDigest: string
  readonly matches: readonly Match[]
  readonly weakMatches: readonly Match[]
  readonly fingerprint?: Fingerprint
  /** The picture; absent where the incident is the exchange. */
  readonly bytes?: Uint8Array
  /** Whether only test cards matched. */
  readonly isTest: boolean
}

/** The details of a hash match, beside its decision. */
interface MatchDetail {
  readonly matches: readonly Match[]
  readonly weakMatches: readonly Match[]
  readonly fingerprint?: Fingerprint
  readonly policyDigest: string
}

/** Pictures of one exchange that become incidents of their own; further ones are only in the sealed exchange. */
const MAX_PICTURES = 64

/** The subject of a block, keyed by the workspace: the end user, else the calling key. */
export function subjectKeyOf({ user, caller }: Pick<BlockEvent, "user" | "caller">, keyed: KeyedDigest): string {
  return user === undefined ? keyed.of("guard-key", caller.id) : keyed.of("guard-account", user.id)
}

/** The incidents of a block, at least one. */
export function incidentsOf(event: BlockEvent, subjectKey: string, keyed: KeyedDigest): readonly Incident[] {
  const idOf = (sha256: string) => keyed.of("guard-finding", JSON.stringify([subjectKey, event.direction, sha256]))
  const found = picturesOf(event)
  if (found.length === 0) return [exchangeIncident(event, idOf)]
  return found.slice(0, MAX_PICTURES).map(({ signal, detail, bytes }) => {
    const sha256 = createHash("sha256").update(bytes).digest("hex")
    const { matches, weakMatches, fingerprint, policyDigest } = detail
    return compact({
      id: idOf(sha256),
      sha256,
      policyDigest,
      matches,
      weakMatches,
      bytes,
      sizeBytes: bytes.length,
      mediaType: fingerprint?.mediaType ?? "application/octet-stream",
      kind: fingerprint?.kind ?? "unknown",
      rule: signal.rule,
      fingerprint,
      isTest: areTestCardsOnly(matches),
    })
  })
}

function exchangeIncident(event: BlockEvent, idOf: (sha256: string) => string): Incident {
  const { sha256, sizeBytes } = digestExchange(event)
  const signal = spoken(event).find(({ decision }) => decision === event.outcome.decision)
  return {
    id: idOf(sha256),
    sha256,
    sizeBytes,
    mediaType: "application/json",
    kind: "text",
    rule: signal === undefined ? "none" : `${signal.check}.${signal.rule}`,
    // A check's rule decided, not a policy.
    policyDigest: createHash("sha256")
      .update(`${signal?.check ?? ""}\n${signal?.rule ?? ""}`)
      .digest("hex"),
    matches: [],
    weakMatches: [],
    isTest: false,
  }
}

function picturesOf(event: BlockEvent) {
  const seen = new Set<CheckItem>()
  return spoken(event).flatMap((signal) => {
    const detail = matchDetail(signal)
    const item = itemOf(event, signal)
    if (detail === undefined || item?.kind !== "bytes" || seen.has(item)) return []
    seen.add(item)
    return [{ signal, detail, bytes: item.bytes }]
  })
}

function spoken({ outcome }: BlockEvent): readonly Signal[] {
  return outcome.signals.filter(({ shadow }) => shadow !== true)
}

/** An event holds only the items that signals are about, in their order, unless one is about all. */
function itemOf(event: BlockEvent, { item }: Signal): CheckItem | undefined {
  if (item === undefined) return undefined
  const spokenOf = new Set(spoken(event).map((signal) => signal.item))
  if (spokenOf.has(undefined)) return event.items[item]
  const inOrder = [...spokenOf].filter((index) => index !== undefined).sort((a, b) => a - b)
  return event.items[inOrder.indexOf(item)]
}

function matchDetail({ detail }: Signal): MatchDetail | undefined {
  if (typeof detail !== "object" || detail === null || !("matches" in detail)) return undefined
  const given = detail as MatchDetail
  return given.matches.length > 0 ? given : undefined
}
