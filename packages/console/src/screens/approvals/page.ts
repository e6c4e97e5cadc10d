import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "ApprovalsScreen")

/** The approvals page. */
export const page = {
  routes: [{ path: "/approvals", component }],
  name: "Approvals",
  permissions: ["approval:read"],
} as const satisfies PageManifest
