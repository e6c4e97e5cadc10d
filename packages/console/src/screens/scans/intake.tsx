/**
 * Received findings, counted by source and by where they stand.
 * @module
 */
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { scans } from "#messages/scans.ts"
import { count } from "../../parts/format.ts"
import { SourceName } from "../../parts/source-name.tsx"
import { Empty, Failed, Loading } from "../../parts/states.tsx"
import { intakeQuery } from "./queries.ts"

const { intake: say } = scans

/** The table. */
export function Intake(): ReactNode {
  const { data, error, refetch } = useQuery(intakeQuery)
  if (error !== null && data === undefined) return <Failed error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  if (data.length === 0) return <Empty title={say.empty} />
  return (
    <div className="page stack">
      <h1>{scans.tabs.intake}</h1>
      <p className="quiet">{say.lead}</p>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{say.columns.source}</th>
            <th scope="col">{say.columns.state}</th>
            <th scope="col">{say.columns.why}</th>
            <th scope="col" className="number">
              {say.columns.findings}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.map(({ source, state, code, findings }) => (
            <tr key={`${source} ${state} ${code}`}>
              <td>
                <SourceName id={source} />
              </td>
              <td>{say.states[state] ?? state}</td>
              <td className="quiet">{code === undefined ? "" : (say.why[code] ?? code.replaceAll(/[_-]/g, " "))}</td>
              <td className="number">{count(findings)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
