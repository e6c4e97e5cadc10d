import { Switch, Textarea, TextInput } from "@mantine/core"
import type { EnrolSourceBody } from "@nightlight/contract/server"
import { type ReactNode, useState } from "react"
import { call } from "../../../api/call.ts"
import { OfferForm } from "../../../parts/offered-actions.tsx"
import { useAction } from "../../../parts/use-action.ts"
import { administration as say } from "../words.ts"

const { enrol: words } = say.sources

/** The form that enrols a source by its public key. */
export function EnrolSource({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [name, setName] = useState("")
  const [publicKey, setPublicKey] = useState("")
  const [datasetName, setDatasetName] = useState("")
  const [namesAccounts, setNamesAccounts] = useState(false)
  const enrol = useAction((body: EnrolSourceBody) => call("POST", "/v1/sources", { body }), ["sources"], onClose)
  return (
    <OfferForm
      className="stack administration-narrow"
      aria-label={words.open}
      action={enrol}
      label={words.do}
      isReady={name.trim() !== "" && publicKey.includes("PUBLIC KEY")}
      onCancel={onClose}
      onSubmit={() => {
        const dataset = datasetName.trim()
        const body = { name: name.trim(), publicKey: `${publicKey.trim()}\n`, namesAccounts }
        enrol.mutate(dataset === "" ? body : { ...body, datasetName: dataset })
      }}
    >
      <div className="stack-tight">
        <h2>{words.open}</h2>
        <p className="quiet">{words.lead}</p>
      </div>
      <TextInput
        label={words.name}
        required
        autoFocus
        maxLength={80}
        value={name}
        onChange={({ currentTarget: { value } }) => setName(value)}
      />
      <Textarea
        label={words.key}
        description={words.keyHint}
        required
        rows={4}
        maxLength={1000}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mono)", fontSize: 13 } }}
        value={publicKey}
        onChange={({ currentTarget: { value } }) => setPublicKey(value)}
      />
      <TextInput
        label={words.dataset}
        description={words.datasetHint}
        maxLength={120}
        value={datasetName}
        onChange={({ currentTarget: { value } }) => setDatasetName(value)}
      />
      <Switch
        label={words.accounts}
        description={words.accountsHint}
        checked={namesAccounts}
        onChange={({ currentTarget: { checked } }) => setNamesAccounts(checked)}
      />
    </OfferForm>
  )
}
