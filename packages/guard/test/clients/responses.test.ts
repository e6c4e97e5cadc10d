import { createOpenAI } from "@ai-sdk/openai"
import { type AIMessageChunk, HumanMessage } from "@langchain/core/messages"
import { ChatOpenAI } from "@langchain/openai"
import { MINUTE_MS } from "@nightlight/core"
import { json, type MockUpstream, stream } from "@nightlight/dev-env/guard/upstream"
import { dataUrl } from "@nightlight/dev-env/guard/workspace"
import { generateText, streamText } from "ai"
import { beforeEach, describe, expect, it } from "vitest"
import { messageEvents, responseOf, streamOf } from "../endpoints/traffic/responses.ts"
import { startClientGuard, UNANSWERED } from "../support/client-guard.ts"
import { useGuard } from "../support/use-guard.ts"

const given = useGuard(startClientGuard)
beforeEach(() => {
  given.test.reset()
  given.test.upstream.answer = saying("hello ", "there, friend")
})

/** A response whose message comes in these pieces, streamed or not as asked. */
function saying(...pieces: string[]): MockUpstream["answer"] {
  return (seen, response, request) => {
    const events = messageEvents(pieces)
    const output = [(events.at(-1) as { readonly item: object }).item]
    const frames = streamOf(events, output).map(
      (event) => `event: ${(event as { readonly type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`,
    )
    const answer = seen.body["stream"] === true ? stream(frames.join("")) : json(responseOf(output))
    return answer(seen, response, request)
  }
}

/** The final result that a library gives its caller. */
interface Told {
  readonly text: string
  /** Why it ended, as the library says it. */
  readonly reason: unknown
  /** Everything that the caller can reach. */
  readonly all: string
}

/** One library, asked in the ways that its callers ask. */
interface Library {
  ask(content: string, apiKey?: string): Promise<Told>
  stream(content: string): Promise<Told>
  see(bytes: Uint8Array): Promise<Told>
}

const vercelModel = (apiKey = given.test.keys.other) =>
  createOpenAI({ baseURL: given.test.guard.url, apiKey, fetch: given.test.fetch }).responses("gpt-x")
const vercel: Library = {
  ask: async (prompt, apiKey) => {
    const { text, finishReason, steps } = await generateText({ model: vercelModel(apiKey), prompt })
    return { text, reason: finishReason, all: JSON.stringify(steps) }
  },
  stream: async (prompt) => {
    const errors: unknown[] = []
    const onError = ({ error }: { readonly error: unknown }) => {
      errors.push(error)
    }
    const parts: object[] = []
    const result = streamText({ model: vercelModel(), prompt, onError })
    for await (const part of result.stream) parts.push(part)
    if (errors.length > 0) throw errors[0]
    return { text: await result.text, reason: await result.finishReason, all: JSON.stringify(parts) }
  },
  see: async (data) => {
    const content = [{ type: "file" as const, mediaType: "image/png", data }]
    const { text, finishReason } = await generateText({
      model: vercelModel(),
      messages: [{ role: "user", content }],
    })
    return { text, reason: finishReason, all: "" }
  },
}

const langChainModel = (apiKey = given.test.keys.other) =>
  new ChatOpenAI({
    model: "gpt-x",
    apiKey,
    useResponsesApi: true,
    configuration: { baseURL: given.test.guard.url, fetch: given.test.fetch },
  })
function toldBy(message: AIMessageChunk): Told {
  const { incomplete_details: incomplete, status } = message.response_metadata
  const { reason } = (incomplete ?? {}) as { readonly reason?: string }
  return { text: message.text, reason: reason ?? status, all: JSON.stringify(message) }
}
const langChain: Library = {
  ask: async (content, apiKey) => toldBy(await langChainModel(apiKey).invoke(content)),
  stream: async (content) => {
    let all: AIMessageChunk | undefined
    for await (const one of await langChainModel().stream(content)) all = all === undefined ? one : all.concat(one)
    if (all === undefined) throw new Error("expected something to come")
    return toldBy(all)
  },
  see: async (bytes) => {
    const image_url = { url: dataUrl(bytes) }
    return toldBy(await langChainModel().invoke([new HumanMessage({ content: [{ type: "image_url", image_url }] })]))
  },
}

describe.each<[string, Library, { readonly ended: string; readonly filtered: string }]>([
  ["the Vercel AI SDK", vercel, { ended: "stop", filtered: "content-filter" }],
  ["LangChain", langChain, { ended: "completed", filtered: "content_filter" }],
])("responses through %s", (_, library, { ended, filtered }) => {
  it("come whole and streamed, and may contain pictures", async () => {
    const expected = { text: "hello there, friend", reason: ended }
    expect(await library.ask("hello")).toMatchObject(expected)
    expect(await library.stream("hello")).toMatchObject(expected)
    expect(await library.see(given.fine)).toMatchObject(expected)
    expect(given.test.upstream.seen.map(({ url, body }) => [url, body["store"]])).toEqual(
      Array.from({ length: 3 }, () => ["/v1/responses", false]),
    )
    expect(given.test.upstream.seen[2]?.text).toContain(given.fine.toString("base64"))
  })

  it("are refused once for a forbidden request", async () => {
    const asks = [
      () => library.ask("a canary-phrase"),
      () => library.stream("a canary-phrase"),
      () => library.see(given.known),
    ]
    for (const ask of asks) {
      given.test.reset()
      await expect(ask()).rejects.toThrow("This request was stopped by the operator's safety filter.")
      expect(given.test.calls.map(({ status }) => status)).toEqual([400])
      expect(given.test.upstream.seen).toEqual([])
    }
  })

  it("end as filtered for a forbidden answer, which is not shown", async () => {
    given.test.upstream.answer = saying("a good beginning, ", "and then a can", "ary-phrase, ", "and more")
    for (const told of [await library.ask("hello"), await library.stream("hello")]) {
      expect(told.reason).toBe(filtered)
      expect(told.all).not.toContain("canary")
      expect(told.all).not.toContain("and more")
    }
    expect(given.test.calls).toHaveLength(2)
  })

  it("are retried when a check was unavailable, with a trusted key only", { timeout: 3 * MINUTE_MS }, async () => {
    given.test.failNext(1)
    expect((await library.ask(UNANSWERED, given.test.keys.trusted)).reason).toBe(ended)
    expect(given.test.calls.map(({ status }) => status)).toEqual([503, 200])
    given.test.reset()
    given.test.failNext(1)
    await expect(library.ask(UNANSWERED)).rejects.toThrow("This request was stopped by the operator's safety filter.")
    expect(given.test.calls.map(({ status }) => status)).toEqual([400])
  })
})
