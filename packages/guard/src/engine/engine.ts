/**
 * The engine: runs the checks in their order, and makes one outcome of what they say.
 * @module
 */
import type { Check, CheckContext, CheckKind } from "../checks/check.ts"
import { type CheckItem, type Medium, mediumOf } from "../inspect/inspectable.ts"
import { covers } from "../inspect/surface.ts"
import { conclude } from "./conclude.ts"
import { type Outcome, PASSED } from "./outcome.ts"
import { type CheckResult, runCheck } from "./run-check.ts"

/** Order of kinds: a later one runs only when nothing before it found or failed. */
export const KINDS: readonly CheckKind[] = ["match", "text", "classifier"]

/** One check's part of a run: the items it covers, with their positions among all. */
export interface Assigned {
  readonly result: CheckResult
  readonly positions: readonly number[]
}

/** Told of every check that ran: for metrics. */
export type OnRan = (result: CheckResult, context: CheckContext) => void

/** What {@link createEngine} takes. */
export interface EngineDeps {
  readonly checks: readonly Check[]
  /** Whether an exception in force lets a surface pass unscreened. */
  readonly isExcepted: (context: CheckContext, medium: Medium) => boolean
  readonly now: () => Date
  readonly onRan?: OnRan
}

/** Runs checks. */
export interface Engine {
  /**
   * Runs every check of the kinds that covers one of the items: `match` checks first and together; when they have all
   * ended and found nothing, `text`; then, when that found nothing, classifiers.
   *
   * Answers at once where every check does. No failure passes, unless its failure mode is `open` and in force.
   *
   * @param kinds - all, or those of a window of a stream.
   * @throws the reason of `signal` when the caller gives up, and nothing else.
   */
  run(
    items: readonly CheckItem[],
    context: CheckContext,
    signal: AbortSignal,
    kinds?: readonly CheckKind[],
  ): Outcome | Promise<Outcome>
  /** The checks of a kind that look at texts going one way. */
  textChecks(direction: CheckContext["direction"], kind: CheckKind): readonly Check[]
}

/** Makes an engine over one configuration's checks. */
export function createEngine(deps: EngineDeps): Engine {
  const byKind = new Map(KINDS.map((kind) => [kind, deps.checks.filter((check) => check.kind === kind)]))
  return {
    run: (items, context, signal, kinds = KINDS) => {
      if (items.length === 0) return PASSED
      return runKinds({ deps, byKind, items, context, signal }, kinds, 0, [])
    },
    textChecks: (direction, kind) =>
      (byKind.get(kind) ?? []).filter(({ coverage }) => covers(coverage, direction, "text")),
  }
}

interface Run {
  readonly deps: EngineDeps
  readonly byKind: ReadonlyMap<CheckKind, readonly Check[]>
  readonly items: readonly CheckItem[]
  readonly context: CheckContext
  readonly signal: AbortSignal
}

function runKinds(
  run: Run,
  kinds: readonly CheckKind[],
  from: number,
  done: readonly Assigned[],
): Outcome | Promise<Outcome> {
  let all = done
  for (let at = from; at < kinds.length; at++) {
    const kind = kinds[at]
    const started = kind === undefined ? [] : startAll(run, kind)
    if (started.length === 0) continue
    if (started.some(({ result }) => result instanceof Promise)) {
      return settle(started).then((assigned) => {
        const sofar = [...all, ...assigned]
        return mayGoOn(sofar) ? runKinds(run, kinds, at + 1, sofar) : finish(run, sofar, kinds)
      })
    }
    all = [...all, ...(started as Assigned[])]
    if (!mayGoOn(all)) break
  }
  return finish(run, all, kinds)
}

interface Started {
  readonly result: CheckResult | Promise<CheckResult>
  readonly positions: readonly number[]
}

function startAll({ deps, byKind, items, context, signal }: Run, kind: CheckKind): Started[] {
  return (byKind.get(kind) ?? []).flatMap((check) => {
    const positions: number[] = []
    for (const [at, item] of items.entries()) {
      if (covers(check.coverage, context.direction, mediumOf(item))) positions.push(at)
    }
    if (positions.length === 0) return []
    const own = positions.length === items.length ? items : positions.map((at) => items[at] as CheckItem)
    const result = runCheck(check, own, context, signal)
    const { onRan } = deps
    if (onRan === undefined) return [{ result, positions }]
    if (!(result instanceof Promise)) onRan(result, context)
    else
      result.then(
        (ended) => onRan(ended, context),
        () => undefined,
      )
    return [{ result, positions }]
  })
}

async function settle(started: readonly Started[]): Promise<Assigned[]> {
  return Promise.all(started.map(async ({ result, positions }) => ({ result: await result, positions })))
}

/** A find, in shadow or not, and a failure end a run: what may have matched a list goes to nobody else. */
function mayGoOn(assigned: readonly Assigned[]): boolean {
  return assigned.every(({ result: { check, verdict, failure } }) => {
    if (failure !== undefined) return check.kind !== "match"
    return (
      verdict?.signals.every(
        ({ decision, shadow }) => decision === "clear" || (shadow === true && check.kind !== "match"),
      ) ?? false
    )
  })
}

function finish({ deps, items, context }: Run, assigned: readonly Assigned[], kinds: readonly CheckKind[]): Outcome {
  return conclude({
    assigned,
    items,
    now: deps.now(),
    mustBeScreened: kinds === KINDS,
    isExcepted: (medium) => deps.isExcepted(context, medium),
  })
}
