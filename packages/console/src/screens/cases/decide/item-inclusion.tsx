import { Button } from "@mantine/core"
import type { ReactNode } from "react"
import { useKeys } from "../../../keys/keys.tsx"
import { listed } from "../../../parts/format.ts"
import type { CaseItem } from "../queries.ts"
import { STRENGTHS } from "../strengths.ts"
import { cases as say } from "../words.ts"
import { type Draft, inclusionOf, withOthers } from "./draft.ts"

const { keys } = say
const { include: words } = say.decide

interface IncludeProps {
  readonly draft: Draft
  readonly items: readonly CaseItem[]
  readonly onChange: (part: Partial<Draft>) => void
  /** Called to judge the items one by one. */
  readonly onEach: () => void
}

/** Which items the report includes: exact matches unless excluded, others once a person includes them. */
export function ItemInclusion({ draft, items: caseItems, onChange, onEach }: IncludeProps): ReactNode {
  const { included, others, open } = inclusionOf(draft, caseItems)
  const exact = caseItems.length - others.length
  const answer = (isIncluded: boolean) => onChange({ items: withOthers(draft, caseItems, isIncluded) })
  const parts = STRENGTHS.flatMap((strength) => {
    const n = others.filter((caseItem) => caseItem.strength === strength).length
    return n === 0 ? [] : [say.counted[strength](n)]
  })
  useKeys([{ key: "a", label: keys.includeAll, group: keys.group, run: () => answer(true), when: others.length > 0 }])
  return (
    <section className="stack-tight" aria-label={words.title}>
      <h3>{words.title}</h3>
      {exact > 0 && <p className="quiet">{words.exact(exact)}</p>}
      {others.length > 0 && (
        <>
          <p>{words.others(listed(parts))}</p>
          <div className="row">
            <Button variant="default" onClick={() => answer(true)} rightSection={<span aria-hidden="true">a</span>}>
              {words.all(others.length)}
            </Button>
            <Button variant="default" onClick={() => answer(false)}>
              {words.none(others.length)}
            </Button>
            {others.length > 1 && (
              <Button variant="subtle" onClick={onEach}>
                {words.each}
              </Button>
            )}
          </div>
        </>
      )}
      <p role="status">
        {words.counts(included, caseItems.length)}
        {open.length > 0 && <span className="amber"> {words.open(open.length)}</span>}
      </p>
    </section>
  )
}
