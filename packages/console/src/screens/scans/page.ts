import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "ScansScreen")

/** The scans page: scans, guards and received findings. */
export const page = {
  routes: [
    { path: "/scans", component },
    { path: "/scans/$tab", component },
    { path: "/scans/$tab/$id", component },
  ],
  name: "Scans",
  titles: { guards: "Guards", intake: "Received findings" },
  permissions: ["scan:read"],
  rail: {
    name: "Scans and guards",
    key: "g s",
    icon: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM13 13l4 4",
  },
} as const satisfies PageManifest
