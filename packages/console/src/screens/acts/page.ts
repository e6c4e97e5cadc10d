import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "ActsScreen")

/** Acts that one person asks for and another one answers. */
export const page = {
  routes: [{ path: "/acts", component }],
  name: "Acts of two people",
  permissions: ["act:read"],
} as const satisfies PageManifest
