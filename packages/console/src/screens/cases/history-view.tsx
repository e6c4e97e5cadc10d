import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { cases as say } from "#messages/cases.ts"
import { eventWords } from "#messages/events.ts"
import { Name } from "../../parts/name.tsx"
import { Failed } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { historyQuery } from "./queries.ts"

/** What was done with a case, the last first. */
export function HistoryView({ caseId }: { readonly caseId: string }): ReactNode {
  const { data = [], error, refetch } = useQuery(historyQuery(caseId))
  return (
    <section className="stack">
      <h2>{say.history.title}</h2>
      {error !== null && data.length === 0 && <Failed error={error} onRetry={() => void refetch()} />}
      <table className="plain">
        <tbody>
          {[...data].reverse().map(({ at, type, actor }, place) => (
            // Two events may be the same in every word; their order is their name.
            // biome-ignore lint/suspicious/noArrayIndexKey: the log only grows, and is read whole
            <tr key={place}>
              <td className="cases-when">
                <Ago at={at} />
              </td>
              <td>{eventWords(type)}</td>
              <td>
                <Name id={actor} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
