/**
 * Replaces links by the content that was inspected: the upstream gets the bytes, never the link.
 * @module
 */
import { sniffMedia } from "@nightlight/core"
import { GuardRefusal } from "../errors.ts"
import type { BytesPart, Inspectable, RemoteRef } from "../inspect/inspectable.ts"
import type { RemoteContent } from "./ports.ts"

/**
 * Fetches every link and puts a `data:` URL in its place.
 *
 * @returns the pictures, by the part that named them.
 * @throws {GuardRefusal} `reference_unavailable` when one cannot be fetched or is not a picture.
 */
export async function inlineRefs(
  refs: readonly RemoteRef[],
  remote: RemoteContent,
  maxBytes: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<Inspectable, BytesPart>> {
  const fetched = await Promise.all(
    refs.map(async ({ part, inline }) => {
      const bytes = await remote.fetch(part.url, maxBytes, signal)
      const { mediaType, kind } = sniffMedia(bytes, bytes.length)
      if (kind !== "picture") throw new GuardRefusal("reference_unavailable", "a link does not lead to a picture")
      inline(`data:${mediaType};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64")}`)
      const { role, choice, path } = part
      return [part, { kind: "bytes", role, channel: "image", choice, path, bytes }] as const
    }),
  )
  return new Map<Inspectable, BytesPart>(fetched)
}
