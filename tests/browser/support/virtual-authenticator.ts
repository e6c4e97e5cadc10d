/**
 * An authenticator in Chromium itself: it verifies its person and touches itself, or does not.
 */
import type { Page } from "playwright-core"

/** One in a page's browser. */
export interface VirtualAuthenticator {
  /** Whether whoever sits there is recognised from now on. */
  recognise(isPerson: boolean): Promise<void>
  /** How many passkeys it holds. */
  count(): Promise<number>
}

/** Adds one to a page. */
export async function addAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send("WebAuthn.enable")
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    recognise: async (isUserVerified) => {
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified })
    },
    count: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length,
  }
}
