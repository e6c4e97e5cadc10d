import type { ExposureList } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import type { SchemaOutput } from "../../../api/schema-output.ts"
import { DataTable } from "../../../parts/data-table.tsx"
import { count } from "../../../parts/format.ts"
import { Name } from "../../../parts/name.tsx"
import { administration as say } from "../words.ts"

const { today: words } = say.wellness

/** A table of each person's viewings today. */
export function Today({ people }: { readonly people: SchemaOutput<typeof ExposureList>["people"] }): ReactNode {
  return (
    <section className="stack">
      <div className="stack-tight">
        <h2>{words.title}</h2>
        <p className="quiet">{people.length === 0 ? words.none : words.lead}</p>
      </div>
      {people.length > 0 && (
        <DataTable
          className="administration-actions"
          rows={people}
          keyOf={({ person }) => person}
          columns={[
            { name: words.columns.who, cell: ({ person }) => <Name id={person} /> },
            { name: words.columns.viewings, cell: ({ viewings }) => count(viewings) },
            { name: words.columns.minutes, cell: ({ minutes }) => count(Math.round(minutes)) },
          ]}
        />
      )}
    </section>
  )
}
