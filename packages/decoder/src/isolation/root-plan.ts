import { existsSync, lstatSync, readlinkSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { SYSTEM_PATHS } from "./code-folders.ts"
import type { ReadRoot } from "./confinement.ts"

/** Content of a new root. Paths are those before the root is entered, below {@link mountPoint}. */
export interface RootPlan {
  readonly mountPoint: string
  /** Bind mounts, as a table of fstab(5). */
  readonly table: string
  readonly folders: readonly string[]
  /** Empty files to which a file or device is bound. */
  readonly files: readonly string[]
  readonly links: readonly { readonly target: string; readonly path: string }[]
}

/**
 * Folders that every system has and that contain no items: the new root is mounted on one of them, in its own
 * namespaces.
 */
const MOUNT_POINTS = ["/sys", "/mnt", "/media"]

const DEVICES = ["null", "urandom"].map((name) => `/dev/${name}`)

/**
 * Plans a root with the system's libraries, `paths` and `roots`, the latter under their given and their real names, so
 * that links between them work.
 */
export function planRoot(paths: readonly string[], roots: readonly ReadRoot[]): RootPlan {
  const same = [...SYSTEM_PATHS, ...paths, ...roots.map(({ real }) => real)].filter((path) => existsSync(path))
  const wanted = [...same.map((path) => ({ real: path, seenAs: path })), ...roots]
  const bindings = outermost(wanted)
  const isFree = (point: string) => !bindings.some(({ real, seenAs }) => isBelow(real, point) || isBelow(seenAs, point))
  const mountPoint = MOUNT_POINTS.find(isFree) ?? "/sys"
  const inRoot = (path: string) => `${mountPoint}${path}`

  const isLink = ({ real, seenAs }: ReadRoot) => real === seenAs && lstatSync(real).isSymbolicLink()
  const bound = bindings.filter((binding) => !isLink(binding))
  const folders = bound.filter(({ real }) => statSync(real).isDirectory())
  const files = bound.filter((binding) => !folders.includes(binding))
  return {
    mountPoint,
    table: [
      ...bound.map(({ real, seenAs }) => row(real, inRoot(seenAs), "rbind,ro,nosuid,nodev")),
      ...DEVICES.map((path) => row(path, inRoot(path), "bind")),
      row("/proc", inRoot("/proc"), "rbind"),
    ].join("\n"),
    folders: [
      ...["/old", "/dev", "/proc"].map(inRoot),
      ...folders.map(({ seenAs }) => inRoot(seenAs)),
      ...files.map(({ seenAs }) => inRoot(dirname(seenAs))),
    ],
    files: [...files.map(({ seenAs }) => inRoot(seenAs)), ...DEVICES.map(inRoot)],
    links: bindings.filter(isLink).map(({ real }) => ({ target: readlinkSync(real), path: inRoot(real) })),
  }
}

/** Leaves out paths below another one, because nothing can be created inside a bound folder. */
function outermost(wanted: readonly ReadRoot[]): readonly ReadRoot[] {
  const kept: ReadRoot[] = []
  for (const binding of wanted.toSorted((a, b) => a.seenAs.length - b.seenAs.length)) {
    if (!kept.some(({ seenAs }) => isBelow(binding.seenAs, seenAs))) kept.push(binding)
  }
  return kept
}

function isBelow(path: string, folder: string): boolean {
  return `${path}/`.startsWith(folder === "/" ? folder : `${folder}/`)
}

function row(source: string, target: string, options: string): string {
  return `${escapeField(source)} ${escapeField(target)} none ${options} 0 0`
}

function escapeField(path: string): string {
  return path.replaceAll(/[\s\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`)
}
