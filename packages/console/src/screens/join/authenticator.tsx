import { Button } from "@mantine/core"
import type { ConfirmAnswer, EnrolmentAnswer } from "@nightlight/contract/server"
import { type FormEvent, type ReactNode, useState } from "react"
import { callOnce } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { CodeField } from "../../parts/code-field.tsx"
import { Fault } from "../../parts/states.tsx"
import { QrCode } from "./qr-code.tsx"
import { join as say } from "./words.ts"

/**
 * The step that sets up an authenticator: its secret as a QR code and as text, shown once, and a field for the first
 * code. `onDone` is called with the server's answer to that code.
 */
export function Authenticator({
  enrolment,
  onDone,
}: {
  readonly enrolment: SchemaOutput<typeof EnrolmentAnswer>
  readonly onDone: (answer: ConfirmAnswer) => void
}): ReactNode {
  const [code, setCode] = useState("")
  const [error, setError] = useState<unknown>()
  const secret = new URL(enrolment.otpauthUri).searchParams.get("secret") ?? ""
  const confirm = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      onDone(
        await callOnce<ConfirmAnswer>("POST", "/v1/join/confirm", { body: { enrolment: enrolment.enrolment, code } }),
      )
    } catch (failure) {
      setError(failure)
      setCode("")
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void confirm(event)}>
      <h2>{say.authenticatorTitle}</h2>
      <p className="quiet">{say.authenticatorLead}</p>
      <QrCode text={enrolment.otpauthUri} label={say.qr} />
      <p>
        {say.secret}: <span className="mono">{secret.replaceAll(/(.{4})/g, "$1 ").trim()}</span>
      </p>
      <CodeField label={say.code} description={say.codeHint} value={code} onChange={setCode} autoFocus />
      <Fault error={error} />
      <Button type="submit">{say.confirm}</Button>
    </form>
  )
}
