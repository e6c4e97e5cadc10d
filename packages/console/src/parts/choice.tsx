import { Radio } from "@mantine/core"
import type { ReactNode } from "react"

/** Radio buttons, one for each of some values; `value` is undefined until one is chosen. */
export function Choice<Value extends string>(props: {
  readonly label: string
  readonly values: readonly Value[]
  readonly value: Value | undefined
  readonly onChange: (value: Value) => void
  /** Labels by value; the value itself without one. */
  readonly labels: Readonly<Record<string, string>>
  /** Lines below the labels, by value. */
  readonly hints?: Readonly<Record<string, string>>
  readonly required?: boolean
}): ReactNode {
  const { label, values, value, onChange, labels, hints = {}, required = false } = props
  const choose = (text: string) => {
    const chosen = values.find((each) => each === text)
    if (chosen !== undefined) onChange(chosen)
  }
  return (
    <Radio.Group label={label} required={required} value={value ?? ""} onChange={choose}>
      <div className="stack" style={{ marginTop: 8 }}>
        {values.map((each) => (
          <Radio key={each} value={each} label={labels[each] ?? each} description={hints[each]} />
        ))}
      </div>
    </Radio.Group>
  )
}
