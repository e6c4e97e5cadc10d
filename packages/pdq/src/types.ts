/**
 * How a picture is brought to the hash. `fullres` hashes every pixel (what python-threatexchange and HMA compute);
 * `ref512nn` first stretches a picture larger than 512 in either direction to 512x512 by nearest neighbour (what the
 * C++ tool does). On photographs the two are 0 to 10 bits apart, so the profile belongs beside each stored hash.
 */
export type PdqProfile = "fullres" | "ref512nn"

/**
 * Which computation makes the hash. `exact` equals Meta's C++ implementation bit for bit. `fast` gives the same hash for
 * nearly every picture; where rounding could move it further than 4 bits away, in any orientation, or its quality across
 * 50, and for pictures with a side below 64, it hashes exactly.
 */
export type PdqKernel = "exact" | "fast"

/** A part of a picture, in whole pixels from its upper left corner. */
export interface PixelRectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** What the bytes of a picture are, and how to hash them. */
export interface HashOptions {
  /** Columns, 1 or more. */
  readonly width: number
  /** Rows, 1 or more. */
  readonly height: number
  /** Bytes a pixel: grey, RGB, or RGBA whose alpha is ignored. */
  readonly channels: 1 | 3 | 4
  /** `fullres` where not given. */
  readonly profile?: PdqProfile | undefined
  /** `exact` where not given. */
  readonly kernel?: PdqKernel | undefined
  /** Also computes the hashes of the picture turned and mirrored. */
  readonly dihedral?: boolean | undefined
  /** Hashes this part as if it were the picture, without copying it out first. */
  readonly crop?: PixelRectangle | undefined
}

/** The hash of one picture. */
export interface PdqHash {
  /** 32 bytes, bit 255 first; all zero for a picture with a side below 5. */
  readonly hash: Uint8Array
  /** 0 to 100; below 50 the picture has too little structure for its hash to be matched. */
  readonly quality: number
  readonly profile: PdqProfile
  readonly kernel: PdqKernel
  /**
   * Eight hashes of 32 bytes in the order of `DIHEDRAL_NAMES`, where they were asked for. The first equals
   * {@link hash}, except for a picture of exactly 64x64: there Meta's dihedral routine filters, while its plain one
   * does not, and both are reproduced.
   */
  readonly dihedral?: Uint8Array
}
