import { Button } from "@mantine/core"
import type { ReactNode } from "react"
import { viewing as say } from "#messages/viewing.ts"
import type { PersonKey } from "../custody/person-key.ts"
import { SignedWith } from "../custody/signed-with.tsx"
import { Fault } from "../parts/states.tsx"
import { useAction } from "../parts/use-action.ts"
import { attestWhole, type SealedViewing } from "./request-viewing.ts"
import type { Viewing } from "./use-viewing.ts"

/** Lets the viewer sign that they viewed the whole original. A report's "viewed" statement relies on this signature. */
export function Attest({
  viewing,
  seen,
  keyPair,
}: {
  readonly viewing: SealedViewing
  readonly seen: Viewing["lastShown"]
  readonly keyPair: PersonKey
}): ReactNode {
  const { attest } = say
  const sign = useAction(
    async (contentSha256: string) => attestWhole(viewing, contentSha256, keyPair),
    ["cases", "reports"],
  )
  return (
    <section className="stack" aria-labelledby="viewing-attest" aria-live="polite">
      <h2 id="viewing-attest">{attest.title}</h2>
      <p className="quiet">{attest.lead}</p>
      {!sign.isSuccess && <SignedWith kind="attestation" />}
      {sign.isSuccess ? (
        <p className="green">{attest.done}</p>
      ) : seen !== undefined && seen.isWhole !== true ? (
        <p>{attest.moving}</p>
      ) : (
        <div className="row">
          <Button
            disabled={seen === undefined}
            loading={sign.isPending}
            onClick={() => seen !== undefined && sign.mutate(seen.contentSha256)}
          >
            {attest.button}
          </Button>
          {seen === undefined && <span className="quiet">{attest.notYet}</span>}
        </div>
      )}
      <Fault error={sign.error} />
    </section>
  )
}
