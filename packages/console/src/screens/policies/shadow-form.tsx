/**
 * Starting and ending a version's run in shadow.
 * @module
 */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { OfferButtons } from "../../parts/offers.tsx"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { endShadow, startShadow } from "./queries.ts"
import { policies as say } from "./words.ts"

const { shadow: words } = say
type Close = (said?: string) => void

/** Starts it. `other`: the version that is in shadow now, which comes first. */
export function StartShadowForm(props: {
  readonly digest: string
  readonly other?: string | undefined
  readonly onClose: Close
}): ReactNode {
  const { digest, other, onClose } = props
  const start = useAction(startShadow, ["policies"], () => onClose(words.started))
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate(digest)
      }}
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
      <Fault error={start.error} />
      <OfferButtons label={words.start} isBusy={start.isPending} isReady={other === undefined} onCancel={onClose} />
    </form>
  )
}

/** Ends it. */
export function EndShadowForm({ digest, onClose }: { readonly digest: string; readonly onClose: Close }): ReactNode {
  const end = useAction(endShadow, ["policies"], () => onClose(words.ended))
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        end.mutate(digest)
      }}
    >
      <p>{words.endWhat}</p>
      <Fault error={end.error} />
      <OfferButtons label={words.endDo} isBusy={end.isPending} onCancel={onClose} />
    </form>
  )
}
