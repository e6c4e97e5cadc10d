import { Button, TextInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import { useCan } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime, shortId } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Name } from "../../parts/name.tsx"
import { Page } from "../../parts/page.tsx"
import { Fault } from "../../parts/states.tsx"
import { Due } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"
import { DisclosuresTable } from "./disclosures-table.tsx"
import { type LeRequest, openScope, requestQuery } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { requests: words } = say

/**
 * The middle column: a request's dates, its sealed scope on request, its cases and its disclosures. Mount it with the
 * request's id as `key`, so that an opened scope closes with its request.
 */
export function RequestView({ requestId }: { readonly requestId: string }): ReactNode {
  const query = useQuery(requestQuery(requestId))
  return (
    <Loaded query={query}>
      {(data) => {
        const { request, cases, disclosures } = data
        return (
          <Page
            title={words.kinds[request.kind] ?? request.kind}
            lead={
              <>
                <Id id={requestId} /> {words.lead}
              </>
            }
            isColumn
          >
            <RequestFacts request={request} />
            <Scope requestId={requestId} />
            <Cases request={request} cases={cases} />
            <DisclosuresTable disclosures={disclosures} />
          </Page>
        )
      }}
    </Loaded>
  )
}

function RequestFacts({ request }: { readonly request: LeRequest }): ReactNode {
  const { facts } = words
  return (
    <Facts>
      <Fact name={facts.kind} origin={words.kindHints[request.kind]}>
        {words.kinds[request.kind] ?? request.kind}
      </Fact>
      <Fact name={facts.received}>{dateTime(request.receivedAt)}</Fact>
      <Fact name={facts.due}>
        {request.dueAt === undefined && words.noDue}
        {request.dueAt !== undefined && request.state === "open" && (
          <>
            {dateTime(request.dueAt)}, <Due at={request.dueAt} />
          </>
        )}
        {request.dueAt !== undefined && request.state === "closed" && dateTime(request.dueAt)}
      </Fact>
      <Fact name={facts.opened}>
        <Name id={request.openedBy} />, {dateTime(request.openedAt)}
      </Fact>
      {request.closedAt !== undefined && (
        <Fact name={facts.closed}>
          {request.closedBy !== undefined && <Name id={request.closedBy} />}, {dateTime(request.closedAt)}
        </Fact>
      )}
    </Facts>
  )
}

function Scope({ requestId }: { readonly requestId: string }): ReactNode {
  const may = useCan()("request:manage")
  const { scope: labels } = words
  const open = useAction(openScope, [])
  return (
    <section className="stack">
      <div className="stack-tight">
        <h2>{labels.title}</h2>
        {open.data === undefined && <p className="quiet">{may ? labels.sealed : labels.notYours}</p>}
      </div>
      {may && open.data === undefined && (
        <div className="row">
          <Button variant="default" loading={open.isPending} onClick={() => open.mutate(requestId)}>
            {labels.open}
          </Button>
        </div>
      )}
      <Fault error={open.error} />
      <div aria-live="polite">
        {open.data !== undefined && (
          <Facts>
            {(["agency", "officer", "reference", "scope"] as const).map((name) => (
              <Fact key={name} name={labels[name]}>
                <span className="prewrap">{open.data[name]}</span>
              </Fact>
            ))}
          </Facts>
        )}
      </div>
    </section>
  )
}

function Cases({ request, cases }: { readonly request: LeRequest; readonly cases: readonly string[] }): ReactNode {
  const can = useCan()
  const { cases: labels } = words
  return (
    <section className="stack">
      <h2>{labels.title}</h2>
      {cases.length === 0 && <p className="quiet">{labels.none}</p>}
      {cases.length > 0 && (
        <ul className="evidence-lines">
          {cases.map((caseId) => (
            <li key={caseId}>
              <Id id={caseId} />
              {can("preservation:read") && (
                <Link
                  to="/evidence/$tab/$id"
                  params={{ tab: "preserved", id: caseId }}
                  aria-label={`${labels.evidence}: ${shortId(caseId)}`}
                >
                  {labels.evidence}
                </Link>
              )}
              {can("case:read") && (
                <Link to="/cases/$caseId" params={{ caseId }} aria-label={`${labels.case}: ${shortId(caseId)}`}>
                  {labels.case}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
      {can("request:manage") && request.state === "open" && <LinkCase request={request} />}
    </section>
  )
}

function LinkCase({ request }: { readonly request: LeRequest }): ReactNode {
  const { cases: labels } = words
  const [typed, setTyped] = useState("")
  const link = useAction(
    (caseId: string) => call("POST", `/v1/requests/${request.requestId}/cases`, { body: { caseId } }),
    ["requests", "preservation"],
    () => setTyped(""),
  )
  return (
    <form
      className="stack-tight"
      onSubmit={(event) => {
        event.preventDefault()
        link.mutate(typed.trim())
      }}
    >
      <div className="row" style={{ alignItems: "flex-end" }}>
        <TextInput
          label={labels.linkId}
          placeholder={say.item.placeholder}
          style={{ flex: 1, maxWidth: 400 }}
          value={typed}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
        <Button type="submit" variant="default" disabled={typed.trim() === ""} loading={link.isPending}>
          {labels.linkDo}
        </Button>
      </div>
      {request.kind === "preservation-2703f" && <p className="quiet">{labels.linkLetter}</p>}
      <Fault error={link.error} />
    </form>
  )
}
