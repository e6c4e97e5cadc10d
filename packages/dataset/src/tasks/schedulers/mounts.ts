/**
 * The folders that containers of a plan's tasks need, at the paths that the plan names.
 * @module
 */
import { dirname } from "node:path"
import { RequestError } from "@nightlight/core"
import { isWithin } from "../../readers/paths.ts"
import type { ScheduleChoices } from "./schedule.ts"

/** A folder that a container mounts. */
export interface Mount {
  readonly name: "workspace" | "plan" | "dataset" | "clean"
  /** Absolute; each path is mounted once. */
  readonly path: string
  readonly readOnly?: true
}

/**
 * The folders of a plan; none for what lies in an object store. A folder that is needed twice is mounted once, under the
 * first name. One in which another is mounted is not read-only, so that the place of the other can be made.
 *
 * @throws {RequestError} `input_invalid` if one is the root of the file system.
 */
export function mountsOf({ sealed, workspace, planFile }: ScheduleChoices): readonly Mount[] {
  const { root, out } = sealed.plan
  const wanted: readonly (Mount | undefined)[] = [
    { name: "workspace", path: workspace },
    out === undefined ? undefined : { name: "clean", path: out },
    { name: "plan", path: dirname(planFile), readOnly: true },
    { name: "dataset", path: root, readOnly: true },
  ]
  const mounts = wanted
    .filter((mount) => mount !== undefined)
    .filter(({ path }) => path.startsWith("/"))
    .filter(({ path }, index, all) => all.findIndex((other) => other.path === path) === index)
  if (mounts.some(({ path }) => path === "/")) {
    throw new RequestError("input_invalid", "a container cannot mount the root of the file system", {
      hint: "Keep the workspace, the plan and the dataset in folders of their own.",
    })
  }
  return mounts.map(({ name, path, readOnly }) => {
    const holdsOther = mounts.some((other) => other.path !== path && isWithin(other.path, path))
    return readOnly === true && !holdsOther ? { name, path, readOnly } : { name, path }
  })
}
