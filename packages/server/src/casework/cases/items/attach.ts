/**
 * Attaches an item: as one more place of an item that an undecided case already has, as an item of its group's open
 * case, or as a new case.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { Clock, JsonValue, Match } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { ContextKeys } from "../../../platform/context-keys/context-keys.ts"
import type { KnownMatch, Strength } from "../../../platform/db/tables/casework.ts"
import type { EventTransaction } from "../../../platform/events/transact.ts"
import type { CaseEvent } from "../state/events.ts"
import { type Grouping, groupingOf, strengthOf } from "../state/grouping.ts"
import { type CaseHead, stronger } from "../state/head.ts"
import { CLOCK_RULES, type ClockRules, knowledgeOfMatch } from "../state/knowledge.ts"
import { fileDigest, itemDigest, placeDigest, sha256 } from "../state/row-digest.ts"
import {
  applyEvents,
  findDecidedCase,
  lockCaseOfGroup,
  lockCaseOfItem,
  lockHead,
  lockKey,
  readAttached,
  readItem,
} from "../store.ts"
import type { AttachedItem, CaseId, IncomingItem, ItemEvidence, ItemId, LocationContext } from "../types.ts"
import { addEvidence, addLocation, insertItem, setEvidence, strengthenItem } from "./item-store.ts"

/** Dependencies of {@link attachItem}. */
export interface AttachDeps {
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly clockRules?: ClockRules
}

/**
 * Attaches an item, within the caller's transaction. The same finding of the same source again changes nothing.
 *
 * Findings of the same item, and then of the same group, are verified one after the other: the first opens the case
 * that the others join. The locks are held until the transaction ends, so a transaction should attach only one item.
 */
export async function attachItem(
  deps: AttachDeps,
  tx: EventTransaction,
  caseItem: IncomingItem,
): Promise<AttachedItem> {
  const { trx } = tx
  const grouping = groupingOf(caseItem)
  await lockKey(trx, `item:${grouping.kind}:${caseItem.itemKey}`)
  const before = await readAttached(trx, caseItem.source, caseItem.findingId)
  if (before !== undefined) return addContent(tx, caseItem, before)
  const held = await lockCaseOfItem(trx, grouping.kind, caseItem.itemKey)
  if (held !== undefined) return addPlace(deps, tx, caseItem, held)
  await lockKey(trx, `group:${grouping.group}`)
  const open = await lockCaseOfGroup(trx, grouping.group)
  return addItem(deps, tx, caseItem, { grouping, open })
}

interface HeldItem {
  readonly head: CaseHead
  readonly itemId: ItemId
  readonly places: number
  readonly strength: Strength
  readonly content: string | undefined
}

async function addPlace(
  deps: AttachDeps,
  tx: EventTransaction,
  caseItem: IncomingItem,
  held: HeldItem,
): Promise<AttachedItem> {
  const { head, itemId, places } = held
  const caseId = head.caseId as CaseId
  const at = deps.clock.now().toISOString()
  const strength = strengthOf(caseItem.matches)
  const { source, findingId } = caseItem
  const added = await place(deps, tx, caseId, caseItem)
  const located: CaseEvent = {
    type: "item.located",
    data: {
      item: itemId,
      finding: findingId,
      source,
      strength,
      before: held.strength,
      ...codesOf(caseItem.matches),
      at,
      place: placeDigest(added),
      ...compact({ evidence: caseItem.evidence?.evidenceId }),
    },
  }
  const next = await applyEvents(tx, caseId, head, [located, ...knowledge(strength, head, knownAt(deps, caseItem, at))])
  await strengthenItem(tx.trx, itemId, stronger(held.strength, strength))
  await noteEvidence(tx, caseId, itemId, caseItem)
  await replaceEvidence(tx, next, { itemId, content: held.content, evidence: caseItem.evidence })
  await addLocation(tx.trx, { ...added, itemId, position: places, at })
  return { caseId, itemId, newCase: false, knownItem: true }
}

/** A finding that was verified before may bring the content that was missing then. */
async function addContent(tx: EventTransaction, caseItem: IncomingItem, before: AttachedItem): Promise<AttachedItem> {
  const { caseId, itemId } = before
  const head = await lockHead(tx.trx, caseId)
  const stored = await readItem(tx.trx, caseId, itemId)
  const isNew = await noteEvidence(tx, caseId, itemId, caseItem)
  if (isNew && caseItem.evidence !== undefined) {
    const data = { item: itemId, evidence: caseItem.evidence.evidenceId }
    await applyEvents(tx, caseId, head, [{ type: "item.evidence-added", data }])
  }
  await replaceEvidence(tx, head, { itemId, content: stored?.evidence?.content, evidence: caseItem.evidence })
  return before
}

