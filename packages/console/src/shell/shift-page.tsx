import { Button } from "@mantine/core"
import type { ShiftSummary } from "@nightlight/contract/server"
import { useMutation } from "@tanstack/react-query"
import { type ReactNode, useEffect } from "react"
import { away } from "#messages/away.ts"
import { common } from "#messages/common.ts"
import { exposure } from "#messages/exposure.ts"
import { call } from "../api/call.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { AwayPage } from "./away-page.tsx"
import { useSignOut } from "./use-sign-out.ts"

const say = away.shift

/**
 * The end of a shift: a summary of the day's work and a button to sign out. Records the end of the shift when it opens.
 */
export function ShiftPage(): ReactNode {
  const signOut = useSignOut()
  const { data, isError, mutate, isIdle } = useMutation({
    mutationFn: () => call<SchemaOutput<typeof ShiftSummary>>("POST", "/v1/me/shift/end", { body: {} }),
  })
  useEffect(() => {
    if (isIdle) mutate()
  }, [isIdle, mutate])
  return (
    <AwayPage title={say.title}>
      <div className="stack" aria-live="polite">
        {data === undefined && !isError && <p>{say.asking}</p>}
        {isError && <p role="alert">{say.failed}</p>}
        {data !== undefined && <p>{inWords(data)}</p>}
        {data !== undefined && <p>{say.rest}</p>}
      </div>
      <div className="row">
        {isError && (
          <Button variant="default" onClick={() => mutate()}>
            {common.retry}
          </Button>
        )}
        <Button onClick={() => void signOut()}>{say.signOut}</Button>
      </div>
    </AwayPage>
  )
}

function inWords({ viewings, minutes, decisions }: SchemaOutput<typeof ShiftSummary>): string {
  if (viewings === 0 && decisions === 0) return say.nothing
  const time = minutes < 1 ? exposure.underMinute : exposure.minutes(Math.round(minutes))
  return `${say.decided(decisions)} ${say.viewed(viewings, time)}`
}
