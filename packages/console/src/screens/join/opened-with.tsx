/**
 * What a link is opened with: the host's code, or, of a reset, the reader's enrolled key.
 * @module
 */
import { TextInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { PasskeyButton } from "../../custody/passkey-button.tsx"
import { hasKeyQuery, type KeyProof, proveLink } from "./link-key.ts"
import { join as say } from "./words.ts"

/** One of the two, as the server takes it. */
export type LinkProof = { readonly oneTimeCode: string } | { readonly key: KeyProof }

/** Asks for the code, and offers the key where the link's person has one. */
export function OpenedWith({
  token,
  proof,
  onChange,
}: {
  readonly token: string | undefined
  readonly proof: LinkProof
  readonly onChange: (next: LinkProof) => void
}): ReactNode {
  const { data: hasKey = false } = useQuery(hasKeyQuery(token))
  if ("key" in proof) {
    return <p role="status">{say.keyConfirmed}</p>
  }
  return (
    <>
      {hasKey && token !== undefined && (
        <section className="stack-tight">
          <PasskeyButton label={say.withKey} ask={async () => onChange({ key: await proveLink(token) })} />
          <p className="quiet">{say.withKeyHint}</p>
        </section>
      )}
      <TextInput
        label={hasKey ? say.codeInstead : say.oneTimeCode}
        description={say.oneTimeCodeHint}
        required={!hasKey}
        maxLength={60}
        autoComplete="off"
        spellCheck={false}
        value={proof.oneTimeCode}
        onChange={(event) => onChange({ oneTimeCode: event.currentTarget.value })}
      />
    </>
  )
}
