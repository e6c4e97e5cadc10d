/**
 * The steps that setting up and joining share: a password, an authenticator, a first code.
 * @module
 */
import type { ConfirmAnswer, EnrolmentAnswer } from "@nightlight/contract/server"
import { type FormEvent, useState } from "react"
import { callOnce } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"
import type { NewPassword } from "./new-password.tsx"
import { tokenOfLink } from "./token.ts"

/** Where somebody stands between opening the link and being in. */
export interface Enrolling {
  /** Of the link; `undefined` where it is not whole. */
  readonly token: string | undefined
  readonly typed: NewPassword
  readonly setTyped: (next: NewPassword) => void
  /** The authenticator's secret, once the password was taken. */
  readonly enrolment: Of<typeof EnrolmentAnswer> | undefined
  readonly done: ConfirmAnswer | undefined
  readonly setDone: (answer: ConfirmAnswer) => void
  readonly error: unknown
  readonly submit: (event: FormEvent) => Promise<void>
}

/** @param path - The call that takes the token and the password. @param more - What else it takes. */
export function useEnrolment(path: string, more: Readonly<Record<string, unknown>> = {}): Enrolling {
  const [token] = useState(tokenOfLink)
  const [typed, setTyped] = useState<NewPassword>({ password: "", again: "" })
  const [enrolment, setEnrolment] = useState<Of<typeof EnrolmentAnswer>>()
  const [done, setDone] = useState<ConfirmAnswer>()
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
  return { token, typed, setTyped, enrolment, done, setDone, error, submit }
}
