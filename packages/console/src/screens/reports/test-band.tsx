import type { ReactNode } from "react"
import { reports as say } from "./words.ts"

/** Says over everything else that a report goes to the test host. */
export function TestBand(): ReactNode {
  return (
    <p className="test-band">
      <strong>{say.test.title}</strong> {say.test.text}
    </p>
  )
}
