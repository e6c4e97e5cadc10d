import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../../../api/call.ts"
import { signInWaysQuery, useCan } from "../../../api/me.ts"
import { HeadedTable } from "../../../parts/data-table.tsx"
import { Fact, Facts } from "../../../parts/facts.tsx"
import { dateTime, duration } from "../../../parts/format.ts"
import { Loaded } from "../../../parts/loaded.tsx"
import { Name } from "../../../parts/name.tsx"
import { Page } from "../../../parts/page.tsx"
import { Section } from "../../../parts/section.tsx"
import { Fault } from "../../../parts/states.tsx"
import { Ago } from "../../../parts/time.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { useNow } from "../../../parts/use-now.ts"
import { type BreakGlass, breakGlassQuery } from "../queries.ts"
import { administration as say } from "../words.ts"

const { signOn: words } = say
const { glass } = words

/** The sign-on tab: the ways to sign in, and emergency access from the host. */
export function SignOn(): ReactNode {
  const query = useQuery(signInWaysQuery)
  return (
    <Page title={words.title} lead={words.lead}>
      <Loaded query={query} rows={2}>
        {(ways) => (
          <Facts>
            <Fact name={words.passwords}>{ways.passwords ? words.passwordsOn : words.passwordsOff}</Fact>
            <Fact name={words.issuers}>
              {ways.issuers.length === 0 && words.noIssuers}
              {ways.issuers.map(({ id, name }) => (
                <div key={id}>
                  {name} <span className="mono quiet">{id}</span>
                </div>
              ))}
            </Fact>
          </Facts>
        )}
      </Loaded>
      <EmergencyAccess />
    </Page>
  )
}

function EmergencyAccess(): ReactNode {
  const query = useQuery(breakGlassQuery)
  const { data: requests } = query
  const isWaiting = requests?.some(({ state }) => state === "waiting") === true
  return (
    <Section title={glass.title} lead={glass.lead}>
      {isWaiting && <p className="amber">{glass.warn}</p>}
      <Loaded query={query} rows={2} empty={<p>{glass.none}</p>}>
        {(requests) => (
          <HeadedTable
            heads={[{ name: glass.columns.what }, { name: glass.columns.requested }, { name: glass.columns.opens }, {}]}
            className="administration-actions"
          >
            {requests.map((request) => (
              <Row key={request.id} request={request} />
            ))}
          </HeadedTable>
        )}
      </Loaded>
    </Section>
  )
}

function Row({ request }: { readonly request: BreakGlass }): ReactNode {
  const mayCancel = useCan()("operations:manage")
  const cancel = useAction((id: string) => call("POST", `/v1/break-glass/${id}/cancel`), ["people", "alarms"])
  const { id, kind, personId, requestedAt, opensAt, state, decidedBy } = request
  const left = Date.parse(opensAt) - useNow()
  return (
    <tr className={state === "waiting" ? "" : "administration-over"}>
      <td>
        {glass.kinds[kind]} {personId !== undefined && <Name id={personId} />}
      </td>
      <td>
        <Ago at={requestedAt} />
      </td>
      <td>
        {dateTime(opensAt)}
        {state === "waiting" && <div className="amber">{left > 0 ? glass.opensIn(duration(left)) : glass.canOpen}</div>}
      </td>
      <td>
        {state === "waiting" && mayCancel ? (
          <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(id)}>
            {glass.cancel}
          </Button>
        ) : (
          <>
            {glass.states[state]} {decidedBy !== undefined && <Name id={decidedBy} />}
          </>
        )}
        <Fault error={cancel.error} />
      </td>
    </tr>
  )
}
