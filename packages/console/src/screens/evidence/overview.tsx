import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime } from "../../parts/format.ts"
import { Page } from "../../parts/page.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { clockQuery } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { states, clock: words } = say

/** The middle column while nothing is selected: the preservation states, and whether the server trusts its clock. */
export function Overview(): ReactNode {
  const can = useCan()
  return (
    <Page title={say.title} lead={say.lead} isColumn>
      {can("preservation:read") && (
        <>
          <section className="stack">
            <h2>{states.title}</h2>
            <Facts>
              {(["locked", "kept", "clearing", "destroyed"] as const).map((state) => (
                <Fact key={state} name={states.names[state]}>
                  {states.means[state]}
                </Fact>
              ))}
            </Facts>
          </section>
          <Clock />
        </>
      )}
    </Page>
  )
}

function Clock(): ReactNode {
  const { data } = useQuery(clockQuery)
  const can = useCan()
  const confirm = useAction(() => call("POST", "/v1/preservation/clock/confirm", { body: {} }), ["preservation"])
  if (data === undefined) return null
  const { suspendedAt, seenAt } = data
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {suspendedAt === undefined ? (
        <p>{seenAt === undefined ? words.never : words.fine(dateTime(seenAt))}</p>
      ) : (
        <>
          <p className="amber">{words.suspended(dateTime(suspendedAt))}</p>
          <p>{words.suspendedHint}</p>
          {can("preservation:hold") && (
            <div className="row">
              <Button variant="default" loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>
                {words.confirm}
              </Button>
            </div>
          )}
          <Fault error={confirm.error} />
        </>
      )}
    </section>
  )
}
