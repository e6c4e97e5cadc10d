import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "CasesScreen")

/** The cases page. */
export const page = {
  routes: [
    { path: "/cases", component },
    { path: "/cases/$caseId", component },
  ],
  name: "Cases",
  permissions: ["case:read"],
  rail: {
    name: "Cases",
    key: "g c",
    icon: "M3 6h14v10H3zM7 6V4h6v2M3 10h14",
  },
} as const satisfies PageManifest
