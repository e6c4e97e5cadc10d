import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { lists as say } from "./words.ts"
import "./places.css"

/**
 * A switch between lists and policies, for people who may read both. `isNarrow`: shown only in narrow windows, where
 * the column that has the switch too is a drawer.
 */
export function Places(props: { readonly here: "lists" | "policies"; readonly isNarrow?: boolean }): ReactNode {
  const { here, isNarrow = false } = props
  const can = useCan()
  if (!can("list:read") || !can("policy:read")) return null
  return (
    <nav className={isNarrow ? "places places-narrow" : "places"} aria-label={say.places.label}>
      <Link to="/lists" aria-current={here === "lists" ? "page" : false} className="places-link">
        {say.places.lists}
      </Link>
      <Link to="/policies" aria-current={here === "policies" ? "page" : false} className="places-link">
        {say.places.policies}
      </Link>
    </nav>
  )
}
