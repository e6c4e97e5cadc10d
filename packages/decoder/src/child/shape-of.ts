import sharp from "sharp"

/** Size and form of a picture before it is decoded. */
export interface Shape {
  readonly width: number
  readonly height: number
  readonly pages: number
  readonly isCmyk: boolean
}

/** Reads a picture's header; `undefined` where the decoder cannot. */
export async function shapeOf(bytes: Uint8Array, page = 0): Promise<Shape | undefined> {
  try {
    const metadata = await sharp(bytes, { failOn: "none", limitInputPixels: false, page }).metadata()
    const { width, height, pages = 1, space } = metadata
    return { width, height: metadata.pageHeight ?? height, pages, isCmyk: space === "cmyk" }
  } catch {
    return undefined
  }
}
