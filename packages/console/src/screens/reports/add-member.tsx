import { Button, NativeSelect } from "@mantine/core"
import type { ReactNode } from "react"
import { anchorOf, labelOf, type Member } from "./form.ts"
import { reports as say } from "./words.ts"

/** A select of the members that the schema allows and the record lacks, with a button to add one. */
export function AddMember({
  path,
  members,
  onAdd,
}: {
  /** Path of the record. */
  readonly path: string
  readonly members: readonly Member[]
  readonly onAdd: (member: Member) => void
}): ReactNode {
  if (members.length === 0) return null
  if (members.length === 1) {
    const [only] = members
    return only === undefined ? null : (
      <div>
        <Button id={anchorOf(`${path}.add`)} variant="subtle" size="compact-sm" onClick={() => onAdd(only)}>
          {say.editor.addOne(labelOf(only.name))}
        </Button>
      </div>
    )
  }
  return (
    <NativeSelect
      id={anchorOf(`${path}.add`)}
      className="editor-add"
      aria-label={say.editor.add}
      value=""
      onChange={(event) => {
        const member = members.find(({ name }) => name === event.currentTarget.value)
        if (member !== undefined) onAdd(member)
      }}
      data={[
        { value: "", label: say.editor.add },
        ...members.map(({ name, doc }) => ({
          value: name,
          label: doc === undefined ? labelOf(name) : `${labelOf(name)} — ${doc}`,
        })),
      ]}
    />
  )
}

/**
 * Moves the focus to the field at a path once it is rendered. If the report lacks it, the focus goes to the control
 * that adds members to the nearest record above.
 */
export function focusSoon(path: string): void {
  requestAnimationFrame(() => {
    const field = fieldAt(path)
    field?.scrollIntoView({ block: "center" })
    field?.focus({ preventScroll: true })
  })
}

const FIELDS = "input, textarea, select"

function fieldAt(path: string): HTMLElement | undefined {
  const exact = document.getElementById(anchorOf(path))
  if (exact !== null) {
    if (exact.matches(FIELDS)) return exact
    return exact.querySelector<HTMLElement>(FIELDS) ?? exact.querySelector<HTMLElement>("button") ?? undefined
  }
  for (let at = parentOf(path); at !== ""; at = parentOf(at)) {
    const add = document.getElementById(anchorOf(`${at}.add`))
    if (add !== null) return add
  }
  return undefined
}

const parentOf = (path: string): string => (/[.[]/.test(path) ? path.replace(/(\.[^.[]+|\[\d+\])$/, "") : "")
