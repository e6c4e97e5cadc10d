import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "EvidenceScreen")

/** The evidence page. */
export const page = {
  routes: [
    { path: "/evidence", component },
    { path: "/evidence/$tab", component },
    { path: "/evidence/$tab/$id", component },
  ],
  name: "Evidence",
  titles: { requests: "Requests from authorities" },
  permissions: ["preservation:read", "request:read"],
  rail: {
    name: "Evidence",
    key: "g e",
    icon: "M4 9h12v8H4zM7 9V6a3 3 0 0 1 6 0v3",
  },
} as const satisfies PageManifest
