import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { DataTable } from "../../parts/data-table.tsx"
import { count } from "../../parts/format.ts"
import { Id } from "../../parts/id.tsx"
import { wordOf } from "./decision.tsx"
import { countMilder, trialInWords } from "./moves.ts"
import { MovesMatrix } from "./moves-matrix.tsx"
import type { Trial } from "./queries.ts"
import { policies as say } from "./words.ts"

const { trial: words } = say

/**
 * The counted result of a trial: decisions that would change, the rules that decide, what is unknown, and what was not
 * evaluated. Shown while the trial runs, too.
 */
export function TrialResult({ trial }: { readonly trial: Trial }): ReactNode {
  const milder = countMilder(trial.moves)
  return (
    <div className="stack">
      <div aria-live="polite">
        {trial.state === "done" && (
          <p>
            <strong>{trialInWords(trial)}</strong>
            {milder > 0 && <span className="block">{words.milder(count(milder))}</span>}
          </p>
        )}
      </div>
      {trial.moves.length > 0 && <MovesMatrix moves={trial.moves} />}
      <Rules trial={trial} />
      <UncertainDecisions trial={trial} />
      <NotChecked trial={trial} />
      <Examples trial={trial} />
    </div>
  )
}

function Rules({ trial: { rules, ruleUndecided } }: { readonly trial: Trial }): ReactNode {
  if (rules.length === 0) return null
  return (
    <div className="stack-tight">
      <h3>{words.rules.title}</h3>
      <DataTable
        className="policies-narrow"
        rows={rules}
        keyOf={({ rule }) => rule}
        columns={[
          { name: words.rules.columns.rule, cell: ({ rule }) => <RuleName rule={rule} /> },
          { name: words.rules.columns.count, isNumber: true, cell: ({ count: times }) => count(times) },
        ]}
      />
      {ruleUndecided > 0 && <p className="quiet">{words.rules.undecided(count(ruleUndecided))}</p>}
    </div>
  )
}

const EXCEPTION = "media-exception:"

function RuleName({ rule }: { readonly rule: string }): ReactNode {
  if (rule === "default") return words.rules.default
  if (rule.startsWith(EXCEPTION)) return words.rules.exception(rule.slice(EXCEPTION.length))
  return words.rules.floors[rule] ?? <span className="mono">{rule}</span>
}

function UncertainDecisions({ trial: { undecided, undecidedRules } }: { readonly trial: Trial }): ReactNode {
  if (undecided === 0) return null
  return (
    <div className="stack-tight">
      <h3>{words.undecidedPart.title}</h3>
      <p>{words.undecidedPart.why(count(undecided))}</p>
      <ul className="policies-plain">
        {undecidedRules.map(({ rule, count: times }) => (
          <li key={rule}>{words.undecidedPart.rule(rule, count(times))}</li>
        ))}
      </ul>
    </div>
  )
}

function NotChecked({ trial: { leftOut } }: { readonly trial: Trial }): ReactNode {
  const some = (["beyondLimit", "unproven", "exchanges", "unreadable"] as const).filter((why) => leftOut[why] > 0)
  if (some.length === 0) return null
  return (
    <div className="stack-tight">
      <h3>{words.leftOut.title}</h3>
      <ul className="policies-plain quiet">
        {some.map((why) => (
          <li key={why}>{words.leftOut[why](count(leftOut[why]))}</li>
        ))}
      </ul>
    </div>
  )
}

function Examples({ trial: { examples = [] } }: { readonly trial: Trial }): ReactNode {
  if (examples.length === 0) return null
  return (
    <div className="stack-tight">
      <h3>{words.examples.title}</h3>
      <p className="quiet">{words.examples.lead}</p>
      <DataTable
        className="policies-narrow"
        rows={examples}
        keyOf={({ caseId, itemId, findingId }) => `${caseId} ${itemId} ${findingId}`}
        columns={[
          {
            name: words.examples.columns.change,
            cell: ({ from, to }) =>
              to === undefined
                ? words.examples.undecided(wordOf(from))
                : words.examples.change(wordOf(from), wordOf(to)),
          },
          {
            name: words.examples.columns.where,
            cell: ({ caseId, findingId }) =>
              caseId === undefined ? (
                <>
                  {words.examples.noCase} {findingId !== undefined && <Id id={findingId} />}
                </>
              ) : (
                <Link to="/cases/$caseId" params={{ caseId }}>
                  <Id id={caseId} />
                </Link>
              ),
          },
        ]}
      />
    </div>
  )
}
