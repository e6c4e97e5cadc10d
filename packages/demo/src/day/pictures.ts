/**
 * The pictures of a demonstration: what is planted in its datasets and sent through its chat service. All are generated
 * shapes, each drawn from the number that names it.
 * @module
 */
import { COPY_KINDS, type CopyKind, pictureCopy, pictureJpeg, type TarMember } from "../generated.ts"

/** Lists of a demonstration, by what it does with a match. */
export type ListName = "known-shapes" | "partner-shapes" | "old-shapes" | "demo-cards"

/** How a planted picture relates to the listed one. */
export type PlantKind = "exact" | CopyKind

/** A listed picture where it was found. */
export interface Plant {
  readonly seed: number
  readonly list: ListName
  readonly kind: PlantKind
}

/** A listed picture in a dataset. */
export interface DatasetPlant extends Plant {
  readonly host: string
  /** How many copies, each under another name. */
  readonly copies: number
}

const SIDE = 320
/** Seeds of listed pictures, far from those of the others. */
const LISTED = 1_500_000_000
const UNLISTED = 1_000_000

/** Draws a listed picture, or a copy of it, as JPEG. */
export function drawPlant({ seed, kind }: Pick<Plant, "seed" | "kind">): Promise<Uint8Array> {
  return kind === "exact" ? pictureJpeg(seed, SIDE) : pictureCopy(seed, kind, SIDE)
}

/** Draws a picture that is on no list. */
export function drawUnlisted(number: number): Promise<Uint8Array> {
  return pictureJpeg(UNLISTED + number, SIDE)
}

/** Numbers the listed pictures: each call gives one that was not given before. */
export function listedSeeds(): () => number {
  let next = LISTED
  return () => next++
}

/** A kind of changed copy, one after the other. */
export function copyKind(number: number): CopyKind {
  return COPY_KINDS[number % COPY_KINDS.length] ?? "re-encoded"
}

/** A picture with its caption and metadata, as crawlers write them. */
export function sampleOf(key: string, bytes: Uint8Array, host: string): readonly TarMember[] {
  const text = new TextEncoder()
  const metadata = { url: `https://${host}/${key}.jpg`, license: "CC0-1.0", key }
  return [
    { name: `${key}.jpg`, bytes },
    { name: `${key}.json`, bytes: text.encode(JSON.stringify(metadata)) },
    { name: `${key}.txt`, bytes: text.encode("Generated shapes") },
  ]
}
