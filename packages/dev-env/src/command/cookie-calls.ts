import { compact } from "@nightlight/core"

/** The answer to a call; `body` is an empty object if the answer had none. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number
  readonly body: Body
}

/** HTTP calls with a browser's cookie handling. */
export interface CookieCalls {
  readonly call: <Body = Record<string, unknown>>(method: string, path: string, body?: object) => Promise<Answer<Body>>
  /** As {@link CookieCalls.call}, but throws unless the status is a success. */
  readonly must: <Body = Record<string, unknown>>(method: string, path: string, body?: object) => Promise<Body>
  /** Current cookies, to be copied into a browser. */
  readonly cookies: () => readonly { readonly name: string; readonly value: string }[]
}

/** Makes calls to one origin, such as `http://localhost:40123`. */
export function cookieCalls(origin: string): CookieCalls {
  const cookies = new Map<string, string>()
  const call = async <Body>(method: string, path: string, body?: object): Promise<Answer<Body>> => {
    const response = await fetch(
      `${origin}${path}`,
      compact({
        method,
        headers: compact({
          origin,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          "content-type": body === undefined ? undefined : "application/json",
        }),
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    )
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === "") cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await response.text()
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Body }
  }
  const must = async <Body>(method: string, path: string, body?: object): Promise<Body> => {
    const answer = await call<Body>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return { call, must, cookies: () => [...cookies].map(([name, value]) => ({ name, value })) }
}
