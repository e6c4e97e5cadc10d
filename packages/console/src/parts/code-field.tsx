import { TextInput } from "@mantine/core"
import type { ReactNode } from "react"

interface CodeFieldProps {
  readonly label: string
  readonly description: string
  readonly value: string
  readonly onChange: (code: string) => void
  readonly autoFocus?: boolean
}

/** A field for the six digits of an authenticator code; it accepts digits only. */
export function CodeField({ label, description, value, onChange, autoFocus = false }: CodeFieldProps): ReactNode {
  return (
    <TextInput
      label={label}
      description={description}
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9]{6}"
      maxLength={6}
      required
      autoFocus={autoFocus}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replaceAll(/\D/g, ""))}
    />
  )
}
