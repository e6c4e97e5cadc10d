import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { namesQuery } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime, day } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { PageHead } from "../../parts/page.tsx"
import { RequiresPermission } from "../../shell/no-access.tsx"
import { type Certificate, certificateQuery } from "./queries.ts"
import { evidence as say } from "./words.ts"

const { certificate: words } = say

/** A certificate of destruction, laid out for printing. */
export function CertificatePage({ certificateId }: { readonly certificateId: string }): ReactNode {
  return (
    <RequiresPermission permission="preservation:read">
      <LoadedCertificate certificateId={certificateId} />
    </RequiresPermission>
  )
}

function LoadedCertificate({ certificateId }: { readonly certificateId: string }): ReactNode {
  const query = useQuery(certificateQuery(certificateId))
  return (
    <Loaded query={query} failure="instead">
      {(data) => <CertificateDocument certificate={data} />}
    </Loaded>
  )
}

function CertificateDocument({ certificate }: { readonly certificate: Certificate }): ReactNode {
  const { data: names } = useQuery(namesQuery)
  const {
    certificateId,
    basis,
    orderedAt,
    decidedBy = [],
    evidence = [],
    remaining = [],
    approvalId,
    requestId,
  } = certificate
  const [first] = evidence
  return (
    <article className="page evidence-certificate stack-wide">
      <div className="row evidence-no-print">
        <Button onClick={() => window.print()}>{words.print}</Button>
        {first !== undefined && (
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link to="/evidence/$tab/$id" params={{ tab: "preserved", id: first.caseId }} {...props} />
            )}
          >
            {words.back}
          </Button>
        )}
      </div>
      <PageHead title={words.title} lines={<p className="quiet prewrap">{words.lead(certificateId)}</p>} />
      <Facts>
        <Fact name={words.ground}>{words.grounds[basis] ?? basis}</Fact>
        <Fact name={words.ordered}>{dateTime(orderedAt)}</Fact>
        <Fact name={words.decidedBy}>
          {decidedBy.length === 0 && words.byJob}
          {decidedBy.map((person) => (
            // Names, and never "you", because the page is printed.
            <div key={person}>
              {names?.get(person)} <span className="mono quiet">{person}</span>
            </div>
          ))}
        </Fact>
        {approvalId !== undefined && (
          <Fact name={words.approval}>
            <span className="mono">{approvalId}</span>
          </Fact>
        )}
        {requestId !== undefined && (
          <Fact name={words.request}>
            <span className="mono">{requestId}</span>
          </Fact>
        )}
      </Facts>
      <section className="stack">
        <h2>{words.evidence}</h2>
        <ul className="evidence-lines">
          {evidence.map(({ evidenceId, caseId, reportId, lockedUntil }) => (
            <li key={evidenceId} className="evidence-piece">
              <span className="mono">{evidenceId}</span>
              <span className="quiet">
                {words.of} <span className="mono">{caseId}</span>
                {reportId !== undefined && (
                  <>
                    {words.reported} <span className="mono">{reportId}</span>
                  </>
                )}
                {lockedUntil !== undefined && words.wasLocked(day(lockedUntil))}
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section className="stack">
        <h2>{words.remaining}</h2>
        <ul>
          {remaining.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
    </article>
  )
}
