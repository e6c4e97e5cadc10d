import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "ReportsScreen")

/** The reports page. */
export const page = {
  routes: [
    // `case`: id of a decided case whose report is to be prepared.
    { path: "/reports", component, search: ["case"] },
    { path: "/reports/$reportId", component },
  ],
  name: "Reports",
  permissions: ["report:read"],
  rail: {
    name: "Reports",
    key: "g r",
    icon: "M5 3h7l3 3v11H5zM8 9h5M8 12h5",
  },
} as const satisfies PageManifest
