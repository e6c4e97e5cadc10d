import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { callOnce } from "../../api/call.ts"
import { signInWaysQuery } from "../../api/me.ts"
import { Fault } from "../../parts/states.tsx"
import { join as say } from "./words.ts"

/**
 * A button for each single sign-on issuer, instead of a password. `path`: the call that begins; `body`: its members
 * apart from the issuer.
 */
export function OtherWays({
  path,
  body,
}: {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}): ReactNode {
  const { data } = useQuery(signInWaysQuery)
  const [error, setError] = useState<unknown>()
  const begin = async (issuer: string) => {
    try {
      const { redirectTo } = await callOnce<{ readonly redirectTo: string }>("POST", path, {
        body: { ...body, issuer },
      })
      window.location.assign(redirectTo)
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <>
      {data?.issuers.map(({ id, name }) => (
        <Button key={id} variant="default" onClick={() => void begin(id)}>
          {say.with(name)}
        </Button>
      ))}
      <Fault error={error} />
    </>
  )
}
