import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "SettingsScreen")

/** The page of a person's own settings. */
export const page = {
  routes: [{ path: "/settings", component }],
  name: "Your settings",
  permissions: [],
} as const satisfies PageManifest
