import { lazyRouteComponent } from "@tanstack/react-router"
import type { PageManifest } from "../../app/page-manifest.ts"

const signInScreen = lazyRouteComponent(() => import("./screen.tsx"), "SignInScreen")
const oidcScreen = lazyRouteComponent(() => import("./oidc-screen.tsx"), "OidcScreen")

/** The sign-in, and where single sign-on leads back to. */
export const page = {
  routes: [
    { path: "/sign-in", component: signInScreen },
    { path: "/sign-in/callback", component: oidcScreen },
  ],
  name: "Sign in",
  permissions: [],
  isOpen: true,
} as const satisfies PageManifest
