/**
 * Sections of a version: its exceptions, tests and history.
 * @module
 */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { day, listed, shortId } from "../../parts/format.ts"
import { Name } from "../../parts/name.tsx"
import { Ago } from "../../parts/time.tsx"
import { useNow } from "../../parts/use-now.ts"
import type { WholeVersion } from "./queries.ts"
import { TestsView } from "./tests-view.tsx"
import { policies as say } from "./words.ts"

/** Media types that pass although they cannot be screened, each with its reason and end. */
export function Exceptions({ whole: { mediaExceptions } }: { readonly whole: WholeVersion }): ReactNode {
  const { exceptions: words } = say
  const today = new Date(useNow()).toISOString().slice(0, 10)
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      {mediaExceptions.length === 0 && <p className="quiet">{words.none}</p>}
      {mediaExceptions.length > 0 && (
        <>
          <p className="quiet">{words.lead}</p>
          <DataTable
            rows={mediaExceptions}
            keyOf={({ mediaType, paths = [] }) => [mediaType, ...paths].join(" ")}
            columns={[
              { name: words.columns.type, className: "mono", cell: ({ mediaType }) => mediaType },
              {
                name: words.columns.paths,
                cell: ({ paths }) => (paths === undefined ? words.everywhere : listed(paths)),
              },
              { name: words.columns.reason, cell: ({ reason }) => reason },
              {
                name: words.columns.until,
                cell: ({ until }) => (
                  <>
                    {day(`${until}T12:00:00Z`)}
                    {until < today && ` (${words.over})`}
                  </>
                ),
              },
              { name: words.columns.by, cell: ({ approvedBy }) => listed(approvedBy) },
            ]}
          />
        </>
      )}
    </section>
  )
}

/** The results of the version's own tests. */
export function Tests({ whole: { tests } }: { readonly whole: WholeVersion }): ReactNode {
  return (
    <section className="stack-tight">
      <h2>{say.tests.title}</h2>
      <TestsView tests={tests} />
    </section>
  )
}

/** When the version was active, and who requested and approved it. */
export function History({ whole: { activations } }: { readonly whole: WholeVersion }): ReactNode {
  const { history: words } = say
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      <DataTable
        rows={activations}
        none={words.never}
        keyOf={({ at }) => at}
        columns={[
          { name: words.columns.at, cell: ({ at }) => <Ago at={at} /> },
          { name: words.columns.how, cell: ({ how }) => words.how[how] },
          {
            name: words.columns.people,
            cell: ({ requestedBy, approvedBy }) => (
              <>
                {requestedBy !== undefined && (
                  <span className="block">
                    {words.people} <Name id={requestedBy} />
                  </span>
                )}
                {approvedBy !== undefined && (
                  <span className="block">
                    {words.second} <Name id={approvedBy} />
                  </span>
                )}
              </>
            ),
          },
          {
            name: words.columns.replaced,
            cell: ({ replaced }) =>
              replaced === undefined ? (
                <span className="quiet">{words.nothing}</span>
              ) : (
                <Link to="/policies/$digest" params={{ digest: replaced }} className="mono">
                  {shortId(replaced)}
                </Link>
              ),
          },
        ]}
      />
    </section>
  )
}
