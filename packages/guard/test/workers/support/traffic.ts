import { createHash, createHmac, randomBytes } from "node:crypto"
import { Agent, request } from "node:http"
import { END_USER_HEADERS, signedText } from "../../../src/accounts/signed-headers.ts"

/** Secret under which the tests' caller signs. */
export const ACCOUNT_SECRET = Buffer.from("a secret for tests, of 32 bytes!")
/** The tests' caller and its key. */
export const CALLER = "app"
export const KEY = "app-key"

/** SHA-256 of {@link KEY}. */
export const KEY_DIGEST = createHash("sha256").update(KEY).digest("hex")

/** The guard's answer to a call. */
export interface Answer {
  readonly status: number
  readonly text: string
}

/** Signed headers about an end user, for one call. */
export function endUser(user: string): Record<string, string> {
  const given: Record<string, string> = {
    "x-nightlight-user": user,
    "x-nightlight-timestamp": String(Math.floor(Date.now() / 1000)),
    "x-nightlight-nonce": randomBytes(16).toString("hex"),
  }
  const text = signedText(
    CALLER,
    END_USER_HEADERS.map((name) => given[name] ?? ""),
  )
  return { ...given, "x-nightlight-signature": `v1=${createHmac("sha256", ACCOUNT_SECRET).update(text).digest("hex")}` }
}

/** A call over a connection of its own: connections go to the workers in turn. */
export function chat(url: string, content: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content }] })
  const agent = new Agent({ keepAlive: false })
  return new Promise((resolve, reject) => {
    const call = request(
      `${url}/chat/completions`,
      {
        method: "POST",
        agent,
        headers: { "content-type": "application/json", authorization: `Bearer ${KEY}`, ...headers },
      },
      (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (piece: string) => {
          text += piece
        })
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }))
        response.on("error", reject)
      },
    )
    call.on("error", reject)
    call.end(body)
  })
}
