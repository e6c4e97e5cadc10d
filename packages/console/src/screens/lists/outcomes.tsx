import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { count } from "../../parts/format.ts"
import type { List } from "./queries.ts"
import { lists as say } from "./words.ts"

const { outcomes: words } = say
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 })

/**
 * The outcomes of a list's matches: items, cases, decisions and precision. Test cards have no precision, because they
 * are meant to be harmless.
 */
export function Outcomes(props: { readonly outcomes: List["outcomes"]; readonly isTest: boolean }): ReactNode {
  const {
    outcomes: { items: caseItems, cases, decided, precision },
    isTest,
  } = props
  const right = decided.reportable + decided.policyViolation
  const all = right + decided.notViolation
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      {caseItems === 0 && <p className="quiet">{words.none}</p>}
      {caseItems > 0 && (
        <>
          <p>{words.items(count(caseItems), count(cases))}</p>
          {isTest && <p>{words.test}</p>}
          {!isTest && (
            <p>
              {precision === undefined
                ? words.noPrecision
                : words.precision(PERCENT.format(precision), count(right), count(all))}
            </p>
          )}
          <DataTable
            className="lists-narrow"
            rows={[
              ...(["reportable", "policyViolation", "notViolation"] as const).map((how) => ({
                name: words[how],
                times: decided[how],
              })),
              { name: <span className="quiet">{words.waiting}</span>, times: Math.max(0, cases - all) },
            ]}
            keyOf={(_row, place) => place}
            columns={[
              { name: words.columns.decided, cell: ({ name }) => name },
              { name: words.columns.cases, isNumber: true, cell: ({ times }) => count(times) },
            ]}
          />
          <p className="quiet">{words.overAll}</p>
        </>
      )}
    </section>
  )
}