/** Returns whether the item brought a sealed piece that the case did not have. */
async function noteEvidence(
  { trx }: EventTransaction,
  caseId: CaseId,
  itemId: ItemId,
  { evidence }: IncomingItem,
): Promise<boolean> {
  return evidence !== undefined && addEvidence(trx, { caseId, itemId, evidenceId: evidence.evidenceId })
}

async function replaceEvidence(
  tx: EventTransaction,
  head: CaseHead,
  { itemId, content, evidence }: { itemId: ItemId; content: string | undefined; evidence: ItemEvidence | undefined },
): Promise<void> {
  if (content === "verified" || evidence?.content !== "verified") return
  const data = { item: itemId, evidence: evidence.evidenceId, file: fileDigest(evidence) }
  await applyEvents(tx, head.caseId, head, [{ type: "item.evidence-replaced", data }])
  await setEvidence(tx.trx, itemId, evidence)
}

async function addItem(
  deps: AttachDeps,
  tx: EventTransaction,
  caseItem: IncomingItem,
  { grouping, open }: { readonly grouping: Grouping; readonly open: CaseHead | undefined },
): Promise<AttachedItem> {
  const at = deps.clock.now().toISOString()
  const caseId = (open?.caseId ?? `case-${randomUUID()}`) as CaseId
  const itemId = `item-${randomUUID()}` as ItemId
  const strength = strengthOf(caseItem.matches)
  const known = await findDecidedCase(tx.trx, caseItem.itemKey)
  const { source, findingId, itemKey, evidence, mediaType, sizeBytes, digests, verdict } = caseItem
  const matches = caseItem.matches.map(knownMatch)
  const first = await place(deps, tx, caseId, caseItem)
  const facts = { mediaType, sizeBytes, digests, verdict: verdict.decision, rule: verdict.rule, matches }
  const events: CaseEvent[] = []
  if (open === undefined) {
    const { kind, group } = grouping
    events.push({ type: "case.opened", data: { kind, source, group, at } })
  }
  events.push({
    type: "item.attached",
    data: {
      item: itemId,
      finding: findingId,
      source,
      itemKey,
      strength,
      ...codesOf(caseItem.matches),
      at,
      row: itemDigest({ ...facts, place: placeDigest(first) }),
      place: placeDigest(first),
      ...compact({
        evidence: evidence?.evidenceId,
        content: evidence?.content,
        file: evidence === undefined ? undefined : fileDigest(evidence),
        known,
      }),
    },
  })
  const position = open?.items ?? 0
  await applyEvents(tx, caseId, open, [...events, ...knowledge(strength, open, knownAt(deps, caseItem, at))])
  await insertItem(tx.trx, { item: caseItem, itemId, caseId, position, strength, matches, knownCase: known, at })
  await noteEvidence(tx, caseId, itemId, caseItem)
  await addLocation(tx.trx, { ...first, itemId, position: 0, at })
  return { caseId, itemId, newCase: open === undefined, knownItem: false }
}

/** When a match counts as known; never a time in the future. */
function knownAt({ clockRules = CLOCK_RULES }: AttachDeps, { foundAt }: IncomingItem, now: string): string {
  const found = new Date(foundAt).toISOString()
  return clockRules.startsAt === "found" && found < now ? found : now
}

function knowledge(strength: Strength, head: CaseHead | undefined, at: string): readonly CaseEvent[] {
  const data = knowledgeOfMatch(strength, head, at)
  return data === undefined ? [] : [{ type: "case.knowledge-recorded", data }]
}

async function place({ contextKeys }: AttachDeps, { trx }: EventTransaction, caseId: CaseId, caseItem: IncomingItem) {
  const { origin, source, findingId, foundAt } = caseItem
  const context: LocationContext = compact({
    found: caseItem.context,
    matches: caseItem.matches,
    shard: origin.kind === "dataset" ? origin.shard : undefined,
    ordinal: origin.kind === "dataset" ? origin.ordinal : undefined,
  })
  const sealed = await contextKeys.seal(trx, caseId, ITEM_CONTEXT, context as unknown as JsonValue)
  const scan = origin.kind === "dataset" ? origin.scan : undefined
  return { caseId, source, findingId, foundAt: new Date(foundAt), sealed, sealedSha256: sha256(sealed), scan }
}

/** Purpose under which the context of an item's place is sealed. */
export const ITEM_CONTEXT = "item-context"

function codesOf(matches: readonly Match[]) {
  return {
    lists: [...new Set(matches.map(({ list }) => list))].toSorted().slice(0, CODES_MAX),
    categories: [...new Set(matches.map(({ category }) => category))].filter(isCode).toSorted().slice(0, CODES_MAX),
  }
}

/** An event holds 8 KiB: names beyond this number are only in the item's own row. */
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
