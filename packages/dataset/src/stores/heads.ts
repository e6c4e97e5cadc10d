/**
 * Decides which files of a store must be opened to know what they are.
 * @module
 */
import { hasShardEnding } from "../containers/index.ts"
import { isMediaName, isSidecarName } from "../readers/stem-groups.ts"

/**
 * Whether a file may be a shard by itself, so that its first bytes must be read. A picture, video, sound or caption is
 * not opened for the plan: that would cost one call for each file, and its first bytes are read when it is screened.
 */
export function mayBeShard(name: string): boolean {
  return hasShardEnding(name) || (!isMediaName(name) && !isSidecarName(name))
}
