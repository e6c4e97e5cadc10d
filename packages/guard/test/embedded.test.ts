import { startTestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { describe, expect, it } from "vitest"
import { useGuard } from "./support/use-guard.ts"

const given = useGuard((known) => startTestGuard(known))

async function ask(content: string, streamed = false): Promise<string> {
  const answer = await fetch(`${given.test.guard.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content }], stream: streamed }),
  })
  return answer.text()
}

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64")
const escaped = (bytes: Uint8Array) => Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")

/** Ways to write a picture, beside a harmless one where they need it. */
const WRITINGS: readonly (readonly [string, (listed: Buffer, clean: Buffer) => string])[] = [
  ["behind another URL and a line end", (listed, clean) => `${dataUrl(clean).replace(/=+$/, "")}\n${dataUrl(listed)}`],
  ["right behind another URL", (listed, clean) => dataUrl(clean) + dataUrl(listed)],
  ["with escaped slashes", (listed) => dataUrl(listed).replaceAll("/", "\\/")],
  ["without a type", (listed) => `data:;base64,${base64(listed)}`],
  ["as octets", (listed) => `data:application/octet-stream;base64,${base64(listed)}`],
  ["with a space before base64", (listed) => `data:image/png; base64,${base64(listed)}`],
  ["in percent bytes", (listed) => `data:image/png,${escaped(listed)}`],
  ["behind HTML references", (listed) => dataUrl(listed).replace(":", "&#58;").replaceAll("/", "&sol;")],
  ["in a page in a URL", (listed) => `data:text/html;base64,${base64(`<p>look: <img src="${dataUrl(listed)}"></p>`)}`],
  ["bare", (listed) => base64(listed)],
  ["in a tool's JSON", (listed) => JSON.stringify({ data: [{ b64_json: base64(listed) }] })],
]

describe("a listed picture in another encoding", () => {
  it.each(WRITINGS)("is found in a prompt %s", async (_, write) => {
    given.test.upstream.answer = completion("hello")
    expect(await ask(`look: ${write(given.known, await picture(3))} there`)).toContain("content_filter")
    expect(await ask(`look: ${write(await picture(5), await picture(3))} there`)).toContain("hello")
  })

  it.each(WRITINGS)("is found in an answer %s, streamed or whole", async (_, write) => {
    given.test.upstream.answer = completion(`look: ${write(given.known, await picture(3))} there`, 150)
    expect(await ask("hello")).toContain("content_filter")
    const streamed = await ask("hello", true)
    expect(streamed).toContain("content_filter")
    expect(streamed).not.toContain(base64(given.known).slice(-40))
  })

  it("is found cut over the parts of a message", async () => {
    given.test.upstream.answer = completion("hello")
    const send = async (url: string) => {
      const cut = Math.floor(url.length / 2)
      const content = [url.slice(0, cut), url.slice(cut)].map((text) => ({ type: "text", text }))
      const answer = await fetch(`${given.test.guard.url}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
      })
      return answer.text()
    }
    expect(await send(dataUrl(given.known))).toContain("content_filter")
    expect(await send(dataUrl(await picture(3)))).toContain("hello")
  })

  it("is blocked where it cannot be decoded, except for what shows nothing", async () => {
    given.test.upstream.answer = completion("hello")
    const whole = base64(await picture(6))
    expect(await ask(`look: data:image/png;base64,${whole.slice(0, whole.length / 2)}`)).toContain("content_filter")
    expect(await ask(`it begins with ${whole.slice(0, 48)}... and goes on`)).toContain("hello")
  })
})

describe("a picture inside a text", () => {
  it("is found in a prompt when it is listed", async () => {
    given.test.upstream.answer = completion("hello")
    expect(await ask(`look: ![x](${dataUrl(given.known)})`)).toContain("content_filter")
    expect(
      await ask(
        `look: ${dataUrl(given.known)
          .replace("data:image", "DATA:Image")
          .replace(/(.{76})/g, "$1\n")}`,
      ),
    ).toContain("content_filter")
    expect(await ask(`look: ![x](${dataUrl(await picture(3))})`)).toContain("hello")
  })

  it.each([false, true])(
    "is found in a streamed answer when it is listed: %s, and no part of it leaves",
    async (streamed) => {
      given.test.upstream.answer = completion(`here: ![x](${dataUrl(given.known)}) and more`, 100)
      const text = await ask("hello", streamed)
      expect(text).toContain("content_filter")
      expect(text).not.toContain("base64")
    },
  )

  it("is not found in a text that only mentions one", async () => {
    for (const said of [
      "write data:image/png;base64,iVBORw0KGgo... there",
      "it begins with data:",
      "data:image/svg+xml,<svg/>",
      "data:image/",
    ]) {
      given.test.upstream.answer = completion(said)
      const chunks = [...(await ask("hello", true)).matchAll(/^data: (\{.*)$/gm)].map(
        ([, one = ""]) => JSON.parse(one) as { choices: { delta: { content?: string } }[] },
      )
      expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? "")).join("")).toBe(said)
    }
  })

  it("passes whole when it is not listed", async () => {
    const said = `here: ![x](${dataUrl(await picture(4))}) and more`
    given.test.upstream.answer = completion(said, 7)
    const chunks = [...(await ask("hello", true)).matchAll(/^data: (\{.*)$/gm)].map(
      ([, one = ""]) => JSON.parse(one) as { choices: { delta: { content?: string } }[] },
    )
    expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? "")).join("")).toBe(said)
  })
})
