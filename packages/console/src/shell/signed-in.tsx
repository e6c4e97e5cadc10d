/**
 * What only signed-in people see: the frame, its live line, and the dialogs that any page may call for.
 * @module
 */
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Navigate, Outlet, useLocation } from "@tanstack/react-router"
import { type ReactNode, Suspense } from "react"
import { meQuery } from "../api/me.ts"
import { useLiveUpdates } from "../app/live.ts"
import { Failed, Loading } from "../parts/states.tsx"
import { ExposureGate } from "./exposure-gate.tsx"
import { Frame } from "./frame.tsx"
import { ProofDialogs } from "./proof-dialogs.tsx"
import { Tour } from "./tour.tsx"

/** Sends strangers to the sign-in, everybody else to their page. */
export function SignedIn(): ReactNode {
  const { data: me, error, refetch } = useQuery(meQuery)
  const { href } = useLocation()
  if (error !== null) return <Failed error={error} onRetry={() => void refetch()} />
  if (me === undefined) return <Loading />
  if (me === null) return <Navigate to="/sign-in" search={{ to: href }} replace />
  return <Inside />
}

function Inside(): ReactNode {
  useLiveUpdates(useQueryClient())
  return (
    <>
      <ProofDialogs />
      <ExposureGate>
        <Frame>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Frame>
        <Tour />
      </ExposureGate>
    </>
  )
}
