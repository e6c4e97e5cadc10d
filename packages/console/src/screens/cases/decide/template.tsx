import { Button } from "@mantine/core"
import type { RationaleTemplateId } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { Tag } from "../../../parts/tag.tsx"
import { cases as say } from "../words.ts"

const { template: words } = say.decide

/** A rationale template, marked as such so that it never looks like somebody's own words. */
export function Template(props: {
  readonly id: RationaleTemplateId
  /** Called to write a rationale instead; absent once the decision is made. */
  readonly onWithout?: () => void
}): ReactNode {
  const { id, onWithout } = props
  return (
    <div className="cases-follows stack-tight">
      <p>
        <Tag tone="accent">
          {words.label}: {words.names[id]}
        </Tag>
      </p>
      <p className="quiet">{words.texts[id]}</p>
      {onWithout !== undefined && (
        <div>
          <Button variant="subtle" size="compact-sm" onClick={onWithout}>
            {words.without}
          </Button>
        </div>
      )}
    </div>
  )
}
