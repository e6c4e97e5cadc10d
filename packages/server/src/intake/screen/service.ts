import { createHash } from "node:crypto"
import { type Clock, DAY_MS, type Decision, DependencyError, type Fingerprint, RequestError } from "@nightlight/core"
import { type DecodeSource, type Policy, type Screening, screen, screenHashes } from "@nightlight/screening"
import type { Kysely } from "kysely"
import type { Actor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { falsePositivesLater, type KnownFalsePositives } from "../false-positives/known-false-positives.ts"
import type { AlarmPort } from "../findings/types.ts"
import type { LiveIndex } from "../lists/live-index.ts"
import type { Sources } from "../sources/types.ts"
import { BATCH_CONCURRENCY, screenEach } from "./batch.ts"
import { createItemLimit } from "./item-limit.ts"
import { type KeepItemDeps, keepItem } from "./keep-item.ts"
import { createProbeWatch } from "./probe-watch.ts"
import { createScreenCounts } from "./screen-counts.ts"
import { screenText } from "./screen-text.ts"
import { findAnswer, insertAnswer, removeAnswers } from "./store.ts"
import type { BatchItem, Screen, ScreenRequest, TextClassifier } from "./types.ts"

/** Dependencies of {@link createScreen}. */
export interface ScreenDeps extends KeepItemDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly sources: Sources
  readonly index: LiveIndex
  /** The policy to decide one item by; called for each. */
  readonly policy: () => Promise<Policy>
  readonly alarms: AlarmPort
  readonly knownFalsePositives: KnownFalsePositives
  /** The decoder: bytes in, fingerprint out. */
  readonly fingerprint: (source: DecodeSource, signal: AbortSignal) => Promise<Fingerprint>
  readonly classifyText?: TextClassifier
  /** Screenings in progress at once, beyond which callers must retry later. */
  readonly concurrency: number
}

const REMEMBERED_MS = DAY_MS

/** An item with its sender. */
interface Sent {
  readonly actor: Actor
  readonly source: string
  readonly request: ScreenRequest
  readonly repeatKey: string | undefined
}

/** Deletes answers of repeated calls that are older than a day. */
export function forgetAnswers({ db, clock }: Pick<ScreenDeps, "db" | "clock">): Promise<void> {
  return removeAnswers(db, new Date(clock.now().getTime() - REMEMBERED_MS))
}

