/**
 * Runs the checks over a whole request or answer, and carries out a block.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Outcome } from "../engine/outcome.ts"
import { GuardRefusal } from "../errors.ts"
import type { BlockEvent } from "../incidents/ports.ts"
import type { CheckItem, Direction, Inspectable, RemoteRef } from "../inspect/inspectable.ts"
import type { Payload } from "../inspect/payload.ts"
import { inlineRefs } from "../remote/inline.ts"
import { type AnswerContext, contextOf, type Exchange } from "./exchange.ts"

/** The content that a block is recorded with. */
export interface BlockedContent {
  readonly direction: Direction
  readonly model: string
  readonly items: readonly CheckItem[]
  readonly request: Payload
  readonly answer?: Payload
}

/** Fetches linked content, puts it in place of the links, and runs every check. */
export async function inspectAll(
  parts: { readonly items: readonly Inspectable[]; readonly refs: readonly RemoteRef[] },
  exchange: Exchange,
  direction: Direction,
  about: AnswerContext = {},
): Promise<{ readonly outcome: Outcome; readonly items: readonly CheckItem[] }> {
  const items = await toCheckItems(parts, exchange, direction)
  const given = exchange.running.engine.run(items, contextOf(exchange, direction, about), exchange.signal)
  return { outcome: given instanceof Promise ? await given : given, items }
}

async function toCheckItems(
  { items, refs }: { readonly items: readonly Inspectable[]; readonly refs: readonly RemoteRef[] },
  { services, running, signal }: Exchange,
  direction: Direction,
): Promise<readonly CheckItem[]> {
  if (refs.length === 0) return items as readonly CheckItem[]
  if (services.remote === undefined) {
    if (direction === "output") throw new GuardRefusal("upstream_failed", "the upstream answered with a link")
    throw new GuardRefusal("unsupported_parameter", "links are not allowed: send the picture as a data: URL")
  }
  const fetched = await inlineRefs(refs, services.remote, running.setup.limits.maxPictureBytes, signal)
  return items.map((item) => (item.kind === "ref" ? (fetched.get(item) as CheckItem) : item))
}

/** Records a block before the caller gets an answer. Never throws. */
export async function recordBlock(exchange: Exchange, outcome: Outcome, content: BlockedContent): Promise<void> {
  const { id, endpoint, caller, user, accountRecord, callDigest, services } = exchange
  const spoken = new Set(outcome.signals.filter(({ shadow }) => shadow !== true).map(({ item }) => item))
  const event: BlockEvent = compact({
    exchange: id,
    at: services.clock.now(),
    endpoint,
    direction: content.direction,
    model: content.model,
    caller,
    user,
    accountRecord,
    outcome,
    items: content.items.filter((_, index) => spoken.has(index) || spoken.has(undefined)),
    request: content.request,
    answer: content.answer,
  })
  try {
    const kept = await services.record(event, callDigest)
    if (kept === "alarm") services.metrics.alarm("block_not_recorded")
  } catch {
    services.metrics.alarm("block_not_recorded")
  }
}
