import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { count, listed } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Page } from "../../parts/page.tsx"
import { Failed, Fault, Loading } from "../../parts/states.tsx"
import { Due } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"
import { caseQuery, reportsOfCaseQuery, type Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The page that starts a report of a decided case. Nothing is drafted before the user asks for it. */
export function StartReport({ caseId }: { readonly caseId: string }): ReactNode {
  const can = useCan()
  const navigate = useNavigate()
  const head = useQuery({ ...caseQuery(caseId), enabled: can("case:read") })
  const reports = useQuery(reportsOfCaseQuery(caseId))
  const isFollowUp = (reports.data ?? []).some(
    ({ state, environment }) => environment === "production" && (state === "finished" || state === "manual"),
  )
  const open = (reports.data ?? []).filter(({ state }) => ["draft", "proposed", "approved", "held"].includes(state))
  const action = useAction(
    () => call<Summary>("POST", `/v1/cases/${caseId}/reports`, { body: isFollowUp ? { kind: "follow-up" } : {} }),
    ["reports"],
    ({ id }) => void navigate({ to: "/reports/$reportId", params: { reportId: id }, replace: true }),
  )
  const error = head.error ?? reports.error
  if (error !== null)
    return <Failed error={error} onRetry={() => void Promise.all([head.refetch(), reports.refetch()])} />
  if (reports.data === undefined) return <Loading rows={4} />
  const { data } = head
  return (
    <Page title={say.start.title} lead={say.start.lead} isColumn>
      <Facts>
        <Fact name={say.start.case}>
          <Link to="/cases/$caseId" params={{ caseId }}>
            <Id id={caseId} />
          </Link>
        </Fact>
        {data?.decided !== undefined && (
          <Fact name={say.start.decided}>{say.start.outcomes[data.decided.outcome] ?? data.decided.outcome}</Fact>
        )}
        {data !== undefined && <Fact name={say.start.items}>{count(data.items)}</Fact>}
        {data !== undefined && data.lists.length > 0 && <Fact name={say.start.lists}>{listed(data.lists)}</Fact>}
        {data?.dueAt !== undefined && data.clockRunning && (
          <Fact name={say.start.due}>
            <Due at={data.dueAt} />
          </Fact>
        )}
      </Facts>
      {open.length > 0 && (
        <section className="stack-tight">
          <h2>{say.start.already}</h2>
          <ul>
            {open.map(({ id, state, kind }) => (
              <li key={id}>
                <Link to="/reports/$reportId" params={{ reportId: id }}>
                  {say.kind[kind]} <Id id={id} />
                </Link>
                , {say.state[state]}
              </li>
            ))}
          </ul>
        </section>
      )}
      {can("report:prepare") ? (
        <div className="stack">
          {isFollowUp && <p>{say.followUp.text}</p>}
          <div>
            <Button
              autoFocus={open.length === 0}
              variant={open.length === 0 ? "filled" : "default"}
              loading={action.isPending}
              onClick={() => action.mutate(undefined)}
            >
              {isFollowUp ? say.followUp.do : open.length === 0 ? say.start.do : say.start.another}
            </Button>
          </div>
          <Fault error={action.error} />
        </div>
      ) : (
        <p className="quiet">{say.start.notYou}</p>
      )}
    </Page>
  )
}
