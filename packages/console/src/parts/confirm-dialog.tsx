import { Button, Modal } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { Fault } from "./states.tsx"

/** A dialog that says what will happen and asks for confirmation. */
export function ConfirmDialog(props: {
  readonly title: string
  readonly what: string
  readonly label: string
  /** Whether it cannot be undone: then its button is brick red. */
  readonly isFinal?: boolean
  readonly action: { readonly isPending: boolean; readonly error: unknown; readonly reset: () => void }
  readonly onDo: () => void
  readonly onClose: () => void
}): ReactNode {
  const { title, what, label, isFinal = false, action, onDo } = props
  const onClose = () => {
    action.reset()
    props.onClose()
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": common.close }}>
      <div className="stack">
        <p className={isFinal ? "brick" : ""}>{what}</p>
        <Fault error={action.error} />
        <div className="row">
          <Button {...compact({ color: isFinal ? "brick" : undefined })} loading={action.isPending} onClick={onDo}>
            {label}
          </Button>
          <Button variant="default" data-autofocus onClick={onClose}>
            {common.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
