import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const component = lazyRouteComponent(() => import("./screen.tsx"), "ListsScreen")

/** The hash lists page, which shares its place in the rail with policies. */
export const page = {
  routes: [
    { path: "/lists", component },
    { path: "/lists/$list", component },
  ],
  name: "Hash lists",
  permissions: ["list:read"],
  rail: {
    name: "Lists and policies",
    key: "g l",
    icon: "M4 6h2M4 10h2M4 14h2M9 6h7M9 10h7M9 14h7",
    alsoAt: "/policies",
    permissions: ["list:read", "policy:read"],
  },
} as const satisfies PageManifest
