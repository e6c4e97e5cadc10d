/**
 * The switch between the two pages that share one entry of the rail.
 * @module
 */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { lists as say } from "#messages/lists.ts"
import { useCan } from "../../api/me.ts"
import "./places.css"

/** Two links, for whoever may read both. */
export function Places({ here }: { readonly here: "lists" | "policies" }): ReactNode {
  const can = useCan()
  if (!can("list:read") || !can("policy:read")) return null
  return (
    <nav className="places" aria-label={say.places.label}>
      <Link to="/lists" aria-current={here === "lists" ? "page" : false} className="places-link">
        {say.places.lists}
      </Link>
      <Link to="/policies" aria-current={here === "policies" ? "page" : false} className="places-link">
        {say.places.policies}
      </Link>
    </nav>
  )
}
