/** Renders parts and pages of the console in this process's document. */
import { MantineProvider } from "@mantine/core"
import { compact } from "@nightlight/contract"
import type { Me } from "@nightlight/contract/server"
import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import {
  type AnyRoute,
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router"
import { cleanup, configure, render } from "@testing-library/react"
import { type UserEvent, userEvent } from "@testing-library/user-event"
import type { ReactNode } from "react"
import { afterEach, vi } from "vitest"
import type { PageManifest } from "../../src/app/page-manifest.ts"
import { pages } from "../../src/app/pages.ts"
import { KeysProvider } from "../../src/keys/keys.tsx"
import { PermittedPage } from "../../src/shell/no-access.tsx"

export const MY_ID = "person-00000000-0000-4000-8000-000000000001"
export const OTHER_ID = "person-00000000-0000-4000-8000-000000000002"

/** A signed-in person with only these permissions. */
export function meWith(permissions: readonly string[]): Me {
  return {
    id: MY_ID,
    name: "Reader",
    email: "reader@console.example",
    roles: [],
    permissions: [...permissions],
    session: {
      id: "session-00000000-0000-4000-8000-000000000001",
      method: "local",
      startedAt: "2026-03-01T08:00:00.000Z",
      seenAt: "2026-03-01T08:00:00.000Z",
      expiresAt: "2099-03-01T20:00:00.000Z",
      current: true,
    },
  }
}

/** A rendered part or page, and its user. */
export interface Shown {
  readonly user: UserEvent
  readonly client: QueryClient
  /** Path of the current page. */
  readonly path: () => string
}

/** Renders a page at its address, with everything around a page except the frame. */
export async function showPage(path: string, permissions: readonly string[], around?: ReactNode): Promise<Shown> {
  return show(path, permissions, [...pages].flatMap(routesOf), around)
}

/** Renders a part at `/`. Its links lead to pages that show only their path. */
export async function showPart(part: ReactNode, permissions: readonly string[] = []): Promise<Shown> {
  return show("/", permissions, [
    { path: "/", component: () => part },
    { path: "$", component: () => null },
  ])
}

interface Route {
  readonly path: string
  readonly component: NonNullable<Parameters<typeof createRoute>[0]["component"]>
  readonly page?: PageManifest
}

const routesOf = (page: PageManifest): readonly Route[] =>
  page.routes.map(({ path, component }) => ({ path, component: component as Route["component"], page }))

async function show(
  path: string,
  permissions: readonly string[],
  routes: readonly Route[],
  around?: ReactNode,
): Promise<Shown> {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 15_000 } } })
  client.setQueryData(["me"], meWith(permissions))
  const root = createRootRoute({
    component: () => (
      <>
        {around}
        <PermittedPage />
      </>
    ),
  })
  const children: AnyRoute[] = routes.map(({ path: route, component, page }) =>
    createRoute({
      getParentRoute: () => root,
      path: route,
      component,
      staticData: compact({ page }),
    }),
  )
  const router = createRouter({
    routeTree: root.addChildren(children),
    history: createMemoryHistory({ initialEntries: [path] }),
  })
  await router.load()
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <KeysProvider>
          <RouterProvider router={router as never} />
        </KeysProvider>
      </QueryClientProvider>
    </MantineProvider>,
  )
  return { user: userEvent.setup(), client, path: () => router.state.location.pathname }
}
// A busy machine may take long.
configure({ asyncUtilTimeout: 15_000, defaultHidden: true })
// Wide enough for three columns.
;(window as unknown as { readonly happyDOM: { setViewport(size: object): void } }).happyDOM.setViewport({ width: 1400 })
// This document has no layout, so a list that renders only rows in sight needs a fixed height.
for (const [name, pixels] of [
  ["clientHeight", 600],
  ["clientWidth", 320],
] as const) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value: pixels })
}
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  },
)
// Text areas that grow with their text wait for fonts.
Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() })
Object.defineProperty(HTMLElement.prototype, "scrollIntoView", { configurable: true, value: () => undefined })

afterEach(() => {
  cleanup()
})
