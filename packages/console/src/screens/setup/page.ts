import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "SetupScreen")

/** The page that sets up an installation. */
export const page = {
  routes: [{ path: "/setup", component }],
  name: "Set up",
  permissions: [],
  isOpen: true,
} as const satisfies PageManifest
