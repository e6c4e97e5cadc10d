import { Button, Kbd } from "@mantine/core"
import type { ViewingReason } from "@nightlight/contract/custodian"
import type { ReactNode, RefObject } from "react"
import { viewing as say } from "#messages/viewing.ts"
import { PageHead } from "../parts/page.tsx"
import { REASONS } from "./reasons.ts"
import { useViewingKeys } from "./use-viewing-keys.ts"

/** Asks for the reason of the viewing; keys `1` to `6` answer too. */
export function ViewingReasonForm({
  root,
  onChosen,
}: {
  readonly root: RefObject<HTMLElement | null>
  readonly onChosen: (reason: ViewingReason) => void
}): ReactNode {
  useViewingKeys(root, Object.fromEntries(REASONS.map((reason, place) => [String(place + 1), () => onChosen(reason)])))
  return (
    <section className="stack" aria-labelledby="viewing-why">
      <PageHead title={say.why.title} lead={say.why.lead} />
      <ol className="viewing-reasons">
        {REASONS.map((reason, place) => (
          <li key={reason}>
            <Button
              variant="default"
              justify="flex-start"
              fullWidth
              autoFocus={place === 0}
              data-autofocus={place === 0 ? true : undefined}
              leftSection={<Kbd>{place + 1}</Kbd>}
              onClick={() => onChosen(reason)}
            >
              {say.why.reasons[reason]}
            </Button>
          </li>
        ))}
      </ol>
    </section>
  )
}
