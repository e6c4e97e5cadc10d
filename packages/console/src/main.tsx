/**
 * The console's entry point: installs the security policy for markup, then renders the app.
 * @module
 */
import "./theme/tokens.css"
import "./theme/mantine.ts"
import "@fontsource-variable/source-sans-3/wght.css"
import "./theme/base.css"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./app/app.tsx"
import { reloadOnOtherPerson } from "./app/owner.ts"
import { allowStylesAlone } from "./app/trusted-types.ts"

allowStylesAlone()
reloadOnOtherPerson()
const root = document.getElementById("root")
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
