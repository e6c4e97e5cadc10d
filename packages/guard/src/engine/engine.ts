/**
 * The engine: runs the checks in their order, and makes one outcome of their verdicts.
 * @module
 */
import type { Check, CheckContext, CheckKind } from "../checks/check.ts"
import { type CheckItem, type Medium, mediumOf } from "../inspect/inspectable.ts"
import { covers } from "../inspect/surface.ts"
import { conclude, isExcused } from "./conclude.ts"
import { type Outcome, PASSED } from "./outcome.ts"
import { type CheckResult, runCheck } from "./run-check.ts"
import { KINDS, type Stage, stagesOf } from "./stages.ts"

/** One check's part of a run: the items it covers, with their positions among all. */
export interface Assigned {
  readonly result: CheckResult
  readonly positions: readonly number[]
}

/** Called for every check that ran, for metrics. */
export type OnRan = (result: CheckResult, context: CheckContext) => void

/** The checks, and the functions that the engine reports to. */
export interface EngineDeps {
  readonly checks: readonly Check[]
  /** Whether an exception in force lets a surface pass unscreened. */
  readonly isExcepted: (context: CheckContext, medium: Medium) => boolean
  readonly now: () => Date
  readonly onRan?: OnRan
}

/** Runs the checks over items. */
export interface Engine {
  /**
   * Runs every check of the given kinds that covers one of the items: `match` checks first and together; when they have
   * all ended and found nothing, `text`; then, when those found nothing, classifiers, stage by stage in the same way.
   *
   * Answers synchronously where every check does. A failure blocks unless its failure mode is `open` and in force.
   *
   * @param kinds - all, or those for a window of a stream.
   * @throws the reason of `signal` when the caller gives up, and nothing else.
   */
  run(
    items: readonly CheckItem[],
    context: CheckContext,
    signal: AbortSignal,
    kinds?: readonly CheckKind[],
  ): Outcome | Promise<Outcome>
  /** The checks of a kind that cover texts in one direction. */
  textChecks(direction: CheckContext["direction"], kind: CheckKind): readonly Check[]
}

/** Makes an engine over one configuration's checks. */
export function createEngine(deps: EngineDeps): Engine {
  const stages = stagesOf(deps.checks)
  const byKind = new Map(KINDS.map((kind) => [kind, stages.filter((stage) => stage.kind === kind)] as const))
  const stagesFor = (kinds: readonly CheckKind[]): readonly Stage[] => {
    const [kind] = kinds
    if (kinds.length === 1 && kind !== undefined) return byKind.get(kind) ?? []
    return kinds === KINDS ? stages : stages.filter((stage) => kinds.includes(stage.kind))
  }
  return {
    run: (items, context, signal, kinds = KINDS) => {
      if (items.length === 0) return PASSED
      return runStages({ deps, stages: stagesFor(kinds), isWhole: kinds === KINDS, items, context, signal }, 0, [])
    },
    textChecks: (direction, kind) =>
      deps.checks.filter((check) => check.kind === kind && covers(check.coverage, direction, "text")),
  }
}

interface Run {
  readonly deps: EngineDeps
  readonly stages: readonly Stage[]
  /** Whether all checks take part; false for a window of a stream. */
  readonly isWhole: boolean
  readonly items: readonly CheckItem[]
  readonly context: CheckContext
  readonly signal: AbortSignal
}

function runStages(run: Run, from: number, done: readonly Assigned[]): Outcome | Promise<Outcome> {
  let all = done
  for (let offset = from; offset < run.stages.length; offset++) {
    const started = startAll(run, run.stages[offset] as Stage, all)
    if (started.length === 0) continue
    if (started.some(({ result }) => result instanceof Promise)) {
      return awaitAll(started).then((assigned) => {
        const sofar = [...all, ...assigned]
        return mayGoOn(run, sofar) ? runStages(run, offset + 1, sofar) : finish(run, sofar)
      })
    }
    all = all.length === 0 ? (started as Assigned[]) : [...all, ...(started as Assigned[])]
    if (!mayGoOn(run, all)) break
  }
  return finish(run, all)
}

interface Started {
  readonly result: CheckResult | Promise<CheckResult>
  readonly positions: readonly number[]
}

function startAll({ deps, items, context, signal }: Run, { checks }: Stage, done: readonly Assigned[]): Started[] {
  const kept = keptPictures(items, done)
  return checks.flatMap((check) => {
    const positions: number[] = []
    for (const [index, item] of items.entries()) {
      if (covers(check.coverage, context.direction, mediumOf(item)) && !kept.has(index)) positions.push(index)
    }
    if (positions.length === 0) return []
    const own = positions.length === items.length ? items : positions.map((itemIndex) => items[itemIndex] as CheckItem)
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

async function awaitAll(started: readonly Started[]): Promise<Assigned[]> {
  return Promise.all(started.map(async ({ result, positions }) => ({ result: await result, positions })))
}

/**
 * Pictures that go to no later check: those on which a check failed while an exception excuses it, and those with a
 * signal, even in shadow.
 */
function keptPictures(items: readonly CheckItem[], done: readonly Assigned[]): ReadonlySet<number> {
  const kept = new Set<number>()
  if (done.length === 0) return kept
  for (const { result, positions } of done) {
    const spoken = (result.verdict?.signals ?? []).filter(({ decision }) => decision !== "clear")
    const isWhole = result.failure !== undefined || spoken.some(({ item }) => item === undefined)
    const found = isWhole ? positions : spoken.map(({ item }) => positions[item ?? 0])
    for (const index of found) if (index !== undefined && items[index]?.kind === "bytes") kept.add(index)
  }
  return kept
}

/**
 * A signal ends a run (a list match also in shadow), and so does a failure that no exception in force excuses: no later
 * check gets what an earlier one did not check.
 */
function mayGoOn({ deps }: Run, assigned: readonly Assigned[]): boolean {
  return assigned.every(({ result: { check, verdict, failure } }) => {
    if (failure !== undefined) return isExcused(check, deps.now())
    return (
      verdict?.signals.every(
        ({ decision, shadow }) => decision === "clear" || (shadow === true && check.kind !== "match"),
      ) ?? false
    )
  })
}

function finish({ deps, items, context, isWhole }: Run, assigned: readonly Assigned[]): Outcome {
  return conclude({
    assigned,
    items,
    now: deps.now,
    mustBeScreened: isWhole,
    isExcepted: (medium) => deps.isExcepted(context, medium),
  })
}
