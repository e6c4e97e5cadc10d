import type { SignedKind } from "@nightlight/contract/custodian"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { signing as say } from "#messages/signing.ts"
import { signingKeyKind } from "./person-key.ts"
import { usePersonKey } from "./use-person-key.ts"

/**
 * A note beside a button that signs: either that it signs without a fingerprint, face or PIN, or that this browser has
 * no key that the custodian accepts. Empty if a passkey signs or this browser has no key at all.
 */
export function SignedWith({ kind }: { readonly kind: SignedKind }): ReactNode {
  const key = usePersonKey()
  if (key === undefined || key === null) return null
  const by = signingKeyKind(key, kind)
  if (by === "passkey") return null
  if (by === "kept-key") return <p className="quiet">{say.keptKey}</p>
  return (
    <p className="notice-line">
      {common.errors["passkey_needed"]} <Link to="/settings">{common.key.missingHint}</Link>
    </p>
  )
}
