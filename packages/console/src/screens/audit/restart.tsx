import { Button, Select } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { signing } from "#messages/signing.ts"
import { useCan, useMe } from "../../api/me.ts"
import { SignedWith } from "../../custody/signed-with.tsx"
import { usePersonKey } from "../../custody/use-person-key.ts"
import { count, dateTime } from "../../parts/format.ts"
import { Fault } from "../../parts/states.tsx"
import { useAction } from "../../parts/use-action.ts"
import { checkpointsQuery } from "./queries.ts"
import { type RestartReason, signRestart } from "./restart-sign.ts"
import { audit as say } from "./words.ts"

const { restart: words } = say
const REASONS = Object.entries(signing.restartReasons).map(([value, label]) => ({ value, label }))

/**
 * Whether log and custodian agree. If they contradict each other, counsel can sign here that checkpoints restart from
 * the newest event; a command on the host then takes the signature to the custodian.
 */
export function Restart(): ReactNode {
  const can = useCan()
  const { data, error } = useQuery(checkpointsQuery)
  const [isOpen, setOpen] = useState(false)
  return (
    <section className="stack" aria-labelledby="restart-title">
      <div className="stack-tight">
        <h2 id="restart-title">{words.title}</h2>
        <Fault error={error} />
        {data !== undefined && (
          <p className={data.state === "agree" ? "quiet" : "notice-line"}>
            {words.states[data.state](count(data.signed.seq))}
          </p>
        )}
      </div>
      {can("audit:restart") && data?.newest !== undefined && !isOpen && (
        <div>
          <Button variant="default" onClick={() => setOpen(true)}>
            {words.open}
          </Button>
        </div>
      )}
      {isOpen && <RestartForm />}
    </section>
  )
}

function RestartForm(): ReactNode {
  const { id: me } = useMe()
  const key = usePersonKey()
  const [reason, setReason] = useState<RestartReason | null>(null)
  const sign = useAction(signRestart, ["audit"])
  if (sign.data !== undefined) {
    const { restartId, expiresAt } = sign.data
    return (
      <div className="stack" role="status">
        <p>{words.done(dateTime(expiresAt))}</p>
        <p className="mono prewrap">{words.command(restartId)}</p>
      </div>
    )
  }
  return (
    <div className="stack">
      <p>{words.lead}</p>
      <Select
        label={words.reason}
        value={reason}
        onChange={(value) => setReason(value as typeof reason)}
        data={REASONS}
      />
      {key === null && (
        <p className="notice-line">
          {common.key.missing} <Link to="/settings">{common.key.missingHint}</Link>
        </p>
      )}
      <SignedWith kind="checkpoint-restart" />
      <div className="row">
        <Button
          disabled={key === null || key === undefined || reason === null}
          loading={sign.isPending}
          onClick={() => {
            if (key !== null && key !== undefined && reason !== null) sign.mutate({ person: me, reason, key })
          }}
        >
          {words.do}
        </Button>
      </div>
      <Fault error={sign.error} />
    </div>
  )
}
