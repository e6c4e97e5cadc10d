/**
 * What can be done, as a column of buttons: each opens its own few questions below it, one at a time, and says what will
 * happen before it happens.
 * @module
 */

import { Button } from "@mantine/core"
import { compact } from "@nightlight/contract"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { common } from "#messages/common.ts"
import { Fault } from "./states.tsx"
import "./offers.css"

/** One action that can be done. */
export interface Offer {
  readonly id: string
  readonly label: string
  /** What cannot be undone is brick. */
  readonly isFinal?: boolean
  /** The questions; `close` puts them away again, with a word on what came of it. */
  readonly form: (close: (said?: string) => void) => ReactNode
}

/** The buttons. Mount it with the id of what is shown as `key`: what was typed for one is not kept for the next. */
export function Offers({ offers }: { readonly offers: readonly Offer[] }): ReactNode {
  const [open, setOpen] = useState<string>()
  const [said, setSaid] = useState("")
  return (
    <div className="stack">
      {offers.map((offer) => (
        <OneOffer
          key={offer.id}
          offer={offer}
          isOpen={open === offer.id}
          onOpen={() => {
            setSaid("")
            setOpen(offer.id)
          }}
          onClose={(words = "") => {
            setSaid(words)
            setOpen(undefined)
          }}
        />
      ))}
      <p role="status" className="offer-said">
        {said}
      </p>
    </div>
  )
}

function OneOffer(props: {
  readonly offer: Offer
  readonly isOpen: boolean
  readonly onOpen: () => void
  readonly onClose: (said?: string) => void
}): ReactNode {
  const { offer, isOpen, onOpen, onClose } = props
  const button = useRef<HTMLButtonElement>(null)
  const section = useRef<HTMLElement>(null)
  const wasOpen = useRef(false)
  // The questions take the focus when they open, the button when they close.
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

/** An offer's questions, and the two buttons under them: while the action runs its button waits. */
export function OfferForm(props: {
  readonly action: { readonly isPending: boolean; readonly error: unknown }
  readonly label: string
  /** What cannot be undone is brick. */
  readonly isFinal?: boolean
  /** Whether everything that is asked for was given; it is unless told. */
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
