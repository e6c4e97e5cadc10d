import { isAbsolute, join } from "node:path"
import { type Clock, compact, RequestError } from "@nightlight/core"
import { toVerifier } from "@nightlight/vault"
import type { ServerConfig } from "../../config/schema.ts"
import { folderPlace } from "./folder.ts"
import { httpWitness } from "./http-witness.ts"
import { s3Place } from "./s3.ts"
import type { CopyPlace } from "./types.ts"

/** Dependencies of {@link copyPlaces}. */
export interface PlacesOptions {
  readonly config: Pick<ServerConfig, "checkpoints">
  readonly paths: { readonly configDir: string }
  readonly clock: Clock
}

/** The configured places, in order. */
export function copyPlaces({ config, paths, clock }: PlacesOptions): readonly CopyPlace[] {
  const resolvePath = (part: string) => (isAbsolute(part) ? part : join(paths.configDir, part))
  return config.checkpoints.copies.map((copy) => {
    if ("folder" in copy) return folderPlace(copy.folder, resolvePath(copy.folder))
    if ("s3" in copy) return s3Place({ ...copy.s3, credentialsFile: resolvePath(copy.s3.credentialsFile) }, clock)
    const { url, publicKey, keyFile } = copy.witness
    return httpWitness({
      url,
      verifier: toVerifier(publicKey),
      ...compact({ keyFile: keyFile === null ? undefined : resolvePath(keyFile) }),
    })
  })
}

/**
 * Finds a place by its name, with or without the last `/`.
 *
 * @throws {RequestError} `not_found` if the configuration names no such place.
 */
export function findPlace(places: readonly CopyPlace[], name: string): CopyPlace {
  const plain = (text: string) => text.replace(/\/$/, "")
  const found = places.find((place) => plain(place.name) === plain(name))
  if (found !== undefined) return found
  throw new RequestError("not_found", "the configuration names no such place for copies of checkpoints", {
    hint: "Name a place of `checkpoints.copies` in server.yaml.",
  })
}
