/**
 * Signing in again, or proving oneself again, by passkey.
 * @module
 */
import { Button } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { passkeys as say } from "#messages/passkeys.ts"
import { signInWaysQuery, useMe } from "../api/me.ts"
import { usePasskeyObstacle } from "../custody/passkey-obstacle.tsx"
import { proveByPasskey } from "../custody/sign-in-passkey.ts"
import { Fault } from "../parts/states.tsx"

/** A button, where passkeys can be used on this page. `onProved`: told who did. */
export function PasskeyProof({
  asked,
  onProved,
}: {
  readonly asked: "sign-in" | "step-up"
  readonly onProved: (personId: string) => Promise<void>
}): ReactNode {
  const me = useMe()
  const { data: ways } = useQuery(signInWaysQuery)
  const party = ways?.passkeys
  const obstacle = usePasskeyObstacle(party && { rpId: party.rpId, origins: [] })
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  if (party === undefined || obstacle !== undefined) return null
  const prove = async () => {
    setBusy(true)
    setError(undefined)
    try {
      if (asked === "step-up") await proveByPasskey("/v1/step-up/passkey")
      const { personId } =
        asked === "step-up"
          ? { personId: me.id }
          : await proveByPasskey<{ readonly personId: string }>("/v1/sign-in/passkey")
      await onProved(personId)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="stack">
      <Button variant="default" loading={isBusy} onClick={() => void prove()}>
        {say.stepUp}
      </Button>
      <Fault error={error} />
    </div>
  )
}
