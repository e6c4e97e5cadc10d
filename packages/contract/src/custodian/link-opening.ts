/**
 * Opening a link with an enrolled key: the document that a person signs instead of typing the host's code.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { OpaqueId } from "./grant.ts"

/** Name and version of its form. */
export const LINK_OPENING_FORMAT = "nightlight-link-opening/1"

/** The signed document, as with `PersonSignature`: one challenge of one link. */
export const LinkOpening = z.strictObject({
  format: z.literal(LINK_OPENING_FORMAT),
  person: OpaqueId,
  /** Id of the link: its token appears in nothing that is signed. */
  link: OpaqueId,
  /** The server's random bytes, base64url. */
  nonce: z.string().min(32).max(64),
  /** When the challenge was made, by the server's clock. */
  issuedAt: Timestamp,
})
export type LinkOpening = z.infer<typeof LinkOpening>

/** Makes the document from these four members alone, so that a page can have nothing else signed. */
export function linkOpening({ person, link, nonce, issuedAt }: Omit<LinkOpening, "format">): LinkOpening {
  return { format: LINK_OPENING_FORMAT, person, link, nonce, issuedAt }
}
