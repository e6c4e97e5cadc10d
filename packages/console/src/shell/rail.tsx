/**
 * The rail: where one can go; each with a word, a drawing and a key.
 * @module
 */
import { Link, useLocation, useNavigate } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { useCan } from "../api/me.ts"
import { useKeys } from "../keys/keys.tsx"
import { Icon, type IconName } from "./icons.tsx"
import "./rail.css"

const { nav } = shell
const PLACES = [
  { to: "/", icon: "home", name: nav.home, key: "g h", needs: [] },
  { to: "/cases", icon: "cases", name: nav.cases, key: "g c", needs: ["case:read"] },
  { to: "/reports", icon: "reports", name: nav.reports, key: "g r", needs: ["report:read"] },
  { to: "/evidence", icon: "evidence", name: nav.evidence, key: "g e", needs: ["preservation:read", "request:read"] },
  { to: "/scans", icon: "scans", name: nav.scans, key: "g s", needs: ["scan:read"] },
  { to: "/lists", icon: "lists", name: nav.lists, key: "g l", needs: ["list:read", "policy:read"] },
  { to: "/insights", icon: "insights", name: nav.insights, key: "g i", needs: ["insights:read"] },
] as const satisfies readonly Place[]
const BELOW = [
  { to: "/audit", icon: "audit", name: nav.audit, key: "g a", needs: ["audit:read"] },
  {
    to: "/administration",
    icon: "administration",
    name: nav.administration,
    key: "g m",
    needs: ["person:manage", "person:read", "exposure:manage"],
  },
] as const satisfies readonly Place[]

interface Place {
  readonly to: string
  readonly icon: IconName
  readonly name: string
  readonly key: string
  readonly needs: readonly string[]
}

/** The rail of every page. */
export function Rail(): ReactNode {
  const can = useCan()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  // Lists and policies are two pages of one place.
  const path = pathname.replace(/^\/policies(?=\/|$)/, "/lists")
  const isHere = ({ to }: Place) => (to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`))
  const mayGo = ({ needs }: Place) => needs.length === 0 || needs.some(can)
  const places = PLACES.filter(mayGo)
  const below = BELOW.filter(mayGo)
  useKeys(
    [...places, ...below].map(({ key, name, to }) => ({
      key,
      label: name,
      group: shell.keysGroup.go,
      run: () => void navigate({ to }),
    })),
  )
  return (
    <nav className="rail" aria-label={nav.label}>
      <ul>{places.map((place) => link(place, isHere(place)))}</ul>
      {below.length > 0 && <ul className="rail-below">{below.map((place) => link(place, isHere(place)))}</ul>}
    </nav>
  )
}

function link({ to, icon, name }: (typeof PLACES)[number] | (typeof BELOW)[number], isHere: boolean): ReactNode {
  return (
    <li key={to}>
      <Link to={to} className="rail-link" activeOptions={{ exact: true }} aria-current={isHere ? "page" : undefined}>
        <Icon name={icon} />
        <span>{name}</span>
      </Link>
    </li>
  )
}
