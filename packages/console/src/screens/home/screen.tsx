import { useQuery } from "@tanstack/react-query"
import { lazy, type ReactNode, Suspense } from "react"
import { useCan } from "../../api/me.ts"
import { Loading } from "../../parts/states.tsx"
import { useNow } from "../../parts/use-now.ts"
import { DangerList } from "./danger-list.tsx"
import { DueList } from "./due-list.tsx"
import { Health } from "./health.tsx"
import { homeQuery } from "./queries.ts"
import { sentenceOf } from "./sentence.ts"
import { isCase, TakeNext } from "./take-next.tsx"
import { home as say } from "./words.ts"
import "./home.css"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"

/** Needed only until the installation is set up, so loaded separately. */
const SetupList = lazy(async () => ({ default: (await import("./setup-list.tsx")).SetupList }))

/** Last on the page, so loaded separately. */
const Commitments = lazy(async () => ({ default: (await import("./commitments.tsx")).Commitments }))

/** The home page: one sentence, imminent danger, the worklist, the state of the installation, and the commitments. */
export function HomeScreen(): ReactNode {
  const query = useQuery(homeQuery)
  const now = useNow()
  const can = useCan()
  return (
    <Loaded query={query}>
      {(home) => (
        <Page title={say.title} lines={<p className="home-sentence">{sentenceOf(home, now)}</p>}>
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
        </Page>
      )}
    </Loaded>
  )
}
