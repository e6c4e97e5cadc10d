import { NativeSelect, NumberInput, Textarea, TextInput } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import type { Scalar } from "./form.ts"
import { reports as say } from "./words.ts"

/** Text longer than this has a field of several lines, in characters. */
const LONG_TEXT = 400

interface ScalarInputProps {
  readonly label: string
  /** Whether the label is shown above already. */
  readonly isNamed?: boolean
  readonly type: Scalar
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  readonly required: boolean
  readonly id: string
  readonly description?: string | undefined
  readonly error?: string | undefined
}

/** An input for a scalar of the schema. An empty input is an empty string, which is not saved. */
export function ScalarInput({ type, value, onChange, ...props }: ScalarInputProps): ReactNode {
  const { label, isNamed = false, required, id, description, error } = props
  const name = isNamed ? { "aria-label": label } : { label, withAsterisk: required }
  const shared = { ...name, id, ...compact({ description }), error }
  const text = typeof value === "string" ? value : value === undefined ? "" : String(value as number | boolean)
  if (type.values !== undefined) {
    const choices = type.values.filter((one) => one !== "")
    return (
      <NativeSelect
        {...shared}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[{ value: "", label: say.editor.notStated }, ...choices]}
      />
    )
  }
  switch (type.base) {
    case "boolean":
      return (
        <NativeSelect
          {...shared}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value === "" ? "" : event.currentTarget.value === "true")}
          data={[
            { value: "", label: say.editor.notStated },
            { value: "true", label: common.yes },
            { value: "false", label: common.no },
          ]}
        />
      )
    case "int":
    case "double":
      return (
        <NumberInput
          {...shared}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(next)}
          allowDecimal={type.base === "double"}
          hideControls
          {...compact({ min: type.min })}
          {...compact({ max: type.max })}
        />
      )
    case "dateTime":
      return (
        <TextInput
          {...shared}
          type="datetime-local"
          step={1}
          description={description ?? say.editor.utc}
          value={toLocal(text)}
          onChange={(event) => onChange(fromLocal(event.currentTarget.value))}
        />
      )
    case "date":
      return (
        <TextInput {...shared} type="date" value={text} onChange={(event) => onChange(event.currentTarget.value)} />
      )
    case "string":
    case "token":
    case "long": {
      const most = compact({ maxLength: type.maxLength })
      const isLong = type.format === undefined && (type.maxLength === undefined || type.maxLength > LONG_TEXT)
      const typed = { ...shared, ...most, value: text }
      return isLong ? (
        <Textarea
          {...typed}
          autosize
          minRows={2}
          maxRows={16}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...typed} onChange={(event) => onChange(event.currentTarget.value)} />
      )
    }
  }
}

/** A time for the browser's own input, in UTC. */
function toLocal(iso: string): string {
  const at = Date.parse(iso)
  return Number.isNaN(at) ? "" : new Date(at).toISOString().slice(0, 19)
}

function fromLocal(local: string): string {
  if (local === "") return ""
  return `${local.length === 16 ? `${local}:00` : local}Z`
}
