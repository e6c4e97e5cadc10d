import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { call } from "../../../api/call.ts"
import { DataTable } from "../../../parts/data-table.tsx"
import { day } from "../../../parts/format.ts"
import { Loaded } from "../../../parts/loaded.tsx"
import { Name } from "../../../parts/name.tsx"
import { administration as say } from "../words.ts"
import { type Signing, summaryOf } from "./signing-summary.ts"

const { signing: words } = say

/**
 * A section on what people sign with: a passkey, or a key stored by the browser, which signs without fingerprint, face
 * or PIN.
 */
export function SigningKeys(): ReactNode {
  const query = useQuery({
    queryKey: ["people", "signing"],
    queryFn: ({ signal }) => call<Signing>("GET", "/v1/people/signing", { signal }),
  })
  return (
    <section className="stack" aria-labelledby="signing-title">
      <h2 id="signing-title">{words.title}</h2>
      <Loaded query={query} rows={2}>
        {(data) => (
          <>
            <p className="quiet">{summaryOf(data)}</p>
            {data.people.length > 0 && <Table people={data.people} />}
          </>
        )}
      </Loaded>
    </section>
  )
}

function Table({ people }: Pick<Signing, "people">): ReactNode {
  const { columns } = words
  return (
    <DataTable
      className="administration-actions"
      rows={people}
      keyOf={({ id }) => id}
      columns={[
        { name: columns.who, cell: ({ id }) => <Name id={id} /> },
        {
          name: columns.by,
          cell: ({ by }) => <span className={by === "kept-key" ? "amber" : undefined}>{words.by[by]}</span>,
        },
        { name: columns.since, cell: ({ enrolledAt }) => day(enrolledAt) },
      ]}
    />
  )
}
