import type { CommitmentGap, CommitmentView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { HeadedTable } from "../../parts/data-table.tsx"
import { Loaded } from "../../parts/loaded.tsx"
import { Tag } from "../../parts/tag.tsx"
import { Ago } from "../../parts/time.tsx"
import { commitmentsQuery } from "./queries.ts"
import { commitments as words } from "./words-commitments.ts"

const TONES = { met: "green", partly: "amber", "not-met": "plain", "not-applicable": "plain" } as const

/** A table of the eleven commitments, each with its latest evidence or with what is missing. */
export function Commitments(): ReactNode {
  const query = useQuery(commitmentsQuery)
  return (
    <section className="stack">
      <h2>{words.title}</h2>
      <p className="quiet">{words.lead}</p>
      <Loaded query={query} rows={11} failure="above">
        {(data) => (
          <HeadedTable
            heads={[
              { name: words.columns.commitment },
              { name: words.columns.state },
              { name: words.columns.evidence },
              { name: words.columns.gap },
            ]}
          >
            {data.commitments.map((commitment) => (
              <Row key={commitment.id} commitment={commitment} />
            ))}
          </HeadedTable>
        )}
      </Loaded>
    </section>
  )
}

function Row({ commitment }: { readonly commitment: CommitmentView }): ReactNode {
  const { id, title, state, essential, proven, reason, evidence, gaps, controls } = commitment
  const titleOf = (control: string) => controls.find((each) => each.id === control)?.title ?? control
  return (
    <tr>
      <th scope="row" className="home-commitment">
        <span className="mono">{id}</span> {title}
      </th>
      <td>
        <Tag tone={TONES[state]}>{words.states[state]}</Tag>
        <span className="quiet block">
          {reason === undefined ? words.shares(essential, proven) : words.notApplicable(reason)}
        </span>
      </td>
      <td>
        {evidence === undefined ? (
          words.none
        ) : (
          <>
            <Ago at={evidence.at} />
            <span className="quiet block">
              {evidence.countLastYear === undefined
                ? words.holdsNow(titleOf(evidence.control))
                : words.evidence(titleOf(evidence.control), evidence.countLastYear)}
            </span>
          </>
        )}
      </td>
      <td className="quiet">
        {gaps.length === 0 ? (
          words.noGap
        ) : (
          <ul className="home-gaps">
            {gaps.map((gap) => (
              <li key={gap.control}>{gapText(gap, titleOf(gap.control))}</li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  )
}

function gapText({ code, condition, share, ageDays, freshDays }: CommitmentGap, control: string): string {
  if (code === "stale") return words.gaps.stale(control, ageDays ?? 0, freshDays ?? 0)
  if (code === "not-now")
    return words.gaps["not-now"](control, condition === undefined ? "" : words.now[condition](share))
  return words.gaps[code](control)
}
