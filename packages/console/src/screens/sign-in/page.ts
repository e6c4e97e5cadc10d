import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const signInScreen = lazyRouteComponent(() => import("./screen.tsx"), "SignInScreen")
const oidcScreen = lazyRouteComponent(() => import("./oidc-screen.tsx"), "OidcScreen")

/** The sign-in page, and the page that single sign-on returns to. */
export const page = {
  routes: [
    { path: "/sign-in", component: signInScreen },
    { path: "/sign-in/callback", component: oidcScreen },
  ],
  name: "Sign in",
  permissions: [],
  isOpen: true,
} as const satisfies PageManifest
