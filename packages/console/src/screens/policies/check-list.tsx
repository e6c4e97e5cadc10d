import type { ReactNode } from "react"
import type { Check } from "./queries.ts"
import { TestsView } from "./tests-view.tsx"
import { policies as say } from "./words.ts"

const { check: words } = say.editor
/** A problem in a policy's text or tests, and its place. */
export type Problem = Check["problems"][number]

/** The problems of a check by line, each as a button that moves the cursor there. */
export function CheckList(props: {
  readonly check: Check | undefined
  readonly isChecking: boolean
  readonly onGo: (problem: Problem) => void
}): ReactNode {
  const { check, isChecking, onGo } = props
  const problems = check?.problems ?? []
  return (
    <section className="stack" aria-busy={isChecking}>
      <h2>{words.title}</h2>
      <p role="status">
        {check === undefined ? words.checking : problems.length === 0 ? words.fine : words.problems(problems.length)}
      </p>
      {problems.length > 0 && (
        <ul className="policies-problems">
          {problems.map((problem) => (
            <li key={`${problem.file} ${problem.line} ${problem.column} ${problem.message}`}>
              <button type="button" onClick={() => onGo(problem)}>
                <span className="quiet block">
                  {words.at(words.file[problem.file] ?? problem.file, problem.line, problem.column)}
                </span>
                {problem.message}
              </button>
            </li>
          ))}
        </ul>
      )}
      {check !== undefined && check.digest !== undefined && <TestsView tests={check.tests} />}
    </section>
  )
}
