import { Link, useLocation, useNavigate } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"
import { useCan } from "../api/me.ts"
import type { RailPlace } from "../app/page-manifest.ts"
import { pages } from "../app/pages.ts"
import { useKeys } from "../keys/keys.tsx"
import { Icon } from "./icon.tsx"
import "./rail.css"

const PLACES = pages.flatMap((page) => {
  if (!("rail" in page)) return []
  const { permissions, ...rail }: RailPlace = page.rail
  return [{ ...rail, to: page.routes[0].path, needs: permissions ?? page.permissions }]
})
type Place = (typeof PLACES)[number]

/** The navigation of every page: a link for each page that the person may open, with an icon, a name and a key. */
export function Rail(): ReactNode {
  const can = useCan()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const places = PLACES.filter(({ needs }) => needs.length === 0 || needs.some(can))
  const below = places.filter(({ isBelow }) => isBelow === true)
  useKeys(
    places.map(({ key, name, to }) => ({
      key,
      label: name,
      group: shell.keysGroup.go,
      run: () => void navigate({ to }),
    })),
  )
  const show = (place: Place) => <Entry key={place.to} place={place} isHere={isAt(place, pathname)} />
  return (
    <nav className="rail" aria-label={shell.railLabel}>
      <ul>{places.filter(({ isBelow }) => isBelow !== true).map(show)}</ul>
      {below.length > 0 && <ul className="rail-below">{below.map(show)}</ul>}
    </nav>
  )
}

function isAt({ to, alsoAt = to }: Place, pathname: string): boolean {
  return [to, alsoAt].some((path) => pathname === path || (path !== "/" && pathname.startsWith(`${path}/`)))
}

function Entry({ place, isHere }: { readonly place: Place; readonly isHere: boolean }): ReactNode {
  const { to, icon, name } = place
  return (
    <li>
      <Link to={to} className="rail-link" activeOptions={{ exact: true }} aria-current={isHere ? "page" : undefined}>
        <Icon path={icon} />
        <span>{name}</span>
      </Link>
    </li>
  )
}
