import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { useCan, useMe } from "../../api/me.ts"
import { CallError } from "../../api/problem.ts"
import type { PersonKey } from "../../custody/person-key.ts"
import { SignedWith } from "../../custody/signed-with.tsx"
import { usePersonKey } from "../../custody/use-person-key.ts"
import { authorisationsQuery, TemplateWords } from "../../parts/authorisation-words.tsx"
import { Fact, Facts } from "../../parts/facts.tsx"
import { count, dateTime, listed, shortId } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Fault } from "../../parts/states.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Due } from "../../parts/time.tsx"
import { WaitingApprovals } from "../../parts/two-person.tsx"
import { useWaitingApprovals } from "../../parts/two-person-queries.ts"
import { useAction } from "../../parts/use-action.ts"
import { RequestAutomation } from "./automation-ask.tsx"
import { proveAs, signRevocation } from "./automation-sign.ts"
import type { AuthorisationView } from "./queries.ts"
import { reports as say } from "./words.ts"

/**
 * Automatic filing: the filing authorisations, which counsel and a reporter sign with their own keys. Empty if there
 * never was one and the user cannot request one, and where the server was built without automatic filing.
 */
export function Automation(): ReactNode {
  const can = useCan()
  const { data: authorisations = [], isPending, error } = useQuery(authorisationsQuery)
  const [isAsking, setAsking] = useState(false)
  const mayAsk = can("report:automate")
  const asked = useWaitingApprovals(({ kind }) => kind === "report.automate")
  if (isPending || (error instanceof CallError && error.status === 404)) return null
  if (authorisations.length === 0 && !mayAsk) return null
  // An authorisation that waits for approval is shown as that approval.
  const isApproval = ({ authorisation }: AuthorisationView) =>
    asked.some(({ subject }) => subject === authorisation.authorisationId)
  const live = authorisations.filter((view) => view.state !== "ended" && !isApproval(view))
  const ended = authorisations.filter(({ state }) => state === "ended")
  return (
    <section className="stack" aria-labelledby="automation-title">
      <div className="stack-tight">
        <h2 id="automation-title">{say.automation.title}</h2>
        <p className="quiet">{live.some(({ state }) => state === "live") ? say.automation.on : say.automation.off}</p>
      </div>
      <WaitingApprovals of={({ kind }) => kind === "report.automate"} />
      {live.map((view) => (
        <AuthorisationCard key={view.authorisation.authorisationId} view={view} />
      ))}
      {mayAsk && !isAsking && (
        <div>
          <Button variant="default" onClick={() => setAsking(true)}>
            {say.automation.ask}
          </Button>
        </div>
      )}
      {isAsking && <RequestAutomation onClose={() => setAsking(false)} />}
      {ended.length > 0 && (
        <details className="action-more">
          <summary>{say.automation.ended(ended.length)}</summary>
          {ended.map((view) => (
            <AuthorisationCard key={view.authorisation.authorisationId} view={view} />
          ))}
        </details>
      )}
    </section>
  )
}

function AuthorisationCard({ view }: { readonly view: AuthorisationView }): ReactNode {
  const { authorisation, state, provenBy, endedAt } = view
  const { id: me } = useMe()
  const key = usePersonKey()
  const [isConfirming, setConfirming] = useState(false)
  const isTheirs = authorisation.counsel === me || authorisation.reporter === me
  const holds = key !== undefined && key !== null
  const prove = useAction((with_: PersonKey) => proveAs(view, me, with_), ["reports", "approvals"])
  const end = useAction((with_: PersonKey) => signRevocation(view, me, with_), ["reports", "approvals"])
  // The reporter signs when approving, so they are not asked again.
  const mustProve = state === "requested" && authorisation.counsel === me && !provenBy.includes(me)
  return (
    <article className="approval">
      <div className="row-between">
        <h3 className="mono">{shortId(authorisation.authorisationId)}</h3>
        <Tag tone={state === "live" ? "accent" : "plain"}>{say.automation.states[state]}</Tag>
      </div>
      <Facts>
        <Fact name={say.automation.lists}>{listed(authorisation.lists)}</Fact>
        <Fact name={say.automation.cap}>{count(authorisation.dailyCap)}</Fact>
        <Fact name={say.automation.host}>{say.summary.host[authorisation.environment]}</Fact>
        <Fact name={say.automation.people}>
          <Name id={authorisation.counsel} /> {say.receipt.and} <Name id={authorisation.reporter} />
        </Fact>
        <Fact name={say.automation.until}>
          {endedAt === undefined ? <Due at={authorisation.expiresAt} /> : say.automation.endedAt(dateTime(endedAt))}
        </Fact>
        {state === "requested" && (
          <Fact name={say.automation.proven}>
            {provenBy.length === 0 ? common.none : provenBy.map((id) => <Name key={id} id={id} />)}
          </Fact>
        )}
      </Facts>
      <TemplateWords template={authorisation.template} />
      {isTheirs && state !== "ended" && key === null && (
        <p className="notice-line">
          {common.key.missing} <Link to="/settings">{common.key.missingHint}</Link>
        </p>
      )}
      {isTheirs && state !== "ended" && <SignedWith kind="authorisation" />}
      {isTheirs && state !== "ended" && (
        <div className="row">
          {mustProve && (
            <Button disabled={!holds} loading={prove.isPending} onClick={() => holds && prove.mutate(key)}>
              {say.automation.prove}
            </Button>
          )}
          {!isConfirming && (
            <Button variant="default" onClick={() => setConfirming(true)}>
              {say.automation.end}
            </Button>
          )}
          {isConfirming && (
            <>
              <Button
                color="brick"
                autoFocus
                disabled={!holds}
                loading={end.isPending}
                onClick={() => holds && end.mutate(key)}
              >
                {say.automation.confirmEnd}
              </Button>
              <Button variant="default" onClick={() => setConfirming(false)}>
                {common.back}
              </Button>
            </>
          )}
        </div>
      )}
      <Fault error={prove.error ?? end.error} />
    </article>
  )
}
