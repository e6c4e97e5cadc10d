import type { ConfirmAnswer, EnrolmentAnswer } from "@nightlight/contract/server"
import { type FormEvent, useState } from "react"
import { callOnce } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import type { NewPassword } from "./new-password.tsx"
import { tokenOfLink } from "./token.ts"

/** The state of joining, from opening the link to the first code. */
export interface Enrolling {
  /** The link's token; `undefined` if the link is incomplete. */
  readonly token: string | undefined
  readonly typed: NewPassword
  readonly setTyped: (next: NewPassword) => void
  /** The authenticator's secret, once the password is accepted. */
  readonly enrolment: SchemaOutput<typeof EnrolmentAnswer> | undefined
  readonly confirmation: ConfirmAnswer | undefined
  readonly setDone: (answer: ConfirmAnswer) => void
  readonly error: unknown
  readonly submit: (event: FormEvent) => Promise<void>
}

/**
 * The steps that set-up and joining share: a password, an authenticator, a first code.
 *
 * @param path - The call that takes the token and the password.
 * @param more - Its further members.
 */
export function useEnrolment(path: string, more: Readonly<Record<string, unknown>> = {}): Enrolling {
  const [token] = useState(tokenOfLink)
  const [typed, setTyped] = useState<NewPassword>({ password: "", again: "" })
  const [enrolment, setEnrolment] = useState<SchemaOutput<typeof EnrolmentAnswer>>()
  const [confirmation, setDone] = useState<ConfirmAnswer>()
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (typed.password !== typed.again) return
    setError(undefined)
    try {
      setEnrolment(await callOnce("POST", path, { body: { token, ...more, password: typed.password } }))
    } catch (failure) {
      setError(failure)
    }
  }
  return { token, typed, setTyped, enrolment, confirmation, setDone, error, submit }
}
