import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "PoliciesScreen")

/** The policies page. */
export const page = {
  routes: [
    { path: "/policies", component },
    // `from`: digest of the version that a new one starts from.
    { path: "/policies/$digest", component, search: ["from"] },
  ],
  name: "Policies",
  permissions: ["policy:read"],
} as const satisfies PageManifest
