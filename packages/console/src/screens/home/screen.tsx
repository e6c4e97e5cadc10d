/**
 * Home: one sentence, what needs the person, how the installation is, how the commitments stand.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import { lazy, type ReactNode, Suspense } from "react"
import { home as say } from "#messages/home.ts"
import { useCan } from "../../api/me.ts"
import { Failed, Loading } from "../../parts/states.tsx"
import { useNow } from "../../parts/use-now.ts"
import { DangerList } from "./danger-list.tsx"
import { DueList } from "./due-list.tsx"
import { Health } from "./health.tsx"
import { homeQuery } from "./queries.ts"
import { sentenceOf } from "./sentence.ts"
import { isCase, TakeNext } from "./take-next.tsx"
import "./home.css"

/** Shown until an installation is set up, and then never again. */
const SetupList = lazy(async () => ({ default: (await import("./setup-list.tsx")).SetupList }))

/** Read after everything else. */
const Commitments = lazy(async () => ({ default: (await import("./commitments.tsx")).Commitments }))

/** The page. */
export function HomeScreen(): ReactNode {
  const { data: home, error, refetch } = useQuery(homeQuery)
  const now = useNow()
  const can = useCan()
  if (error !== null && home === undefined) return <Failed error={error} onRetry={() => void refetch()} />
  if (home === undefined) return <Loading />
  return (
    <div className="page stack-wide">
      <header className="stack-tight">
        <h1>{say.title}</h1>
        <p className="home-sentence">{sentenceOf(home, now)}</p>
      </header>
      {home.danger.length > 0 && <DangerList home={home} />}
      {home.setup !== undefined && (
        <Suspense fallback={<Loading rows={10} />}>
          <SetupList setup={home.setup} />
        </Suspense>
      )}
      {can("case:review") && home.due.some(isCase) && <TakeNext />}
      <div className="home-columns">
        <DueList home={home} />
        {home.health !== undefined && <Health health={home.health} />}
      </div>
      {can("commitment:read") && (
        <Suspense fallback={<Loading rows={11} />}>
          <Commitments />
        </Suspense>
      )}
    </div>
  )
}
