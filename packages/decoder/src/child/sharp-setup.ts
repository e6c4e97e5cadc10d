import sharp from "sharp"

/** The loaders that hostile bytes may reach; every other one, SVG and PDF among them, is blocked. */
const LOADERS: readonly string[] = [
  "VipsForeignLoadJpegBuffer",
  "VipsForeignLoadPngBuffer",
  "VipsForeignLoadNsgifBuffer",
  "VipsForeignLoadWebpBuffer",
  "VipsForeignLoadTiffBuffer",
  "VipsForeignLoadHeifBuffer",
]

/** Sets libvips up for one decode after another of bytes nobody vouches for. Idempotent. */
export function setUpSharp(): void {
  sharp.cache(false)
  // The parent keeps every core busy with a child of its own.
  sharp.concurrency(1)
  sharp.block({ operation: ["VipsForeignLoad", "VipsForeignSave"] })
  sharp.unblock({ operation: [...LOADERS] })
}
