import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { count } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Page } from "../../parts/page.tsx"
import { SourceName } from "../../parts/source-name.tsx"
import { Empty } from "../../parts/states.tsx"
import { intakeQuery } from "./queries.ts"
import { scans } from "./words.ts"

const { intake: say } = scans

/** A table of received findings, counted by source and by state. */
export function Intake(): ReactNode {
  const query = useQuery(intakeQuery)
  return (
    <Loaded query={query} empty={<Empty title={say.empty} />}>
      {(data) => (
        <Page title={scans.tabs.intake} lead={say.lead}>
          <DataTable
            rows={data}
            keyOf={({ source, state, code }) => `${source} ${state} ${code}`}
            columns={[
              { name: say.columns.source, cell: ({ source }) => <SourceName id={source} /> },
              { name: say.columns.state, cell: ({ state }) => say.states[state] ?? state },
              {
                name: say.columns.why,
                className: "quiet",
                cell: ({ code }) => (code === undefined ? "" : (say.why[code] ?? code.replaceAll(/[_-]/g, " "))),
              },
              { name: say.columns.findings, isNumber: true, cell: ({ findings }) => count(findings) },
            ]}
          />
        </Page>
      )}
    </Loaded>
  )
}
