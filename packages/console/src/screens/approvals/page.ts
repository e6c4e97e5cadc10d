import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "ApprovalsScreen")

/** What one person requests and another one approves or declines. */
export const page = {
  routes: [{ path: "/approvals", component }],
  name: "Approvals",
  permissions: ["approval:read"],
} as const satisfies PageManifest
