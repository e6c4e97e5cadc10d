import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "HomeScreen")

/** The home page. */
export const page = {
  routes: [{ path: "/", component }],
  name: "Home",
  permissions: [],
  rail: {
    name: "Home",
    key: "g h",
    icon: "M3 10.5 10 4l7 6.5M5 9v7h10V9",
  },
} as const satisfies PageManifest
