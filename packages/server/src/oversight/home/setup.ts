/**
 * Steps that an installation still needs before it can find, decide and report, as far as the server knows.
 * @module
 */
import type { HomeView, PeopleCounts } from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import type { Sources } from "../../intake/sources/types.ts"
import type { ServerConfig } from "../../platform/config/schema.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { countPeople } from "../../staff/people/counts.ts"
import type { PartsHealth } from "./types.ts"

type Roster = Parameters<typeof countPeople>[0]

/** Facts behind the steps. */
export interface SetupFacts {
  readonly health: Pick<PartsHealth, "lists" | "custodian" | "pager">
  readonly people: Pick<PeopleCounts, "byRole" | "reviewers">
  /** People who are enrolled with the custodian; `undefined` if it does not answer. */
  readonly enrolled: number | undefined
  /** Sources that may push now. */
  readonly liveSources: number
  /** Whether the configuration says who reports. */
  readonly namesReporter: boolean
}

/** Services that tell which steps of the set-up are done. */
export interface SetupPorts {
  readonly people: { roster(): Promise<Roster> }
  readonly sources: Pick<Sources, "list">
  readonly custodian: Pick<CustodianClient, "state">
  readonly clock: Clock
  readonly organisation: ServerConfig["organisation"]
}

/** Reads the facts, and returns the steps. If the custodian does not answer in time, its step is unknown. */
export async function readSetup(
  health: Promise<PartsHealth>,
  ports: SetupPorts,
): Promise<HomeView["setup"] | undefined> {
  const { people, custodian, clock, organisation } = ports
  const [parts, roster, sources, keeper] = await Promise.all([
    health,
    people.roster(),
    ports.sources.list(),
    withinThreeSeconds(custodian.state()),
  ])
  return setupOf({
    health: parts,
    people: countPeople(roster, clock.now()),
    enrolled: keeper?.enrolled,
    liveSources: sources.filter(({ revokedAt }) => revokedAt === undefined).length,
    namesReporter: organisation.company !== null && organisation.contact !== null,
  })
}

type Step = NonNullable<HomeView["setup"]>["steps"][number]

/** The steps in the order in which they are done; `undefined` if no known one is open. */
export function setupOf(facts: SetupFacts): HomeView["setup"] | undefined {
  const { health, people, enrolled, liveSources, namesReporter } = facts
  const { reporter, counsel, administrator } = people.byRole
  const states: Readonly<Record<Step["code"], boolean | undefined>> = {
    administrators: administrator >= 2,
    reviewers: people.reviewers.trained >= 1,
    reporters: reporter >= 1 && reporter + counsel >= 2,
    custodian: health.custodian === "unreachable" ? undefined : health.custodian !== "no-key",
    enrolled: enrolled === undefined ? undefined : enrolled >= 2,
    lists: health.lists.state === "live",
    source: liveSources >= 1,
    organisation: namesReporter,
    pager: health.pager.state === "set",
    // Backups are made by a command that does not report to the server.
    backup: undefined,
  }
  const steps = Object.entries(states).map(([code, isDone]) => ({
    code: code as Step["code"],
    state: isDone === undefined ? ("unknown" as const) : isDone ? ("done" as const) : ("open" as const),
  }))
  return steps.some(({ state }) => state === "open") ? { steps } : undefined
}

const ANSWER_MS = 3_000

/**
 * Returns the answer if it comes within three seconds, else `undefined`, so that a slow index does not delay the home
 * screen.
 */
export async function withinThreeSeconds<T>(answer: Promise<T>): Promise<T | undefined> {
  const late = AbortSignal.timeout(ANSWER_MS)
  return Promise.race([
    answer.catch(() => undefined),
    new Promise<undefined>((resolve) => late.addEventListener("abort", () => resolve(undefined), { once: true })),
  ])
}
