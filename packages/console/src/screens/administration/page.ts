import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "AdministrationScreen")

/** The administration page. Each of its parts has its own permission. */
export const page = {
  routes: [
    { path: "/administration", component },
    { path: "/administration/$tab", component },
  ],
  name: "Administration",
  permissions: ["person:read", "key:manage", "source:read", "exposure:read", "exposure:manage", "operations:read"],
  rail: {
    name: "Administration",
    key: "g m",
    icon: "M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10 3v2M10 15v2M3 10h2M15 10h2M5 5l1.5 1.5M13.5 13.5 15 15M15 5l-1.5 1.5M6.5 13.5 5 15",
    isBelow: true,
    permissions: ["person:manage", "person:read", "exposure:manage"],
  },
} as const satisfies PageManifest