/** Calls, screenings in progress and nearly equal pictures are counted in this process alone. */
export function createScreen(deps: ScreenDeps): Screen {
  const { db, clock, digests, sources, index, alarms, concurrency } = deps
  const takeItems = createItemLimit(clock)
  const probes = createProbeWatch(clock)
  const counts = createScreenCounts(deps)
  let underWay = 0

  return {
    screen: async (actor, request, repeatKey, signal) => {
      const source = await sourceOf(actor, namesAccount(request))
      takeItems(actor, 1)
      assertUnthrottled(source)
      return whileRoom(1, async () => ({
        decision: await decideCounted({ actor, source, request, repeatKey }, signal),
      }))
    },
    screenBatch: async (actor, items, repeatKey, signal) => {
      takeItems(actor, items.length)
      const sourceFor = onceEach((names: boolean) => sourceOf(actor, names))
      const screenOne = async (request: BatchItem, place: number): Promise<Decision> => {
        if (request === undefined) throw new RequestError("input_invalid", "the item is no picture and no hash")
        const source = await sourceFor(namesAccount(request))
        assertUnthrottled(source)
        // No repeat key of a caller has a line end in it.
        const ownKey = repeatKey === undefined ? undefined : `${repeatKey}\n${place}`
        return decideCounted({ actor, source, request, repeatKey: ownKey }, signal)
      }
      const results = await whileRoom(Math.min(items.length, BATCH_CONCURRENCY), () =>
        screenEach(items, screenOne, signal),
      )
      return { results }
    },
    flush: () => counts.flush(),
  }

  /** Does work that is so many of the screenings in progress. */
  async function whileRoom<Result>(screenings: number, work: () => Promise<Result>): Promise<Result> {
    if (underWay >= concurrency) throw new DependencyError("unavailable", "too many screenings are in progress")
    underWay += screenings
    try {
      return await work()
    } finally {
      underWay -= screenings
    }
  }

  function assertUnthrottled(source: string): void {
    if (!probes.isThrottled(source)) return
    throw new RequestError("too_many_requests", "this source sends too many pictures that are nearly the same")
  }

  /** The caller's source; a key that names an account needs a source that may. */
  async function sourceOf(actor: Actor, names: boolean): Promise<string> {
    const bound = actor.kind === "service" ? actor.source : undefined
    if (bound === undefined && !names) return actor.id
    const { id, namesAccounts } = await sources.ofKey(actor)
    if (!names || namesAccounts) return id
    throw new RequestError("forbidden", "this key's source may not name accounts", {
      hint: "An administrator permits it when enrolling the source: for a service that knows its users, never for a proxy.",
    })
  }

  async function decideCounted(call: Sent, signal: AbortSignal): Promise<Decision> {
    const decision = await repeated(call, () => decide(call, signal))
    const isMatched = call.request.kind !== "text" && decision !== "unscreened" && decision !== "inconclusive"
    counts.add(call.source, decision, isMatched)
    return decision
  }

  async function decide(
    { actor, source, request }: Pick<Sent, "actor" | "source" | "request">,
    signal: AbortSignal,
  ): Promise<Decision> {
    const policy = await deps.policy()
    if (request.kind === "text") {
      return (await screenText(request.text, { ...deps, policy }, signal)).decision
    }
    if (request.kind === "hash") {
      const { kind: _, ...query } = request
      const { verdict, matches } = await index.use(async (live) => screenHashes(query, { index: live }, policy))
      if (query.pdq !== undefined) await noteProbes(source, [query.pdq.hash], matches.length > 0)
      return verdict.decision
    }
    const { bytes, account } = request
    const known = falsePositivesLater(deps.knownFalsePositives)
    const fingerprint: ScreenDeps["fingerprint"] = async (source, stop) => {
      const seen = await deps.fingerprint(source, stop)
      await known.learn(seen.sha256)
      return seen
    }
    const screening = await index.use((live) =>
      screen<DecodeSource>(
        { source: { kind: "bytes", bytes } },
        { fingerprint, index: live, classifiers: [], falsePositives: known.lookup },
        policy,
        signal,
      ),
    )
    await noteProbes(
      source,
      (screening.fingerprint?.picture?.views ?? []).slice(0, NOTED_VIEWS).map(({ pdq }) => pdq),
      screening.matches.length > 0,
    )
    await keep({ actor: actor.id, source, account: account?.id, bytes }, screening)
    return screening.verdict.decision
  }

  async function keep(
    sent: {
      readonly actor: string
      readonly source: string
      readonly account: string | undefined
      readonly bytes: Uint8Array
    },
    screening: Screening,
  ): Promise<void> {
    const { fingerprint, matches } = screening
    if (matches.length === 0 || fingerprint === undefined) return
    await keepItem(deps, { ...sent, fingerprint, screening })
  }

  async function noteProbes(source: string, hashes: readonly string[], matched: boolean): Promise<void> {
    for (const hash of hashes) {
      if (probes.note(source, hash, matched)) await alarms.raiseNow({ code: "screen-probing", subject: source })
    }
  }

  async function repeated(
    call: Pick<Sent, "actor" | "request" | "repeatKey">,
    work: () => Promise<Decision>,
  ): Promise<Decision> {
    const { actor, request, repeatKey } = call
    if (repeatKey === undefined) return work()
    const repeat_key = digests.of("repeat-key", repeatKey)
    const request_digest = digests.of("screen-request", contentOf(request))
    const known = await findAnswer(db, actor.id, repeat_key)
    if (known !== undefined && clock.now().getTime() - known.answered_at.getTime() < REMEMBERED_MS) {
      if (known.request_digest === request_digest) return known.decision as Decision
      throw new RequestError("state_conflict", "this Idempotency-Key was used for another item")
    }
    const decision = await work()
    await insertAnswer(db, { key_id: actor.id, repeat_key, request_digest, decision, answered_at: clock.now() })
    return decision
  }
}

/** Views of one picture that the watch records: those of the first frame. */
const NOTED_VIEWS = 1

function namesAccount(request: ScreenRequest): boolean {
  return request.kind === "image" && request.account !== undefined
}

/** Remembers what was resolved of each argument. */
function onceEach<Argument, Result>(resolve: (argument: Argument) => Result): (argument: Argument) => Result {
  const known = new Map<Argument, Result>()
  return (argument) => {
    const result = known.get(argument) ?? resolve(argument)
    known.set(argument, result)
    return result
  }
}

function contentOf(request: ScreenRequest): string {
  if (request.kind !== "image") return JSON.stringify(request)
  return JSON.stringify([createHash("sha256").update(request.bytes).digest("hex"), request.account?.id ?? null])
}
