import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const joinScreen = lazyRouteComponent(() => import("./join-screen.tsx"), "JoinScreen")
const setupScreen = lazyRouteComponent(() => import("./setup-screen.tsx"), "SetupScreen")

/** Joining by a link. */
export const page = {
  routes: [
    { path: "/join", component: joinScreen },
    { path: "/setup", component: setupScreen },
  ],
  name: "Join",
  permissions: [],
  isOpen: true,
} as const satisfies PageManifest
