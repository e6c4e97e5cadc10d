/**
 * What a page says of itself. The router, the rail, the keys and the window's title are made from it.
 * @module
 */
import type { RouteComponent } from "@tanstack/react-router"

/** The `page` of a folder of `screens/`. */
export interface PageManifest {
  /** Its addresses; the first one is where a link to the page leads. */
  readonly routes: readonly [PageRoute, ...PageRoute[]]
  /** Names the window. */
  readonly name: string
  /** Names the window instead where the second part of the address is one of these. */
  readonly titles?: Readonly<Record<string, string>>
  /** Any one of them lets a person in; none: whoever is signed in. */
  readonly permissions: readonly string[]
  /** Whether strangers see it: the pages before the sign-in. */
  readonly isOpen?: true
  /** Left out by pages that other pages lead to. */
  readonly rail?: RailPlace
}

/** One address. */
export interface PageRoute {
  /** Begins with a slash; `$name` is a parameter. */
  readonly path: string
  /** Of `lazyRouteComponent`: its code is fetched when the page is first opened. */
  readonly component: RouteComponent
  /** Parameters after the question mark, each a text that may be left out. */
  readonly search?: readonly string[]
}

/** A page's place in the rail. */
export interface RailPlace {
  readonly name: string
  /** Two keys in a row: `g c`. */
  readonly key: string
  /** Path data of a drawing in one line, 20 by 20. */
  readonly icon: string
  /** Whether it stands below the line. */
  readonly isBelow?: true
  /** Path of another page that the place leads to as well. */
  readonly alsoAt?: string
  /** Who sees the place, where that is not whoever may open the page. */
  readonly permissions?: readonly string[]
}
