/**
 * Takes a find in: as one more place of an item that an undecided case holds, as a find of its group's open case, or as
 * a new case.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { Clock, JsonValue, Match } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { KnownMatch, Strength } from "../../platform/db/tables/casework.ts"
import type { Change } from "../../platform/events/change.ts"
import type { CaseEvent } from "./events.ts"
import { addEvidence, addFind, addLocation, setEvidence, strengthenFind } from "./find-store.ts"
import { type Grouping, groupingOf, strengthOf } from "./grouping.ts"
import { type CaseHead, stronger } from "./head.ts"
import { CLOCK_RULES, type ClockRules, knowledgeOfMatch } from "./knowledge.ts"
import { fileDigest, findDigest, placeDigest, sha256 } from "./row-digest.ts"
import {
  applyEvents,
  findDecidedCase,
  lockCaseOfGroup,
  lockCaseOfItem,
  lockHead,
  lockKey,
  readAttached,
  readFind,
} from "./store.ts"
import type { AttachedFind, CaseId, FindEvidence, FindId, IncomingFind, LocationContext } from "./types.ts"

/** What taking in works with. */
export interface AttachDeps {
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly clockRules?: ClockRules
}

/**
 * Takes a find in, within the caller's change. The same finding of the same source again changes nothing.
 *
 * Finds of one item, and then of one group, are taken in one after the other: the first opens the case that the others
 * join. The locks last until the change ends, so a change had better take in one find.
 */
export async function attachFind(deps: AttachDeps, change: Change, find: IncomingFind): Promise<AttachedFind> {
  const { trx } = change
  const grouping = groupingOf(find)
  await lockKey(trx, `item:${grouping.kind}:${find.itemKey}`)
  const before = await readAttached(trx, find.source, find.findingId)
  if (before !== undefined) return addContent(change, find, before)
  const held = await lockCaseOfItem(trx, grouping.kind, find.itemKey)
  if (held !== undefined) return addPlace(deps, change, find, held)
  await lockKey(trx, `group:${grouping.group}`)
  const open = await lockCaseOfGroup(trx, grouping.group)
  return addItem(deps, change, find, { grouping, open })
}

interface HeldItem {
  readonly head: CaseHead
  readonly findId: FindId
  readonly places: number
  readonly strength: Strength
  readonly content: string | undefined
}

async function addPlace(deps: AttachDeps, change: Change, find: IncomingFind, held: HeldItem): Promise<AttachedFind> {
  const { head, findId, places } = held
  const caseId = head.caseId as CaseId
  const at = deps.clock.now().toISOString()
  const strength = strengthOf(find.matches)
  const { source, findingId } = find
  const added = await place(deps, change, caseId, find)
  const located: CaseEvent = {
    type: "find.located",
    data: {
      find: findId,
      finding: findingId,
      source,
      strength,
      before: held.strength,
      ...codesOf(find.matches),
      at,
      place: placeDigest(added),
      ...compact({ evidence: find.evidence?.evidenceId }),
    },
  }
  const next = await applyEvents(change, caseId, head, [located, ...knowledge(strength, head, knownAt(deps, find, at))])
  await strengthenFind(change.trx, findId, stronger(held.strength, strength))
  await noteEvidence(change, caseId, findId, find)
  await replaceEvidence(change, next, { findId, content: held.content, evidence: find.evidence })
  await addLocation(change.trx, { ...added, findId, position: places, at })
  return { caseId, findId, newCase: false, knownItem: true }
}

/** A finding that was taken in before may bring the content that it came without. */
async function addContent(change: Change, find: IncomingFind, before: AttachedFind): Promise<AttachedFind> {
  const { caseId, findId } = before
  const head = await lockHead(change.trx, caseId)
  const stored = await readFind(change.trx, caseId, findId)
  const isNew = await noteEvidence(change, caseId, findId, find)
  if (isNew && find.evidence !== undefined) {
    const data = { find: findId, evidence: find.evidence.evidenceId }
    await applyEvents(change, caseId, head, [{ type: "find.evidence-added", data }])
  }
  await replaceEvidence(change, head, { findId, content: stored?.evidence?.content, evidence: find.evidence })
  return before
}

/** Whether a piece came with it that the case did not have. */
async function noteEvidence(
  { trx }: Change,
  caseId: CaseId,
  findId: FindId,
  { evidence }: IncomingFind,
): Promise<boolean> {
  return evidence !== undefined && addEvidence(trx, { caseId, findId, evidenceId: evidence.evidenceId })
}

