import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { compact } from "@nightlight/core"
import { Provider } from "oidc-provider"

/** A real OpenID Connect provider on loopback, and a browser that can sign in there. */
export interface Issuer extends AsyncDisposable {
  readonly url: string
  readonly clientSecret: string
  /** Stops answering and frees the port. */
  stop(): Promise<void>
  /** Opens a browser with its own cookies. */
  open(): IssuerBrowser
}

/** A browser that follows redirects until it is sent back. */
export interface IssuerBrowser {
  /**
   * Follows an authorization request, and signs in with this login if the provider asks.
   *
   * @returns The query string of the redirect back, and whether the provider asked to sign in.
   */
  visit(redirectTo: string, login: string): Promise<{ readonly query: string; readonly wasPrompted: boolean }>
}

/** Starts a provider with one client. */
export async function openIssuer(redirectUri: string): Promise<Issuer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clientSecret = "a secret of the test alone"
  const provider = new Provider(url, {
    clients: [
      {
        client_id: "nightlight",
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    cookies: { keys: ["test"] },
    pkce: { required: () => true },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600 },
  })
  const handle = provider.callback()
  server.on("request", (request, answer) => void handle(request, answer))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, clientSecret, stop, open: () => openBrowser(redirectUri), [Symbol.asyncDispose]: stop }
}

const HOPS = 20

function openBrowser(redirectUri: string): IssuerBrowser {
  const cookies = new Map<string, string>()
  const go = async (url: URL, form?: Record<string, string>): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const answer = await fetch(
      url,
      compact({
        redirect: "manual",
        headers: { cookie },
        method: form === undefined ? undefined : "POST",
        body: form === undefined ? undefined : new URLSearchParams(form),
      }),
    )
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=")
      if (value === "") cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    visit: async (redirectTo, login) => {
      let url = new URL(redirectTo)
      let wasPrompted = false
      let answer = await go(url)
      for (let hop = 0; hop < HOPS; hop++) {
        const location = answer.headers.get("location")
        if (location !== null) {
          url = new URL(location, url)
          if (url.href.startsWith(redirectUri)) return { query: url.search, wasPrompted }
          answer = await go(url)
        } else {
          const prompt = /name="prompt" value="(\w+)"/.exec(await answer.text())?.[1] ?? "login"
          wasPrompted ||= prompt === "login"
          answer = await go(url, prompt === "login" ? { prompt, login, password: "any" } : { prompt })
        }
      }
      throw new Error("the provider never sent the browser back")
    },
  }
}
