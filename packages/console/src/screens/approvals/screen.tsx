import type { ApprovalView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { approvals as say } from "#messages/approvals.ts"
import { useMe } from "../../api/me.ts"
import { useKeys } from "../../keys/keys.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { Empty } from "../../parts/states.tsx"
import { WaitingApproval } from "../../parts/two-person.tsx"
import { approvalsQuery, useAnswered, useWaitingApprovals } from "../../parts/two-person-queries.ts"
import { DecidedApprovals } from "./decided-approvals.tsx"

/**
 * The approvals page: approvals that the user may answer, then their own requests, then those that wait for others, then
 * those that were answered.
 */
export function ApprovalsScreen(): ReactNode {
  return (
    <Page title={say.title} lead={say.lead}>
      <Waiting />
      <DecidedApprovals />
    </Page>
  )
}

function Waiting(): ReactNode {
  const { id: me } = useMe()
  const query = useQuery(approvalsQuery("waiting"))
  const approvals = useWaitingApprovals()
  const answered = useAnswered()
  const [chosen, setChosen] = useState<string>()
  const isForMe = ({ id, mayApprove }: ApprovalView) => mayApprove || answered.has(id)
  const forMe = approvals.filter(isForMe)
  const mine = approvals.filter((approval) => !isForMe(approval) && approval.requestedBy === me)
  const others = approvals.filter((approval) => !isForMe(approval) && approval.requestedBy !== me)
  const all = [...forMe, ...mine, ...others]
  const move = (by: number) => {
    const index = all.findIndex(({ id }) => id === chosen)
    const next = all[index < 0 ? 0 : Math.min(Math.max(index + by, 0), all.length - 1)]
    setChosen(next?.id)
  }
  useKeys([
    { key: "j", label: say.key.next, group: say.title, run: () => move(1), repeats: true, when: all.length > 0 },
    { key: "k", label: say.key.previous, group: say.title, run: () => move(-1), repeats: true, when: all.length > 0 },
  ])
  return (
    <Loaded query={query} rows={2} rowHeight={160} failure="instead">
      {() => {
        if (all.length === 0) return <Empty title={say.noneTitle} hint={say.noneHint} />
        const show = (approval: ApprovalView) => (
          <WaitingApproval
            key={approval.id}
            approval={approval}
            isChosen={approval.id === chosen}
            hasKeys={approval.id === (chosen ?? all[0]?.id)}
          />
        )
        return (
          <>
            <section className="stack" aria-labelledby="approvals-for-you">
              <h2 id="approvals-for-you">{say.forYou}</h2>
              {forMe.length === 0 && <p className="quiet">{say.forYouNone}</p>}
              {forMe.map(show)}
            </section>
            {mine.length > 0 && (
              <section className="stack" aria-labelledby="approvals-yours">
                <h2 id="approvals-yours">{say.yours}</h2>
                {mine.map(show)}
              </section>
            )}
            {others.length > 0 && (
              <section className="stack" aria-labelledby="approvals-others">
                <h2 id="approvals-others">{say.others}</h2>
                {others.map(show)}
              </section>
            )}
          </>
        )
      }}
    </Loaded>
  )
}
