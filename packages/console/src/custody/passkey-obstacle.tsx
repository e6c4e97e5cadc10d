import type { ReactNode } from "react"
import { passkeys } from "#messages/passkeys.ts"
import { type PasskeyObstacle, passkeyObstacle } from "./find-obstacle.ts"

const say = passkeys

/** The host and origins that passkeys are used at, from the custodian's or the server's configuration. */
interface Party {
  readonly rpId: string
  /** If empty, any page on the host will do. */
  readonly origins: readonly string[]
}

/** Why this page cannot make a passkey; `undefined` if it can, and while that is unknown. */
export function usePasskeyObstacle(party: Party | undefined): PasskeyObstacle | undefined {
  if (party === undefined) return undefined
  const obstacle = passkeyObstacle(party.rpId)
  const isElsewhere = party.origins.length > 0 && !party.origins.includes(window.location.origin)
  return obstacle ?? (isElsewhere ? "other-host" : undefined)
}

/** One sentence: why no passkey can be made here, and where one can. */
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
