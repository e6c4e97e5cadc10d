/**
 * Opening a link with an enrolled key: what a person signs in place of typing the host's code.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { OpaqueId } from "./grant.ts"

/** Name and version of its form. */
export const LINK_OPENING_FORMAT = "nightlight-link-opening/1"

/** What is signed, as `PersonSignature` is: one challenge of one link. */
export const LinkOpening = z.strictObject({
  format: z.literal(LINK_OPENING_FORMAT),
  person: OpaqueId,
  /** Id of the link: its token is in nothing that is signed. */
  link: OpaqueId,
  /** The server's random bytes, base64url. */
  nonce: z.string().min(32).max(64),
  /** When the challenge was made, by the server's clock. */
  issuedAt: Timestamp,
})
export type LinkOpening = z.infer<typeof LinkOpening>

/** Writes what is signed, of these four members alone: a page signs nothing else in its name. */
export function linkOpening({ person, link, nonce, issuedAt }: Omit<LinkOpening, "format">): LinkOpening {
  return { format: LINK_OPENING_FORMAT, person, link, nonce, issuedAt }
}
