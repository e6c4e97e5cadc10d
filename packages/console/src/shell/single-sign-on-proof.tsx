import { Button } from "@mantine/core"
import type { Me, OidcStartAnswer } from "@nightlight/contract/server"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { callOnce } from "../api/call.ts"
import { meQuery, signInWaysQuery } from "../api/me.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { Fault } from "../parts/states.tsx"
import { signIn as say } from "../screens/sign-in/words.ts"

interface SingleSignOnProofProps {
  readonly proof: "sign-in" | "step-up"
  /** Called with the signed-in person when the user says that they are done; `null` if nobody is signed in. */
  readonly onBack: (me: Me | null) => void
}

/**
 * Signing in again or stepping up with single sign-on: a button for each issuer, which opens another window so that
 * nothing typed here is lost, and a button to continue.
 */
export function SingleSignOnProof({ proof, onBack }: SingleSignOnProofProps): ReactNode {
  const { data: ways } = useQuery(signInWaysQuery)
  const client = useQueryClient()
  const [error, setError] = useState<unknown>()
  const [isBegun, setBegun] = useState(false)
  const begin = async (issuer: string) => {
    setError(undefined)
    const path = proof === "step-up" ? "/v1/step-up/oidc" : "/v1/sign-in/oidc"
    try {
      const { redirectTo } = await callOnce<SchemaOutput<typeof OidcStartAnswer>>("POST", path, { body: { issuer } })
      window.open(redirectTo, "_blank", "noopener")
      setBegun(true)
    } catch (failure) {
      setError(failure)
    }
  }
  const back = () =>
    void client
      .fetchQuery({ ...meQuery, staleTime: 0 })
      .then(onBack)
      .catch(setError)
  return (
    <div className="stack">
      <p className="quiet">{say.elsewhere}</p>
      {ways?.issuers.map(({ id, name }) => (
        <Button key={id} variant={isBegun ? "default" : "filled"} onClick={() => void begin(id)}>
          {say.with(name)}
        </Button>
      ))}
      <Fault error={error} />
      {isBegun && <Button onClick={back}>{say.isBack}</Button>}
    </div>
  )
}
