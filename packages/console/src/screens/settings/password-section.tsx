import { Button, PasswordInput } from "@mantine/core"
import { type FormEvent, type ReactNode, useState } from "react"
import { call } from "../../api/call.ts"
import { useMe } from "../../api/me.ts"
import { Section } from "../../parts/section.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { settings } from "./words.ts"

const say = settings.password

/** A form for a new password. The step-up asks for the present one. */
export function PasswordSection(): ReactNode {
  const { session } = useMe()
  const [password, setPassword] = useState("")
  const [again, setAgain] = useState("")
  const [isTried, setTried] = useState(false)
  const change = useAction(
    () => call("POST", "/v1/me/password", { body: { password } }),
    ["sessions"],
    () => {
      setPassword("")
      setAgain("")
      setTried(false)
    },
  )
  if (session.method === "oidc") {
    return (
      <Section id="password" title={say.title}>
        <p>{say.oidc}</p>
      </Section>
    )
  }
  const differs = isTried && password !== again
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (password === again) change.mutate(undefined)
  }
  return (
    <Section id="password" title={say.title} lead={say.lead}>
      <form className="settings-form" onSubmit={submit}>
        <PasswordInput
          label={say.next}
          autoComplete="new-password"
          minLength={12}
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label={say.again}
          autoComplete="new-password"
          required
          error={differs ? say.differ : undefined}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        <Fault error={change.error} />
        <div className="row">
          <Button type="submit" variant="default" loading={change.isPending}>
            {say.save}
          </Button>
          <span aria-live="polite">{change.isSuccess && say.saved}</span>
        </div>
      </form>
    </Section>
  )
}
