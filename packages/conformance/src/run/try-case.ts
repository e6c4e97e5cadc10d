/**
 * Runs one case and judges its outcome.
 * @module
 */
import type { CaseOutcome, CaseResult, ConformanceCase, Trial } from "../case/case.ts"
import { markedPlanted, plainPlanted } from "../case/markers.ts"
import { isAny, type Problem } from "../case/problems.ts"
import { usualAnswer } from "../cases/usual.ts"
import type { Client, Outgoing } from "../client/send.ts"
import type { OwnWords } from "../judge/own-words.ts"
import type { MockUpstream } from "../mock/mock-upstream.ts"

/** Client, mock and state for running cases. */
export interface CaseEnvironment {
  readonly client: Client
  readonly upstream: MockUpstream
  readonly marker: string
  /** Texts that the gateway adds itself, learned before anything marked was sent. */
  readonly ownWords: OwnWords
  /** Families whose control failed: see {@link familyOf}. */
  readonly brokenFamilies: Set<string>
}

/** A case's result and the requests that led to it. */
export interface TriedCase {
  readonly result: CaseResult
  readonly harmless: Outgoing | undefined
  readonly last: Outgoing | undefined
}

/** Name of the group of cases with one control: an endpoint, whole or streamed. */
export function familyOf({ endpoint, stream }: Pick<CaseResult, "endpoint" | "stream">): string {
  return stream ? `${endpoint}, streamed` : endpoint
}

/** Runs a case. */
export async function tryCase(
  { run, isFamilyControl = false, ...facts }: ConformanceCase,
  environment: CaseEnvironment,
): Promise<TriedCase> {
  const { client, upstream, marker, brokenFamilies } = environment
  const problems = new Set<Problem>()
  const ownWords = isFamilyControl ? environment.ownWords : environment.ownWords.copy()
  let harmless: Outgoing | undefined
  let last: Outgoing | undefined
  upstream.requests.length = 0
  upstream.disconnected.length = 0
  upstream.answer = usualAnswer
  const trial: Trial = {
    plain: plainPlanted(),
    marked: markedPlanted(marker),
    upstream,
    send: async (request) => {
      last = request
      return ownWords.removeFrom(await client.send(request))
    },
    sendHarmless: async (request) => {
      harmless = request
      last = request
      const received = await client.send(request)
      if (ownWords.learn(received)) problems.add("marker_disclosed")
      return ownWords.removeFrom(received)
    },
    fail: (problem) => problems.add(problem),
  }
  const ended = await run(trial)
  const outcome = outcomeOf(ended, problems, brokenFamilies.has(familyOf(facts)))
  if (isFamilyControl && outcome === "broken") brokenFamilies.add(familyOf(facts))
  const { id, endpoint, direction, channel, stream, fault } = facts
  const summary = { id, endpoint, direction, channel, stream, outcome, problems: [...problems] }
  return { result: fault === undefined ? summary : { ...summary, fault }, harmless, last }
}

/** A leak counts in any case; other outcomes need working harmless traffic. */
function outcomeOf(
  ended: "sound" | "closed" | "untested",
  problems: ReadonlySet<Problem>,
  isFamilyBroken: boolean,
): CaseOutcome {
  if (isAny(problems, "leak")) return "leaked"
  if (ended === "untested") return ended
  if (isFamilyBroken || isAny(problems, "harmless")) return "broken"
  return isAny(problems, "otherwise") ? "stopped_otherwise" : ended
}
