/**
 * E-mail, password and code.
 * @module
 */
import { Button, PasswordInput, TextInput } from "@mantine/core"
import { type FormEvent, type ReactNode, useState } from "react"
import { CodeField } from "../../parts/code-field.tsx"
import { Fault } from "../../parts/states.tsx"
import { signIn as say } from "./words.ts"

/** What was typed. */
export interface Credentials {
  readonly email: string
  readonly password: string
  readonly code: string
}

/** Asks for the three. `email`: fixed where the same person comes back. */
export function CredentialsForm(props: {
  readonly email?: string
  readonly submit: string
  readonly onSubmit: (typed: Credentials) => Promise<void>
}): ReactNode {
  const [email, setEmail] = useState(props.email ?? "")
  const [password, setPassword] = useState("")
  const [code, setCode] = useState("")
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await props.onSubmit({ email, password, code })
    } catch (failure) {
      setError(failure)
      // A code works once: the next try needs the next one.
      setCode("")
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      {props.email === undefined && (
        <TextInput
          label={say.email}
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
      )}
      <PasswordInput
        label={say.password}
        autoComplete="current-password"
        required
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <CodeField label={say.code} description={say.codeHint} value={code} onChange={setCode} />
      <Fault error={error} />
      <Button type="submit" loading={isBusy}>
        {props.submit}
      </Button>
    </form>
  )
}
