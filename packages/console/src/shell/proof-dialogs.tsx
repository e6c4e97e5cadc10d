import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react"
import { onProofNeeded, type Proof } from "../api/call.ts"

const ProofDialog = lazy(async () => ({ default: (await import("./proof-dialog.tsx")).ProofDialog }))

interface Waiting {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Shows a dialog when a call needs a sign-in or a step-up; further calls wait for the same answer. */
export function ProofDialogs(): ReactNode {
  // The last dialog stays mounted while closed, because closing it returns the focus.
  const [{ proof, isOpen }, setAsked] = useState<{ readonly proof?: Proof; readonly isOpen: boolean }>({
    isOpen: false,
  })
  const waiting = useRef<Waiting>(undefined)
  useEffect(() => {
    const ask = (what: Proof) => () => {
      waiting.current ??= Promise.withResolvers<void>()
      setAsked({ proof: what, isOpen: true })
      return waiting.current.promise
    }
    onProofNeeded({ signIn: ask("sign-in"), stepUp: ask("step-up") })
  }, [])
  const end = (error?: Error) => {
    if (error === undefined) waiting.current?.resolve()
    else waiting.current?.reject(error)
    waiting.current = undefined
    setAsked((last) => ({ ...last, isOpen: false }))
  }
  if (proof === undefined) return null
  return (
    <Suspense>
      <ProofDialog proof={proof} isOpen={isOpen} onEnd={end} />
    </Suspense>
  )
}
