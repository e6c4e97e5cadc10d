import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react"
import { type GestureRequest, onGesture } from "../custody/gesture.ts"

const GestureQuestion = lazy(async () => ({ default: (await import("./gesture-question.tsx")).GestureQuestion }))

/** Shows the document that is about to be signed, before the browser asks for a passkey; one at a time. */
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
  if (request === undefined) return null
  return (
    <Suspense fallback={null}>
      <GestureQuestion request={request} onEnd={end} />
    </Suspense>
  )
}
