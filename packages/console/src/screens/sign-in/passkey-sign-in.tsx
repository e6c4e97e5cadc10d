import type { SignedIn, SignInWays } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { passkeys as say } from "#messages/passkeys.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { PasskeyButton } from "../../custody/passkey-button.tsx"
import { Obstacle, usePasskeyObstacle } from "../../custody/passkey-obstacle.tsx"
import { proveByPasskey } from "../../custody/sign-in-passkey.ts"

/** A button that signs in with a passkey, or the reason why this page cannot use passkeys. */
export function PasskeySignIn({
  ways: { passkeys: party },
  onSignedIn,
}: {
  readonly ways: SchemaOutput<typeof SignInWays>
  readonly onSignedIn: (person: string) => Promise<void>
}): ReactNode {
  const obstacle = usePasskeyObstacle(party && { rpId: party.rpId, origins: [] })
  if (party === undefined) return null
  if (obstacle !== undefined) return obstacle === "address" ? <Obstacle obstacle={obstacle} /> : null
  const signIn = async () => {
    const { personId } = await proveByPasskey<SchemaOutput<typeof SignedIn>>("/v1/sign-in/passkey")
    await onSignedIn(personId)
  }
  return <PasskeyButton label={say.signIn} ask={signIn} />
}
