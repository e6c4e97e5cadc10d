/**
 * Joining by a link: a password, an authenticator, a first code.
 * @module
 */
import { Button } from "@mantine/core"
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

/** The page of an invitation or a reset. */
export function JoinScreen(): ReactNode {
  const [token] = useState(tokenOfLink)
  const [typed, setTyped] = useState({ password: "", again: "" })
  const [enrolment, setEnrolment] = useState<Of<typeof EnrolmentAnswer>>()
  const [done, setDone] = useState<ConfirmAnswer>()
  const [error, setError] = useState<unknown>()
  if (token === undefined) {
    return (
      <Door title={say.joinTitle}>
        <Empty title={say.noToken} hint={say.noTokenHint} />
      </Door>
    )
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (typed.password !== typed.again) return
    setError(undefined)
    try {
      setEnrolment(await callOnce("POST", "/v1/join", { body: { token, password: typed.password } }))
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <Door title={say.joinTitle} lead={say.joinLead}>
      {done !== undefined ? (
        <Joined second={done.second} />
      ) : enrolment !== undefined ? (
        <Authenticator enrolment={enrolment} onDone={setDone} />
      ) : (
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <NewPasswordFields value={typed} onChange={setTyped} />
          <Fault error={error} />
          <Button type="submit">{say.go}</Button>
          <OtherWays path="/v1/join/oidc" body={{ token }} />
        </form>
      )}
    </Door>
  )
}
