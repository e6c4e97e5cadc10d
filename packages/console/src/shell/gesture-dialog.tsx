/**
 * What is about to be signed, before the browser's own dialog asks for a gesture.
 * @module
 */
import { Button, Modal } from "@mantine/core"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { common } from "#messages/common.ts"
import { signing as say } from "#messages/signing.ts"
import { describeSigned } from "../custody/described.ts"
import { type GestureRequest, onGesture } from "../custody/gesture.ts"
import { Fact, Facts } from "../parts/facts.tsx"

/** Shows it when a signature is asked for; one at a time. */
export function GestureDialog(): ReactNode {
  const [request, setRequest] = useState<GestureRequest>()
  const answer = useRef<(isWanted: boolean) => void>(undefined)
  useEffect(() => {
    onGesture((asked) => {
      answer.current?.(false)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      answer.current = resolve
      setRequest(asked)
      return promise
    })
  }, [])
  const end = (isWanted: boolean) => {
    answer.current?.(isWanted)
    answer.current = undefined
    setRequest(undefined)
  }
  return (
    <Modal
      opened={request !== undefined}
      onClose={() => end(false)}
      title={say.title}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": common.close }}
    >
      <div className="stack">
        <p>{say.lead}</p>
        {request !== undefined && (
          <Facts>
            {describeSigned(request).map(({ name, value }) => (
              <Fact key={name} name={name}>
                {value}
              </Fact>
            ))}
          </Facts>
        )}
        <p className="quiet">{say.next}</p>
        <div className="row">
          <Button data-autofocus onClick={() => end(true)}>
            {say.do}
          </Button>
          <Button variant="default" onClick={() => end(false)}>
            {say.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
