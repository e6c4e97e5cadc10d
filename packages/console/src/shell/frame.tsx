import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react"
import { shell } from "#messages/shell.ts"
import { signInWaysQuery } from "../api/me.ts"
import { useLine } from "../app/live.ts"
import { Head } from "./head.tsx"
import { KeysMap } from "./keys-map.tsx"
import { Rail } from "./rail.tsx"
import "./frame.css"

/** The rail, the header and the page. */
export function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  const { data: ways } = useQuery(signInWaysQuery)
  return (
    <div className="frame">
      <a className="skip" href="#page">
        {shell.skip}
      </a>
      {ways !== undefined && "demo" in ways && ways.demo === true && <p className="notice notice-demo">{shell.demo}</p>}
      <LineNotice />
      <Head />
      <div className="frame-body">
        <Rail />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls by keyboard */}
        <main id="page" className="frame-page" tabIndex={0}>
          {children}
        </main>
      </div>
      <KeysMap />
    </div>
  )
}

/** Says when the page may be out of date. A short interruption of live updates is not mentioned. */
function LineNotice(): ReactNode {
  const line = useLine()
  const isOnline = useSyncExternalStore(subscribeOnline, () => navigator.onLine)
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (line !== "reconnecting") return setLong(false)
    const timer = setTimeout(() => setLong(true), 4000)
    return () => clearTimeout(timer)
  }, [line])
  if (isOnline && !isLong) return null
  return (
    <p className="notice" role="status">
      {isOnline ? shell.line.reconnecting : shell.line.offline}
    </p>
  )
}

function subscribeOnline(notify: () => void): () => void {
  window.addEventListener("online", notify)
  window.addEventListener("offline", notify)
  return () => {
    window.removeEventListener("online", notify)
    window.removeEventListener("offline", notify)
  }
}
