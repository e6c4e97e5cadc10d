import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { Fault } from "../../parts/states.tsx"
import { Enrolment } from "./enrolment.tsx"
import { NewPasswordFields } from "./new-password.tsx"
import { type LinkProof, OpenedWith } from "./opened-with.tsx"
import { OtherWays } from "./other-ways.tsx"
import { useEnrolment } from "./use-enrolment.ts"
import { join as say } from "./words.ts"

/** The page of an invitation or a reset: a password, an authenticator and its first code. */
export function JoinScreen(): ReactNode {
  const [proof, setProof] = useState<LinkProof>({ oneTimeCode: "" })
  const enrolling = useEnrolment("/v1/join", { ...proof })
  return (
    <Enrolment title={say.joinTitle} lead={say.joinLead} at={enrolling}>
      <form className="stack" onSubmit={(event) => void enrolling.submit(event)}>
        <OpenedWith token={enrolling.token} proof={proof} onChange={setProof} />
        <NewPasswordFields value={enrolling.typed} onChange={enrolling.setTyped} />
        <Fault error={enrolling.error} />
        <Button type="submit">{say.go}</Button>
        <OtherWays path="/v1/join/oidc" body={{ token: enrolling.token, ...proof }} />
      </form>
    </Enrolment>
  )
}
