/**
 * Harmless traffic, which must pass and arrive unchanged. A gateway that refuses everything must not count as sound.
 * @module
 */
import type { ConformanceCase, ConformanceEndpoint } from "../case/case.ts"
import { bystander, dataUrlOf, plainPlanted } from "../case/markers.ts"
import { isSuccess, type Received } from "../client/received.ts"
import type { Outgoing } from "../client/send.ts"
import { responseStreamProblems } from "../judge/endings.ts"
import { clientHas } from "../judge/leaks.ts"
import { cut, events, eventText, pieces } from "../mock/answer.ts"
import { chatEvents } from "../mock/chat.ts"
import type { Answer } from "../mock/mock-upstream.ts"
import { messageEvents } from "../mock/responses.ts"
import { chatCall } from "./chat-input.ts"
import { edit, generation, pictureStream, streamedEdit, usualEdit, variation } from "./images.ts"
import { responsesCall } from "./responses.ts"
import { toFacts } from "./twin.ts"
import { usualAnswer } from "./usual.ts"

interface ControlOptions {
  readonly answer?: Answer
  readonly stream?: boolean
  /** Default: true. */
  readonly isFamilyControl?: boolean
}

/** Text with multi-byte characters, which shows a stream that was cut within a character. */
const TEXT = "grüße aus dem norden, ein ☂ und ein 灯籠, so far so good"

const control = (
  endpoint: ConformanceEndpoint,
  channel: string,
  request: Outgoing,
  arrived: (received: Received) => boolean,
  { answer = usualAnswer, stream = false, isFamilyControl = true }: ControlOptions = {},
): ConformanceCase => ({
  isFamilyControl,
  ...toFacts({ endpoint, channel: `harmless ${channel}` }, "input", stream),
  run: async ({ upstream, sendHarmless, fail }) => {
    upstream.answer = answer
    const received = await sendHarmless(request)
    const { status, broken } = received
    if (upstream.requests.length === 0 && (status === 404 || status === 405 || status === 501)) return "untested"
    if (broken || !isSuccess(received)) fail("harmless_refused")
    else if (!arrived(received)) fail("harmless_changed")
    return "sound"
  },
})

const has = (text: string) => (received: Received) => clientHas(received, text)
const isLastDone = ({ events: got }: Received) => got.at(-1)?.data === "[DONE]"
const plain = plainPlanted()

const hasPicture = ({ json }: Received) =>
  typeof (json as { readonly data?: readonly { readonly b64_json?: unknown }[] } | undefined)?.data?.[0]?.b64_json ===
  "string"
const hasPictureEvent = ({ events: got }: Received) =>
  got.some(({ json }) => {
    const { type, b64_json } = (json ?? {}) as { readonly type?: unknown; readonly b64_json?: unknown }
    return typeof b64_json === "string" && typeof type === "string" && type.endsWith(".completed")
  })

/** The bytes of events in pieces of five, some of which end within a character. */
function bytesByFives(values: readonly (object | string)[]): readonly Uint8Array[] {
  const bytes = Buffer.from(values.map(eventText).join(""))
  return Array.from({ length: Math.ceil(bytes.length / 5) }, (_, index) => bytes.subarray(index * 5, index * 5 + 5))
}

/** Cases about harmless traffic. */
export const CONTROL_CASES: readonly ConformanceCase[] = [
  control("chat", "text", chatCall(), has("a plain answer")),
  control(
    "chat",
    "picture",
    chatCall({
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is it" },
            { type: "image_url", image_url: { url: dataUrlOf(plain) } },
          ],
        },
      ],
    }),
    has("a plain answer"),
    { isFamilyControl: false },
  ),
  control("chat", "text", chatCall({ stream: true }), (got) => has(TEXT)(got) && isLastDone(got), {
    stream: true,
    answer: events(chatEvents(cut(TEXT, 3).map((content) => ({ content })))),
  }),
  control(
    "chat",
    "text cut within characters",
    chatCall({ stream: true }),
    (got) => has(TEXT)(got) && isLastDone(got),
    {
      stream: true,
      isFamilyControl: false,
      answer: pieces(bytesByFives(chatEvents([{ content: TEXT }]))),
    },
  ),
  control("responses", "text", responsesCall(), has("a plain answer")),
  control(
    "responses",
    "text",
    responsesCall({ stream: true }),
    (got) => has(TEXT)(got) && responseStreamProblems(got).length === 0,
    {
      stream: true,
      answer: events(messageEvents({ deltas: cut(TEXT, 3), done: TEXT, part: TEXT, item: TEXT, last: TEXT })),
    },
  ),
  control(
    "completions",
    "text",
    { path: "/completions", body: { model: "mock-1", prompt: "hello" } },
    has("a plain answer"),
  ),
  control(
    "completions",
    "text",
    { path: "/completions", body: { model: "mock-1", prompt: "hello", stream: true } },
    (got) => has("a plain answer")(got) && isLastDone(got),
    { stream: true },
  ),
  control(
    "embeddings",
    "texts",
    { path: "/embeddings", body: { model: "mock-1", input: ["hello", "there"] } },
    ({ json }) => (json as { readonly data?: readonly unknown[] } | undefined)?.data?.length === 2,
  ),
  control(
    "images.generations",
    "prompt",
    { path: "/images/generations", body: { model: "mock-1", prompt: "a lantern", response_format: "b64_json" } },
    hasPicture,
  ),
  control("images.generations", "prompt", generation({ stream: true }), hasPictureEvent, {
    stream: true,
    answer: pictureStream("images.generations", {}),
  }),
  control("images.edits", "picture", edit(usualEdit), hasPicture),
  control("images.edits", "picture", streamedEdit, hasPictureEvent, {
    stream: true,
    answer: pictureStream("images.edits", {}),
  }),
  control("images.variations", "picture", variation(bystander().picture), hasPicture),
  control("models", "list", { method: "GET", path: "/models" }, has("mock-1")),
]
