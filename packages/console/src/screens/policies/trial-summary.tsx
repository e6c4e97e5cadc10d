import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { ago } from "../../parts/format.ts"
import { useNow } from "../../parts/use-now.ts"
import { trialInWords } from "./moves.ts"
import { trialsQuery } from "./queries.ts"
import { policies as say } from "./words.ts"

/** Says next to the activation whether a version was tried, and with what result. */
export function TrialSummary({ digest }: { readonly digest: string }): ReactNode {
  const { data: trials } = useQuery(trialsQuery(digest))
  const now = useNow()
  if (trials === undefined) return null
  const done = trials.find(({ state }) => state === "done")
  if (done === undefined) {
    const isRunning = trials.some(({ state }) => state === "running")
    return <p className={isRunning ? "quiet" : "amber"}>{isRunning ? say.activate.trying : say.activate.notTried}</p>
  }
  return <p className="quiet">{say.activate.tried(ago(done.requestedAt, now), trialInWords(done))}</p>
}
