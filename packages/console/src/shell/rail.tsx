/**
 * The rail: where one can go; each with a word, a drawing and a key.
 * @module
 */
import { Link, useNavigate } from "@tanstack/react-router"
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
  const mayGo = ({ needs }: Place) => needs.length === 0 || needs.some(can)
  const places = PLACES.filter(mayGo)
  const below = BELOW.filter(mayGo)
  useKeys(
    [...places, ...below].map(({ key, name, to }) => ({
      ...{ key, label: name, group: shell.keysGroup.go },
      run: () => void navigate({ to }),
    })),
  )
  return (
    <nav className="rail" aria-label={nav.label}>
      <ul>{places.map(link)}</ul>
      {below.length > 0 && <ul className="rail-below">{below.map(link)}</ul>}
    </nav>
  )
}

function link({ to, icon, name }: (typeof PLACES)[number] | (typeof BELOW)[number]): ReactNode {
  return (
    <li key={to}>
      <Link to={to} className="rail-link" activeOptions={{ exact: to === "/" }}>
        <Icon name={icon} />
        <span>{name}</span>
      </Link>
    </li>
  )
}
