import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { HeadedTable } from "../../parts/data-table.tsx"
import { Tag } from "../../parts/tag.tsx"
import { DecisionWord, wordOf } from "./decision.tsx"
import { versionQuery, type WholeVersion } from "./queries.ts"
import { policies as say } from "./words.ts"

const { rules: words } = say
type Rule = WholeVersion["rules"][number]

/**
 * The rules of a version, and their differences from the active version's. `active`: the active version, if it is
 * another one.
 */
export function RulesTable({
  whole,
  active,
}: {
  readonly whole: WholeVersion
  readonly active: string | undefined
}): ReactNode {
  const { data: now } = useQuery({ ...versionQuery(active ?? ""), enabled: active !== undefined })
  const before = new Map(now?.rules.map((rule) => [rule.id, rule]))
  const own = new Set(whole.rules.map(({ id }) => id))
  const gone = now?.rules.filter(({ id }) => !own.has(id)) ?? []
  const isDefaultOther = now !== undefined && now.default !== whole.default
  const isSame =
    now !== undefined &&
    gone.length === 0 &&
    !isDefaultOther &&
    whole.rules.every((rule) => changeOf(rule, before.get(rule.id)) === undefined)
  return (
    <section className="stack-tight">
      <h2>{words.title}</h2>
      <p className="quiet">{words.lead}</p>
      {isSame && <p className="quiet">{words.sameAsActive}</p>}
      <div className="scroll-x">
        <HeadedTable
          className="policies-rules"
          heads={[{ name: words.columns.decision }, { name: words.columns.condition }, { name: words.columns.note }]}
        >
          {whole.rules.map((rule) => (
            <RuleRow key={rule.id} rule={rule} isCompared={now !== undefined} before={before.get(rule.id)} />
          ))}
          <tr>
            <td>
              <DecisionWord decision={whole.default} />
            </td>
            <td colSpan={2}>
              {words.default}
              {isDefaultOther && <span className="policies-before">{words.defaultBefore(wordOf(now.default))}</span>}
            </td>
          </tr>
        </HeadedTable>
      </div>
      {gone.length > 0 && (
        <div className="stack-tight">
          <h3>{words.removed}</h3>
          {gone.map((rule) => (
            <p key={rule.id}>
              <span className="mono">{rule.id}</span>: <DecisionWord decision={rule.decision} />{" "}
              <span className="mono policies-condition">{rule.condition}</span>
            </p>
          ))}
        </div>
      )}
      <p className="quiet">{words.floors}</p>
    </section>
  )
}

function RuleRow(props: {
  readonly rule: Rule
  readonly isCompared: boolean
  readonly before: Rule | undefined
}): ReactNode {
  const { rule, isCompared, before } = props
  const change = isCompared ? changeOf(rule, before) : undefined
  return (
    <tr>
      <td>
        <DecisionWord decision={rule.decision} />
        {change !== undefined && (
          <span className="block">
            <Tag tone="accent">{words[change]}</Tag>
          </span>
        )}
      </td>
      <td>
        <span className="mono quiet block">{rule.id}</span>
        <code className="mono policies-condition">{rule.condition}</code>
        {change === "changed" && before !== undefined && (
          <span className="policies-before">
            {words.before} <DecisionWord decision={before.decision} />{" "}
            <code className="mono policies-condition">{before.condition}</code>
          </span>
        )}
      </td>
      <td>{rule.description ?? <span className="quiet">{words.noNote}</span>}</td>
    </tr>
  )
}

function changeOf(rule: Rule, before: Rule | undefined): "added" | "changed" | undefined {
  if (before === undefined) return "added"
  return before.decision === rule.decision && before.condition === rule.condition ? undefined : "changed"
}
