import { Button } from "@mantine/core"
import { type ReactNode, useEffect, useRef } from "react"
import { listed } from "../../parts/format.ts"
import { labelOf } from "./form.ts"
import type { Detail } from "./queries.ts"
import { reports as say } from "./words.ts"

/**
 * Shown when somebody else changed the report meanwhile: what they changed, with buttons to use their version or to
 * keep what was typed.
 */
export function Conflict({
  base,
  theirs,
  isRead,
  onTakeTheirs,
  onKeepMine,
}: {
  readonly base: Detail
  readonly theirs: Detail
  /** Whether `theirs` is the newest version. */
  readonly isRead: boolean
  readonly onTakeTheirs: () => void
  readonly onKeepMine: () => void
}): ReactNode {
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    frame.current?.scrollIntoView({ block: "center" })
  }, [])
  const changed = changedBetween(base, theirs)
  return (
    <div className="editor-conflict stack" role="alert" ref={frame}>
      <h2>{say.conflict.title}</h2>
      <p>
        {say.conflict.text}{" "}
        {isRead && (changed.length === 0 ? say.conflict.nothing : say.conflict.changed(listed(changed)))}
      </p>
      <div className="row">
        <Button variant="default" disabled={!isRead} onClick={onTakeTheirs}>
          {say.conflict.takeTheirs}
        </Button>
        <Button variant="default" disabled={!isRead} onClick={onKeepMine}>
          {say.conflict.keepMine}
        </Button>
      </div>
    </div>
  )
}

/** Names of the parts in which two versions differ. */
function changedBetween(a: Detail, b: Detail): readonly string[] {
  const names = new Set([...Object.keys(a.document), ...Object.keys(b.document)])
  const parts = [...names].filter((name) => JSON.stringify(a.document[name]) !== JSON.stringify(b.document[name]))
  const files = JSON.stringify(a.files) === JSON.stringify(b.files) ? [] : [say.conflict.files]
  return [...parts.map(labelOf), ...files]
}
