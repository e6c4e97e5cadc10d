import { Checkbox, NativeSelect, NumberInput, TextInput } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { KeyBody, MadeKey } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import type { SchemaOutput } from "../../../api/schema-output.ts"
import { OfferForm } from "../../../parts/offered-actions.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { OneTimeSecret } from "../parts/one-time-secret.tsx"
import { sourcesQuery } from "../queries.ts"
import { administration as say } from "../words.ts"

const { serviceKeys } = say
const { make: words } = serviceKeys
type Body = SchemaOutput<typeof KeyBody>
const SCOPES: readonly Body["scopes"][number][] = ["findings:push", "screen", "metrics"]
const MAX_DAYS = 366
const DEFAULT_CALLS_PER_MINUTE = 1_200
const MAX_CALLS_PER_MINUTE = 1_000_000

/** The form for a new service key, then its token, which is shown once. */
export function MakeKey({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { data = [] } = useQuery(sourcesQuery)
  const sources = data.filter(({ revokedAt }) => revokedAt === undefined)
  const [name, setName] = useState("")
  const [scopes, setScopes] = useState<readonly string[]>([])
  const [source, setSource] = useState("")
  const [days, setDays] = useState<number | string>(90)
  const [callsPerMinute, setCallsPerMinute] = useState<number | string>(DEFAULT_CALLS_PER_MINUTE)
  const make = useAction((body: Body) => call<SchemaOutput<typeof MadeKey>>("POST", "/v1/keys", { body }), ["sources"])
  const chosen = SCOPES.filter((scope) => scopes.includes(scope))
  const screens = chosen.includes("screen")
  const needsSource = chosen.includes("findings:push")
  if (make.data !== undefined) {
    const { key, token } = make.data
    return (
      <div className="administration-narrow">
        <OneTimeSecret title={key.name} label={words.token} secret={token} onPutAway={onClose} />
      </div>
    )
  }
  const isLimited = !screens || Number(callsPerMinute) >= 1
  const isReady =
    name.trim() !== "" && chosen.length > 0 && isLimited && Number(days) >= 1 && (!needsSource || source !== "")
  return (
    <OfferForm
      className="stack administration-narrow"
      aria-label={words.open}
      action={make}
      label={words.do}
      isReady={isReady}
      onCancel={onClose}
      onSubmit={() =>
        make.mutate({
          name: name.trim(),
          scopes: [...chosen],
          expiresInDays: Number(days),
          ...compact({
            source: needsSource ? source : undefined,
            callsPerMinute: screens ? Number(callsPerMinute) : undefined,
          }),
        })
      }
    >
      <h2>{words.open}</h2>
      <TextInput
        label={words.name}
        description={words.nameHint}
        required
        autoFocus
        maxLength={80}
        value={name}
        onChange={({ currentTarget: { value } }) => setName(value)}
      />
      <Checkbox.Group label={words.scopes} required value={[...scopes]} onChange={setScopes}>
        <div className="stack" style={{ marginTop: 8 }}>
          {SCOPES.map((scope) => (
            <Checkbox
              key={scope}
              value={scope}
              label={serviceKeys.scopes[scope] ?? scope}
              description={serviceKeys.scopeHints[scope]}
            />
          ))}
        </div>
      </Checkbox.Group>
      {needsSource && sources.length === 0 && <p>{words.noSource}</p>}
      {needsSource && sources.length > 0 && (
        <NativeSelect
          label={words.source}
          description={words.sourceHint}
          required
          value={source}
          onChange={({ currentTarget: { value } }) => setSource(value)}
          data={[{ value: "", label: "" }, ...sources.map((each) => ({ value: each.source, label: each.name }))]}
        />
      )}
      {screens && (
        <NumberInput
          label={words.callsPerMinute}
          description={words.callsPerMinuteHint}
          required
          min={1}
          max={MAX_CALLS_PER_MINUTE}
          allowDecimal={false}
          value={callsPerMinute}
          onChange={setCallsPerMinute}
          style={{ maxWidth: 200 }}
        />
      )}
      <NumberInput
        label={words.days}
        description={words.daysHint}
        required
        min={1}
        max={MAX_DAYS}
        allowDecimal={false}
        value={days}
        onChange={setDays}
        style={{ maxWidth: 200 }}
      />
    </OfferForm>
  )
}
