/**
 * Pictures in every common format, in every place for a picture.
 * @module
 */
import type { ConformanceCase } from "../case/case.ts"
import { base64Of, dataUrlOf } from "../case/markers.ts"
import { picturesEnding, wholeEnding } from "../judge/endings.ts"
import { json } from "../mock/answer.ts"
import { chatCompletion } from "../mock/chat.ts"
import { PICTURE_FORMATS } from "../pictures/encoded.ts"
import { chatCall } from "./chat-input.ts"
import { generation, variation } from "./images.ts"
import { traceOf } from "./picture-writings.ts"
import { inputCase, outputCase } from "./twin.ts"
import { pictures } from "./usual.ts"

/** Cases about formats other than PNG, which other cases use. */
export const FORMAT_CASES: readonly ConformanceCase[] = PICTURE_FORMATS.filter((format) => format !== "png").flatMap(
  (format) => [
    inputCase({
      endpoint: "chat",
      channel: "picture",
      fault: `of format ${format}`,
      format,
      traces: (planted) => traceOf(dataUrlOf(planted)),
      request: (planted) =>
        chatCall({
          messages: [
            {
              role: "user",
              content: [{ type: "image_url", image_url: { url: dataUrlOf(planted) } }],
            },
          ],
        }),
    }),
    inputCase({
      endpoint: "chat",
      channel: "picture in a text",
      fault: `of format ${format}`,
      format,
      traces: (planted) => traceOf(base64Of(planted)),
      request: (planted) => chatCall({ messages: [{ role: "user", content: `here: ${base64Of(planted)}` }] }),
    }),
    outputCase({
      endpoint: "chat",
      channel: "picture in a text",
      fault: `of format ${format}`,
      format,
      traces: (planted) => traceOf(base64Of(planted)),
      request: chatCall(),
      answer: (planted) => json(chatCompletion([{ content: `here: ${dataUrlOf(planted)}` }])),
      ending: wholeEnding(1),
    }),
    outputCase({
      endpoint: "images.generations",
      channel: "picture",
      fault: `of format ${format}`,
      format,
      traces: (planted) => traceOf(base64Of(planted)),
      request: generation(),
      answer: (planted) => json(pictures([{ b64_json: base64Of(planted) }])),
      ending: picturesEnding(1),
    }),
    inputCase({
      endpoint: "images.variations",
      channel: "picture",
      fault: `of format ${format}`,
      format,
      request: (planted) => variation(planted.picture),
    }),
  ],
)
