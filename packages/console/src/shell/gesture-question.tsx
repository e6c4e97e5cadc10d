import { Button, Modal } from "@mantine/core"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { signing as say } from "#messages/signing.ts"
import { describeSigned } from "../custody/described.ts"
import type { GestureRequest } from "../custody/gesture.ts"
import { Fact, Facts } from "../parts/facts.tsx"

/**
 * The dialog with what is about to be signed. `onEnd` is called with whether the person wants to sign. Loaded for the
 * first signature.
 */
export function GestureQuestion(props: {
  readonly request: GestureRequest
  readonly onEnd: (isWanted: boolean) => void
}): ReactNode {
  const { request, onEnd } = props
  return (
    <Modal
      opened
      onClose={() => onEnd(false)}
      title={say.title}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <div className="stack">
        <p>{say.lead}</p>
        <Facts>
          {describeSigned(request).map(({ name, value }) => (
            <Fact key={name} name={name}>
              {value}
            </Fact>
          ))}
        </Facts>
        <p className="quiet">{say.next}</p>
        <div className="row">
          <Button data-autofocus onClick={() => onEnd(true)}>
            {say.do}
          </Button>
          <Button variant="default" onClick={() => onEnd(false)}>
            {say.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
