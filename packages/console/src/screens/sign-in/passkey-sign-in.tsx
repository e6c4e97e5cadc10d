import { Button } from "@mantine/core"
import type { SignedIn, SignInWays } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { passkeys as say } from "#messages/passkeys.ts"
import type { Of } from "../../api/of.ts"
import { Obstacle, usePasskeyObstacle } from "../../custody/passkey-obstacle.tsx"
import { proveByPasskey } from "../../custody/sign-in-passkey.ts"
import { Fault } from "../../parts/states.tsx"

/** The button, or why there can be none on this page. */
export function PasskeySignIn({
  ways: { passkeys: party },
  onSignedIn,
}: {
  readonly ways: Of<typeof SignInWays>
  readonly onSignedIn: (person: string) => Promise<void>
}): ReactNode {
  const obstacle = usePasskeyObstacle(party && { rpId: party.rpId, origins: [] })
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  if (party === undefined) return null
  if (obstacle !== undefined) return obstacle === "address" ? <Obstacle obstacle={obstacle} /> : null
  const signIn = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const { personId } = await proveByPasskey<Of<typeof SignedIn>>("/v1/sign-in/passkey")
      await onSignedIn(personId)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="stack">
      <Button variant="default" loading={isBusy} onClick={() => void signIn()}>
        {say.signIn}
      </Button>
      <Fault error={error} />
    </div>
  )
}
