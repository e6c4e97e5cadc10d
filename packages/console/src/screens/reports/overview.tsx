import { useInfiniteQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan, useMe } from "../../api/me.ts"
import { Page } from "../../parts/page.tsx"
import { Loading } from "../../parts/states.tsx"
import { WaitingApprovals } from "../../parts/two-person.tsx"
import { Automation } from "./automation.tsx"
import { reportsQuery, type Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The middle column while no report is selected: what waits, in sentences, and automatic filing. */
export function Overview(): ReactNode {
  const { data } = useInfiniteQuery(reportsQuery("open"))
  const { id: me } = useMe()
  const can = useCan()
  const open = data?.pages.flatMap(({ reports }) => reports) ?? []
  const of = (fits: (report: Summary) => boolean) => open.filter(fits)
  const lines = [
    {
      of: of(({ state, preparedBy }) => state === "proposed" && preparedBy !== me && can("report:approve")),
      say: say.overview.forYou,
    },
    { of: of(({ state }) => state === "held"), say: say.overview.held },
    { of: of(({ state, preparedBy }) => state === "draft" && preparedBy === me), say: say.overview.yourDrafts },
    { of: of(({ state, preparedBy }) => state === "draft" && preparedBy !== me), say: say.overview.otherDrafts },
    { of: of(({ state, preparedBy }) => state === "proposed" && preparedBy === me), say: say.overview.yourProposed },
    { of: of(({ state }) => state === "approved"), say: say.overview.filing },
  ].filter((line) => line.of.length > 0)
  return (
    <Page title={say.overview.title} lead={say.overview.lead} isColumn>
      {data === undefined && <Loading rows={3} />}
      {data !== undefined && lines.length === 0 && <p>{say.overview.nothing}</p>}
      {lines.length > 0 && (
        <ul className="overview-lines">
          {lines.map(({ of: found, say: words }) => {
            const [first] = found
            return (
              <li key={words(1)}>
                {first === undefined ? null : (
                  <Link to="/reports/$reportId" params={{ reportId: first.id }}>
                    {words(found.length)}
                  </Link>
                )}
              </li>
            )
          })}
        </ul>
      )}
      {can("report:prepare") && <p className="quiet">{say.overview.start}</p>}
      <WaitingApprovals of={({ kind }) => kind === "report.manual-filing"} title={say.overview.approvals} />
      <Automation />
    </Page>
  )
}
