import type { ReactNode } from "react"
import { passkeys } from "#messages/passkeys.ts"
import { type PasskeyObstacle, passkeyObstacle } from "./find-obstacle.ts"

const say = passkeys

/** Where passkeys are used: of the custodian's configuration, or the server's. */
interface Party {
  readonly rpId: string
  /** None: whatever page has the host's name. */
  readonly origins: readonly string[]
}

/** Why no passkey can be made on this page; `undefined` where one can, and while that is not known. */
export function usePasskeyObstacle(party: Party | undefined): PasskeyObstacle | undefined {
  if (party === undefined) return undefined
  const obstacle = passkeyObstacle(party.rpId)
  const isElsewhere = party.origins.length > 0 && !party.origins.includes(window.location.origin)
  return obstacle ?? (isElsewhere ? "other-host" : undefined)
}

/** Says why, and where a passkey can be made. */
export function Obstacle({ obstacle }: { readonly obstacle: PasskeyObstacle }): ReactNode {
  const named = new URL(window.location.href)
  named.hostname = "localhost"
  const isLoopback = ["127.0.0.1", "[::1]"].includes(window.location.hostname)
  return (
    <p className="quiet">
      {say.obstacles[obstacle]} {obstacle === "address" && isLoopback && <a href={named.href}>{named.origin}</a>}
    </p>
  )
}
