import type { DisclosureView } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { DataTable } from "../../parts/data-table.tsx"
import { dateTime } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { Name } from "../../parts/name.tsx"
import { evidence as say } from "./words.ts"

const { disclosures: words } = say.requests

/** The disclosure log of a request: everything that was disclosed for it. */
export function DisclosuresTable({
  disclosures,
}: {
  readonly disclosures: readonly SchemaOutput<typeof DisclosureView>[]
}): ReactNode {
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <DataTable
        rows={disclosures}
        none={words.none}
        keyOf={({ disclosureId }) => disclosureId}
        columns={[
          { name: words.columns.when, className: "evidence-when", cell: ({ disclosedAt }) => dateTime(disclosedAt) },
          {
            name: words.columns.what,
            cell: ({ kind, documentSha256 }) => (
              <>
                {words.kinds[kind] ?? kind}
                {documentSha256 !== undefined && (
                  <div className="quiet" title={documentSha256}>
                    {words.columns.digest} <span className="mono">{documentSha256.slice(0, 16)}…</span>
                  </div>
                )}
              </>
            ),
          },
          { name: words.columns.case, cell: ({ caseId }) => <Id id={caseId} /> },
          {
            name: words.columns.who,
            cell: ({ requestedBy, approvedBy }) => (
              <>
                <Name id={requestedBy} />, <Name id={approvedBy} />
              </>
            ),
          },
        ]}
      />
    </section>
  )
}
