import type { ReactNode } from "react"
import { reports as say } from "./words.ts"

/** A banner above a report that goes to the CyberTipline's test host. */
export function TestBand(): ReactNode {
  return (
    <p className="test-band">
      <strong>{say.test.title}</strong> {say.test.text}
    </p>
  )
}
