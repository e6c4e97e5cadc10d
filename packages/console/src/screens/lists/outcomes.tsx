/**
 * What came of a list's matches: items, cases, how they were decided, how often the list is right.
 * @module
 */
import type { ReactNode } from "react"
import { lists as say } from "#messages/lists.ts"
import { count } from "../../parts/format.ts"
import type { List } from "./queries.ts"

const { outcomes: words } = say
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 })

/** The section. Of test cards no precision is shown: they are meant to be harmless. */
export function Outcomes(props: { readonly outcomes: List["outcomes"]; readonly isTest: boolean }): ReactNode {
  const {
    outcomes: { finds, cases, decided, precision },
    isTest,
  } = props
  const right = decided.reportable + decided.policyViolation
  const all = right + decided.notViolation
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      {finds === 0 && <p className="quiet">{words.none}</p>}
      {finds > 0 && (
        <>
          <p>{words.finds(count(finds), count(cases))}</p>
          {isTest && <p>{words.test}</p>}
          {!isTest && (
            <p>
              {precision === undefined
                ? words.noPrecision
                : words.precision(PERCENT.format(precision), count(right), count(all))}
            </p>
          )}
          <table className="plain lists-narrow">
            <thead>
              <tr>
                <th scope="col">{words.columns.decided}</th>
                <th scope="col" className="number">
                  {words.columns.cases}
                </th>
              </tr>
            </thead>
            <tbody>
              {(["reportable", "policyViolation", "notViolation"] as const).map((how) => (
                <tr key={how}>
                  <td>{words[how]}</td>
                  <td className="number">{count(decided[how])}</td>
                </tr>
              ))}
              <tr>
                <td className="quiet">{words.waiting}</td>
                <td className="number">{count(Math.max(0, cases - all))}</td>
              </tr>
            </tbody>
          </table>
          <p className="quiet">{words.overAll}</p>
        </>
      )}
    </section>
  )
}
