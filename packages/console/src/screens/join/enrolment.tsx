import type { ReactNode } from "react"
import { Empty } from "../../parts/states.tsx"
import { Authenticator } from "./authenticator.tsx"
import { Joined } from "./joined.tsx"
import { SignedOutLayout } from "./signed-out-layout.tsx"
import type { Enrolling } from "./use-enrolment.ts"
import { join as say } from "./words.ts"

/** The present step of joining. `children` is the first step, the form. */
export function Enrolment(props: {
  readonly title: string
  readonly lead: string
  readonly at: Enrolling
  readonly children: ReactNode
}): ReactNode {
  const { title, lead, at: enrolling, children } = props
  if (enrolling.token === undefined) {
    return (
      <SignedOutLayout title={title}>
        <Empty title={say.noToken} hint={say.noTokenHint} />
      </SignedOutLayout>
    )
  }
  return (
    <SignedOutLayout title={title} lead={lead}>
      {enrolling.confirmation !== undefined ? (
        <Joined second={enrolling.confirmation.second} />
      ) : enrolling.enrolment !== undefined ? (
        <Authenticator enrolment={enrolling.enrolment} onDone={enrolling.setDone} />
      ) : (
        children
      )}
    </SignedOutLayout>
  )
}
