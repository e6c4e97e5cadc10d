/**
 * The pages, each in a part of its own that is fetched when it is first opened.
 * @module
 */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { NotFound } from "../shell/not-found.tsx"
import { SignedIn } from "../shell/signed-in.tsx"
import { PageTitle } from "./page-title.tsx"

const root = createRootRoute({ component: Root, notFoundComponent: NotFound })
const inside = createRoute({ getParentRoute: () => root, id: "inside", component: SignedIn })

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("../screens/sign-in/screen.tsx"), "SignInScreen"),
})
const signInDone = createRoute({
  getParentRoute: () => root,
  path: "/sign-in/callback",
  component: lazyRouteComponent(() => import("../screens/sign-in/oidc-screen.tsx"), "OidcScreen"),
})
const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("../screens/join/setup-screen.tsx"), "SetupScreen"),
})
const join = createRoute({
  getParentRoute: () => root,
  path: "/join",
  component: lazyRouteComponent(() => import("../screens/join/join-screen.tsx"), "JoinScreen"),
})

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: lazyRouteComponent(() => import("../screens/home/screen.tsx"), "HomeScreen"),
})
const casesScreen = lazyRouteComponent(() => import("../screens/cases/screen.tsx"), "CasesScreen")
const cases = createRoute({ getParentRoute: () => inside, path: "/cases", component: casesScreen })
const oneCase = createRoute({ getParentRoute: () => inside, path: "/cases/$caseId", component: casesScreen })
const reportsScreen = lazyRouteComponent(() => import("../screens/reports/screen.tsx"), "ReportsScreen")
const reports = createRoute({
  getParentRoute: () => inside,
  path: "/reports",
  /** `case`: a decided case whose report is to be prepared. */
  validateSearch: (search): { readonly case?: string } =>
    typeof search["case"] === "string" ? { case: search["case"] } : {},
  component: reportsScreen,
})
const oneReport = createRoute({ getParentRoute: () => inside, path: "/reports/$reportId", component: reportsScreen })
const evidenceScreen = lazyRouteComponent(() => import("../screens/evidence/screen.tsx"), "EvidenceScreen")
const evidence = createRoute({ getParentRoute: () => inside, path: "/evidence", component: evidenceScreen })
const evidenceTab = createRoute({ getParentRoute: () => inside, path: "/evidence/$tab", component: evidenceScreen })
const evidenceOne = createRoute({ getParentRoute: () => inside, path: "/evidence/$tab/$id", component: evidenceScreen })
const acts = createRoute({
  getParentRoute: () => inside,
  path: "/acts",
  component: lazyRouteComponent(() => import("../screens/acts/screen.tsx"), "ActsScreen"),
})
const scansScreen = lazyRouteComponent(() => import("../screens/scans/screen.tsx"), "ScansScreen")
const scans = createRoute({ getParentRoute: () => inside, path: "/scans", component: scansScreen })
const scansTab = createRoute({ getParentRoute: () => inside, path: "/scans/$tab", component: scansScreen })
const scansOne = createRoute({ getParentRoute: () => inside, path: "/scans/$tab/$id", component: scansScreen })
const listsScreen = lazyRouteComponent(() => import("../screens/lists/screen.tsx"), "ListsScreen")
const lists = createRoute({ getParentRoute: () => inside, path: "/lists", component: listsScreen })
const oneList = createRoute({ getParentRoute: () => inside, path: "/lists/$list", component: listsScreen })
const policiesScreen = lazyRouteComponent(() => import("../screens/policies/screen.tsx"), "PoliciesScreen")
const policies = createRoute({ getParentRoute: () => inside, path: "/policies", component: policiesScreen })
const onePolicy = createRoute({
  getParentRoute: () => inside,
  path: "/policies/$digest",
  /** `from`: the version that a new one starts from. */
  validateSearch: (search): { readonly from?: string } =>
    typeof search["from"] === "string" ? { from: search["from"] } : {},
  component: policiesScreen,
})
const insights = createRoute({
  getParentRoute: () => inside,
  path: "/insights",
  component: lazyRouteComponent(() => import("../screens/insights/screen.tsx"), "InsightsScreen"),
})
const audit = createRoute({
  getParentRoute: () => inside,
  path: "/audit",
  component: lazyRouteComponent(() => import("../screens/audit/screen.tsx"), "AuditScreen"),
})
const administrationScreen = lazyRouteComponent(
  () => import("../screens/administration/screen.tsx"),
  "AdministrationScreen",
)
const administration = createRoute({
  getParentRoute: () => inside,
  path: "/administration",
  component: administrationScreen,
})
const administrationTab = createRoute({
  getParentRoute: () => inside,
  path: "/administration/$tab",
  component: administrationScreen,
})
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("../screens/settings/screen.tsx"), "SettingsScreen"),
})

/** Whatever the page is, the window is called after it. */
function Root(): ReactNode {
  return (
    <>
      <PageTitle />
      <Outlet />
    </>
  )
}

/** Every page. */
export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signInDone,
    setup,
    join,
    inside.addChildren([
      home,
      cases,
      oneCase,
      reports,
      oneReport,
      evidence,
      evidenceTab,
      evidenceOne,
      acts,
      scans,
      scansTab,
      scansOne,
      lists,
      oneList,
      policies,
      onePolicy,
      insights,
      audit,
      administration,
      administrationTab,
      settings,
    ]),
  ]),
  defaultPreload: "intent",
  defaultPendingMs: 150,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}
