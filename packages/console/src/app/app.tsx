import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core"
import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { KeysProvider } from "../keys/keys.tsx"
import { theme, variables } from "../theme/theme.ts"
import { queryClient } from "./query-client.ts"
import { router } from "./router.tsx"

const schemes = localStorageColorSchemeManager({ key: "nightlight-theme" })
const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? ""
// The component library that stops the page from scrolling under a dialog looks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce })

/** The whole console: theme, queries, keys and the router with its pages. */
export function App(): ReactNode {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <KeysProvider>
          <RouterProvider router={router} />
        </KeysProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
