import { Button, Modal } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { common } from "#messages/common.ts"
import { viewing as say } from "#messages/viewing.ts"
import { useMe } from "../api/me.ts"
import { SignedWith } from "../custody/signed-with.tsx"
import { usePersonKey } from "../custody/use-person-key.ts"
import { Fact, Facts } from "../parts/facts.tsx"
import { bytes, dateTime, listed } from "../parts/format.ts"
import { Id } from "../parts/id.tsx"
import { Name } from "../parts/name.tsx"
import { Fault } from "../parts/states.tsx"
import { useAction } from "../parts/use-action.ts"
import { declineOriginal, type OriginalRequest, proveOriginal } from "./original-queries.ts"
import "./viewing.css"

const { second } = say

/**
 * A notice over every page while a request for an original waits for the caller's approval. It opens the request: who
 * asks, why, for what and until when, with buttons to approve and decline it.
 */
export function ApproveOriginal({ request }: { readonly request: OriginalRequest }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <aside className="second-notice" role="status">
        <span>
          <Name id={request.requestedBy} /> {second.notice}
        </span>
        <Button variant="default" onClick={() => setOpen(true)}>
          {second.open}
        </Button>
      </aside>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={second.title}
        size="lg"
        closeButtonProps={{ "aria-label": common.close }}
      >
        <Request request={request} onDone={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function Request({ request, onDone }: { readonly request: OriginalRequest; readonly onDone: () => void }): ReactNode {
  const me = useMe()
  const key = usePersonKey()
  const prove = useAction(
    async () => (key === undefined || key === null ? undefined : proveOriginal(request, me.id, key)),
    ["cases"],
    onDone,
  )
  const decline = useAction(declineOriginal, ["cases"], onDone)
  const { categories, lists } = request
  return (
    <div className="stack">
      <Facts>
        <Fact name={second.requestedBy}>
          <Name id={request.requestedBy} />
        </Fact>
        <Fact name={second.why}>{say.why.reasons[request.reason]}</Fact>
        <Fact name={second.what}>
          {request.mediaType}, {bytes(request.sizeBytes)}
          {lists.length > 0 && `, ${second.listed(listed(categories), listed(lists))}`}
        </Fact>
        <Fact name={second.caseName}>
          <Id id={request.caseId} />
        </Fact>
        <Fact name={second.will}>{second.willText}</Fact>
        <Fact name={second.until}>{dateTime(request.expiresAt)}</Fact>
      </Facts>
      {key === null && (
        <p>
          {common.key.missing} <Link to="/settings">{common.key.missingHint}</Link>
        </p>
      )}
      <SignedWith kind="original" />
      <div className="row">
        <Button
          data-autofocus
          disabled={key === null || key === undefined}
          loading={prove.isPending}
          onClick={() => prove.mutate(undefined)}
        >
          {second.prove}
        </Button>
        <Button variant="default" loading={decline.isPending} onClick={() => decline.mutate(request.id)}>
          {second.decline}
        </Button>
      </div>
      <Fault error={prove.error ?? decline.error} />
    </div>
  )
}
