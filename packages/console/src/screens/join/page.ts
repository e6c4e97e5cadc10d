import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "JoinScreen")

/** The page that a join link opens. */
export const page = {
  routes: [{ path: "/join", component }],
  name: "Join",
  permissions: [],
  isOpen: true,
} as const satisfies PageManifest
