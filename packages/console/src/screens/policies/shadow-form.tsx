/**
 * Forms that start and end a version's run in shadow.
 * @module
 */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { OfferForm } from "../../parts/offered-actions.tsx"
import { useAction } from "../../parts/use-action.ts"
import { endShadow, startShadow } from "./queries.ts"
import { policies as say } from "./words.ts"

const { shadow: words } = say
type Close = (announcement?: string) => void

/** Starts a run in shadow. `other`: the version that is in shadow now and must end first. */
export function StartShadowForm(props: {
  readonly digest: string
  readonly other?: string | undefined
  readonly onClose: Close
}): ReactNode {
  const { digest, other, onClose } = props
  const start = useAction(startShadow, ["policies"], () => onClose(words.started))
  return (
    <OfferForm
      action={start}
      label={words.start}
      isReady={other === undefined}
      onCancel={onClose}
      onSubmit={() => start.mutate(digest)}
    >
      <p>{words.what}</p>
      {other !== undefined && (
        <p>
          {words.other}{" "}
          <Link to="/policies/$digest" params={{ digest: other }}>
            {words.openOther}
          </Link>
        </p>
      )}
    </OfferForm>
  )
}

/** Ends a run in shadow. */
export function EndShadowForm({ digest, onClose }: { readonly digest: string; readonly onClose: Close }): ReactNode {
  const end = useAction(endShadow, ["policies"], () => onClose(words.ended))
  return (
    <OfferForm action={end} label={words.endDo} onCancel={onClose} onSubmit={() => end.mutate(digest)}>
      <p>{words.endWhat}</p>
    </OfferForm>
  )
}
