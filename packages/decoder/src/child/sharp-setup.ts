import sharp from "sharp"

/** The loaders that hostile bytes may reach; all others, such as SVG and PDF, are blocked. */
const LOADERS: readonly string[] = [
  "VipsForeignLoadJpegBuffer",
  "VipsForeignLoadPngBuffer",
  "VipsForeignLoadNsgifBuffer",
  "VipsForeignLoadWebpBuffer",
  "VipsForeignLoadTiffBuffer",
  "VipsForeignLoadHeifBuffer",
]

/** Sets up libvips for decoding untrusted bytes one after another. Idempotent. */
export function setUpSharp(): void {
  sharp.cache(false)
  // The parent already keeps every core busy with children.
  sharp.concurrency(1)
  sharp.block({ operation: ["VipsForeignLoad", "VipsForeignSave"] })
  sharp.unblock({ operation: [...LOADERS] })
}
