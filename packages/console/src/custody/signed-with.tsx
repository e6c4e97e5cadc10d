import type { SignedKind } from "@nightlight/contract/custodian"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { signing as say } from "#messages/signing.ts"
import { signsBy } from "./person-key.ts"
import { usePersonKey } from "./use-person-key.ts"

/**
 * Says beside a button that signs where it signs without a gesture, and where this browser has nothing that the custodian
 * takes for it; nothing while a passkey signs, or while no key is here.
 */
export function SignedWith({ kind }: { readonly kind: SignedKind }): ReactNode {
  const key = usePersonKey()
  if (key === undefined || key === null) return null
  const by = signsBy(key, kind)
  if (by === "passkey") return null
  if (by === "kept-key") return <p className="quiet">{say.keptKey}</p>
  return (
    <p className="notice-line">
      {common.errors["passkey_needed"]} <Link to="/settings">{common.key.missingHint}</Link>
    </p>
  )
}
