import { avifStructure } from "./avif.ts"
import { bitmapStructure } from "./bitmap.ts"
import { gifStructure } from "./gif.ts"
import { iconStructure } from "./icon.ts"
import { jpegStructure } from "./jpeg.ts"
import { pngStructure } from "./png.ts"
import { cutStructure, type Structure } from "./structure.ts"
import { tiffStructure } from "./tiff.ts"
import { webpStructure } from "./webp.ts"

/**
 * Reads the structure of a picture of a decoded type. Faults of the file are reported in the structure.
 *
 * @param maxPixels - pixels are made of a plain JPEG with at most as many, because that takes little more than a walk.
 */
export function structureOf(file: Buffer, mediaType: string, maxPixels = 0): Structure {
  try {
    return readStructure(file, mediaType, maxPixels)
  } catch (error) {
    // A stated position is outside the file.
    if (error instanceof RangeError) return { ...cutStructure(), isBroken: true }
    throw error
  }
}

function readStructure(file: Buffer, mediaType: string, maxPixels: number): Structure {
  switch (mediaType) {
    case "image/jpeg":
      return jpegStructure(file, maxPixels)
    case "image/png":
    case "image/apng":
      return pngStructure(file)
    case "image/gif":
      return gifStructure(file)
    case "image/webp":
      return webpStructure(file)
    case "image/tiff":
      return tiffStructure(file)
    case "image/bmp":
      return bitmapStructure(file)
    case "image/vnd.microsoft.icon":
      return iconStructure(file)
    case "image/avif":
    case "image/avif-sequence":
      return avifStructure(file)
    default:
      // Without a known end, a picture cannot be separated from following data.
      return { ...cutStructure(), cause: "media_unsupported" }
  }
}
