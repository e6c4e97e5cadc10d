/**
 * The two dialogs that a call may need before it can go on: signing in again, and proving oneself again.
 * @module
 */
import { Modal } from "@mantine/core"
import type { Me } from "@nightlight/contract/server"
import { useQueryClient } from "@tanstack/react-query"
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react"
import { signIn as say } from "#messages/sign-in.ts"
import { callOnce, onProofNeeded } from "../api/call.ts"
import { meQuery, useMe } from "../api/me.ts"
import { CallError } from "../api/problem.ts"
import { Loading } from "../parts/states.tsx"
import type { Credentials } from "../screens/sign-in/form.tsx"

/** Both come when a call asks for one of them. */
const CredentialsForm = lazy(async () => ({ default: (await import("../screens/sign-in/form.tsx")).CredentialsForm }))
const PasskeyProof = lazy(async () => ({ default: (await import("./passkey-proof.tsx")).PasskeyProof }))
const SingleSignOnProof = lazy(async () => ({
  default: (await import("./single-sign-on-proof.tsx")).SingleSignOnProof,
}))

type Asked = "sign-in" | "step-up"

interface Waiting {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Shows them when a call asks; calls that ask meanwhile wait for the same answer. */
export function ProofDialogs(): ReactNode {
  const me = useMe()
  const client = useQueryClient()
  const [asked, setAsked] = useState<Asked>()
  const [isMissed, setMissed] = useState(false)
  const waiting = useRef<Waiting>(undefined)
  useEffect(() => {
    const ask = (what: Asked) => () => {
      waiting.current ??= Promise.withResolvers<void>()
      setAsked(what)
      return waiting.current.promise
    }
    onProofNeeded({ signIn: ask("sign-in"), stepUp: ask("step-up") })
  }, [])
  const end = (error?: Error) => {
    if (error === undefined) waiting.current?.resolve()
    else waiting.current?.reject(error)
    waiting.current = undefined
    setAsked(undefined)
    setMissed(false)
  }
  const proved = async (personId: string) => {
    // Another person's page is not theirs to see.
    if (personId !== me.id) return window.location.assign("/")
    await client.invalidateQueries({ queryKey: meQuery.queryKey })
    return end()
  }
  const submit = async ({ email, password, code }: Credentials) => {
    if (asked === "step-up") {
      await callOnce("POST", "/v1/step-up", { body: { password, code } })
      return proved(me.id)
    }
    const { personId } = await callOnce<{ readonly personId: string }>("POST", "/v1/sign-in", {
      body: { email, password, code },
    })
    return proved(personId)
  }
  const back = (now: Me | null) => {
    if (now !== null && now.id !== me.id) return window.location.assign("/")
    const isProven = asked === "sign-in" ? now !== null : now?.session.steppedUpUntil !== undefined
    if (isProven) end()
    return setMissed(!isProven)
  }
  const isSingle = me.session.method === "oidc"
  return (
    <Modal
      opened={asked !== undefined}
      onClose={() => end(new CallError("step_up_required", say.stepUpLead, 403))}
      title={asked === "sign-in" ? say.againTitle : say.stepUpTitle}
      withCloseButton={asked === "step-up"}
      closeOnClickOutside={false}
      closeOnEscape={asked === "step-up"}
    >
      <div className="stack">
        <p>{asked === "sign-in" ? say.againLead : isSingle ? say.stepUpSingle : say.stepUpLead}</p>
        {asked !== undefined && isSingle && (
          <Suspense fallback={<Loading rows={2} />}>
            <SingleSignOnProof asked={asked} onBack={back} />
          </Suspense>
        )}
        {isMissed && <p role="alert">{say.notYet}</p>}
        {asked !== undefined && !isSingle && (
          <Suspense fallback={<Loading rows={3} />}>
            <CredentialsForm
              email={me.email}
              submit={asked === "sign-in" ? say.submit : say.stepUpSubmit}
              onSubmit={submit}
            />
            <PasskeyProof asked={asked} onProved={proved} />
          </Suspense>
        )}
      </div>
    </Modal>
  )
}
