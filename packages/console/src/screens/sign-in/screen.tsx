import { Button } from "@mantine/core"
import type { SignedIn } from "@nightlight/contract/server"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useNavigate, useSearch } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { callOnce } from "../../api/call.ts"
import { meQuery, signInWaysQuery } from "../../api/me.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { isOtherOwner, reloadPage } from "../../app/owner.ts"
import { Empty } from "../../parts/states.tsx"
import { HelpLines } from "../../shell/help-lines.tsx"
import { CredentialsForm } from "./form.tsx"
import { PasskeySignIn } from "./passkey-sign-in.tsx"
import { returnPath } from "./return-path.ts"
import { signIn as say } from "./words.ts"
import "./sign-in.css"
import { Loaded } from "../../parts/loaded.tsx"

/** The sign-in page: by password and code, by passkey, or by single sign-on. */
export function SignInScreen(): ReactNode {
  const query = useQuery({ ...signInWaysQuery, refetchOnMount: "always" })
  const client = useQueryClient()
  const navigate = useNavigate()
  const search: { readonly to?: unknown } = useSearch({ strict: false })
  const goOn = async (person: string) => {
    const to = returnPath(search.to, window.location.origin)
    if (isOtherOwner(person)) return reloadPage(to)
    client.clear()
    await client.fetchQuery(meQuery)
    await navigate({ to, replace: true })
  }
  const single = async (issuer: string) => {
    const { redirectTo } = await callOnce<{ readonly redirectTo: string }>("POST", "/v1/sign-in/oidc", {
      body: { issuer },
    })
    window.location.assign(redirectTo)
  }
  return (
    <Loaded query={query} rows={3} failure="instead">
      {(ways) => (
        <main className="door">
          <div className="stack-wide">
            <div className="stack-tight">
              <p className="door-name">{shell.product}</p>
              <h1>{say.title}</h1>
              <p className="quiet">{"demo" in ways && ways.demo === true ? shell.demo : say.lead}</p>
            </div>
            {!ways.setUp && <Empty title={say.notSetUp} hint={say.notSetUpHint} />}
            {ways.passwords && ways.setUp && (
              <CredentialsForm
                submit={say.submit}
                onSubmit={async (typed) => {
                  const { personId } = await callOnce<SchemaOutput<typeof SignedIn>>("POST", "/v1/sign-in", {
                    body: typed,
                  })
                  await goOn(personId)
                }}
              />
            )}
            {ways.setUp && <PasskeySignIn ways={ways} onSignedIn={goOn} />}
            {ways.issuers.map(({ id, name }) => (
              <Button key={id} variant="default" onClick={() => void single(id)}>
                {say.with(name)}
              </Button>
            ))}
            <HelpLines />
          </div>
        </main>
      )}
    </Loaded>
  )
}
