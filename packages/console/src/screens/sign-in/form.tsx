import { Button, PasswordInput, TextInput } from "@mantine/core"
import { type FormEvent, type ReactNode, useState } from "react"
import { CodeField } from "../../parts/code-field.tsx"
import { Fault } from "../../parts/states.tsx"
import { signIn as say } from "./words.ts"

/** E-mail address, password and code, as typed. */
export interface Credentials {
  readonly email: string
  readonly password: string
  readonly code: string
}

/** The form for e-mail, password and code. `email`: fixed when the same person signs in again. */
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
      // Each code works only once, so another try needs the next one.
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
