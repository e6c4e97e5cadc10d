import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { passkeys as say } from "#messages/passkeys.ts"
import { signInWaysQuery, useMe } from "../api/me.ts"
import { PasskeyButton } from "../custody/passkey-button.tsx"
import { usePasskeyObstacle } from "../custody/passkey-obstacle.tsx"
import { proveByPasskey } from "../custody/sign-in-passkey.ts"

/**
 * A button to sign in again or step up with a passkey; absent if this page cannot use passkeys. `onProved` is called
 * with the person's id.
 */
export function PasskeyProof({
  proof,
  onProved,
}: {
  readonly proof: "sign-in" | "step-up"
  readonly onProved: (personId: string) => Promise<void>
}): ReactNode {
  const me = useMe()
  const { data: ways } = useQuery(signInWaysQuery)
  const party = ways?.passkeys
  const obstacle = usePasskeyObstacle(party && { rpId: party.rpId, origins: [] })
  if (party === undefined || obstacle !== undefined) return null
  const prove = async () => {
    if (proof === "step-up") {
      await proveByPasskey("/v1/step-up/passkey")
      await onProved(me.id)
      return
    }
    const { personId } = await proveByPasskey<{ readonly personId: string }>("/v1/sign-in/passkey")
    await onProved(personId)
  }
  return <PasskeyButton label={say.stepUp} ask={prove} />
}
