import { TextInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { PasskeyButton } from "../../custody/passkey-button.tsx"
import { hasKeyQuery, type KeyProof, proveLink } from "./link-key.ts"
import { join as say } from "./words.ts"

/** The proof that opens a link: the host's code or, for a reset, a signature with the person's key. */
export type LinkProof = { readonly oneTimeCode: string } | { readonly key: KeyProof }

/** A field for the code; if the person has a key, a button to use that instead. */
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
