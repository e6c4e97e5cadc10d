/**
 * Setting an installation up: its first administrator, and who is invited as the second.
 * @module
 */
import { Button, TextInput } from "@mantine/core"
import type { ConfirmAnswer, EnrolmentAnswer } from "@nightlight/contract/server"
import { type FormEvent, type ReactNode, useState } from "react"
import { join as say } from "#messages/join.ts"
import { callOnce } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"
import { Empty, Fault } from "../../parts/states.tsx"
import { Authenticator } from "./authenticator.tsx"
import { Door } from "./door.tsx"
import { Joined } from "./joined.tsx"
import { NewPasswordFields } from "./new-password.tsx"
import { OtherWays } from "./other-ways.tsx"
import { tokenOfLink } from "./token.ts"

interface Who {
  readonly name: string
  readonly email: string
}

const NOBODY: Who = { name: "", email: "" }

/** The page of the set-up link. */
export function SetupScreen(): ReactNode {
  const [token] = useState(tokenOfLink)
  const [first, setFirst] = useState(NOBODY)
  const [second, setSecond] = useState(NOBODY)
  const [typed, setTyped] = useState({ password: "", again: "" })
  const [enrolment, setEnrolment] = useState<Of<typeof EnrolmentAnswer>>()
  const [done, setDone] = useState<ConfirmAnswer>()
  const [error, setError] = useState<unknown>()
  if (token === undefined) {
    return (
      <Door title={say.setupTitle}>
        <Empty title={say.noToken} hint={say.noTokenHint} />
      </Door>
    )
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (typed.password !== typed.again) return
    setError(undefined)
    try {
      setEnrolment(await callOnce("POST", "/v1/setup", { body: { token, ...first, second, password: typed.password } }))
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <Door title={say.setupTitle} lead={say.setupLead}>
      {done !== undefined ? (
        <Joined second={done.second} />
      ) : enrolment !== undefined ? (
        <Authenticator enrolment={enrolment} onDone={setDone} />
      ) : (
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <WhoFields legend={say.you} value={first} onChange={setFirst} isCaller />
          <NewPasswordFields value={typed} onChange={setTyped} />
          <WhoFields legend={say.second} value={second} onChange={setSecond} />
          <Fault error={error} />
          <Button type="submit">{say.go}</Button>
          <OtherWays path="/v1/setup/oidc" body={{ token, ...first, second }} />
        </form>
      )}
    </Door>
  )
}

function WhoFields(props: {
  readonly legend: string
  readonly value: Who
  readonly onChange: (next: Who) => void
  readonly isCaller?: boolean
}): ReactNode {
  const { legend, value, onChange, isCaller = false } = props
  return (
    <fieldset className="stack door-who">
      <legend>{legend}</legend>
      <TextInput
        label={say.name}
        required
        maxLength={120}
        autoComplete={isCaller ? "name" : "off"}
        value={value.name}
        onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
      />
      <TextInput
        label={say.email}
        type="email"
        required
        maxLength={254}
        autoComplete={isCaller ? "username" : "off"}
        value={value.email}
        onChange={(event) => onChange({ ...value, email: event.currentTarget.value })}
      />
    </fieldset>
  )
}