async function replaceEvidence(
  change: Change,
  head: CaseHead,
  { findId, content, evidence }: { findId: FindId; content: string | undefined; evidence: FindEvidence | undefined },
): Promise<void> {
  if (content === "verified" || evidence?.content !== "verified") return
  const data = { find: findId, evidence: evidence.evidenceId, file: fileDigest(evidence) }
  await applyEvents(change, head.caseId, head, [{ type: "find.evidence-replaced", data }])
  await setEvidence(change.trx, findId, evidence)
}

async function addItem(
  deps: AttachDeps,
  change: Change,
  find: IncomingFind,
  { grouping, open }: { readonly grouping: Grouping; readonly open: CaseHead | undefined },
): Promise<AttachedFind> {
  const at = deps.clock.now().toISOString()
  const caseId = (open?.caseId ?? `case-${randomUUID()}`) as CaseId
  const findId = `find-${randomUUID()}` as FindId
  const strength = strengthOf(find.matches)
  const known = await findDecidedCase(change.trx, find.itemKey)
  const { source, findingId, itemKey, evidence, mediaType, sizeBytes, digests, verdict } = find
  const matches = find.matches.map(knownMatch)
  const first = await place(deps, change, caseId, find)
  const facts = { mediaType, sizeBytes, digests, verdict: verdict.decision, rule: verdict.rule, matches }
  const events: CaseEvent[] = []
  if (open === undefined) {
    const { kind, group } = grouping
    events.push({ type: "case.opened", data: { kind, source, group, at } })
  }
  events.push({
    type: "find.attached",
    data: {
      find: findId,
      finding: findingId,
      source,
      item: itemKey,
      strength,
      ...codesOf(find.matches),
      at,
      row: findDigest({ ...facts, place: placeDigest(first) }),
      place: placeDigest(first),
      ...compact({
        evidence: evidence?.evidenceId,
        content: evidence?.content,
        file: evidence === undefined ? undefined : fileDigest(evidence),
        known,
      }),
    },
  })
  const position = open?.finds ?? 0
  await applyEvents(change, caseId, open, [...events, ...knowledge(strength, open, knownAt(deps, find, at))])
  await addFind(change.trx, { find, findId, caseId, position, strength, matches, knownCase: known, at })
  await noteEvidence(change, caseId, findId, find)
  await addLocation(change.trx, { ...first, findId, position: 0, at })
  return { caseId, findId, newCase: open === undefined, knownItem: false }
}

/** From when a match counts as known; never from a time to come. */
function knownAt({ clockRules = CLOCK_RULES }: AttachDeps, { foundAt }: IncomingFind, now: string): string {
  const found = new Date(foundAt).toISOString()
  return clockRules.startsAt === "found" && found < now ? found : now
}

function knowledge(strength: Strength, head: CaseHead | undefined, at: string): readonly CaseEvent[] {
  const data = knowledgeOfMatch(strength, head, at)
  return data === undefined ? [] : [{ type: "case.knowledge-recorded", data }]
}

async function place({ contextKeys }: AttachDeps, { trx }: Change, caseId: CaseId, find: IncomingFind) {
  const { origin, source, findingId, foundAt } = find
  const context: LocationContext = compact({
    found: find.context,
    matches: find.matches,
    shard: origin.kind === "dataset" ? origin.shard : undefined,
    ordinal: origin.kind === "dataset" ? origin.ordinal : undefined,
  })
  const sealed = await contextKeys.seal(trx, caseId, FIND_CONTEXT, context as unknown as JsonValue)
  const scan = origin.kind === "dataset" ? origin.scan : undefined
  return { caseId, source, findingId, foundAt: new Date(foundAt), sealed, sealedSha256: sha256(sealed), scan }
}

/** What the context of a find's place is sealed for. */
export const FIND_CONTEXT = "find-context"

function codesOf(matches: readonly Match[]) {
  return {
    lists: [...new Set(matches.map(({ list }) => list))].toSorted().slice(0, CODES_MAX),
    categories: [...new Set(matches.map(({ category }) => category))].filter(isCode).toSorted().slice(0, CODES_MAX),
  }
}

/** An event holds 8 KiB: more names than this are told by the find's own row. */
const CODES_MAX = 32

function isCode(category: string): boolean {
  return /^[A-Za-z0-9._:+-]{1,80}$/.test(category)
}

function knownMatch(match: Match): KnownMatch {
  const { list, trust, category, snapshot, hashType, distanceBits, radiusBits, quality, declared } = match
  return compact({
    list,
    trust,
    category,
    snapshot,
    hashType,
    distanceBits,
    radiusBits,
    quality,
    declared,
  })
}
