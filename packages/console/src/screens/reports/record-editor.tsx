import { Button, NativeSelect } from "@mantine/core"
import type { ReactNode } from "react"
import { AddMember, focusSoon } from "./add-member.tsx"
import {
  anchorOf,
  blank,
  entriesOf,
  type FormRecord,
  isMarks,
  labelOf,
  type Member,
  membersOf,
  typeOf,
} from "./form.ts"
import { AttributedEditor, MarksEditor, RemoveMember } from "./member-parts.tsx"
import { ScalarInput } from "./scalar-input.tsx"
import { useOwnOrigin, useShownReport } from "./value-view.tsx"
import { reports as say } from "./words.ts"

interface RecordEditorProps {
  readonly type: FormRecord
  readonly value: unknown
  readonly path: string
  readonly onChange: (value: unknown) => void
  /** Members that come from the record and cannot be edited. */
  readonly fixed?: readonly string[]
}

/** A record as fields: members can be changed, removed, and added if the schema allows them. */
export function RecordEditor({ type, value, path, onChange, fixed = [] }: RecordEditorProps): ReactNode {
  const { form, problems } = useShownReport()
  const members = membersOf(value)
  const everything: readonly Member[] = [
    ...type.members,
    ...type.attributes.map((one) => ({ ...one, repeated: false })),
  ].filter(({ name }) => !fixed.includes(name))
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...others } = members
    onChange(next === undefined ? others : { ...members, [name]: next })
  }
  if (type.order === "choice") return <ChoiceEditor type={type} value={members} path={path} onChange={onChange} />
  const isThere = ({ name, required }: Member) =>
    members[name] !== undefined || required || problems.some((problem) => problem.path === `${path}.${name}`)
  const shown = everything.filter(isThere)
  // A member that excludes one which is present cannot be added.
  const taken = new Set(shown.flatMap(({ excludes }) => (excludes === undefined ? [] : [excludes])))
  const addable = everything.filter(
    (member) => !isThere(member) && (member.excludes === undefined || !taken.has(member.excludes)),
  )
  return (
    <div className="editor-record">
      {shown.map((member) => (
        <MemberEditor
          key={member.name}
          member={member}
          value={members[member.name]}
          path={`${path}.${member.name}`}
          onChange={(next) => set(member.name, next)}
        />
      ))}
      <AddMember
        path={path}
        members={addable}
        onAdd={({ name, type: typeName, repeated }) => {
          const first = blank(form, typeName)
          set(name, repeated ? [first] : first)
          focusSoon(`${path}.${name}${repeated ? "[0]" : ""}`)
        }}
      />
    </div>
  )
}

function ChoiceEditor({
  type,
  value,
  path,
  onChange,
}: Omit<RecordEditorProps, "value"> & { readonly value: Readonly<Record<string, unknown>> }): ReactNode {
  const { form } = useShownReport()
  const chosen = type.members.find(({ name }) => value[name] !== undefined)
  return (
    <div className="editor-record">
      <NativeSelect
        label={say.editor.kind}
        value={chosen?.name ?? ""}
        onChange={(event) => {
          const next = type.members.find(({ name }) => name === event.currentTarget.value)
          if (next !== undefined) onChange({ [next.name]: blank(form, next.type) })
        }}
        data={type.members.map(({ name }) => ({ value: name, label: labelOf(name) }))}
      />
      {chosen !== undefined && (
        <MemberEditor
          member={{ ...chosen, required: true }}
          value={value[chosen.name]}
          path={`${path}.${chosen.name}`}
          onChange={(next) => onChange({ [chosen.name]: next })}
        />
      )}
    </div>
  )
}

interface MemberEditorProps {
  readonly member: Member
  readonly value: unknown
  readonly path: string
  /** Called with `undefined` to remove the member. */
  readonly onChange: (value: unknown) => void
}

/** The field of a member, or of each entry if it is repeated. */
function MemberEditor({ member, value, path, onChange }: MemberEditorProps): ReactNode {
  const { form } = useShownReport()
  if (!member.repeated) {
    return <EntryEditor member={member} label={labelOf(member.name)} value={value} path={path} onChange={onChange} />
  }
  const entries = entriesOf(value)
  const label = labelOf(member.name)
  const put = (next: readonly unknown[]) => onChange(next.length === 0 ? undefined : next)
  return (
    <>
      {entries.map((entry, place) => (
        <EntryEditor
          // Entries have no key other than their index.
          // biome-ignore lint/suspicious/noArrayIndexKey: every input is controlled
          key={place}
          member={{ ...member, required: false }}
          label={entries.length > 1 ? say.numbered(label, place + 1, entries.length) : label}
          value={entry}
          path={`${path}[${place}]`}
          onChange={(next) =>
            put(
              next === undefined
                ? entries.filter((_, other) => other !== place)
                : entries.map((one, other) => (other === place ? next : one)),
            )
          }
        />
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            put([...entries, blank(form, member.type)])
            focusSoon(`${path}[${entries.length}]`)
          }}
        >
          {entries.length === 0 ? say.editor.addOne(label) : say.editor.another(label)}
        </Button>
      </div>
    </>
  )
}

function EntryEditor(props: MemberEditorProps & { readonly label: string }): ReactNode {
  const { member, label, value, path, onChange } = props
  const { form, problems } = useShownReport()
  const origin = useOwnOrigin(path)
  const type = typeOf(form, member.type)
  const errors = problems.filter((problem) => problem.path === path).map(({ message }) => say.problem(message))
  const error = errors.length === 0 ? undefined : errors.join(" ")
  const takeOut = member.required ? undefined : () => onChange(undefined)
  if (type.kind === "scalar") {
    return (
      <div className="editor-line">
        <ScalarInput
          label={label}
          type={type}
          value={value}
          onChange={onChange}
          error={error}
          id={anchorOf(path)}
          required={member.required}
          description={[member.doc, origin].filter((one) => one !== undefined).join(" ") || undefined}
        />
        <RemoveMember label={label} onClick={takeOut} />
      </div>
    )
  }
  return (
    <fieldset className="editor-group" id={anchorOf(path)}>
      <legend>
        {label} <RemoveMember label={label} onClick={takeOut} />
      </legend>
      {(member.doc ?? origin) !== undefined && (
        <p className="quiet">{[member.doc, origin].filter(Boolean).join(" ")}</p>
      )}
      {error !== undefined && <p className="summary-problem">{error}</p>}
      {type.kind === "attributed" && (
        <AttributedEditor
          type={type}
          value={value}
          path={path}
          onChange={onChange}
          label={label}
          required={member.required}
        />
      )}
      {type.kind === "record" && isMarks(form, type) && <MarksEditor type={type} value={value} onChange={onChange} />}
      {type.kind === "record" && !isMarks(form, type) && (
        <RecordEditor type={type} value={value} path={path} onChange={onChange} />
      )}
    </fieldset>
  )
}
