import { PasswordInput } from "@mantine/core"
import type { ReactNode } from "react"
import { join as say } from "./words.ts"

/** A new password as typed in both fields. */
export interface NewPassword {
  readonly password: string
  readonly again: string
}

/** Two fields for a new password. */
export function NewPasswordFields({
  value,
  onChange,
}: {
  readonly value: NewPassword
  readonly onChange: (next: NewPassword) => void
}): ReactNode {
  const differs = value.again !== "" && value.again !== value.password
  return (
    <>
      <PasswordInput
        label={say.password}
        description={say.passwordHint}
        autoComplete="new-password"
        required
        value={value.password}
        onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
      />
      <PasswordInput
        label={say.repeat}
        autoComplete="new-password"
        required
        value={value.again}
        error={differs ? say.differs : undefined}
        onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
      />
    </>
  )
}
