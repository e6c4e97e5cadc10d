import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "@tanstack/react-router"
import { type ReactNode, Suspense, useEffect } from "react"
import { meQuery } from "../api/me.ts"
import { useLiveUpdates } from "../app/live.ts"
import { Failed, Loading } from "../parts/states.tsx"
import { ExposureGate } from "./exposure-gate.tsx"
import { Frame } from "./frame.tsx"
import { GestureDialog } from "./gesture-dialog.tsx"
import { PermittedPage } from "./no-access.tsx"
import { ProofDialogs } from "./proof-dialogs.tsx"
import { Tour } from "./tour.tsx"

/**
 * Sends people who are not signed in to the sign-in page. Shows the others the page in its frame, with live updates and
 * the dialogs that any page may open.
 */
export function SignedIn(): ReactNode {
  const { data: me, error, refetch } = useQuery(meQuery)
  if (error !== null) return <Failed error={error} onRetry={() => void refetch()} />
  if (me === undefined) return <Loading />
  if (me === null) return <ToSignIn />
  return <SignedInPage />
}

/**
 * Goes to the sign-in page once, with the address to return to. Navigating changes the address, so it must not run
 * again.
 */
function ToSignIn(): ReactNode {
  const router = useRouter()
  useEffect(() => {
    void router.navigate({ to: "/sign-in", search: { to: router.latestLocation.href }, replace: true })
  }, [router])
  return <Loading />
}

function SignedInPage(): ReactNode {
  useLiveUpdates(useQueryClient())
  return (
    <>
      <ProofDialogs />
      <GestureDialog />
      <ExposureGate>
        <Frame>
          <Suspense fallback={<Loading />}>
            <PermittedPage />
          </Suspense>
        </Frame>
        <Tour />
      </ExposureGate>
    </>
  )
}
