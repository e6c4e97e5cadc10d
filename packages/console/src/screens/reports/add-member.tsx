/**
 * Adding what the schema knows and a report does not say yet.
 * @module
 */
import { Button, NativeSelect } from "@mantine/core"
import type { ReactNode } from "react"
import { anchorOf, labelOf, type Member } from "./form.ts"
import { reports as say } from "./words.ts"

/** Offers what the schema has and the record does not. */
export function AddMember({
  path,
  members,
  onAdd,
}: {
  /** Of the record that it is added to. */
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
 * Puts the focus on the field of a statement once it is there; where the report does not have it, on what adds it to the
 * nearest record that there is.
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
