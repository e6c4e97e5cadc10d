/**
 * The description of a page, from which the router, the rail, the keys and the window title are made.
 * @module
 */
import type { RouteComponent } from "@tanstack/react-router"

/** The `page` that each folder of `screens/` exports. */
export interface PageManifest {
  /** The page's addresses; links to the page lead to the first. */
  readonly routes: readonly [PageRoute, ...PageRoute[]]
  /** The window title. */
  readonly name: string
  /** Window titles by second path segment, in place of `name`. */
  readonly titles?: Readonly<Record<string, string>>
  /** A person with any one of them may open the page; if empty, everybody who is signed in. */
  readonly permissions: readonly string[]
  /** Whether people who are not signed in may open it. */
  readonly isOpen?: true
  /** Absent for pages that are reached from other pages only. */
  readonly rail?: RailPlace
}

/** An address of a page. */
export interface PageRoute {
  /** Begins with a slash; `$name` is a parameter. */
  readonly path: string
  /** Made by `lazyRouteComponent`: the code is fetched when the page is first opened. */
  readonly component: RouteComponent
  /** Names of the optional query parameters, all strings. */
  readonly search?: readonly string[]
}

/** A page's entry in the rail. */
export interface RailPlace {
  readonly name: string
  /** Two keys in a row: `g c`. */
  readonly key: string
  /** SVG path data of a line icon, 20 by 20. */
  readonly icon: string
  /** Whether the entry is in the group below the line. */
  readonly isBelow?: true
  /** Path of another page that the entry also covers. */
  readonly alsoAt?: string
  /** Permissions that show the entry, if other than the page's. */
  readonly permissions?: readonly string[]
}
