/**
 * Fields for members that contain no other record.
 * @module
 */
import { Button, Checkbox } from "@mantine/core"
import type { ReactNode } from "react"
import { AddMember, focusSoon } from "./add-member.tsx"
import { type Attributed, anchorOf, blank, type FormRecord, labelOf, type Member, membersOf, scalarOf } from "./form.ts"
import { ScalarInput } from "./scalar-input.tsx"
import { useShownReport } from "./value-view.tsx"
import { reports as say } from "./words.ts"

/** Fields of a text, number or boolean with attributes. */
export function AttributedEditor(props: {
  readonly type: Attributed
  readonly label: string
  readonly value: unknown
  readonly path: string
  readonly required: boolean
  readonly onChange: (value: unknown) => void
}): ReactNode {
  const { type, label, path, onChange } = props
  const { form, problems } = useShownReport()
  const members = membersOf(props.value)
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...others } = members
    onChange(next === undefined ? others : { ...others, [name]: next })
  }
  const attributes: readonly Member[] = type.attributes.map((one) => ({ ...one, repeated: false }))
  const isThere = ({ name, required }: Member) => members[name] !== undefined || required
  const errorAt = (name: string) => problems.find((problem) => problem.path === `${path}.${name}`)?.message
  const field = (name: string, typeName: string, fieldLabel: string, required: boolean) => {
    const message = errorAt(name)
    return (
      <ScalarInput
        label={fieldLabel}
        isNamed={name === "value"}
        type={scalarOf(form, typeName)}
        value={members[name]}
        onChange={(next) => set(name, next)}
        required={required}
        id={anchorOf(`${path}.${name}`)}
        error={message === undefined ? undefined : say.problem(message)}
      />
    )
  }
  return (
    <div className="editor-record">
      {field("value", type.content, label, true)}
      {attributes.filter(isThere).map((one) => (
        <div key={one.name} className="editor-line">
          {field(one.name, one.type, labelOf(one.name), one.required)}
          <RemoveMember label={labelOf(one.name)} onClick={one.required ? undefined : () => set(one.name, undefined)} />
        </div>
      ))}
      <AddMember
        path={path}
        members={attributes.filter((one) => !isThere(one))}
        onAdd={({ name, type: typeName }) => {
          set(name, blank(form, typeName))
          focusSoon(`${path}.${name}`)
        }}
      />
    </div>
  )
}

/** A checkbox for each mark. */
export function MarksEditor(props: {
  readonly type: FormRecord
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}): ReactNode {
  const marks = membersOf(props.value)
  return (
    <div className="editor-marks">
      {props.type.members.map(({ name }) => (
        <Checkbox
          key={name}
          label={labelOf(name)}
          checked={marks[name] === true}
          onChange={(event) => {
            const { [name]: _, ...others } = marks
            props.onChange(event.currentTarget.checked ? { ...others, [name]: true } : others)
          }}
        />
      ))}
    </div>
  )
}

/** A button that removes a member; absent if the member is required. */
export function RemoveMember({
  label,
  onClick,
}: {
  readonly label: string
  readonly onClick: (() => void) | undefined
}): ReactNode {
  if (onClick === undefined) return null
  return (
    <Button variant="subtle" size="compact-sm" onClick={onClick} aria-label={say.editor.takeOutOf(label)}>
      {say.editor.takeOut}
    </Button>
  )
}
