import { Button, Modal } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { tour as say } from "#messages/tour.ts"
import { useCan } from "../api/me.ts"

type Step = keyof typeof say.steps

/**
 * Each step with the permissions it is useful for: any one of them shows it; a step without permissions is for
 * everybody.
 */
const STEPS: readonly (readonly [Step, readonly string[]])[] = [
  ["home", []],
  ["cases", ["case:review"]],
  ["viewing", ["viewing:derivative"]],
  ["reports", ["report:prepare", "report:approve"]],
  ["custody", ["viewing:derivative", "report:prepare", "report:approve"]],
  ["operating", ["person:manage"]],
  ["breaks", []],
  ["keys", []],
]

/** The tour's dialog, one step at a time. */
export function TourPages({ onClose }: { readonly onClose: () => void }): ReactNode {
  const can = useCan()
  const [index, setIndex] = useState(0)
  const steps = STEPS.filter(([, needs]) => needs.length === 0 || needs.some(can))
  const [name] = steps[index] ?? ["home"]
  const isLast = index === steps.length - 1
  const { title, text } = say.steps[name]
  return (
    <Modal opened onClose={onClose} title={say.title} closeButtonProps={{ "aria-label": say.skip }}>
      <div className="stack">
        <div aria-live="polite" className="stack tour-text">
          <h2>{title}</h2>
          <p>{text}</p>
        </div>
        <div className="row-between">
          <span className="quiet">{say.step(index + 1, steps.length)}</span>
          <div className="row">
            {index > 0 && (
              <Button variant="default" onClick={() => setIndex(index - 1)}>
                {say.before}
              </Button>
            )}
            <Button onClick={() => (isLast ? onClose() : setIndex(index + 1))} data-autofocus>
              {isLast ? say.done : say.next}
            </Button>
          </div>
        </div>
      </div>
    </Modal>
  )
}
