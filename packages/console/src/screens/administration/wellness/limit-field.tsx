import { NumberInput, TextInput } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import { BOUNDS, type LimitName } from "./limits.ts"

/** One limit to be typed. */
export function LimitField(props: {
  readonly name: LimitName
  readonly label: string
  readonly describedBy?: string
  readonly value: string
  readonly onChange: (value: string) => void
}): ReactNode {
  const { name, label, describedBy, value, onChange } = props
  const named = compact({
    "aria-label": label,
    "aria-describedby": describedBy,
  })
  if (name === "cutOff") {
    return <TextInput {...named} type="time" value={value} onChange={(event) => onChange(event.currentTarget.value)} />
  }
  const [min, max] = BOUNDS[name]
  return (
    <NumberInput
      {...named}
      min={min}
      max={max}
      allowDecimal={false}
      allowNegative={false}
      value={value}
      onChange={(next) => onChange(String(next))}
    />
  )
}
