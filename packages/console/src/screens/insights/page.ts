import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "InsightsScreen")

/** The insights page. */
export const page = {
  routes: [{ path: "/insights", component }],
  name: "Insights",
  permissions: ["insights:read"],
  rail: {
    name: "Insights",
    key: "g i",
    icon: "M4 16V9M9 16V4M14 16v-5M3 16h14",
  },
} as const satisfies PageManifest
