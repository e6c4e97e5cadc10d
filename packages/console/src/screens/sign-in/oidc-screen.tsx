import type { ConfirmAnswer, OidcFinishAnswer } from "@nightlight/contract/server"
import { useQueryClient } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { callOnce } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { Fault, Loading } from "../../parts/states.tsx"
import { Joined } from "../join/joined.tsx"
import { SignedOutLayout } from "../join/signed-out-layout.tsx"
import { join as say } from "../join/words.ts"

type Finished = SchemaOutput<typeof OidcFinishAnswer>

/** The page that single sign-on returns to. It sends the issuer's answer to the server, once. */
export function OidcScreen(): ReactNode {
  const client = useQueryClient()
  const navigate = useNavigate()
  const begun = useRef(false)
  const [finished, setFinished] = useState<Finished>()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    const query = window.location.search.slice(1)
    callOnce<Finished>("POST", "/v1/sign-in/oidc/finish", { body: { query } })
      .then(async (answer) => {
        client.clear()
        if (answer.purpose === "sign-in") await navigate({ to: "/", replace: true })
        else setFinished(answer)
      })
      .catch(setError)
  }, [client, navigate])
  return (
    <SignedOutLayout title={error === undefined ? say.back : say.failed}>
      {error !== undefined && (
        <>
          <Fault error={error} />
          <Link to="/sign-in">{say.again}</Link>
        </>
      )}
      {finished === undefined && error === undefined && <Loading rows={2} />}
      {finished?.purpose === "step-up" && <p>{say.stepUpDone}</p>}
      {(finished?.purpose === "join" || finished?.purpose === "setup") && (
        <Joined second={finished.second as ConfirmAnswer["second"]} />
      )}
    </SignedOutLayout>
  )
}
