import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "AuditScreen")

/** The log's page. */
export const page = {
  routes: [{ path: "/audit", component }],
  name: "Audit",
  permissions: ["audit:read"],
  rail: {
    name: "Audit",
    key: "g a",
    icon: "M4 4h12v12H4zM7 10l2 2 4-5",
    isBelow: true,
  },
} as const satisfies PageManifest
