import { Button, TextInput } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { Fault } from "../../parts/states.tsx"
import { Enrolment } from "../join/enrolment.tsx"
import { NewPasswordFields } from "../join/new-password.tsx"
import { OtherWays } from "../join/other-ways.tsx"
import { useEnrolment } from "../join/use-enrolment.ts"
import { join as say } from "../join/words.ts"

interface Who {
  readonly name: string
  readonly email: string
}

const NOBODY: Who = { name: "", email: "" }

/** The page of the set-up link: the first administrator joins and names the second, who is invited. */
export function SetupScreen(): ReactNode {
  const [first, setFirst] = useState(NOBODY)
  const [second, setSecond] = useState(NOBODY)
  const enrolling = useEnrolment("/v1/setup", { ...first, second })
  return (
    <Enrolment title={say.setupTitle} lead={say.setupLead} at={enrolling}>
      <form className="stack" onSubmit={(event) => void enrolling.submit(event)}>
        <WhoFields legend={say.you} value={first} onChange={setFirst} isCaller />
        <NewPasswordFields value={enrolling.typed} onChange={enrolling.setTyped} />
        <WhoFields legend={say.second} value={second} onChange={setSecond} />
        <Fault error={enrolling.error} />
        <Button type="submit">{say.go}</Button>
        <OtherWays path="/v1/setup/oidc" body={{ token: enrolling.token, ...first, second }} />
      </form>
    </Enrolment>
  )
}

function WhoFields(props: {
  readonly legend: string
  readonly value: Who
  readonly onChange: (next: Who) => void
  readonly isCaller?: boolean
}): ReactNode {
  const { legend, value, onChange, isCaller = false } = props
  return (
    <fieldset className="stack door-who">
      <legend>{legend}</legend>
      <TextInput
        label={say.name}
        required
        maxLength={120}
        autoComplete={isCaller ? "name" : "off"}
        value={value.name}
        onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
      />
      <TextInput
        label={say.email}
        type="email"
        required
        maxLength={254}
        autoComplete={isCaller ? "username" : "off"}
        value={value.email}
        onChange={(event) => onChange({ ...value, email: event.currentTarget.value })}
      />
    </fieldset>
  )
}
