import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { wordOf } from "./decision.tsx"
import type { WholeVersion } from "./queries.ts"
import { policies as say } from "./words.ts"

const { tests: words } = say
type Tests = WholeVersion["tests"]

/** The results of a policy's tests: failed ones at once, all of them on request. */
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
    <DataTable
      rows={tests}
      keyOf={({ name }) => name}
      columns={[
        { name: words.columns.name, cell: ({ name }) => name },
        {
          name: words.columns.expected,
          cell: ({ expected }) =>
            expected.rule === undefined
              ? wordOf(expected.decision)
              : words.by(wordOf(expected.decision), expected.rule),
        },
        { name: words.columns.actual, cell: ({ actual }) => words.by(wordOf(actual.decision), actual.rule) },
        { name: words.columns.passed, cell: ({ passed }) => (passed ? words.passed : <strong>{words.failed}</strong>) },
      ]}
    />
  )
}
