/** Chromium's virtual authenticator, which verifies its person and confirms by itself, or refuses. */
import type { Page } from "playwright-core"

/** A virtual authenticator of a page's browser. */
export interface VirtualAuthenticator {
  /** Sets whether the person is recognised from now on. */
  recognise(isPerson: boolean): Promise<void>
  /** Number of passkeys that it holds. */
  count(): Promise<number>
}

/** Adds a virtual authenticator to a page. */
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
