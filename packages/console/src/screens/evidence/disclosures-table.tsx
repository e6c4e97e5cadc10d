import type { DisclosureView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { evidence as say } from "#messages/evidence.ts"
import type { Of } from "../../api/of.ts"
import { dateTime } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Name } from "../../parts/name.tsx"

const { disclosures: words } = say.requests

/** What left the house for a request: the disclosure log. */
export function DisclosuresTable({
  disclosures,
}: {
  readonly disclosures: readonly Of<typeof DisclosureView>[]
}): ReactNode {
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      {disclosures.length === 0 && <p className="quiet">{words.none}</p>}
      {disclosures.length > 0 && (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{words.columns.when}</th>
                <th scope="col">{words.columns.what}</th>
                <th scope="col">{words.columns.case}</th>
                <th scope="col">{words.columns.who}</th>
              </tr>
            </thead>
            <tbody>
              {disclosures.map(({ disclosureId, disclosedAt, kind, caseId, askedBy, secondedBy, documentSha256 }) => (
                <tr key={disclosureId}>
                  <td className="evidence-when">{dateTime(disclosedAt)}</td>
                  <td>
                    {words.kinds[kind] ?? kind}
                    {documentSha256 !== undefined && (
                      <div className="quiet" title={documentSha256}>
                        {words.columns.digest} <span className="mono">{documentSha256.slice(0, 16)}…</span>
                      </div>
                    )}
                  </td>
                  <td>
                    <Id id={caseId} />
                  </td>
                  <td>
                    <Name id={askedBy} />, <Name id={secondedBy} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
