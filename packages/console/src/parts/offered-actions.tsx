import { Button } from "@mantine/core"
import { compact } from "@nightlight/contract"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { common } from "#messages/common.ts"
import { Fault } from "./states.tsx"
import "./offers.css"

/** An action that the user can open. */
export interface Offer {
  readonly id: string
  readonly label: string
  /** Whether it cannot be undone: then its button is brick red. */
  readonly isFinal?: boolean
  /** The action's form. `close` closes it; `announcement` is what the page then says, such as the result. */
  readonly form: (close: (announcement?: string) => void) => ReactNode
}

/**
 * A column of actions. Each button opens a short form below it, which says what will happen; one form is open at a
 * time. Mount it with the subject's id as `key`, so that typed text is not kept for the next subject.
 */
export function OfferedActions({ offers }: { readonly offers: readonly Offer[] }): ReactNode {
  const [open, setOpen] = useState<string>()
  const [announcement, setAnnouncement] = useState("")
  return (
    <div className="stack">
      {offers.map((offer) => (
        <OfferView
          key={offer.id}
          offer={offer}
          isOpen={open === offer.id}
          onOpen={() => {
            setAnnouncement("")
            setOpen(offer.id)
          }}
          onClose={(words = "") => {
            setAnnouncement(words)
            setOpen(undefined)
          }}
        />
      ))}
      <p role="status" className="offer-said">
        {announcement}
      </p>
    </div>
  )
}

function OfferView(props: {
  readonly offer: Offer
  readonly isOpen: boolean
  readonly onOpen: () => void
  readonly onClose: (announcement?: string) => void
}): ReactNode {
  const { offer, isOpen, onOpen, onClose } = props
  const button = useRef<HTMLButtonElement>(null)
  const section = useRef<HTMLElement>(null)
  const wasOpen = useRef(false)
  // The focus moves into the form when it opens, and back to the button when it closes.
  useEffect(() => {
    if (isOpen) section.current?.querySelector<HTMLElement>("input, textarea, button")?.focus()
    else if (wasOpen.current) button.current?.focus()
    wasOpen.current = isOpen
  }, [isOpen])
  if (!isOpen) {
    return (
      <Button
        ref={button}
        variant={offer.isFinal === true ? "outline" : "default"}
        {...compact({ color: offer.isFinal === true ? "brick" : undefined })}
        justify="flex-start"
        onClick={onOpen}
      >
        {offer.label}
      </Button>
    )
  }
  return (
    <section className="offer stack" ref={section} aria-label={offer.label}>
      <h3>{offer.label}</h3>
      {offer.form(onClose)}
    </section>
  )
}

/** The form of an action with its two buttons. The submit button is busy while the action runs. */
export function OfferForm(props: {
  readonly action: { readonly isPending: boolean; readonly error: unknown }
  readonly label: string
  /** Whether it cannot be undone: then its button is brick red. */
  readonly isFinal?: boolean
  /** Whether every required answer is given; true by default. */
  readonly isReady?: boolean
  readonly onSubmit: () => void
  readonly onCancel: () => void
  readonly className?: string
  readonly "aria-label"?: string
  readonly children: ReactNode
}): ReactNode {
  const { action, label, isFinal = false, isReady = true, onSubmit, onCancel, className = "stack", children } = props
  return (
    <form
      className={className}
      aria-label={props["aria-label"]}
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {children}
      <Fault error={action.error} />
      <div className="row">
        <Button
          type="submit"
          {...compact({ color: isFinal ? "brick" : undefined })}
          loading={action.isPending}
          disabled={!isReady}
        >
          {label}
        </Button>
        <Button variant="default" onClick={() => onCancel()}>
          {common.cancel}
        </Button>
      </div>
    </form>
  )
}
