import { Button, Checkbox, TextInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { signing } from "#messages/signing.ts"
import { useMe } from "../../api/me.ts"
import { CallError } from "../../api/problem.ts"
import { verifiesPeople } from "../../custody/passkey.ts"
import { Obstacle, usePasskeyObstacle } from "../../custody/passkey-obstacle.tsx"
import type { PersonKey } from "../../custody/person-key.ts"
import { mySigningQuery, usePersonKey } from "../../custody/use-person-key.ts"
import { day } from "../../parts/format.ts"
import { Section } from "../../parts/section.tsx"
import { Fault, Loading } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { enrolKeyByCode, isReplaced, NoStoreError } from "./enrol-key-by-code.ts"
import { settings } from "./words.ts"

const say = settings.key
/** The custodian's role for each of the server's roles. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  reviewer: "reviewer",
  "senior-reviewer": "senior-reviewer",
  reporter: "reporter",
  counsel: "counsel",
  custodian: "custodian",
  administrator: "approver",
  "policy-editor": "approver",
}

/** The signing key: whether this browser holds it, and a form to enrol one. */
export function KeySection(): ReactNode {
  const me = useMe()
  const key = usePersonKey()
  const roles = [...new Set(me.roles.flatMap((role) => KNOWN_AS[role] ?? []))]
  const [isBringing, setBringing] = useState(false)
  if (roles.length === 0) {
    return (
      <Section id="key" title={say.title}>
        <p>{say.notNeeded}</p>
      </Section>
    )
  }
  const kept = key?.browserKey
  const isKept = kept !== undefined && !isReplaced(kept, me.custodyKeyAt)
  const isGood = isKept || key?.passkey !== undefined
  return (
    <Section id="key" title={say.title}>
      <p>{say.explain}</p>
      {key === undefined ? (
        <Loading rows={1} />
      ) : (
        <KeyState isGood={isGood} holds={kept !== undefined} at={me.custodyKeyAt} />
      )}
      {key !== undefined && key !== null && isGood && <SigningMethod signer={key} isKept={isKept} />}
      {key !== undefined && isGood && !isBringing && (
        <div className="row">
          <Button variant="default" onClick={() => setBringing(true)}>
            {say.again}
          </Button>
        </div>
      )}
      {key !== undefined && (!isGood || isBringing) && (
        <EnrolKeyForm person={me.id} email={me.email} roles={roles} onDone={() => setBringing(false)} />
      )}
    </Section>
  )
}

function KeyState(props: {
  readonly isGood: boolean
  readonly holds: boolean
  readonly at: string | undefined
}): ReactNode {
  const { isGood, holds, at } = props
  if (isGood) {
    return (
      <p aria-live="polite">
        <strong className="green">{say.holds}</strong> {at !== undefined && say.since(day(at))}
      </p>
    )
  }
  if (at === undefined) return <p>{say.none}</p>
  return (
    <p>
      <strong>{holds ? say.replaced : say.elsewhere}</strong> {say.elsewhereHint}
    </p>
  )
}

/** The key with which the person signs in this browser. */
function SigningMethod({ signer, isKept }: { readonly signer: PersonKey; readonly isKept: boolean }): ReactNode {
  const words = isKept ? say.byPasskey : say.byPasskeyAlone
  const kinds = signer.require.map((kind) => signing.kinds[kind] ?? kind)
  return (
    <>
      <p>{signer.passkey === undefined ? say.byKept : words}</p>
      {kinds.length > 0 && <p className="quiet">{say.required(kinds.join("; "))}</p>}
    </>
  )
}

function EnrolKeyForm(props: {
  readonly person: string
  readonly email: string
  readonly roles: readonly string[]
  readonly onDone: () => void
}): ReactNode {
  const { person, email, roles, onDone } = props
  const [code, setCode] = useState("")
  // Preselected if this device can make a passkey itself; with a security key, people select it.
  const { data: isOffered = false } = useQuery({ queryKey: ["verifies-people"], queryFn: verifiesPeople })
  const [chosen, setChosen] = useState<boolean>()
  const wantsPasskey = chosen ?? isOffered
  const { data: known } = useQuery(mySigningQuery)
  const obstacle = usePasskeyObstacle(known?.passkeys)
  const rpId = wantsPasskey && obstacle === undefined ? known?.passkeys.rpId : undefined
  const bring = useAction(
    () => enrolKeyByCode(person, code, rpId === undefined ? undefined : { rpId, name: say.passkeyName(email) }),
    ["people"],
    () => {
      setCode("")
      onDone()
    },
  )
  const reason = bring.error instanceof CallError ? say.faults[String(bring.error.details["reason"])] : undefined
  const words = bring.error instanceof NoStoreError ? say.storeFailed : reason
  return (
    <div className="stack">
      <div className="stack-tight">
        <h3>{say.howTitle}</h3>
        <p className="quiet">{say.how}</p>
        <pre className="settings-command">
          nightlight custodian enrol {person} {roles.map((role) => `--role ${role}`).join(" ")}
        </pre>
      </div>
      <form
        className="settings-form"
        onSubmit={(event) => {
          event.preventDefault()
          bring.mutate(undefined)
        }}
      >
        <TextInput
          label={say.code}
          description={say.codeHint}
          required
          autoComplete="off"
          spellCheck={false}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {known !== undefined && obstacle === undefined && (
          <Checkbox
            label={say.withPasskey}
            description={say.withPasskeyHint}
            checked={wantsPasskey}
            onChange={(event) => setChosen(event.currentTarget.checked)}
          />
        )}
        {obstacle !== undefined && <Obstacle obstacle={obstacle} />}
        {words === undefined ? (
          <Fault error={bring.error} />
        ) : (
          <p className="fault" role="alert">
            {words}
          </p>
        )}
        <div className="row">
          <Button type="submit" loading={bring.isPending}>
            {say.bring}
          </Button>
        </div>
      </form>
    </div>
  )
}
