import type { ReactNode } from "react"
import { policies as say } from "#messages/policies.ts"
import { wordOf } from "./decision.tsx"
import type { WholeVersion } from "./queries.ts"

const { tests: words } = say
type Tests = WholeVersion["tests"]

/** What a policy's tests came to: the failed ones at once, all of them on request. */
export function TestsView({ tests }: { readonly tests: Tests }): ReactNode {
  if (tests.length === 0) return <p className="quiet">{words.none}</p>
  const failed = tests.filter(({ passed }) => !passed)
  return (
    <>
      <p>
        {failed.length === 0 ? words.pass(tests.length) : words.fail(failed.length, tests.length)}{" "}
        <span className="quiet">{words.ranNow}</span>
      </p>
      {failed.length > 0 && <Table tests={failed} />}
      <details className="policies-details">
        <summary>{words.show}</summary>
        <Table tests={tests} />
      </details>
    </>
  )
}

function Table({ tests }: { readonly tests: Tests }): ReactNode {
  return (
    <div className="scroll-x">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{words.columns.name}</th>
            <th scope="col">{words.columns.expected}</th>
            <th scope="col">{words.columns.actual}</th>
            <th scope="col">{words.columns.passed}</th>
          </tr>
        </thead>
        <tbody>
          {tests.map(({ name, passed, expected, actual }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>
                {expected.rule === undefined
                  ? wordOf(expected.decision)
                  : words.by(wordOf(expected.decision), expected.rule)}
              </td>
              <td>{words.by(wordOf(actual.decision), actual.rule)}</td>
              <td>{passed ? words.passed : <strong>{words.failed}</strong>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
