import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { expect } from "vitest"

const CONFIG = `version: 1
endpoints: [responses, completions, embeddings, images.generations, images.edits, images.variations, models, moderations, litellm]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
exceptions:
${["responses", "images.generations", "images.edits", "images.variations", "moderations", "litellm"]
  .flatMap((name) => [`${name}.input.image`, `${name}.output.image`])
  .map(
    (surface) =>
      `  - { surface: ${surface}, reason: tests, approvedBy: [ada, bob], until: "${new Date(Date.now() + 86_400_000).toISOString()}" }`,
  )
  .join("\n")}
`

/** A guard with every endpoint but chat. The pictures given are known. */
export function startEndpointsGuard(known: readonly Uint8Array[]): Promise<TestGuard> {
  return startTestGuard(known, { config: CONFIG })
}

/** Events of a stream as text, each with its type before it. */
export function named(events: readonly object[]): string {
  return events
    .map((event) => `event: ${(event as { readonly type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("")
}

/** The error that the real client throws for a blocked request. */
export const blocked: unknown = expect.objectContaining({
  status: 400,
  type: "invalid_request_error",
  code: "content_filter",
})
