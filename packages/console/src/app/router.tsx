import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { NotFound } from "../shell/not-found.tsx"
import { SignedIn } from "../shell/signed-in.tsx"
import type { PageManifest, PageRoute } from "./page-manifest.ts"
import { PageTitle } from "./page-title.tsx"
import { pages } from "./pages.ts"

type Page = (typeof pages)[number]
type OpenPage = Extract<Page, { readonly isOpen: true }>
type RouteOf<Of> = Of extends { readonly path: infer Path extends string; readonly search: readonly (infer Name)[] }
  ? ReturnType<typeof routeWithSearch<Path, Name & string>>
  : Of extends { readonly path: infer Path extends string }
    ? ReturnType<typeof insideRoute<Path>>
    : never
type OpenRouteOf<Of> = Of extends { readonly path: infer Path extends string }
  ? ReturnType<typeof openRoute<Path>>
  : never

const root = createRootRoute({ component: Root, notFoundComponent: NotFound })
const inside = createRoute({ getParentRoute: () => root, id: "inside", component: SignedIn })

const routesOf = <Route,>(isOpen: boolean, make: (route: PageRoute, page: PageManifest) => unknown): readonly Route[] =>
  pages
    .filter((page: PageManifest) => (page.isOpen === true) === isOpen)
    .flatMap((page: PageManifest) => page.routes.map((route) => make(route, page) as Route))

/** Routes for the addresses of all pages. A page's code is fetched when it is first opened. */
export const router = createRouter({
  routeTree: root.addChildren([
    ...routesOf<OpenRouteOf<OpenPage["routes"][number]>>(true, openRoute),
    inside.addChildren(
      routesOf<RouteOf<Exclude<Page, OpenPage>["routes"][number]>>(false, (route, page) =>
        route.search === undefined ? insideRoute(route, page) : routeWithSearch(route, page),
      ),
    ),
  ]),
  defaultPreload: "intent",
  defaultPendingMs: 150,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
  interface StaticDataRouteOption {
    /** The page that the route belongs to; the frame around all of them has none. */
    readonly page?: PageManifest
  }
}

function openRoute<const Path extends string>({ path, component }: PageRoute & { readonly path: Path }) {
  return createRoute({ getParentRoute: () => root, path, component })
}

function insideRoute<const Path extends string>(route: PageRoute & { readonly path: Path }, page: PageManifest) {
  return createRoute({
    getParentRoute: () => inside,
    path: route.path,
    component: route.component,
    staticData: { page },
  })
}

function routeWithSearch<const Path extends string, Name extends string>(
  route: PageRoute & { readonly path: Path; readonly search?: readonly Name[] },
  page: PageManifest,
) {
  const { path, component, search: names = [] } = route
  return createRoute({
    getParentRoute: () => inside,
    path,
    validateSearch: (search: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(names.map((name) => [name, search[name]]).filter(([, text]) => typeof text === "string")) as {
        readonly [Each in Name]?: string
      },
    component,
    staticData: { page },
  })
}

/** Sets the window title for every page. */
function Root(): ReactNode {
  return (
    <>
      <PageTitle />
      <Outlet />
    </>
  )
}
