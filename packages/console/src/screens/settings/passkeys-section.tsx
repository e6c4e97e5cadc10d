import { Button, TextInput } from "@mantine/core"
import type { PasskeyView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { passkeys as say } from "#messages/passkeys.ts"
import { call } from "../../api/call.ts"
import { useMe } from "../../api/me.ts"
import { Obstacle, usePasskeyObstacle } from "../../custody/passkey-obstacle.tsx"
import { addPasskey, myPasskeysQuery } from "../../custody/sign-in-passkey.ts"
import { day } from "../../parts/format.ts"
import { Loaded } from "../../parts/loaded.tsx"
import { Section } from "../../parts/section.tsx"
import { Fault } from "../../parts/states.tsx"
import { Ago } from "../../parts/time.tsx"
import { useAction } from "../../parts/use-action.ts"

const TOPICS = ["passkeys"] as const
const pathOf = (credentialId: string) => `/v1/me/passkeys/${encodeURIComponent(credentialId)}`

/** The person's passkeys for signing in: add, rename, remove. */
export function PasskeysSection(): ReactNode {
  const query = useQuery(myPasskeysQuery)
  const { data } = query
  const obstacle = usePasskeyObstacle(data?.party)
  const remove = useAction((credentialId: string) => call("DELETE", pathOf(credentialId)), TOPICS)
  return (
    <Loaded query={query} rows={2} failure="instead">
      {(data) => {
        const { passkeys, party, mayMake } = data
        return (
          <Section id="passkeys" title={say.title} lead={say.lead}>
            {passkeys.length === 0 && <p>{mayMake || party === undefined ? say.none : say.oidc}</p>}
            {passkeys.length > 0 && (
              <ul className="stack">
                {passkeys.map((passkey) => (
                  <PasskeyRow
                    key={passkey.credentialId}
                    passkey={passkey}
                    isBusy={remove.isPending && remove.variables === passkey.credentialId}
                    onRemove={() => remove.mutate(passkey.credentialId)}
                  />
                ))}
              </ul>
            )}
            <p aria-live="polite" className="quiet">
              {remove.isSuccess && say.removed}
            </p>
            <Fault error={remove.error} />
            {mayMake && obstacle === undefined && <AddPasskey />}
            {(obstacle !== undefined || party === undefined) && <Obstacle obstacle={obstacle ?? "address"} />}
          </Section>
        )
      }}
    </Loaded>
  )
}

function PasskeyRow(props: {
  readonly passkey: PasskeyView
  readonly isBusy: boolean
  readonly onRemove: () => void
}): ReactNode {
  const { credentialId, name, madeAt, usedAt } = props.passkey
  const [isRenaming, setRenaming] = useState(false)
  const [next, setNext] = useState(name)
  const rename = useAction(
    () => call("PUT", pathOf(credentialId), { body: { name: next } }),
    TOPICS,
    () => setRenaming(false),
  )
  if (isRenaming) {
    return (
      <li>
        <form
          className="settings-form"
          onSubmit={(event) => {
            event.preventDefault()
            rename.mutate(undefined)
          }}
        >
          <TextInput
            label={say.name}
            required
            autoFocus
            maxLength={80}
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
          <Fault error={rename.error} />
          <div className="row">
            <Button type="submit" loading={rename.isPending}>
              {common.save}
            </Button>
            <Button variant="default" onClick={() => setRenaming(false)}>
              {common.cancel}
            </Button>
          </div>
        </form>
      </li>
    )
  }
  return (
    <li className="row-between">
      <span>
        <strong>{name}</strong>{" "}
        <span className="quiet">
          {say.made} {day(madeAt)} · {say.used} {usedAt === undefined ? say.never : <Ago at={usedAt} />}
        </span>
      </span>
      <span className="row">
        <Button
          variant="default"
          size="compact-sm"
          aria-label={say.renameLabel(name)}
          onClick={() => setRenaming(true)}
        >
          {say.rename}
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          aria-label={say.removeLabel(name)}
          loading={props.isBusy}
          onClick={props.onRemove}
        >
          {say.remove}
        </Button>
      </span>
    </li>
  )
}

function AddPasskey(): ReactNode {
  const { email } = useMe()
  const [name, setName] = useState("")
  const add = useAction(
    () => addPasskey(name, say.passkeyName(email)),
    TOPICS,
    () => setName(""),
  )
  return (
    <form
      className="settings-form"
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate(undefined)
      }}
    >
      <TextInput
        label={say.name}
        description={say.nameHint}
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Fault error={add.error} />
      <div className="row">
        <Button type="submit" loading={add.isPending}>
          {say.add}
        </Button>
        <span aria-live="polite" className="green">
          {add.isSuccess && say.added}
        </span>
      </div>
    </form>
  )
}
