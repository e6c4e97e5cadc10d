import { Button, CopyButton } from "@mantine/core"
import type { ConfirmAnswer } from "@nightlight/contract/server"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"
import { dateTime } from "../../parts/format.ts"
import { join as say } from "./words.ts"

/** The last step: a link to the sign-in page; after the set-up, first the second administrator's link. */
export function Joined({ second }: { readonly second: ConfirmAnswer["second"] }): ReactNode {
  return (
    <div className="stack">
      <h2>{say.doneTitle}</h2>
      {second !== undefined && (
        <section className="stack">
          <h3>{say.secondTitle}</h3>
          <p className="quiet">{say.secondLead}</p>
          <p className="mono prewrap">{say.secondCommand(second.personId)}</p>
          <p className="mono prewrap">{second.url}</p>
          <p className="quiet">
            {say.expires} {dateTime(second.expiresAt)}
          </p>
          <CopyButton value={second.url}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? common.copied : common.copy}
              </Button>
            )}
          </CopyButton>
        </section>
      )}
      <p>{say.doneLead}</p>
      <Link to="/sign-in">{say.signIn}</Link>
    </div>
  )
}
