import type { ExposureView } from "@nightlight/contract/server"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { Activity, lazy, type ReactNode, Suspense, useMemo, useState } from "react"
import { exposure as say } from "#messages/exposure.ts"
import { shell } from "#messages/shell.ts"
import { call } from "../api/call.ts"
import { exposureQuery } from "../api/exposure.ts"
import { useCan } from "../api/me.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { useKeys } from "../keys/keys.tsx"
import { originalsQuery } from "../viewing/original-queries.ts"
import { AwayContext } from "./away.ts"
import { activeBreak, type Break } from "./break.ts"

type Exposure = SchemaOutput<typeof ExposureView>

const BreakPage = lazy(async () => ({ default: (await import("./break-page.tsx")).BreakPage }))
const ShiftPage = lazy(async () => ({ default: (await import("./shift-page.tsx")).ShiftPage }))
const ApproveOriginal = lazy(async () => ({
  default: (await import("../viewing/approve-original.tsx")).ApproveOriginal,
}))

/** Shows the page, or during a break or after the end of a shift what replaces it. Text typed into the page is kept. */
export function ExposureGate({ children }: { readonly children: ReactNode }): ReactNode {
  const client = useQueryClient()
  const { data } = useQuery(exposureQuery)
  const [isShiftOver, setShiftOver] = useState(false)
  // The break page stays after the break's time is over, until the person says that they are back.
  const [shown, setShown] = useState<Break>()
  // "Continue without viewings" holds for this break only.
  const [goneOn, setGoneOn] = useState<string>()
  const found = activeBreak(data)
  const isNew = found !== undefined && found.until !== goneOn
  if (isNew && (shown === undefined || shown.kind !== found.kind || shown.until !== found.until)) setShown(found)
  const taken = isNew ? found : shown

  const keep = (view: Exposure) => client.setQueryData(exposureQuery.queryKey, view)
  const start = useMutation({
    mutationFn: () => call<Exposure>("POST", "/v1/me/break", { body: {} }),
    onSuccess: keep,
  })
  const back = useMutation({
    mutationFn: async (of: Break) =>
      of.kind === "own"
        ? call<Exposure>("POST", "/v1/me/break/end", { body: {} })
        : call<Exposure>("GET", "/v1/me/exposure"),
    onSuccess: (view) => {
      keep(view)
      setShown(undefined)
    },
  })
  const { mutate: takeBreak } = start
  const away = useMemo(() => ({ takeBreak: () => takeBreak(), endShift: () => setShiftOver(true) }), [takeBreak])
  const isAway = isShiftOver || taken !== undefined
  useKeys([
    { key: "b", label: shell.keysBreak, group: shell.keysGroup.always, run: away.takeBreak, when: !isAway },
    { key: "g x", label: say.endShift, group: shell.keysGroup.always, run: away.endShift, when: !isAway },
  ])
  return (
    <AwayContext value={away}>
      <Activity mode={isAway ? "hidden" : "visible"}>
        {children}
        <WaitingOriginal />
      </Activity>
      <Suspense fallback={null}>
        {isShiftOver ? (
          <ShiftPage />
        ) : (
          taken !== undefined && (
            <BreakPage
              key={taken.kind}
              taken={taken}
              onBack={() => back.mutate(taken)}
              onGoOn={() => {
                setGoneOn(taken.until)
                setShown(undefined)
              }}
              isBusy={back.isPending}
              isFailed={back.isError}
            />
          )
        )}
      </Suspense>
    </AwayContext>
  )
}

/** A notice of the first request for an original that the caller can approve. */
function WaitingOriginal(): ReactNode {
  const can = useCan()
  const { data } = useQuery({ ...originalsQuery, enabled: can("viewing:approve") })
  const request = data?.find(({ mayApprove }) => mayApprove)
  if (request === undefined) return null
  return (
    <Suspense fallback={null}>
      <ApproveOriginal key={request.id} request={request} />
    </Suspense>
  )
}
