import { Modal } from "@mantine/core"
import type { Me } from "@nightlight/contract/server"
import { useQueryClient } from "@tanstack/react-query"
import { lazy, type ReactNode, Suspense, useState } from "react"
import { callOnce, type Proof } from "../api/call.ts"
import { meQuery, useMe } from "../api/me.ts"
import { CallError } from "../api/problem.ts"
import { Loading } from "../parts/states.tsx"
import { type Credentials, CredentialsForm } from "../screens/sign-in/form.tsx"
import { signIn as say } from "../screens/sign-in/words.ts"
import { PasskeyProof } from "./passkey-proof.tsx"

/** Loaded only in installations with single sign-on. */
const SingleSignOnProof = lazy(async () => ({
  default: (await import("./single-sign-on-proof.tsx")).SingleSignOnProof,
}))

/**
 * The dialog for signing in again or stepping up. `onEnd` is called without an argument once that is done, or with the
 * reason why the call cannot continue. Loaded when a call first needs it.
 */
export function ProofDialog(props: {
  readonly proof: Proof
  readonly isOpen: boolean
  readonly onEnd: (error?: Error) => void
}): ReactNode {
  const { proof, isOpen, onEnd } = props
  const { session } = useMe()
  const isSingle = session.method === "oidc"
  return (
    <Modal
      opened={isOpen}
      onClose={() => onEnd(new CallError("step_up_required", say.stepUpLead, 403))}
      title={proof === "sign-in" ? say.againTitle : say.stepUpTitle}
      withCloseButton={proof === "step-up"}
      closeOnClickOutside={false}
      closeOnEscape={proof === "step-up"}
    >
      <div className="stack">
        <p>{proof === "sign-in" ? say.againLead : isSingle ? say.stepUpSingle : say.stepUpLead}</p>
        {isOpen && (isSingle ? <BySingleSignOn {...props} /> : <ByCredentials {...props} />)}
      </div>
    </Modal>
  )
}

function BySingleSignOn({ proof, onEnd }: { readonly proof: Proof; readonly onEnd: () => void }): ReactNode {
  const me = useMe()
  const [isMissed, setMissed] = useState(false)
  const back = (now: Me | null) => {
    // Somebody else signed in: they must not see this person's page.
    if (now !== null && now.id !== me.id) return window.location.assign("/")
    const isProven = proof === "sign-in" ? now !== null : now?.session.steppedUpUntil !== undefined
    if (isProven) onEnd()
    return setMissed(!isProven)
  }
  return (
    <>
      <Suspense fallback={<Loading rows={2} />}>
        <SingleSignOnProof proof={proof} onBack={back} />
      </Suspense>
      {isMissed && <p role="alert">{say.notYet}</p>}
    </>
  )
}

function ByCredentials({ proof, onEnd }: { readonly proof: Proof; readonly onEnd: () => void }): ReactNode {
  const me = useMe()
  const client = useQueryClient()
  const proved = async (personId: string) => {
    // Somebody else signed in: they must not see this person's page.
    if (personId !== me.id) return window.location.assign("/")
    await client.invalidateQueries({ queryKey: meQuery.queryKey })
    return onEnd()
  }
  const submit = async ({ email, password, code }: Credentials) => {
    if (proof === "step-up") {
      await callOnce("POST", "/v1/step-up", { body: { password, code } })
      return proved(me.id)
    }
    const { personId } = await callOnce<{ readonly personId: string }>("POST", "/v1/sign-in", {
      body: { email, password, code },
    })
    return proved(personId)
  }
  return (
    <>
      <CredentialsForm
        email={me.email}
        submit={proof === "sign-in" ? say.submit : say.stepUpSubmit}
        onSubmit={submit}
      />
      <PasskeyProof proof={proof} onProved={proved} />
    </>
  )
}
