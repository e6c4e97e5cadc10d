/**
 * The sealed context of an item, as far as intake reads it. It is the sender's claim: any member may be missing or
 * malformed.
 * @module
 */
import { compact, type Fingerprint, type JsonValue, ORIENTATIONS, type PictureView } from "@nightlight/core"
import { type DigestQuery, isFingerprint } from "@nightlight/screening"
import type { KeptDocument } from "./kept-document.ts"

/** The sealed context, of any content. */
export type SealedContext = Readonly<Record<string, JsonValue | undefined>>

/** Reads an opened context. A value that is no object becomes its `provenance`. */
export function asContext(value: unknown): SealedContext {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { provenance: value as JsonValue }
  return value as SealedContext
}

/** Digests in the item's own metadata, such as those of a file before it was resized. */
export function declaredDigests({ declared, otherDigests }: SealedContext): readonly DigestQuery[] {
  return [declared, ...listIn(otherDigests)].map(digestsIn).filter((digests) => Object.keys(digests).length > 0)
}

/** The addresses that the item's own metadata states: of its origin, and others that were listed. */
export function sourceUrls({ sourceUrl, otherUrls }: SealedContext): readonly string[] {
  return [sourceUrl, ...listIn(otherUrls)].filter((url) => typeof url === "string")
}

const MAX_OTHERS = 1_000

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_OTHERS) : []
}

/** The SHA-256 that the context states for the item, if any. */
export function claimedSha256({ digests }: SealedContext): string | undefined {
  return digestsIn(digests).sha256
}

/** Dataset and source address, for grouping under keyed digests. */
export function placeOf({ dataset, sourceUrl }: SealedContext): { readonly dataset: string; readonly host?: string } {
  const url = typeof sourceUrl === "string" && URL.canParse(sourceUrl) ? new URL(sourceUrl) : undefined
  return compact({
    dataset: typeof dataset === "string" ? dataset : "",
    host: url === undefined || url.host === "" ? undefined : url.host,
  })
}

/**
 * The fingerprint that a context without content claims: enough to match, and only as reliable as its sender. A view
 * has the seven turned hashes only if the sender's match was of one of them.
 */
export function claimedFingerprint(context: SealedContext, { sizeBytes, mediaType }: KeptDocument): Fingerprint {
  const { md5 = "", sha1 = "", sha256 = "" } = digestsIn(context["digests"])
  const isWhole = md5 !== "" && sha1 !== "" && sha256 !== ""
  const views = isWhole ? viewsIn(context["pdq"]) : []
  const claimed: Fingerprint = {
    sizeBytes,
    mediaType,
    ...(isWhole ? { md5, sha1, sha256 } : { md5: "", sha1: "", sha256: "" }),
    kind: views.length > 0 ? "picture" : "unknown",
    ...compact({
      picture: views.length > 0 ? { ...UNSEEN_PICTURE, views } : undefined,
      inconclusive: isWhole ? undefined : ("source_unreadable" as const),
    }),
  }
  const isSound: boolean = isFingerprint(claimed, true)
  return isSound ? claimed : { sizeBytes, mediaType, ...NOTHING_CLAIMED }
}

const UNSEEN_PICTURE = {
  width: 0,
  height: 0,
  frames: 1,
  exifOrientation: 1,
  flags: [],
  profile: "fullres",
  kernel: "exact",
} as const

const NOTHING_CLAIMED = { md5: "", sha1: "", sha256: "", kind: "unknown", inconclusive: "source_unreadable" } as const

const DIGEST_DIGITS = { md5: 32, sha1: 40, sha256: 64 } as const
const MAX_VIEWS = 10_000

function digestsIn(value: unknown): DigestQuery {
  const found: { md5?: string; sha1?: string; sha256?: string } = {}
  if (typeof value !== "object" || value === null) return found
  for (const [name, digits] of Object.entries(DIGEST_DIGITS)) {
    const digest: unknown = (value as Record<string, unknown>)[name]
    if (isHex(digest, digits)) found[name as keyof typeof DIGEST_DIGITS] = digest
  }
  return found
}

function viewsIn(value: unknown): readonly PictureView[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_VIEWS).flatMap((entry: unknown): readonly PictureView[] => {
    if (typeof entry !== "object" || entry === null) return []
    const { frame, background, crop, pdq, quality, dihedral } = entry as Partial<Record<keyof PictureView, unknown>>
    if (!isHex(pdq, 64) || !isIn(background, BACKGROUNDS) || !isIn(crop, CROPS)) return []
    if (!Number.isSafeInteger(frame) || typeof quality !== "number") return []
    const turned = isTurned(dihedral, pdq) ? dihedral : [pdq]
    return [{ frame: frame as number, background, crop, pdq, quality, dihedral: turned }]
  })
}

const BACKGROUNDS = ["dropped", "white", "black", "grey"] as const
const CROPS = ["none", "letterbox"] as const

function isIn<T extends string>(value: unknown, known: readonly T[]): value is T {
  return (known as readonly unknown[]).includes(value)
}

function isTurned(value: unknown, upright: string): value is readonly string[] {
  if (!Array.isArray(value) || value.length !== ORIENTATIONS.length || value[0] !== upright) return false
  return value.every((hash) => isHex(hash, 64))
}

function isHex(value: unknown, digits: number): value is string {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value)
}
